package com.example.rooms;

class ReportTest {
  void testDay() {
    Calendar c = new Calendar();
    c.book("red", 24 * 60 + 9 * 60, 24 * 60 + 10 * 60 + 30, "ada");
    c.book("red", 24 * 60 - 30, 24 * 60 + 15, "bob");
    CalendarTest.same("00:00-00:15 bob\n09:00-10:30 ada\n", Report.day(c, "red", 1));
  }

  void testFreeDay() {
    CalendarTest.same("free\n", Report.day(new Calendar(), "red", 0));
  }
}
