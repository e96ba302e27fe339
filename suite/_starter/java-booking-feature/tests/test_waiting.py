import unittest

from metr import subject

rooms = subject.load("subject")


class TestWaiting(unittest.TestCase):
    def play(self, *pairs):
        """Operations and what each must give, by turns."""
        got = rooms.play(list(pairs[::2]))
        for i, want in enumerate(pairs[1::2]):
            self.assertEqual(got[i], want, "operation %d, %s" % (i + 1, pairs[2 * i]))

    def test_typical_free_is_booked(self):
        self.play("request red 60 120 ada", "1", "waits 1", "false", "waiting red", "[]", "of red", "[#1 red 60-120 ada]")

    def test_typical_taken_waits(self):
        self.play("book red 60 120 ada", "1", "request red 90 100 bob", "2", "waits 2", "true", "waits 1", "false",
                  "waiting red", "[#2 red 90-100 bob]", "of red", "[#1 red 60-120 ada]", "book blue 0 9 eve", "3")

    def test_typical_cancelled_lets_in(self):
        self.play("book red 60 120 ada", "1", "request red 90 100 bob", "2", "cancel 1", "ok", "waits 2", "false",
                  "of red", "[#2 red 90-100 bob]", "waiting red", "[]")

    def test_typical_report_counts(self):
        self.play("book red 540 600 ada", "1", "request red 570 630 bob", "2", "request red 550 560 eve", "3",
                  "day red 0", "09:00-10:00 ada|waiting: 2|", "day red 1", "free|", "cancel 1", "ok",
                  "day red 0", "09:10-09:20 eve|09:30-10:30 bob|")

    def test_edge_first_come_first_served(self):
        self.play("book red 0 100 ada", "1", "request red 0 60 bob", "2", "request red 40 90 eve", "3", "cancel 1", "ok",
                  "of red", "[#2 red 0-60 bob]", "waiting red", "[#3 red 40-90 eve]", "cancel 2", "ok", "of red", "[#3 red 40-90 eve]")

    def test_edge_touching_times(self):
        self.play("book red 60 120 ada", "1", "request red 120 180 bob", "2", "waits 2", "false", "request red 0 60 eve", "3",
                  "waits 3", "false", "request red 0 61 dan", "4", "waits 4", "true")

    def test_edge_other_rooms_wait_on(self):
        self.play("book red 0 60 ada", "1", "book blue 0 60 ada", "2", "request blue 0 60 bob", "3", "request red 0 60 eve", "4",
                  "cancel 1", "ok", "waiting blue", "[#3 blue 0-60 bob]", "waiting red", "[]", "of red", "[#4 red 0-60 eve]")

    def test_edge_report_of_a_day_that_only_waits(self):
        self.play("book red 1380 1500 ada", "1", "request red 1400 1441 bob", "2", "request red 1410 1440 eve", "3",
                  "day red 0", "23:00-24:00 ada|waiting: 2|", "day red 1", "00:00-01:00 ada|waiting: 1|",
                  "move 1 3000 3010", "ok", "day red 1", "00:00-00:01 bob|", "day red 0", "23:20-24:00 bob|waiting: 1|")

    def test_state_several_get_in(self):
        self.play("book red 0 300 ada", "1", "request red 0 100 bob", "2", "request red 50 150 eve", "3", "request red 100 200 dan", "4",
                  "request red 150 160 fay", "5", "request red 250 300 gus", "6", "cancel 1", "ok",
                  "of red", "[#2 red 0-100 bob, #4 red 100-200 dan, #6 red 250-300 gus]",
                  "waiting red", "[#3 red 50-150 eve, #5 red 150-160 fay]", "cancel 2", "ok", "waits 3", "true",
                  "cancel 4", "ok", "of red", "[#3 red 50-150 eve, #5 red 150-160 fay, #6 red 250-300 gus]")

    def test_state_one_that_does_not_fit_is_passed_over(self):
        self.play("book red 0 50 ada", "1", "book red 50 100 bob", "2", "request red 40 60 eve", "3", "request red 0 40 dan", "4",
                  "cancel 1", "ok", "waits 3", "true", "waits 4", "false", "of red", "[#4 red 0-40 dan, #2 red 50-100 bob]",
                  "cancel 2", "ok", "waits 3", "false")

    def test_state_move_lets_in(self):
        self.play("book red 0 60 ada", "1", "request red 30 90 bob", "2", "move 1 100 160", "ok", "waits 2", "false",
                  "of red", "[#2 red 30-90 bob, #1 red 100-160 ada]")

    def test_state_refused_move_changes_nothing(self):
        self.play("book red 0 60 ada", "1", "book red 100 200 bob", "2", "request red 10 20 eve", "3", "move 1 150 160", "TakenException",
                  "waits 3", "true", "of red", "[#1 red 0-60 ada, #2 red 100-200 bob]", "move 1 70 60", "IllegalArgumentException", "waits 3", "true")

    def test_state_a_wish_that_was_withdrawn(self):
        self.play("book red 0 60 ada", "1", "request red 0 60 bob", "2", "request red 0 60 eve", "3", "cancel 2", "ok", "waits 2", "false",
                  "waiting red", "[#3 red 0-60 eve]", "cancel 1", "ok", "of red", "[#3 red 0-60 eve]", "cancel 2", "NoSuchElementException")

    def test_state_book_does_not_look_at_those_who_wait(self):
        self.play("book red 0 60 ada", "1", "request red 30 90 bob", "2", "book red 60 90 eve", "3", "cancel 1", "ok", "waits 2", "true",
                  "cancel 3", "ok", "waits 2", "false")

    def test_state_ids_go_on(self):
        self.play("book red 0 60 ada", "1", "book red 10 20 bob", "TakenException", "request red 10 20 bob", "2", "book blue 0 1 eve", "3",
                  "request blue 0 1 -", "IllegalArgumentException", "request blue 5 6 dan", "4")

    def test_error_bad_requests(self):
        self.play("request red 60 60 ada", "IllegalArgumentException", "request red -1 5 ada", "IllegalArgumentException",
                  "request - 0 5 ada", "IllegalArgumentException", "request red 0 5 -", "IllegalArgumentException", "waiting red", "[]",
                  "request red 0 5 ada", "1")

    def test_error_wishes_cannot_be_moved(self):
        self.play("book red 0 60 ada", "1", "request red 0 60 bob", "2", "move 2 100 110", "NoSuchElementException", "waits 2", "true",
                  "move 9 0 1", "NoSuchElementException", "cancel 9", "NoSuchElementException", "waits 9", "false")
