package com.example.rooms;

/** Prints what a room is used for. */
public final class Report {
  private static final int DAY = 24 * 60;

  private Report() {}

  /**
   * One line a booking that touches the day, which counts from 0, and "free" if there is none. The
   * last line counts those who wait, if anybody does.
   */
  public static String day(Calendar calendar, String room, int day) {
    int from = day * DAY;
    int to = from + DAY;
    StringBuilder out = new StringBuilder();
    for (Booking b : calendar.of(room)) {
      if (b.touches(from, to)) {
        out.append(clock(b.from() - from)).append('-').append(clock(b.to() - from));
        out.append(' ').append(b.who()).append('\n');
      }
    }
    if (out.length() == 0) {
      out.append("free\n");
    }
    int waiting = calendar.waiting(room, from, to);
    if (waiting > 0) {
      out.append("waiting: ").append(waiting).append('\n');
    }
    return out.toString();
  }

  /** A minute of the day as HH:MM, cut to the day's ends. */
  private static String clock(int minute) {
    int m = Math.max(0, Math.min(DAY, minute));
    return String.format("%02d:%02d", m / 60, m % 60);
  }
}
