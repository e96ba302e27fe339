package com.example.rooms;

/** A room for somebody in the minutes from {@code from} up to, and without, {@code to}. */
public final class Booking {
  private final int id;
  private final String room;
  private final int from;
  private final int to;
  private final String who;

  Booking(int id, String room, int from, int to, String who) {
    this.id = id;
    this.room = room;
    this.from = from;
    this.to = to;
    this.who = who;
  }

  public int id() {
    return id;
  }

  public String room() {
    return room;
  }

  public int from() {
    return from;
  }

  public int to() {
    return to;
  }

  public String who() {
    return who;
  }

  /** Whether the two want the same room at the same time. */
  boolean clashes(Booking other) {
    return room.equals(other.room) && touches(other.from, other.to);
  }

  /** Whether some minute of it lies in that time. */
  boolean touches(int otherFrom, int otherTo) {
    return from < otherTo && otherFrom < to;
  }

  Booking at(int newFrom, int newTo) {
    return new Booking(id, room, newFrom, newTo, who);
  }

  @Override
  public String toString() {
    return "#" + id + " " + room + " " + from + "-" + to + " " + who;
  }
}
