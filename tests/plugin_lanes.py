"""Lanes: groups of tests that need something the machine may lack, and that must not be skipped unseen.

``browser`` tests drive Chromium, ``data`` tests read the published data sets beside the checkout, ``postgres`` tests
start a PostgreSQL. Without what they need they skip, with a reason; that is right on a visitor's machine and wrong in
CI. Where SALESCOACH_REQUIRE_BROWSER=1, SALESCOACH_REQUIRE_DATA=1 or SALESCOACH_REQUIRE_POSTGRES=1 is set, the session
is red unless the lane ran: at least one of its tests passed and none was skipped. Never decides whether a test can run:
that is for the tests and their fixtures.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest

LANES = {
    "browser": "drives the served app in headless Chromium",
    "data": "reads a published data set that lies beside the checkout",
    "postgres": "asks a real PostgreSQL that the test starts itself",
}
# Asking for this fixture is asking for the lane: nobody has to remember the marker as well.
FIXTURES = {"shared_data": "data", "postgres": "postgres"}


def pytest_configure(config: pytest.Config) -> None:
    for lane, meaning in LANES.items():
        config.addinivalue_line("markers", f"{lane}: {meaning}; SALESCOACH_REQUIRE_{lane.upper()}=1 forbids skipping")
    if not hasattr(config, "workerinput"):  # xdist's workers report to the one session that judges
        config.pluginmanager.register(LaneKeeper(config), "lane-keeper")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for fixture in set(getattr(item, "fixturenames", ())) & FIXTURES.keys():
            item.add_marker(FIXTURES[fixture])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    report.lanes = [lane for lane in LANES if item.get_closest_marker(lane)]
    return report


class LaneKeeper:
    """Counts what became of each lane and turns the session red when a required one did not run."""

    def __init__(self, config: pytest.Config) -> None:
        self.root = config.rootpath
        self.outcomes = {lane: Counter[str]() for lane in LANES}
        self.files_left_out: set[tuple[str, str]] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # A test is one "call" that passed or failed; a skip or a fault in its fixtures is reported as "setup".
        if report.when == "call" or report.outcome != "passed":
            for lane in getattr(report, "lanes", ()):
                self.outcomes[lane][report.outcome] += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that skips itself as a whole never yields its tests: look for the lane in its text."""
        file = self.root / report.nodeid.partition("::")[0]
        if report.outcome == "skipped" and file.is_file():
            self.files_left_out |= {(lane, report.nodeid) for lane in lanes_named_in(file)}

    def what_is_missing(self, lane: str) -> list[str]:
        """Why the lane does not count as run; empty when it does."""
        counts = self.outcomes[lane]
        reasons = [] if counts["passed"] else ["none of its tests passed"]
        if counts["skipped"]:
            reasons.append(f"{counts['skipped']} skipped")
        return reasons + [f"{file} skipped as a whole" for named, file in sorted(self.files_left_out) if named == lane]

    def verdicts(self) -> dict[str, list[str]]:
        """The lanes that had to run and did not, each with its reasons."""
        required = [lane for lane in LANES if os.environ.get(f"SALESCOACH_REQUIRE_{lane.upper()}") == "1"]
        return {lane: missing for lane in required if (missing := self.what_is_missing(lane))}

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        # Only a session that would have passed for green: an interruption or an internal error keeps its own code.
        if session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) and self.verdicts():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for lane, counts in self.outcomes.items():
            if counts:
                terminalreporter.write_line(f"lane {lane}: " + ", ".join(f"{n} {word}" for word, n in counts.items()))
        for lane, missing in self.verdicts().items():
            terminalreporter.write_line(f"lane {lane} had to run and did not: {'; '.join(missing)}", red=True)


def lanes_named_in(file: Path) -> set[str]:
    """Lanes whose marker or fixture occurs in the text of *file*."""
    text = file.read_text(encoding="utf-8")
    marked = {lane for lane in LANES if re.search(rf"\bmark\.{lane}\b", text)}
    return marked | {lane for fixture, lane in FIXTURES.items() if re.search(rf"\b{fixture}\b", text)}
