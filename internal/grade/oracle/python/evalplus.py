# EvalPlus jobs: for each input the reference computes, in the judge, what the
# candidate has to give. The rules are those of EvalPlus 0.3.1, which users
# compare with: how inputs are read from JSON, what counts as equal, how long an
# input may take.
import time as _time


def _each_tuple(a):
    return [tuple(x) for x in a]


# How MBPP+ inputs, plain JSON lists, become the types that the task speaks of.
_SHAPES = [
    ({2, 116, 132, 143, 222, 261, 273, 394, 399, 421, 424, 429, 470, 560, 579, 596, 616, 630, 726, 740, 744, 809},
     _each_tuple),
    ({63, 64, 70, 94, 120, 237, 272, 299, 400, 409, 417, 438, 473, 614, 780},
     lambda a: [_each_tuple(x) for x in a]),
    ({75, 413, 444, 753}, lambda a: [_each_tuple(a[0]), a[1]]),
    ({106, 750}, lambda a: [a[0], tuple(a[1])]),
    ({115}, lambda a: [[set(x) if isinstance(x, list) and x else {} for x in a[0]]]),
    ({124}, lambda a: [float(a[0]), complex(a[1])]),
    ({250, 405, 446, 617, 720, 763, 808}, lambda a: [tuple(a[0]), a[1]]),
    ({259, 401, 445}, lambda a: [tuple(_each_tuple(x)) for x in a]),
    ({278}, lambda a: [tuple(tuple(x) if isinstance(x, list) else x for x in a[0])]),
    ({307}, lambda a: [tuple(a[0]), a[1], a[2]]),
    ({722}, lambda a: [{k: tuple(v) for k, v in a[0].items()}] + a[1:]),
    ({252}, lambda a: [complex(a[0])]),
    ({580, 615, 791}, lambda a: [_deep_tuple(x) for x in a]),
]


def _deep_tuple(v):
    return tuple(_deep_tuple(x) for x in v) if isinstance(v, list) else v


def _shape(dataset, number):
    if dataset == "mbpp":
        for ids, f in _SHAPES:
            if number in ids:
                return f
    return lambda a: a


# Tasks with rules of their own, by the function that they ask for.
_AS_SETS = {"similar_elements", "find_char_long", "common_in_nested_lists", "extract_singly", "larg_nnum",
            "intersection_array", "find_dissimilar", "Diff"}
_NOT_NONE = {"check_str", "text_match_three", "text_starta_endb"}


def _pyramid(base, height):
    """MBPP/581 read with the height to the apex instead of the slant height."""
    return round(base ** 2 + 2 * base * math.sqrt((base / 2) ** 2 + height ** 2))


def _digit_distance(a, b):
    """MBPP/558 read with the shorter number padded by zeros."""
    a, b = str(a), str(b)
    n = max(len(a), len(b))
    return sum(abs(int(x) - int(y)) for x, y in zip(a.zfill(n), b.zfill(n)))


def _zero(coeffs, x, atol, ref):
    """HumanEval/32: x is a zero if the polynomial is within atol there, or no
    further from zero than at the reference's own answer: with large coefficients
    no double reaches atol, and EvalPlus refuses its own reference."""
    def value(x):
        return abs(sum(c * math.pow(x, i) for i, c in enumerate(coeffs)))
    return value(x) <= max(atol, value(ref))


def _floats(v):
    return isinstance(v, float) or isinstance(v, (list, tuple)) and bool(v) and all(isinstance(x, float) for x in v)


def _close(a, b, atol):
    """numpy.allclose with rtol 1e-7, for numbers and lists of them."""
    if isinstance(b, (list, tuple)):
        return isinstance(a, (list, tuple)) and len(a) == len(b) and all(_close(x, y, atol) for x, y in zip(a, b))
    if a == b:
        return True
    d = abs(a - b)
    return math.isfinite(abs(b)) and d <= atol + 1e-7 * abs(b)


class Rules:
    """Decides whether an output is right. The absolute tolerance, once it was
    needed for floats, stays for the inputs that follow, as in EvalPlus."""

    def __init__(self, dataset, entry, atol):
        self.dataset = dataset
        self.entry = entry
        self.atol = atol

    def right(self, args, out, exp):
        exact = out == exp
        if self.dataset == "humaneval" and self.entry == "find_zero":
            return _zero(args[0], out, self.atol, exp)
        if self.dataset == "mbpp":
            if self.entry == "are_equivalent":
                return True
            if self.entry == "sum_div":
                exact = exact or out == 0
            elif self.entry == "surface_Area":
                exact = exact or abs(out - _pyramid(*args)) <= self.atol
            elif self.entry == "digit_distance_nums":
                exact = exact or out == _digit_distance(*args)
            elif self.entry in _AS_SETS:
                exact = set(out) == set(exp)
            elif self.entry in _NOT_NONE:
                exact = out == exp if isinstance(out, bool) else exp == (out is not None)
        if self.atol == 0 and _floats(exp):
            self.atol = 1e-6
        if exact or self.atol == 0:
            return exact is True
        return type(out) is type(exp) and _close(out, exp, self.atol)


class Inputs:
    """One of the two input sets of a task."""

    def __init__(self, link, job, name, reference):
        self.link = link
        self.name = name
        self.entry = job["entry"]
        self.reference = reference
        shape = _shape(job["dataset"], job["number"])
        self.inputs = [shape(a) for a in json.loads(job[name])]
        self.not_none = job["dataset"] == "mbpp" and self.entry in _NOT_NONE
        self.rules = Rules(job["dataset"], self.entry, job["atol"])

    def expect(self, args):
        """What the reference gives, the digest where that is too large to cross,
        and how long it took: with the digest, which the candidate pays for too."""
        began = _time.perf_counter()
        v = self.reference(*copy.deepcopy(args))
        sums = digest(v)
        took = _time.perf_counter() - began
        return v is not None if self.not_none else v, sums, took

    def run(self, program, stopped=""):
        """Asks the candidate for each output. A lost subject is started again a
        few times: one input over its limit does not fail the others."""
        link = self.link
        allowed = 4.0 * len(self.inputs)
        spent = 0.0
        restarts = 0
        for i, args in enumerate(self.inputs):
            name = "%s %d" % (self.name, i)
            if stopped:
                link.result(name, False, stopped)
                continue
            expected, sums, took = self.expect(args)
            limit = max(4.0, 4 * took)
            allowed += limit - 4.0
            left = min(60.0, allowed) + 1 - spent
            if left <= 0:
                stopped = "timeout: the inputs together took longer than EvalPlus allows"
                link.result(name, False, stopped)
                continue
            link.lost = link.weak = ""
            began = _time.perf_counter()
            ok, message = False, ""
            try:
                out = link.call(0, program.module._id, self.entry, args, None, int(1000 * min(limit, left)), False)
                spent += _time.perf_counter() - began
                ok = out.sums == sums if type(out) is Digest else self.right(args, out, expected)
                if not ok:
                    message = "expected %s, got %s" % (cut(expected, 60), cut(out, 60))
            except (Gone, Exception, SystemExit) as e:
                spent += _time.perf_counter() - began
                ok, message = False, reason(e)
            if link.lost:
                ok, message = False, link.lost
                restarts += 1
                link.restart()
                if restarts > 3 or program.start() is not None:
                    stopped = message
            link.result(name, ok, "" if ok else "%s(%s): %s" % (self.entry, cut(args, 60)[1:-1], message))

    def right(self, args, out, expected):
        if hasattr(out, "__next__") and not isinstance(out, Handle):
            out = list(out)
        if hasattr(expected, "__next__"):
            expected = list(expected)
        return self.rules.right(args, out, expected)


def job_evalplus(link, job):
    space = {"__name__": "reference", "__builtins__": builtins}
    exec(compile(job["reference"], "reference", "exec"), space)
    reference = space[job["entry"]]
    sets = [Inputs(link, job, name, reference) for name in ("base", "plus")]
    p = Program(link, job)
    why = p.start()
    if why is not None:
        link.result("program", False, why)
        return
    for s in sets:
        lost = ""
        if p.module._gen != link.sides[0]:  # lost on the set before
            lost = p.start() or ""
        s.run(p, lost)
