package com.example.rooms;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;

/** The bookings of all rooms. */
public class Calendar {
  private final List<Booking> bookings = new ArrayList<>();
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
   * Moves a booking to another time.
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
  }

  /**
   * Cancels a booking.
   *
   * @throws NoSuchElementException if there is no such booking
   */
  public void cancel(int id) {
    bookings.remove(find(id));
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
