import unittest

from metr import subject


class Case(unittest.TestCase):
    def setUp(self):
        self.errors = subject.load("settings.errors")
        self.module = subject.load("settings.layers")

    def layers(self, **settings):
        return self.module.Layers([settings])

    def fill(self, text, **settings):
        return self.layers(**settings).fill(text)


class Expand(Case):
    def test_typical_references(self):
        self.assertEqual(self.fill("plain text"), "plain text")
        self.assertEqual(self.fill("${root}/data", root="/srv"), "/srv/data")
        self.assertEqual(self.fill("<${a}${b.c_1}>", a="1", **{"b.c_1": "2"}), "<12>")

    def test_typical_values_refer_on(self):
        layers = self.module.Layers(
            [{"root": "/srv", "data": "${root}/data"}, {"log": "${data}/log", "root": "/mnt"}]
        )
        self.assertEqual(layers.get("log"), "/mnt/data/log")
        self.assertEqual(layers.get("root"), "/mnt")

    def test_typical_default(self):
        self.assertEqual(self.fill("${tmp:-/tmp}/x"), "/tmp/x")
        self.assertEqual(self.fill("${tmp:-/tmp}/x", tmp="/var"), "/var/x")

    def test_typical_dollar(self):
        self.assertEqual(self.fill("5 $$"), "5 $")

    def test_edge_empty(self):
        self.assertEqual(self.fill(""), "")
        self.assertEqual(self.fill("<${a}>", a=""), "<>")
        self.assertEqual(self.fill("<${a:-}>"), "<>")

    def test_edge_set_to_nothing_is_set(self):
        self.assertEqual(self.fill("<${a:-x}>", a=""), "<>")

    def test_edge_dollars_side_by_side(self):
        self.assertEqual(self.fill("$$$$"), "$$")
        self.assertEqual(self.fill("$${a}", a="1"), "${a}")
        self.assertEqual(self.fill("$$${a}", a="1"), "$1")
        self.assertEqual(self.fill("$$$${a}", a="1"), "$${a}")
        self.assertEqual(self.fill("$$a}"), "$a}")

    def test_edge_result_is_not_looked_at_again(self):
        self.assertEqual(self.fill("${a}", a="$${b}", b="x"), "${b}")
        self.assertEqual(self.fill("${a}{b}", a="$$", b="x"), "${b}")
        self.assertEqual(self.fill("${x:-$${b}", b="x"), "${b")

    def test_edge_default_with_references(self):
        self.assertEqual(self.fill("<${a:-${b}}>", b="1"), "<1>")
        self.assertEqual(self.fill("<${a:-x${b:-y${c:-z}y}x}>"), "<xyzyx>")
        self.assertEqual(self.fill("<${a:-x${b:-y${c:-z}y}x}>", c="1"), "<xy1yx>")
        self.assertEqual(self.fill("<${a:-x${b:-y${c:-z}y}x}>", a="1"), "<1>")
        self.assertEqual(self.fill("${a:-${b}${c}}/${d}", b="1", c="2", d="3"), "12/3")

    def test_edge_default_ends_at_its_brace(self):
        self.assertEqual(self.fill("${a:-{}}"), "{}")
        self.assertEqual(self.fill("${a:-{x}", a="1"), "1")
        self.assertEqual(self.fill("${a:-b:-c}"), "b:-c")
        self.assertEqual(self.fill("${a:-$$}}"), "$}")

    def test_edge_default_that_is_not_needed(self):
        self.assertEqual(self.fill("${a:-${missing}}", a="1"), "1")
        layers = self.layers(a="${b:-${a}}", b="1")
        self.assertEqual(layers.get("a"), "1")

    def test_edge_several_times_is_no_cycle(self):
        settings = {"a": "${c}${c}", "b": "${c}${a}", "c": "1"}
        self.assertEqual(self.fill("${a}${b}${a}${c}", **settings), "11111111")
        self.assertEqual(self.layers(**settings).get("b"), "111")

    def test_edge_braces_are_plain_text(self):
        self.assertEqual(self.fill("{a} } { ${a}}", a="1"), "{a} } { 1}")

    def test_edge_long_chain(self):
        chain = {f"s{i}": "${s" + str(i + 1) + "}." for i in range(50)}
        self.assertEqual(self.fill("${s0}", s50="end", **chain), "end" + "." * 50)

    def test_state_settings_change(self):
        layers = self.layers(a="1", b="${a}")
        self.assertEqual(layers.get("b"), "1")
        layers.push({"a": "2"})
        self.assertEqual((layers.get("b"), layers.fill("${b}${a}")), ("2", "22"))
        layers.pop()
        self.assertEqual((layers.get("b"), layers.fill("${b}${a}")), ("1", "11"))

    def test_state_objects_are_apart(self):
        self.assertEqual(self.fill("${a}", a="1"), "1")
        self.assertEqual(self.fill("${a}", a="2"), "2")
        with self.assertRaises(self.errors.MissingError):
            self.fill("${a}")
        self.assertEqual(self.fill("${a:-3}"), "3")

    def test_state_error_leaves_nothing_behind(self):
        layers = self.layers(a="${b}", b="${a}")
        for _ in range(2):
            with self.assertRaises(self.errors.CycleError):
                layers.get("a")
        layers.push({"b": "1"})
        self.assertEqual(layers.get("a"), "1")

    def test_error_missing(self):
        for text in ("${a}", "${b:-${a}}", "x${c}"):
            with self.subTest(text=text), self.assertRaisesRegex(
                self.errors.MissingError, "setting a is not set"
            ):
                self.fill(text, c="${a}")

    def test_error_cycle(self):
        cases = [
            ({"a": "${a}"}, "a", "a -> a"),
            ({"a": "${b}", "b": "x${c}", "c": "${a}"}, "a", "a -> b -> c -> a"),
            ({"a": "${b:-x}", "b": "${a:-y}"}, "b", "b -> a -> b"),
            ({"a": "${missing:-${a}}"}, "a", "a -> a"),
        ]
        for settings, name, names in cases:
            with self.subTest(settings=settings):
                with self.assertRaises(self.errors.CycleError) as caught:
                    self.layers(**settings).get(name)
                self.assertEqual(str(caught.exception), names)

    def test_error_cycle_further_on(self):
        settings = {"a": "${b}", "b": "${c}", "c": "${b}"}
        for act in (lambda held: held.get("a"), lambda held: held.fill("${a}")):
            with self.assertRaises(self.errors.CycleError) as caught:
                act(self.layers(**settings))
            self.assertEqual(str(caught.exception), "b -> c -> b")

    def test_error_syntax(self):
        cases = [
            ("$", 0), ("ab$", 2), ("$a", 0), ("x${", 1), ("${}", 0), ("${1a}", 0), ("${a b}", 0),
            ("${a", 0), ("${a:x}", 0), ("${a:-x", 0), ("$$$", 2), ("${ a}", 0), ("${a}$", 4),
            ("${a-}", 0),
        ]
        for text, place in cases:
            with self.subTest(text=text):
                with self.assertRaisesRegex(
                    self.errors.SyntaxProblem, f"bad reference at character {place} of "
                ):
                    self.fill(text, a="1")


if __name__ == "__main__":
    unittest.main()
