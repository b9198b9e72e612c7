"""What the coaching record holds counts beside what was imported: from its day on, without a word of it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from salescoach import synthetic
from salescoach.crm.importer import import_export
from salescoach.known import Known, data_at, reviewed_period, standing_of
from salescoach.runs.plan import plan
from salescoach.store import Principal, Record
from salescoach.store.models import Answer, Observation, OneOnOne
from salescoach.workspace import Workspace

IN_TIME, LATER = datetime(2025, 11, 3, 9, tzinfo=UTC), datetime(2026, 6, 1, 9, tzinfo=UTC)
OWNER = Principal.owner("ada")


COACHING = ("one_on_one", "action_item", "feedback", "goal", "observation", "answer", "intervention")


def made_in(folder: Path, without: tuple[str, ...] = ()) -> Workspace:
    made = synthetic.organisation("small_team", seed=3)
    synthetic.write(made, folder / "export")
    for name in without:
        (folder / "export" / f"{name}.csv").unlink(missing_ok=True)
    workspace = Workspace.create(folder / "ws", **made.settings)
    import_export(folder / "export", workspace, as_of=synthetic.PRESETS["small_team"].as_of,
                  taken_at=datetime(2026, 1, 1, tzinfo=UTC))  # fmt: skip
    return workspace


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return made_in(tmp_path_factory.mktemp("recorded"))


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Everything that coaching leaves is taken out of the export: the record alone has it."""
    return made_in(tmp_path_factory.mktemp("bare"), without=COACHING)


@pytest.fixture
def home(bare: Workspace, tmp_path: Path) -> Workspace:
    return Workspace.open(Path(shutil.copytree(bare.path, tmp_path / "ws")))


def hold(home: Workspace, rep: str, moment: datetime, status: str = "held") -> None:
    with Record.open(home.database_url, OWNER, clock=lambda: moment) as record:
        record.add(
            OneOnOne(
                rep_id=rep, kind="weekly", number=len(record.entries(OneOnOne, rep)) + 1, coach_id="C", status=status,
                planned_at=moment, held_at=moment if status == "held" else None, skill_commitment="SECRET",
            )
        )  # fmt: skip


def keys(home: Workspace) -> list[str]:
    period = reviewed_period(data_at(home), "").label
    return [report.key for report in plan(home, period=period, languages=["en"], reps=None, as_of=None,
                                          notebook=None, team=True).reports]  # fmt: skip


def test_meetings_of_the_record_are_counted_and_later_ones_are_not(home):
    rep = data_at(home).sellers[0]
    assert "one_on_one" not in data_at(home).present
    assert not (home.path / "coaching.db").exists()  # who only looks makes no record

    hold(home, rep, IN_TIME)
    hold(home, rep, IN_TIME, "missed")
    hold(home, rep, LATER)

    table = data_at(home).table("one_on_one")
    assert sorted(table["status"]) == ["held", "missed"]
    assert "SECRET" not in table.to_csv()


def test_an_imported_table_and_the_record_stand_side_by_side_each_row_with_an_id_of_its_own(imported, tmp_path):
    home = Workspace.open(Path(shutil.copytree(imported.path, tmp_path / "ws")))
    before = data_at(home).table("one_on_one")
    hold(home, data_at(home).sellers[0], IN_TIME)

    both = data_at(home).table("one_on_one")

    assert len(both) == len(before) + 1
    assert both["one_on_one_id"].is_unique
    assert both.dtypes.equals(before.dtypes)


def test_a_scorecard_in_the_record_is_evidence_of_the_diagnosis_and_makes_reports_new(home):
    data = data_at(home)
    rep, span = data.sellers[0], reviewed_period(data, "")
    before, standing = keys(home), Known.at(home).standing_name(span)
    with Record.open(home.database_url, OWNER, clock=lambda: IN_TIME) as record:
        for _ in range(3):
            seen = record.add(
                Observation(
                    rep_id=rep,
                    template_id="call",
                    template_version=1,
                    observer_id="C",
                    occurred_at=IN_TIME,
                    is_self=False,
                )
            )
            record.add(
                Answer(rep_id=rep, observation_id=seen.id, item_id="opening", competency_id="discovery", value=1.0)
            )

    assert len(data_at(home).table("answer")) == 3
    assert not set(before) & set(keys(home))
    assert Known.at(home).standing_name(span) != standing
    assert standing_of(home, span).diagnoses[rep]


def test_what_is_written_after_the_day_of_the_data_makes_no_report_new(home):
    before = keys(home)
    hold(home, data_at(home).sellers[0], LATER)

    assert keys(home) == before  # and the control: the same meeting in time makes them new
    hold(home, data_at(home).sellers[0], IN_TIME)
    assert not set(before) & set(keys(home))


def test_the_same_record_gives_the_same_data_and_is_read_once(home):
    hold(home, data_at(home).sellers[0], IN_TIME)

    assert Known.at(home) == Known.at(home)
    assert data_at(home) is data_at(home)
