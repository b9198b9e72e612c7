"""A lane that CI requires cannot be skipped unseen. Each promise is made to a real pytest session of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from plugin_lanes import LANES

pytest_plugins = ["pytester"]

XDIST = ("-p", "xdist.plugin", "-n", "2", "--dist", "loadfile")

RUNS = "@pytest.mark.browser\ndef test_page():\n    pass\n"
SKIPS = "@pytest.mark.browser\ndef test_other_page():\n    pytest.skip('no browser')\n"
FIXTURE = "@pytest.fixture\ndef shared_data():\n    {body}\n\ndef test_rows(shared_data):\n    pass\n"


@pytest.fixture
def session(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """A function that runs the given test files under the plugin, with one lane required or none."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    # Only what is tested: loading every installed plugin again would take most of the time.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    for lane in LANES:
        monkeypatch.delenv(f"SALESCOACH_REQUIRE_{lane.upper()}", raising=False)

    def run(*files: str, require: str | None = None, options: tuple[str, ...] = ()) -> pytest.RunResult:
        if require:
            monkeypatch.setenv(f"SALESCOACH_REQUIRE_{require}", "1")
        for number, text in enumerate(files):
            pytester.makepyfile(**{f"test_file_{number}": f"import pytest\n\n{text}"})
        # xdist's workers are processes of their own; without them the session fits into this one, and is quicker.
        start = pytester.runpytest_subprocess if options == XDIST else pytester.runpytest_inprocess
        return start("-p", "plugin_lanes", "-p", "no:cacheprovider", "--strict-markers", *options)

    return run


def test_this_very_session_is_kept(pytestconfig):
    """Everything below is worth nothing where the plugin is not loaded."""
    assert pytestconfig.pluginmanager.has_plugin("plugin_lanes")


def test_a_lane_that_ran_is_green(session):
    result = session(RUNS, require="BROWSER")

    assert result.ret == 0
    result.stdout.fnmatch_lines("lane browser: 1 passed")


def test_a_skipped_lane_is_red_where_it_is_required(session):
    result = session(SKIPS, require="BROWSER")

    assert result.ret == 1
    result.stdout.fnmatch_lines("lane browser had to run and did not: none of its tests passed; 1 skipped")


def test_a_skipped_lane_is_green_where_it_is_not_required(session):
    """The negative control: what makes the session above red is the requirement, not the skip."""
    assert session(SKIPS).ret == 0


def test_one_skip_among_passes_is_red(session):
    assert session(RUNS + "\n\n" + SKIPS, require="BROWSER").ret == 1


def test_one_skip_among_passes_is_red_under_xdist(session):
    result = session(RUNS, SKIPS, require="BROWSER", options=XDIST)

    assert result.ret == 1
    result.stdout.fnmatch_lines("lane browser had to run and did not: 1 skipped")


def test_a_lane_that_ran_is_green_under_xdist(session):
    assert session(RUNS, "def test_other():\n    pass\n", require="BROWSER", options=XDIST).ret == 0


def test_a_lane_without_any_test_is_red(session):
    assert session("def test_something_else():\n    pass\n", require="BROWSER").ret == 1


def test_a_deselected_lane_is_red(session):
    assert session(RUNS, "def test_other():\n    pass\n", require="BROWSER", options=("-m", "not browser")).ret == 1


@pytest.mark.parametrize("options", [(), XDIST], ids=["one process", "xdist"])
def test_a_file_that_skips_itself_is_red_even_beside_passes(session, options):
    """Its tests are never collected, so no test of the lane is ever reported as skipped."""
    alone = 'pytest.importorskip("a_browser_that_is_not_there")\npytestmark = pytest.mark.browser\n\n' + RUNS

    result = session(RUNS, alone, require="BROWSER", options=options)

    assert result.ret == 1
    result.stdout.fnmatch_lines("*did not: test_file_1.py skipped as a whole")


def test_asking_for_the_shared_data_is_joining_the_lane(session):
    assert session(FIXTURE.format(body="return 1"), require="DATA").ret == 0
    assert session(FIXTURE.format(body="pytest.skip('no data')"), require="DATA").ret == 1


def test_a_red_test_stays_red(session):
    assert session("def test_no():\n    assert False\n\n" + RUNS, require="BROWSER").ret == 1
