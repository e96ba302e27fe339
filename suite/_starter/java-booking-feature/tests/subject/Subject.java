import com.example.rooms.Calendar;
import com.example.rooms.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Plays scripts of calls on a calendar. It knows no expected answer: the judge does. */
public class Subject {
  public static void main(String[] args) {
    Metr.serve(Map.of("play", a -> play((List<?>) a.get(0))));
  }

  /** One operation after the other on a new calendar; what each returned or threw, as text. */
  private static List<String> play(List<?> ops) {
    Calendar c = new Calendar();
    List<String> out = new ArrayList<>();
    for (Object op : ops) {
      String[] w = ((String) op).split(" ");
      try {
        out.add(String.valueOf(one(c, w)));
      } catch (RuntimeException e) {
        out.add(e.getClass().getSimpleName());
      }
    }
    return out;
  }

  private static Object one(Calendar c, String[] w) {
    switch (w[0]) {
      case "book":
        return c.book(name(w[1]), n(w[2]), n(w[3]), name(w[4]));
      case "request":
        return c.request(name(w[1]), n(w[2]), n(w[3]), name(w[4]));
      case "move":
        c.move(n(w[1]), n(w[2]), n(w[3]));
        return "ok";
      case "cancel":
        c.cancel(n(w[1]));
        return "ok";
      case "waits":
        return c.waits(n(w[1]));
      case "waiting":
        return c.waiting(w[1]);
      case "of":
        return c.of(w[1]);
      case "day":
        return Report.day(c, w[1], n(w[2])).replace("\n", "|");
      default:
        return "unknown operation";
    }
  }

  private static int n(String s) {
    return Integer.parseInt(s);
  }

  /** A dash stands for a blank name. */
  private static String name(String s) {
    return s.equals("-") ? " " : s;
  }
}
