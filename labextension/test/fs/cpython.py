"""Run one of CPython's own test modules on a filesystem, and tell how each of its tests ended."""

import os
import sys
import tempfile
import unittest


class Outcomes(unittest.TestResult):
    """Keeps what became of each test: "ok", "skip", or the traceback."""

    def __init__(self):
        super().__init__()
        self.found = {}

    def addSuccess(self, test):
        self.found.setdefault(test.id(), "ok")

    def addSkip(self, test, reason):
        self.found.setdefault(test.id(), "skip")

    def addExpectedFailure(self, test, error):
        self.found.setdefault(test.id(), "skip")

    def addUnexpectedSuccess(self, test):
        self.found[test.id()] = "It passed, but was expected to fail"

    def addFailure(self, test, error):
        self.found[test.id()] = self._exc_info_to_string(error, test)

    def addError(self, test, error):
        self.found[test.id()] = self._exc_info_to_string(error, test)

    def addSubTest(self, test, subtest, error):
        if error is not None:
            self.found[test.id()] = self._exc_info_to_string(error, test)


def run(root, name):
    """Run the tests of `root`/lib/test, with all their files below `root` too."""
    for module in [module for module in sys.modules if module.partition(".")[0] == "test"]:
        del sys.modules[module]
    sys.path.insert(0, f"{root}/lib")
    tempfile.tempdir = os.environ["TMPDIR"] = f"{root}/tmp"
    os.chdir(f"{root}/work")
    try:
        from test import support

        # Nothing that takes hours, or a network.
        support.use_resources = []
        outcomes = Outcomes()
        unittest.defaultTestLoader.loadTestsFromName(f"test.{name}").run(outcomes)
    finally:
        os.chdir("/")
        sys.path.remove(f"{root}/lib")
    return outcomes.found
