package com.example.rooms;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;

/** The bookings of all rooms. */
public class Calendar {
  private final List<Booking> bookings = new ArrayList<>();
  private final List<Booking> wishes = new ArrayList<>(); // in the order in which they were made
  private int lastId;

  /**
   * Books a room and returns the booking's id.
   *
   * @throws IllegalArgumentException if the time is empty or negative, or a name is blank
   * @throws TakenException if another booking is in the way
   */
  public int book(String room, int from, int to, String who) {
    check(room, from, to, who);
    Booking wanted = new Booking(lastId + 1, room, from, to, who);
    refuseClash(wanted);
    lastId++;
    bookings.add(wanted);
    return wanted.id();
  }

  /**
   * Books a room if it is free, and else notes the wish for it. Returns the id of either.
   *
   * @throws IllegalArgumentException if the time is empty or negative, or a name is blank
   */
  public int request(String room, int from, int to, String who) {
    check(room, from, to, who);
    Booking wanted = new Booking(++lastId, room, from, to, who);
    (fits(wanted) ? bookings : wishes).add(wanted);
    return wanted.id();
  }

  /** Whether that is the id of a wish that still waits. */
  public boolean waits(int id) {
    return wishes.stream().anyMatch(w -> w.id() == id);
  }

  /** The wishes for a room, as bookings are written, in the order in which they were made. */
  public List<String> waiting(String room) {
    List<String> out = new ArrayList<>();
    for (Booking w : wishes) {
      if (w.room().equals(room)) {
        out.add(w.toString());
      }
    }
    return out;
  }

  /** How many wishes for a room touch a time. */
  int waiting(String room, int from, int to) {
    int n = 0;
    for (Booking w : wishes) {
      if (w.room().equals(room) && w.touches(from, to)) {
        n++;
      }
    }
    return n;
  }

  /**
   * Moves a booking to another time, and lets those in who wait for what it leaves.
   *
   * @throws NoSuchElementException if there is no such booking
   * @throws IllegalArgumentException if the time is empty or negative
   * @throws TakenException if another booking is in the way
   */
  public void move(int id, int from, int to) {
    Booking old = find(id);
    check(old.room(), from, to, old.who());
    Booking moved = old.at(from, to);
    refuseClash(moved);
    bookings.set(bookings.indexOf(old), moved);
    admit(old.room());
  }

  /**
   * Cancels a booking, and lets those in who wait for its room; or takes a wish out of the line.
   *
   * @throws NoSuchElementException if there is neither
   */
  public void cancel(int id) {
    if (wishes.removeIf(w -> w.id() == id)) {
      return;
    }
    Booking old = find(id);
    bookings.remove(old);
    admit(old.room());
  }

  /** The bookings of a room by time. */
  public List<Booking> of(String room) {
    List<Booking> out = new ArrayList<>();
    for (Booking b : bookings) {
      if (b.room().equals(room)) {
        out.add(b);
      }
    }
    out.sort(Comparator.comparingInt(Booking::from));
    return out;
  }

  private static void check(String room, int from, int to, String who) {
    if (from < 0 || to <= from) {
      throw new IllegalArgumentException("no time: " + from + "-" + to);
    }
    if (room.isBlank() || who.isBlank()) {
      throw new IllegalArgumentException("a blank name");
    }
  }

  /** Books what fits of the wishes for a room, the earliest first. */
  private void admit(String room) {
    for (Booking w : List.copyOf(wishes)) {
      if (w.room().equals(room) && fits(w)) {
        wishes.remove(w);
        bookings.add(w);
      }
    }
  }

  private boolean fits(Booking wanted) {
    return bookings.stream().noneMatch(b -> b.clashes(wanted));
  }

  /** Refuses a booking that clashes with one of another id. */
  private void refuseClash(Booking wanted) {
    for (Booking b : bookings) {
      if (b.id() != wanted.id() && b.clashes(wanted)) {
        throw new TakenException(b);
      }
    }
  }

  private Booking find(int id) {
    for (Booking b : bookings) {
      if (b.id() == id) {
        return b;
      }
    }
    throw new NoSuchElementException("no booking #" + id);
  }
}
