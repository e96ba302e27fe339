# Folder jobs: hidden test files, ordinary unittest cases that say
#
#     from metr import subject
#     mod = subject.load("package.module")
#
# run here, with the candidate's modules in a subject.
import tempfile
import types
import unittest

LABELS = ("typical", "edge", "state", "error", "exploit")


class Side:
    """One subject as tests see it."""

    def __init__(self, link, to):
        self._link = link
        self._to = to

    def load(self, name):
        """The candidate's module of that dotted name, loaded on first use."""
        return LazyModule(self._link, self._to, name)

    def restart(self):
        """Ends the program; the next use starts it afresh."""
        self._link.restart(self._to)

    def cpu(self):
        """Nanoseconds of processor time used so far, measured from outside."""
        return self._link.cpu(self._to)


class Subject(Side):
    """What `from metr import subject` gives."""

    def __init__(self, link):
        super().__init__(link, 0)
        self.start = Side(link, 1)    # the code as it was before the patch
        self.start2 = Side(link, 2)   # that once more, to show the noise

    def cpu(self, which=0):
        return self._link.cpu(which)

    def measure(self, name, sizes, prepare, call, pairs=6):
        """Measures processor time at each size, the three sides interleaved.
        prepare(size) makes the input here; call(side, data) does the work by
        side.load(...) and returns a plain value, which must be the same for all."""
        rows = []
        sides = [self.start, self.start2, self]
        for size in sizes:
            data = prepare(size)
            for turn in range(pairs + 1):
                took, value = [0, 0, 0], [None] * 3
                for k in range(3):
                    at = (turn + k) % 3
                    mine = copy.deepcopy(data)
                    began = self._link.cpu(sides[at]._to)
                    value[at] = call(sides[at], mine)
                    took[at] = self._link.cpu(sides[at]._to) - began
                if not (value[0] == value[1] == value[2]):
                    raise AssertionError("%s at size %s: the patched code gives %s, the code before gave %s" % (
                        name, size, cut(value[2], 60), cut(value[0], 60)))
                if turn:  # the first turn warms up
                    rows.append([size] + took)
        self._link.ch.send('{"op":"pairs","name":%s,"rows":%s}' % (_quote(name), self._link.codec.items(rows, 0)))


def label_of(name):
    word = name.removeprefix("test").lstrip("_").split("_")[0].lower()
    return word if word in LABELS else "typical"


class Report(unittest.TestResult):
    """Sends each test's result as it ends."""

    def __init__(self, link, names):
        super().__init__()
        self.link = link
        self.names = names
        self.why = None

    def name(self, test):
        method = getattr(test, "_testMethodName", None)
        if method is None:
            return str(test)
        return method if self.names[method] == 1 else "%s.%s" % (type(test).__name__, method)

    def startTest(self, test):
        super().startTest(test)
        self.link.lost = ""
        self.why = None

    def stopTest(self, test):
        super().stopTest(test)
        why = self.link.lost or self.why
        name = self.name(test)
        self.link.result(name, not why, why or "", label_of(getattr(test, "_testMethodName", name)))
        if self.link.lost:
            for to in range(3):
                self.link.restart(to)

    def fail(self, test, err):
        if self.why is None:
            self.why = reason(err[1]).strip().replace("\n", " ")
        if not hasattr(test, "_testMethodName") and not hasattr(test, "test_case"):
            self.link.result(str(test), False, self.why)  # setUpClass and setUpModule

    def addFailure(self, test, err):
        self.fail(test, err)

    def addError(self, test, err):
        self.fail(test, err)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.fail(test, err)

    def addSkip(self, test, why):
        self.why = "skipped: " + why

    def addUnexpectedSuccess(self, test):
        self.why = "passed where it should fail"


def cases(suite):
    for t in suite:
        if isinstance(t, unittest.TestSuite):
            yield from cases(t)
        else:
            yield t


def job_folder(link, job):
    subject = Subject(link)
    package = types.ModuleType("metr")
    package.subject = subject
    sys.modules["metr"] = package
    with tempfile.TemporaryDirectory() as tmp:
        for path, text in job["files"].items():
            at = os.path.join(tmp, path)
            os.makedirs(os.path.dirname(at), exist_ok=True)
            with open(at, "wb") as f:
                f.write(_unb64(text))
        os.chdir(tmp)
        sys.path.insert(0, tmp)
        sys.dont_write_bytecode = True
        for path in sorted(job["files"]):
            base = os.path.basename(path)
            if not base.endswith(".py") or not (base.startswith("test") or base.endswith("_test.py")):
                continue
            link.lost = ""
            try:
                __import__(path[:-3].replace("/", "."))
            except (Gone, Exception, SystemExit) as e:
                if not isinstance(e, Gone) and not hasattr(e, "_metr_msg") and not link.used[0]:
                    raise  # the hidden test is at fault
                link.result(path, False, reason(e))
                for to in range(3):
                    link.restart(to)
                continue
            suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[path[:-3].replace("/", ".")])
            names = {}
            for t in cases(suite):
                names[t._testMethodName] = names.get(t._testMethodName, 0) + 1
            report = Report(link, names)
            suite.run(report)
            for to in range(3):
                link.restart(to)
        os.chdir("/")
    if link.tests == 0:
        raise ValueError("the hidden tests hold no test: %s" % ", ".join(sorted(job["files"])))
