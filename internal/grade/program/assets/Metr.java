import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a subject written in Java needs. tests/subject/Subject.java lists functions and serves them:
 *
 * <pre>
 * public class Subject {
 *   public static void main(String[] args) {
 *     Metr.serve(Map.of("add", a -> Money.add((String) a.get(0), (long) a.get(1))));
 *   }
 * }
 * </pre>
 *
 * Values are null, Boolean, Long, Double, String, byte[] and List; results may be any Number, arrays of
 * int, long, double and objects too, and everything else crosses as its toString. Nothing that is
 * compiled with the candidate's code may hold expected values.
 */
public final class Metr {
  /** One function of the table. What it throws is raised in the judge by the class's simple name. */
  public interface Function {
    Object call(List<Object> args) throws Exception;
  }

  private Metr() {}

  /** Answers until the judge is done. */
  public static void serve(Map<String, Function> table) {
    DataInputStream in = new DataInputStream(new java.io.BufferedInputStream(new FileInputStream(FileDescriptor.in), 1 << 16));
    OutputStream out = new FileOutputStream(FileDescriptor.out);
    System.setIn(new ByteArrayInputStream(new byte[0]));
    System.setOut(System.err);
    try {
      while (true) {
        byte[] body = new byte[in.readInt()];
        in.readFully(body);
        byte[] reply = answer(table, new Reader(new String(body, StandardCharsets.UTF_8))).getBytes(StandardCharsets.UTF_8);
        byte[] frame = new byte[reply.length + 4];
        for (int i = 0; i < 4; i++) {
          frame[i] = (byte) (reply.length >> (24 - 8 * i));
        }
        System.arraycopy(reply, 0, frame, 4, reply.length);
        out.write(frame);
        out.flush();
      }
    } catch (EOFException e) {
      Runtime.getRuntime().halt(0);
    } catch (IOException e) {
      Runtime.getRuntime().halt(70);
    }
  }

  private static String answer(Map<String, Function> table, Reader r) {
    Map<?, ?> q = (Map<?, ?>) r.value();
    Object name = q.get("name");
    Object op = q.get("op");
    if ("load".equals(op)) {
      return "{\"ok\":{\"h\":1,\"k\":\"subject\"}}";
    }
    Function f = name instanceof String ? table.get(name) : null;
    if (f == null) {
      return failure("AttributeError", "the subject's table has no such function");
    }
    if ("get".equals(op)) {
      return "{\"ok\":{\"h\":0,\"k\":\"function\"}}";
    }
    if (!"call".equals(op)) {
      return failure("TypeError", "subjects in this language are asked to call functions, and for nothing else");
    }
    try {
      @SuppressWarnings("unchecked")
      List<Object> args = (List<Object>) q.get("args");
      StringBuilder b = new StringBuilder("{\"ok\":");
      write(b, f.call(args));
      return b.append('}').toString();
    } catch (Throwable e) { // errors too: a stack that overflowed is an answer
      return failure(e.getClass().getSimpleName(), String.valueOf(e.getMessage()));
    }
  }

  private static String failure(String type, String message) {
    StringBuilder b = new StringBuilder("{\"err\":{\"class\":");
    text(b, type.isEmpty() ? "Exception" : type);
    b.append(",\"mro\":[");
    text(b, type.isEmpty() ? "Exception" : type);
    b.append(",\"Exception\"],\"msg\":");
    text(b, message.length() > 2000 ? message.substring(0, 2000) : message);
    return b.append("}}").toString();
  }

  private static void write(StringBuilder b, Object v) {
    if (v == null || v instanceof Boolean) {
      b.append(v);
    } else if (v instanceof Double || v instanceof Float) {
      double d = ((Number) v).doubleValue();
      String s = Double.isNaN(d) ? "nan" : Double.isInfinite(d) ? (d > 0 ? "inf" : "-inf") : Double.toString(d).replace('E', 'e');
      b.append("{\"f\":\"").append(s).append("\"}");
    } else if (v instanceof Number) {
      java.math.BigInteger n = new java.math.BigInteger(v.toString());
      if (n.bitLength() <= 52) {
        b.append(n);
      } else {
        b.append("{\"i\":\"").append(n.signum() < 0 ? "-" : "").append("0x").append(n.abs().toString(16)).append("\"}");
      }
    } else if (v instanceof byte[]) {
      b.append("{\"b\":\"").append(Base64.getEncoder().encodeToString((byte[]) v)).append("\"}");
    } else if (v instanceof Iterable || v.getClass().isArray()) {
      b.append('[');
      String comma = "";
      if (v instanceof Iterable) {
        for (Object x : (Iterable<?>) v) {
          b.append(comma);
          write(b, x);
          comma = ",";
        }
      } else {
        for (int i = 0; i < java.lang.reflect.Array.getLength(v); i++) {
          b.append(comma);
          write(b, java.lang.reflect.Array.get(v, i));
          comma = ",";
        }
      }
      b.append(']');
    } else {
      text(b, v.toString());
    }
  }

  private static void text(StringBuilder b, String s) {
    b.append('"');
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      boolean pair = Character.isHighSurrogate(c) && i + 1 < s.length() && Character.isLowSurrogate(s.charAt(i + 1));
      if (pair) {
        b.append(c).append(s.charAt(++i));
      } else if (Character.isSurrogate(c)) {
        b.append('\ufffd');
      } else if (c == '"' || c == '\\' || c < 0x20) {
        b.append(String.format("\\u%04x", (int) c));
      } else {
        b.append(c);
      }
    }
    b.append('"');
  }

  private static final class Reader {
    private final String s;
    private int at;

    Reader(String s) {
      this.s = s;
    }

    private char peek() {
      while (s.charAt(at) == ' ') {
        at++;
      }
      return s.charAt(at);
    }

    Object value() {
      char c = peek();
      switch (c) {
        case '"':
          return string();
        case 'n':
          at += 4;
          return null;
        case 't':
          at += 4;
          return true;
        case 'f':
          at += 5;
          return false;
        case '[':
          List<Object> list = new ArrayList<>();
          at++;
          while (peek() != ']') {
            at += list.isEmpty() ? 0 : 1;
            list.add(value());
          }
          at++;
          return list;
        case '{':
          Map<String, Object> map = new LinkedHashMap<>();
          at++;
          while (peek() != '}') {
            at += map.isEmpty() ? 0 : 1;
            peek();
            String key = string();
            peek();
            at++;
            map.put(key, value());
          }
          at++;
          return map.size() == 1 ? untag(map) : map;
        default:
          int start = at;
          while (at < s.length() && "-0123456789".indexOf(s.charAt(at)) >= 0) {
            at++;
          }
          return Long.parseLong(s.substring(start, at));
      }
    }

    private static Object untag(Map<String, Object> map) {
      String tag = map.keySet().iterator().next();
      Object v = map.get(tag);
      switch (tag) {
        case "i":
          return new java.math.BigInteger(((String) v).replace("0x", ""), 16).longValue();
        case "f":
          String f = (String) v;
          return f.equals("inf") ? Double.POSITIVE_INFINITY : f.equals("-inf") ? Double.NEGATIVE_INFINITY : f.equals("nan") ? Double.NaN : Double.parseDouble(f);
        case "b":
          return Base64.getDecoder().decode((String) v);
        case "T":
        case "S":
        case "F":
        case "I":
        case "D":
          return v;
        default:
          return map;
      }
    }

    private String string() {
      StringBuilder b = new StringBuilder();
      at++;
      while (s.charAt(at) != '"') {
        char c = s.charAt(at++);
        if (c == '\\') {
          c = s.charAt(at++);
          int i = "bfnrt".indexOf(c);
          if (c == 'u') {
            c = (char) Integer.parseInt(s.substring(at, at + 4), 16);
            at += 4;
          } else if (i >= 0) {
            c = "\b\f\n\r\t".charAt(i);
          }
        }
        b.append(c);
      }
      at++;
      return b.toString();
    }
  }
}
