"""Two runs of reviews: every changed number is split by its cause, and the causes add up exactly."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runs_support import NOTEBOOK, act

from salescoach.crm.importer import import_export
from salescoach.errors import TableError, UsageError
from salescoach.metrics.changed import CAUSES, Shift, shift, whole
from salescoach.report.plain import written
from salescoach.report.run_diff import run_diff_section
from salescoach.resources import load_words
from salescoach.runs import run_reviews
from salescoach.runs.diff import RunDiff, RunFile, diff
from salescoach.workspace import Workspace

_REPS = "rep_id,full_name,role\nR1,Işık Öztürk,AE\nR2,Çağla Şen,AE\n"
_STAGES = "pipeline,stage,order,kind\ndefault,Offer,1,open\ndefault,Won,2,won\n"
_HISTORY = "deal_id,stage_from,stage_to,entered_at\n"


def export(folder: Path, won: dict[str, tuple[str, int, str]], quota: int) -> Path:
    """Deals won (owner, amount, day) and the same quota for everybody in the fourth quarter."""
    folder.mkdir()
    deals = "".join(f"{deal},{rep},Won,won,{amount},TRY,2025-10-01,{day}\n" for deal, (rep, amount, day) in won.items())
    history = "".join(f"{deal},,Offer,2025-10-01\n{deal},Offer,Won,{day}\n" for deal, (_, _, day) in won.items())
    targets = "".join(f"{rep},bookings,2025-10-01,2026-01-01,{quota},TRY,2025-09-20\n" for rep in ("R1", "R2"))
    for name, text in {
        "rep.csv": _REPS, "stage.csv": _STAGES, "stage_history.csv": _HISTORY + history,
        "opportunity.csv": "deal_id,owner_id,stage,status,amount,currency,created_at,closed_at\n" + deals,
        "quota.csv": "rep_or_team,metric_id,period_start,period_end,value,currency,recorded_at\n" + targets,
    }.items():  # fmt: skip
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def run(home: Workspace, period: str = "2025Q4") -> RunFile:
    run_reviews(home, period=period, languages=["tr"], reps=["R1"], notebook=NOTEBOOK, workers=1)
    paths = (home.reviews / period / "runs").glob("*.json")
    return RunFile.open(max(paths, key=lambda path: path.stat().st_mtime_ns))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, RunFile, RunFile, RunFile]:
    """R1: 100 restated to 90, 50 new in November, quota from 200 to 280. R2: nothing but the quota."""
    folder = tmp_path_factory.mktemp("runs")
    home = Workspace.create(folder / "ws", name="Örnek A.Ş.", language="tr", currency="TRY", timezone="UTC")
    act(home, {})
    before = {"D1": ("R1", 100, "2025-10-15"), "D2": ("R2", 70, "2025-10-20")}
    import_export(
        export(folder / "a", before, 200), home, as_of=date(2025, 10, 31), taken_at=datetime(2025, 11, 1, tzinfo=UTC)
    )
    first = run(home)
    after = before | {"D1": ("R1", 90, "2025-10-15"), "D3": ("R1", 50, "2025-11-10")}
    import_export(
        export(folder / "b", after, 280), home, as_of=date(2025, 11, 30), taken_at=datetime(2025, 12, 1, tzinfo=UTC)
    )
    second = run(home)
    return home, first, second, run(home, "2025-11")


def change(found: RunDiff, rep: str, metric_id: str) -> dict[str, int]:
    one = next(s for s in found.shifts if (s.rep_id, s.metric_id, s.stretch) == (rep, metric_id, "period"))
    return {cause: part for cause, part in zip(CAUSES, one.parts, strict=True) if part}


def test_restated_and_new_deals_are_told_apart(runs):
    """100 became 90, and 50 were won since: by hand, in hundredths. Their sum alone would say "+40" and no more."""
    _, a, b, _ = runs

    assert change(diff(a, b), "R1", "bookings") == {"restated": -1000, "new": 5000}


def test_a_changed_quota_is_no_new_data(runs):
    _, a, b, _ = runs

    assert change(diff(a, b), "R2", "effective_quota") == {"quota": 8000}
    assert change(diff(a, b), "R2", "quota_attainment") == {"quota": 250_000 - 350_000}  # 70 of 280, 70 of 200


def test_another_period_is_a_parameter(runs):
    """In November only the 50 of the new deal were won; the 90 of October are outside."""
    _, _, b, november = runs

    assert change(diff(b, november), "R1", "bookings") == {"parameters": -9000}


def test_what_today_s_definitions_do_not_give_is_a_changed_definition(runs):
    """An older definition had said 120 where today's says 100 on the very same data."""
    _, a, b, _ = runs
    said = json.loads(json.dumps(a.manifest))
    said["numbers"]["R1"]["bookings"]["period"][0] = 120.0
    older = RunFile(a.path, said | {"code_sha256": "older"})

    found = diff(older, b)
    assert change(found, "R1", "bookings") == {"definition": -2000, "restated": -1000, "new": 5000}
    assert not found.same_code
    assert diff(a, b).same_code


def test_a_run_beside_itself_has_nothing_to_say(runs):
    _, a, _, _ = runs
    found = diff(a, a)

    assert found.shifts == ()
    assert found.materials == {}


def test_the_parts_that_differ_are_named(runs):
    _, a, b, november = runs

    assert set(diff(a, b).materials) == {"data", "as_of", "quota"}
    assert set(diff(b, november).materials) == {"period"}


@pytest.mark.parametrize("code", ["tr", "en"])
def test_the_text_says_it_in_both_languages(runs, code):
    _, a, b, _ = runs
    found, words = diff(a, b, "R1"), load_words(code)
    text = written(run_diff_section((a.run_id, b.run_id), found.materials, found.shifts, "TRY", {"R1": "Işık"}, words))

    assert words("run_diff.cause.restated") in text
    assert words.language.money(-10.0, "TRY", 2) in text
    assert "Işık" in text


def test_a_run_is_found_by_the_beginning_of_its_id(runs):
    home, a, _, _ = runs

    assert RunFile.find(a.run_id, home.path).run_id == a.run_id
    with pytest.raises(UsageError, match="runs begin so"):
        RunFile.find("1999", home.path)
    with pytest.raises(UsageError, match="no manifest"):
        RunFile.find(str(home.path / "salescoach.toml"), None)


numbers = st.none() | st.floats(-1e6, 1e6)


@given(
    st.sampled_from(["money", "share", "count", "days"]),
    st.floats(-1e6, 1e6),
    st.lists(numbers, min_size=5, max_size=5),
    st.floats(-1e6, 1e6),
)
def test_the_causes_add_up_whatever_is_missing_between(unit, a, way, b):
    found = shift("R1", "bookings", "period", unit, a, way, b)

    assert sum(found.parts) == whole(b, unit) - whole(a, unit)


def test_parts_that_do_not_lead_there_are_refused():
    with pytest.raises(TableError, match="do not lead"):
        Shift("R1", "bookings", "period", "money", 100, 140, (10, 20, 0, 0, 0))


def test_a_number_that_appears_is_not_split():
    """From no answer to 50 there is no difference that could be added up."""
    found = shift("R1", "ads", "period", "money", None, [None, None, 50.0, 50.0, 50.0], 50.0)

    assert found.changed
    assert found.parts == ()
