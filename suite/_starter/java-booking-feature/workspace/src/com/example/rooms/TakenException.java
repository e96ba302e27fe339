package com.example.rooms;

/** Thrown where a room is taken; it names the booking that is in the way. */
public class TakenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TakenException(Booking by) {
    super("taken by " + by);
  }
}
