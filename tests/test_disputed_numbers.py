"""An objection that is upheld corrects the number: both figures are kept, and the next review shows both."""

from __future__ import annotations

import html
import json
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from one_on_one_support import organisation as two_sellers
from runs_support import organisation
from test_safe_html import PAYLOADS

from salescoach.cli import main
from salescoach.disputing import decided
from salescoach.errors import SalesCoachError, UsageError
from salescoach.known import Known, sales_data
from salescoach.recomputing import recomputed
from salescoach.review import open_review
from salescoach.runs import run_reviews
from salescoach.runs.plan import plan
from salescoach.store import Principal, Record
from salescoach.store.models import Objection
from salescoach.workspace import Workspace

EXAMINER = Principal.owner("Deniz")
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)


def raised(record: Record) -> Objection:
    """R1 says that D1, the one deal of 2025Q4, is not theirs; the number then was 100 TRY of one deal."""
    beside = record.of(Principal.owner("Deniz", beside="R1"))
    return beside.add(
        Objection(
            rep_id="R1", number_ref="metric:bookings:2025Q4", text="D1 was İnci's", due=date(2026, 1, 8),
            first_value=100.0, first_low=100.0, first_high=100.0, first_n=1, first_as_of=date(2025, 12, 31),
        )
    )  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Workspace:
    return organisation(tmp_path)


def bookings(home: Workspace) -> dict[str, float]:
    deals = sales_data(Known.at(home)).deals
    return dict(deals[deals["status"] == "won"].groupby("owner_id")["amount"].sum())


def test_an_upheld_objection_moves_the_deal_and_keeps_both_figures(home: Workspace) -> None:
    before = bookings(home)
    with Record.open(home.database_url, EXAMINER, clock=lambda: NOW) as record:
        answered = decided(home, record, raised(record), "upheld", "The CRM named the wrong owner.", ("D1",), "CON")

    assert before == {"R1": 100.0, "../x": 100.0, "CON": 100.0}
    assert bookings(home) == {"../x": 100.0, "CON": 200.0}  # the team's total is what it was
    assert answered.first == (100.0, 100.0, 100.0, 1, date(2025, 12, 31))
    assert (answered.again_value, answered.again_n, answered.again_as_of) == (0.0, 0, date(2025, 12, 31))


def test_a_declined_objection_changes_no_number(home: Workspace) -> None:
    before = bookings(home)
    with Record.open(home.database_url, EXAMINER, clock=lambda: NOW) as record:
        answered = decided(home, record, raised(record), "declined", "The contract names you.", (), "")

    assert bookings(home) == before
    assert answered.again_as_of is None


def test_runs_are_made_again_for_everybody_whose_numbers_it_moves(home: Workspace) -> None:
    def keys() -> dict[str, str]:
        asked = plan(home, period="2025Q4", languages=["en"], reps=["R1", "CON"], as_of=None, notebook=None)
        return {report.person.rep_id: report.key for report in asked.reports}

    before = keys()
    with Record.open(home.database_url, EXAMINER, clock=lambda: NOW) as record:
        objection = raised(record)
        disputed = keys()
        decided(home, record, objection, "upheld", "The CRM named the wrong owner.", ("D1",), "CON")
    after = keys()

    assert disputed["R1"] != before["R1"]  # it is marked as disputed
    assert disputed["CON"] == before["CON"]
    assert after["R1"] != disputed["R1"]
    assert after["CON"] != before["CON"]


@pytest.mark.parametrize(("language", "again"), [("en", "Worked out again"), ("tr", "Yeniden hesaplanan değer")])
def test_the_next_review_shows_both_figures_with_day_and_reason(home: Workspace, language: str, again: str) -> None:
    with Record.open(home.database_url, EXAMINER, clock=lambda: NOW) as record:
        objection = raised(record)
        page = open_review(home, "../x", "2025Q4", language=language).html()
        assert "İnci&#x27;s" not in page  # negative control: it is nobody else's business
        asked = open_review(home, "R1", "2025Q4", language=language).html()
        decided(home, record, objection, "partly", "One of two was the wrong owner's.", (), "")
    shown = open_review(home, "R1", "2025Q4", language=language).html()

    assert "D1 was İnci" in asked
    assert again not in asked
    for text in ("D1 was İnci", again, "One of two was the wrong owner", "Deniz", "100"):
        assert text in shown


def test_only_deals_of_the_person_move_and_only_to_somebody_there(home: Workspace) -> None:
    with Record.open(home.database_url, EXAMINER, clock=lambda: NOW) as record:
        objection = raised(record)
        with pytest.raises(UsageError, match="D2 is no deal of R1"):
            decided(home, record, objection, "upheld", "reason", ("D2",), "CON")
        with pytest.raises(UsageError, match="NOBODY"):
            decided(home, record, objection, "upheld", "reason", ("D1",), "NOBODY")
        with pytest.raises(SalesCoachError, match="Only an objection that is upheld"):
            decided(home, record, objection, "declined", "reason", ("D1",), "CON")
        with pytest.raises(UsageError, match="stays as it was"):
            record.save(replace(objection, first_value=50.0))

    assert bookings(home)["R1"] == 100.0


@dataclass(frozen=True)
class Road:
    """An objection decided by the command, with real notebooks: what it printed, and the reports around it."""

    home: Workspace
    code: int
    printed: dict[str, Any]
    first_report: str
    runs: int


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Road:
    home = two_sellers(tmp_path_factory.mktemp("road"))
    with Record.open(home.database_url, EXAMINER) as record:
        objection = raised(record)
    asked = {"period": "2025Q4", "languages": ["tr"], "reps": ["R1"]}
    made = run_reviews(home, **asked)  # the number stands in it as disputed
    first = Path(str(made.reports[0].html)).read_text(encoding="utf-8")
    decide = ["objections", str(home.path), "--decide", str(objection.id), "--because", "Not theirs", "--json"]
    printed = StringIO()
    with redirect_stdout(printed), pytest.raises(SystemExit) as done:
        main([*decide, "--as", "upheld", "--deal", "DR11", "--owner", "R2"])
    runs = len(list((home.reviews / "2025Q4" / "runs").glob("*.json")))
    assert run_reviews(home, **asked).skipped == 1  # naming the run changes no report: nothing is made once more
    return Road(home, int(done.value.code or 0), json.loads(printed.getvalue())[0], first, runs)


def test_a_decision_without_its_outcome_is_refused(home: Workspace) -> None:
    with Record.open(home.database_url, EXAMINER) as record:
        objection = raised(record)
    with pytest.raises(SystemExit) as wrong:
        main(["objections", str(home.path), "--decide", str(objection.id), "--because", "Not theirs"])

    assert wrong.value.code == 2


def test_the_command_decides_and_the_report_is_made_again(road: Road) -> None:
    [report] = road.printed["reports"]
    before, now = (Path(report[name]).read_text(encoding="utf-8") for name in ("before", "now"))

    assert (road.code, road.printed["status"], report["language"]) == (0, "upheld", "tr")
    assert road.runs == 2
    assert before == road.first_report
    assert "Not theirs" in now
    assert "Not theirs" not in before  # negative control: they are two reports
    assert bookings(road.home) == {"R1": 500.0, "R2": 700.0}  # six deals of 100 each, one of which moved


def test_the_objection_names_the_run_and_the_index_both_reports(road: Road) -> None:
    period = road.home.reviews / "2025Q4"
    manifest = json.loads((period / "runs" / f"{road.printed['run']}.json").read_text(encoding="utf-8"))
    index = (period / "index.html").read_text(encoding="utf-8")

    assert [one["rep_id"] for one in manifest["reports"]] == ["R1", "R2"]
    for name in ("before", "now"):
        assert f'href="{Path(road.printed["reports"][0][name]).relative_to(period)}"' in index


def test_what_was_not_upheld_is_not_made_again(home: Workspace) -> None:
    with Record.open(home.database_url, EXAMINER) as record:
        answered = decided(home, record, raised(record), "declined", "The contract names you.", (), "")
        with pytest.raises(UsageError, match="was not upheld"):
            recomputed(home, record, answered)

    assert list(home.reviews.iterdir()) == []


def test_no_markup_of_an_objection_reaches_a_review(home: Workspace) -> None:
    with Record.open(home.database_url, EXAMINER) as record:
        objection = raised(record)
        text = " ".join(PAYLOADS)
        decided(home, record, replace(objection, text=text), "upheld", text, (), "")

    page = open_review(home, "R1", "2025Q4", language="en").html()

    assert len(PAYLOADS) >= 10
    assert [payload for payload in PAYLOADS if "<" in payload and payload in page] == []
    assert html.escape(PAYLOADS[0]) in page or PAYLOADS[0] in html.unescape(page)  # it is shown, as text
