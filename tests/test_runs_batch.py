"""A whole batch: what is published, what is kept, what is skipped, and what is said about it."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import threading
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
import pytest
from runs_support import REPS, act, organisation, published, review

from salescoach.calendar import Calendar
from salescoach.errors import UsageError, WorkspaceError
from salescoach.report_files import file_stem
from salescoach.runs import RunResult
from salescoach.runs.folder import PeriodFolder
from salescoach.store import CoachingStore
from salescoach.workspace import Workspace


def by_rep(result: RunResult) -> dict[str, str]:
    return {report.rep_id: report.status for report in result.reports}


def manifests(workspace: Workspace) -> list[dict[str, Any]]:
    paths = sorted((workspace.reviews / "2025Q4" / "runs").glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


@dataclass(frozen=True)
class Story:
    """Three runs over one workspace: all good, one bad, and again with nothing bad."""

    workspace: Workspace
    results: tuple[RunResult, RunResult, RunResult]
    files: tuple[dict[str, bytes], dict[str, bytes], dict[str, bytes]]
    progress: list[tuple[int, int]]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    workspace = organisation(tmp_path_factory.mktemp("story"))
    progress: list[tuple[int, int]] = []
    good = review(workspace, progress=lambda done, total: progress.append((done, total)))
    after_good = published(workspace)
    act(workspace, {"R1": "raises"})
    bad = review(workspace, force=True)
    after_bad = published(workspace)
    act(workspace, {})
    again = review(workspace)
    return Story(workspace, (good, bad, again), (after_good, after_bad, published(workspace)), progress)


def test_every_rep_gets_a_notebook_and_a_page(story: Story) -> None:
    result = story.results[0]
    assert (result.ok, result.failed, result.skipped) == (3, 0, 0)
    for report in result.reports:
        folder = story.workspace.reviews / "2025Q4" / "tr"
        assert Path(str(report.ipynb)) == folder / f"{file_stem(report.rep_id)}.ipynb"
        assert Path(str(report.html)) == folder / f"{file_stem(report.rep_id)}.html"
        assert report.reason is None
    assert (folder / "plotly.min.js").stat().st_size > 1_000_000


def test_the_result_has_the_keys_that_programs_rely_on(story: Story) -> None:
    document = json.loads(json.dumps(story.results[0].to_dict()))
    assert set(document) == {
        *("ok", "failed", "skipped", "cpu_seconds", "wall_seconds", "engine", "period", "index", "reports")
    }
    assert set(document["reports"][0]) == {"rep_id", "language", "status", "ipynb", "html", "reason", "run_id"}
    assert document["cpu_seconds"] > 0  # the kernels' own time is in it
    assert document["engine"] == "stock"


def test_progress_counts_every_report_once(story: Story) -> None:
    assert story.progress == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_a_report_carries_its_parameters_and_no_path_of_this_machine(story: Story) -> None:
    texts = [content.decode() for content in story.files[0].values()]
    assert sum("../x 2025Q4 2025-12-31 tr []" in text for text in texts) == 2  # in its notebook and in its page
    assert not any(str(story.workspace.path) in text for text in texts)


def test_one_bad_report_leaves_the_others_and_the_last_good_one(story: Story) -> None:
    result = story.results[1]
    assert by_rep(result) == {"R1": "failed", "../x": "ok", "CON": "ok"}
    stem = file_stem("R1")
    for ending in ("ipynb", "html"):
        assert story.files[1][f"tr/{stem}.{ending}"] == story.files[0][f"tr/{stem}.{ending}"]
    bad = nbformat.reads(story.files[1][f"tr/{stem}.failed.ipynb"].decode(), as_version=4)
    assert bad.metadata["salescoach"]["status"] == "failed"


def test_the_reason_is_one_line_without_a_traceback(story: Story) -> None:
    report = story.results[1].reports[0]
    assert report.reason == "ValueError: no deals (cell 5)"
    assert report.html is None
    assert str(report.ipynb).endswith(".failed.ipynb")


def test_a_rerun_makes_only_what_is_missing_and_clears_the_failure_away(story: Story) -> None:
    assert by_rep(story.results[2]) == {"R1": "ok", "../x": "skipped", "CON": "skipped"}
    assert not any("failed" in name for name in story.files[2])


def test_a_skipped_report_still_says_where_it_is(story: Story) -> None:
    skipped = [report for report in story.results[2].reports if report.status == "skipped"]
    assert all(Path(str(report.html)).is_file() and report.reason is None for report in skipped)


def test_the_manifest_is_a_bill_of_materials(story: Story) -> None:
    first, second, _ = manifests(story.workspace)
    assert [run["status"] for run in manifests(story.workspace)] == ["finished"] * 3
    assert first["snapshot"]["id"].startswith("2025-12-31")
    assert first["engine"] == {
        "name": "stock",
        "why": "one new process per report: the engine that runs on every system",
    }
    assert set(first["versions"]) >= {"python", "salescoach", "pandas", "plotly", "papermill"}
    assert first["limits"]["workers"] >= 1
    assert [report["status"] for report in second["reports"]] == ["failed", "ok", "ok"]


def test_nothing_is_left_in_staging(story: Story) -> None:
    assert not (story.workspace.reviews / "2025Q4" / ".staging").exists()


def test_the_index_lists_everybody_in_the_readers_alphabet_and_ranks_nobody(story: Story) -> None:
    page = story.files[2]["index.html"].decode()
    names = re.findall(r'scope="row"><span class="sc-value">([^<]*)', page)
    assert names == ["Çağla Şen", "Işık Öztürk", "İnci &lt;b&gt;Ak&lt;/b&gt;"]
    assert page.count("Hazır<") == 3
    links = re.findall(r'href="([^"]+)"', page)
    assert len(links) == 6
    assert all((story.workspace.reviews / "2025Q4" / link).is_file() for link in links)


def test_the_index_says_what_failed_and_keeps_the_link_to_the_earlier_report(story: Story) -> None:
    page = story.files[1]["index.html"].decode()
    row = page[page.index("Işık Öztürk") : page.index("İnci")]
    assert "Hazırlanamadı" in row
    assert "ValueError: no deals (hücre 5)" in row
    assert "Önceki rapor korundu (veri tarihi: 31.12.2025)" in row
    assert f'href="tr/{file_stem("R1")}.html"' in row


def test_whatever_goes_into_a_report_makes_it_anew(story: Story) -> None:
    """A note in the coaching record, a page that somebody changed, another day: each remakes its own report only."""
    workspace = story.workspace
    assert review(workspace).skipped == 3  # nothing has changed
    with CoachingStore.open(workspace.database_url) as store:
        store.save_note("R1", Calendar().period("2025Q4"), "Söz verildi", version=0, author="koç")
    page = workspace.reviews / "2025Q4" / "tr" / f"{file_stem('CON')}.html"
    page.write_text("cut sho", encoding="utf-8")
    assert by_rep(review(workspace)) == {"R1": "ok", "../x": "skipped", "CON": "ok"}
    assert by_rep(review(workspace, reps=["R1"], as_of=date(2025, 12, 30))) == {"R1": "ok"}


def test_a_second_language_joins_the_index(story: Story) -> None:
    assert review(story.workspace, reps=["R1"], languages=["en"]).ok == 1
    page = (story.workspace.reviews / "2025Q4" / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'<section[^>]*lang="(\w+)"', page) == ["tr", "en"]  # the organisation's own first
    assert re.findall(r'href="#(\w+)" lang="\w+">(\w+)', page) == [("tr", "Türkçe"), ("en", "English")]
    english = page[page.index('id="en"') :]
    assert english.count("Not made yet") == 2
    assert english.count("Ready") == 1


def test_what_died_or_hung_is_failed_with_its_reason(tmp_path: Path) -> None:
    workspace = organisation(tmp_path)
    act(workspace, {"R1": "dies", "../x": "sleeps", "CON": "no_end"})
    result = review(workspace, cell_timeout=5)
    assert [report.reason for report in result.reports] == [
        "The notebook's process died in cell 5 (signal 9).",
        "Cell 5 took longer than 5 s.",
        "The report does not reach its end: the mark of the last cell is missing.",
    ]
    assert [name for name in published(workspace) if name.endswith(".html")] == ["index.html"]


def test_fail_fast_starts_nothing_new(tmp_path: Path) -> None:
    workspace = organisation(tmp_path)
    act(workspace, {"R1": "raises"})
    result = review(workspace, workers=1, fail_fast=True)
    assert by_rep(result) == {"R1": "failed", "../x": "skipped", "CON": "skipped"}
    assert result.reports[1].reason == "Not made, because an earlier report failed and the run was to stop then."


def test_an_interrupted_run_ends_its_notebooks_and_says_so(tmp_path: Path) -> None:
    workspace = organisation(tmp_path)
    act(workspace, {"../x": "sleeps", "CON": "sleeps"})

    def interrupt_soon(done: int, total: int) -> None:
        if done == 1:  # R1 is finished; the others sleep or wait
            threading.Timer(0.2, os.kill, [os.getpid(), signal.SIGINT]).start()

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        review(workspace, workers=2, progress=interrupt_soon)
    assert time.monotonic() - started < 45  # nobody waited for the 60 s of sleep
    assert manifests(workspace)[-1]["status"] == "interrupted"
    assert [report["rep_id"] for report in manifests(workspace)[-1]["reports"]] == ["R1"]
    stem = file_stem("R1")
    assert list(published(workspace)) == ["index.html", f"tr/{stem}.html", f"tr/{stem}.ipynb"]
    with PeriodFolder.open(workspace.reviews / "2025Q4"):
        pass  # the lock is free again


def test_a_second_run_is_refused_while_one_is_there(tmp_path: Path) -> None:
    workspace = organisation(tmp_path)
    with PeriodFolder.open(workspace.reviews / "2025Q4"), pytest.raises(UsageError, match="already running"):
        review(workspace)
    assert published(workspace) == {}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"reps": ["R9"]}, "There is no rep 'R9'"),
        ({"period": "2025Q7"}, "'2025Q7' is not a period"),
        ({"languages": ["de"]}, "There is no language 'de'"),
        ({"languages": []}, "No language"),
        ({"workers": 0}, "give 1 or more"),
        ({"as_of": date(2026, 2, 1)}, "The data end on 2025-12-31"),
        ({"notebook": Path("/nowhere/x.ipynb")}, "There is no notebook"),
        ({"notebook": Path(__file__)}, "is not a notebook"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_request_that_cannot_be_met_changes_nothing(tmp_path: Path, wrong: dict[str, Any], message: str) -> None:
    workspace = organisation(tmp_path)
    before = sorted(workspace.path.rglob("*"))
    with pytest.raises(UsageError, match=message):
        review(workspace, **wrong)
    assert sorted(workspace.path.rglob("*")) == before


def test_a_disk_that_fills_up_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = organisation(tmp_path)

    def full(self: PeriodFolder, content: str | bytes) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(PeriodFolder, "stage", full)
    with pytest.raises(WorkspaceError, match=r"could not be written down \(No space left on device\)"):
        review(workspace)


def test_a_workspace_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    workspace = organisation(tmp_path)
    workspace.reviews.rmdir()
    workspace.reviews.write_text("a file in the folder's place", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="cannot be written"):
        review(workspace)


def test_the_reps_of_this_test_are_worth_testing() -> None:
    assert {file_stem(rep_id).rsplit("-", 1)[0] for rep_id in REPS} == {"r1", "x", "con"}
