"""What is shared by the reports of a run: the same whether kept or worked out, and never that of other data."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import salescoach as sc
from salescoach import known, provenance, standing, synthetic
from salescoach.coaching.worked import Ledger
from salescoach.crm.importer import import_export
from salescoach.diagnosis.deal_risk import Lift
from salescoach.standing import MOST_KEPT, Standing, keep, kept, plain, restored, standing_name
from salescoach.workspace import Workspace

DAY = "2025-11-28"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("standing")
    made = synthetic.organisation("small_team", seed=3)
    synthetic.write(made, folder / "export")
    workspace = Workspace.create(folder / "ws", **made.settings)
    import_export(folder / "export", workspace, as_of=synthetic.PRESETS["small_team"].as_of,
                  taken_at=datetime(2026, 1, 1, tzinfo=UTC))  # fmt: skip
    return workspace


def span_of(home: Workspace):
    return known.reviewed_period(known.data_at(home), "")


def name_of(home: Workspace, **changes: object) -> str:
    now = known.Known.at(home)
    given = {"snapshots": (*now.earlier, now.snapshot), "day": now.as_of.isoformat(), "organisation": now.organisation,
             "period": span_of(home), "record": now.record.fingerprint}  # fmt: skip
    return standing_name(**(given | changes))  # type: ignore[arg-type]


def test_a_page_is_the_same_letter_by_letter_from_what_was_kept(home):
    """The reports of a run read it, an app without a run works it out: nobody may see a difference."""
    known._standing.cache_clear()
    worked_out = sc.open_review(home).html()
    known.keep_standing(home, span_of(home))
    known._standing.cache_clear()

    assert kept(home.path, name_of(home)) is not None
    assert sc.open_review(home).html() == worked_out


def test_what_is_kept_comes_back_whole(home):
    made = Standing.of(known.data_at(home), span_of(home))

    assert repr(restored(Standing, plain(made))) == repr(restored(Standing, plain(restored(Standing, plain(made)))))
    assert [one.rep_id for one in made.diagnoses.values() if one.drivers]  # the control: there is something to lose


def test_other_data_another_day_period_setting_or_program_have_another_name(home, monkeypatch):
    now = known.Known.at(home)
    snapshot, organisation = now.snapshot, now.organisation
    restated = replace(snapshot, manifest=dict(snapshot.manifest) | {"content_sha256": "0" * 64})
    before = known.data_at(home).calendar.quarters_before(span_of(home), 1)[0]
    names = {
        name_of(home),
        name_of(home, snapshots=(restated,)),
        name_of(home, snapshots=(snapshot, snapshot)),
        name_of(home, day="2025-01-01"),
        name_of(home, organisation=replace(organisation, mega_deal=1_000_000)),
        name_of(home, period=before),
        name_of(home, record="a meeting was held"),
    }
    monkeypatch.setattr(standing, "code_hash", lambda: "another definition")
    names.add(name_of(home))

    assert len(names) == 8


def test_the_program_is_known_by_its_code():
    assert len(provenance.code_hash()) == 64


@pytest.mark.parametrize(
    "damage", ["", "{", '{"diagnoses": {}}', '{"diagnoses": 1, "yearly": {}, "lifts": {}, "alerts": {}, "ledger": {}}']
)
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, damage: str):
    (tmp_path / standing.FOLDER).mkdir()
    (tmp_path / standing.FOLDER / "x.json").write_text(damage, encoding="utf-8")

    assert kept(tmp_path, "x") is None


def test_only_the_newest_are_kept(tmp_path: Path):
    nothing = Standing({}, {}, {"old": Lift(1.5, 1.0, 2.0, 40, 20)}, {}, {}, Ledger({}, ()))
    for number in range(MOST_KEPT + 3):
        keep(tmp_path, f"{number:02}", nothing)

    assert len(list((tmp_path / standing.FOLDER).iterdir())) == MOST_KEPT
    assert kept(tmp_path, f"{MOST_KEPT + 2:02}") == nothing


def test_a_folder_that_cannot_be_written_costs_no_report(tmp_path: Path):
    (tmp_path / standing.FOLDER).write_text("in the way", encoding="utf-8")
    keep(tmp_path, "x", Standing({}, {}, {}, {}, {}, Ledger({}, ())))

    assert kept(tmp_path, "x") is None


def test_a_number_is_not_taken_for_a_text():
    with pytest.raises(TypeError):
        restored(Lift, {"value": "1", "low": 1.0, "high": 2.0, "n": 1, "fired": 1, "na_reason": None})
