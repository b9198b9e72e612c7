"""A deal whose splits the import set aside is nobody's until somebody decides, from the file to the figure."""

from __future__ import annotations

import pytest
from import_support import AS_OF, TAKEN_AT, deal, put

from salescoach.calendar import Calendar
from salescoach.crm.importer import import_export
from salescoach.known import data_at
from salescoach.metrics import METRICS
from salescoach.tables.data import SalesData
from salescoach.workspace import Workspace

QUARTER = Calendar().period("2025Q2")
HEAD = "deal_id,rep_id,pct,credit_type\n"


def imported(folder, splits: str) -> Workspace:
    """Two deals of R1, each won for 100 in the quarter; *splits* are about the first."""
    home = Workspace.create(folder / "w", language="en")
    export = put(folder / "x", deal(), deal(deal_id="D2"), split=HEAD + splits)
    import_export(export, home, as_of=AS_OF, taken_at=TAKEN_AT)
    return home


def bookings(data: SalesData, by: str = "rep") -> dict[str, float]:
    return METRICS["bookings"].rows(data, QUARTER, by=by)["value"].to_dict()


@pytest.mark.parametrize(
    "splits",
    ["D1,R1,0.5,revenue\nD1,R2,0.4,revenue\n", "D1,R2,much,revenue\n", "D1,R1,0.5,revenue\nD1,R2,much,revenue\n"],
    ids=["they sum to 0.9", "a share is no number", "what can be read sums to 0.5"],
)
def test_a_deal_whose_splits_were_set_aside_is_in_the_totals_and_in_nobody_s_credit(tmp_path, splits):
    data = data_at(imported(tmp_path, splits))

    assert data.unsplit == ("D1",)
    assert bookings(data) == {"R1": 100.0}
    assert bookings(data, "all") == {"all": 200.0}


def test_a_row_left_out_beside_splits_that_sum_to_one_changes_nothing(tmp_path):
    data = data_at(imported(tmp_path, "D1,R1,0.3,revenue\nD1,R2,0.7,revenue\nD1,R2,much,revenue\n"))

    assert data.unsplit == ()
    assert bookings(data) == {"R1": 130.0}


def test_an_overlay_that_was_left_out_leaves_the_deal_to_its_owner(tmp_path):
    data = data_at(imported(tmp_path, "D1,R2,much,overlay\n"))

    assert data.unsplit == ()
    assert bookings(data) == {"R1": 200.0}


def test_who_reads_the_accepted_rows_alone_gives_the_owner_everything(tmp_path):
    """Negative control: no row of the split is left, and that looks like a deal without one."""
    home = imported(tmp_path, "D1,R1,0.5,revenue\nD1,R2,0.4,revenue\n")
    tables = {name: home.snapshot().read(name) for name in home.snapshot().tables}
    naive = SalesData.build(tables, as_of=AS_OF, calendar=Calendar(), currency="TRY")

    assert bookings(naive) == {"R1": 200.0}
