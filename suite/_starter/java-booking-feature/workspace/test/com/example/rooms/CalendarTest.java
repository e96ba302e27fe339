package com.example.rooms;

import java.util.NoSuchElementException;

class CalendarTest {
  void testBooksAndCancels() {
    Calendar c = new Calendar();
    int id = c.book("red", 60, 120, "ada");
    same("[#1 red 60-120 ada]", c.of("red").toString());
    c.cancel(id);
    same("[]", c.of("red").toString());
  }

  void testRefusesWhatIsTaken() {
    Calendar c = new Calendar();
    c.book("red", 60, 120, "ada");
    try {
      c.book("red", 119, 130, "bob");
    } catch (TakenException e) {
      same("taken by #1 red 60-120 ada", e.getMessage());
      c.book("red", 120, 130, "bob");
      c.book("blue", 60, 120, "bob");
      return;
    }
    throw new AssertionError("booked twice");
  }

  void testMoves() {
    Calendar c = new Calendar();
    int id = c.book("red", 60, 120, "ada");
    c.move(id, 90, 150);
    same("[#1 red 90-150 ada]", c.of("red").toString());
  }

  void testUnknownId() {
    try {
      new Calendar().cancel(7);
    } catch (NoSuchElementException e) {
      same("no booking #7", e.getMessage());
      return;
    }
    throw new AssertionError("cancelled nothing");
  }

  static void same(Object want, Object got) {
    if (!want.equals(got)) {
      throw new AssertionError("want " + want + ", got " + got);
    }
  }
}
