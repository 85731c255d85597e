# SPDX-License-Identifier: MIT
"""What all tests of the tools share: the option --build, results as TAP, and
`check` for a test that has several results."""

import os
import pathlib
import signal
import tempfile
import time

import pytest

from lethe import tap
from lethe.machine import image
from lethe.project import TOOLS


class Results:
    """Prints a line for each result. A test that names its results by `check`
    gets a line of its own only if it fails outside of them."""

    def __init__(self, terminal):
        self.tap = tap.Writer(terminal.write_line)
        self.has_named = set()
        self.begin = time.monotonic()

    @staticmethod
    def name(report):
        """`PART: what is tested`, for a test of test_PART.py"""
        file, _, test = report.nodeid.partition("::")
        part = file.rpartition("test_")[2].removesuffix(".py")
        named = getattr(report, "context", None)
        if named:
            return f"{part}: {named.msg}"
        words, _, row = test.rpartition("test_")[2].partition("[")
        row = f" {row.removesuffix(']')}" if row else ""
        return f"{part}: {words.replace('_', ' ')}{row}"

    @staticmethod
    def why(report):
        """The first line of the exception that ended a failed test"""
        crash = getattr(report.longrepr, "reprcrash", None)
        return crash.message.partition("\n")[0] if crash else ""

    def pytest_runtest_logreport(self, report):
        if hasattr(report, "context"):
            self.has_named.add(report.nodeid)
        elif report.passed and (report.when != "call" or
                                report.nodeid in self.has_named):
            return
        elif report.skipped:
            why = report.longrepr[2].removeprefix("Skipped: ")
            self.tap.line(True, self.name(report), f"SKIP {why}")
            return
        self.tap.line(report.passed, self.name(report), self.why(report))

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report):
        """Suppresses the letter for a result, which has a line of its own."""
        return report.outcome, "", ""

    def pytest_terminal_summary(self, terminalreporter):
        self.tap.plan()
        terminalreporter.write_line(f"# {time.monotonic() - self.begin:.0f} s")


def pytest_addoption(parser):
    parser.addoption("--build", default="build", metavar="FOLDER",
                     help="the folder of the build")


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    config.pluginmanager.register(Results(terminal))
    os.environ["PYTHONPATH"] = str(TOOLS)  # for tools that tests start
    # Tests send these signals to tools, as a terminal would. Children inherit
    # that nohup or a shell's `&` had them ignored: handle them again.
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


@pytest.fixture
def tmp_path():
    """Replaces pytest's fixture, which keeps the folders of the last runs."""
    with tempfile.TemporaryDirectory(prefix="lethe-") as folder:
        yield pathlib.Path(folder)


@pytest.fixture
def build(request):
    return image.Build(request.config.getoption("--build"))


@pytest.fixture
def check(subtests):
    """check(name, ok, seen) reports one of several results; it shows `seen` if
    the result is a failure."""
    def one(name, ok, seen=""):
        with subtests.test(name):
            assert ok, seen
    return one
