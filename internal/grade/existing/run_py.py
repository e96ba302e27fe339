# Runs a workspace's unittest tests and writes one JSON line per test to the
# descriptor that it moved standard output to. Argument: the files or folders.
import json
import os
import sys
import unittest

out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
sys.path.insert(0, os.getcwd())
sys.dont_write_bytecode = True


class Result(unittest.TestResult):
    def say(self, test, status, err=None):
        msg = ""
        if err:
            msg = "%s: %s" % (err[0].__name__, err[1])
        out.write(json.dumps({"name": test.id(), "status": status, "message": msg[:300]}) + "\n")
        out.flush()

    def addSuccess(self, test):
        super().addSuccess(test)
        self.say(test, "pass")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.say(test, "fail", err)

    def addError(self, test, err):
        super().addError(test, err)
        self.say(test, "fail", err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.say(test, "fail", err)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.say(test, "skipped")

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self.say(test, "pass")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.say(test, "fail")


loader = unittest.TestLoader()
suite = unittest.TestSuite()
for name in sys.argv[1:]:
    suite.addTests(loader.loadTestsFromName(name))
for err in loader.errors:
    out.write(json.dumps({"name": "load", "status": "fail", "message": err[-300:]}) + "\n")
suite.run(Result())
out.write(json.dumps({"done": True}) + "\n")
out.flush()
