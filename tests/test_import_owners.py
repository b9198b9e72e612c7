"""The owner map: asked once, kept for good, and never filled in by us."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest
from import_support import AS_OF, TAKEN_AT, deal, put

from salescoach.crm.importer import import_export
from salescoach.crm.issues import Issue
from salescoach.crm.owners import Unmatched, owners_csv, read_owners, unmatched_owners
from salescoach.errors import InputError
from salescoach.workspace import Workspace


@pytest.fixture
def home(tmp_path):
    return Workspace.at(tmp_path / "w", language="en")


def imported(source, home):
    """Each import a second after the one before it: of two of the same day the later one counts."""
    later = timedelta(seconds=sum(1 for _ in home.snapshots.iterdir()) if home.snapshots.is_dir() else 0)
    return import_export(source, home, taken_at=TAKEN_AT + later, as_of=AS_OF)


def table(home) -> str:
    return (home.path / "mappings" / "owners.csv").read_text(encoding="utf-8-sig")


def filled(home, text: str) -> None:
    (home.path / "mappings" / "owners.csv").write_text(text, encoding="utf-8")


def owners(home) -> list[str]:
    return list(home.snapshot().read("opportunity")["owner_id"])


def test_an_owner_nobody_knows_is_asked_for_and_remembered(tmp_path, home):
    export = put(tmp_path / "june", deal(), deal(deal_id="D2", owner_id="Elif"), deal(deal_id="D3", owner_id="Elif"))
    imported(export, home)
    assert table(home) == "owner,rows,rep_id\nElif,2,\n"
    assert owners(home) == ["R1"]  # a first name is never enough

    filled(home, "owner,rows,rep_id\nElif,2,R1\n")
    imported(export, home)
    assert owners(home) == ["R1", "R1", "R1"]


def test_what_a_person_filled_in_stays_when_others_are_added(tmp_path, home):
    imported(put(tmp_path / "june", deal(), deal(deal_id="D2", owner_id="E. Y.")), home)
    filled(home, "owner,rows,rep_id\nE. Y.,1,R1\nsomebody long gone,4,R2\n")
    imported(
        put(tmp_path / "july", deal(), deal(deal_id="D2", owner_id="E. Y."), deal(deal_id="D3", owner_id="X")), home
    )

    assert table(home) == "owner,rows,rep_id\nX,1,\nE. Y.,0,R1\nsomebody long gone,0,R2\n"


def test_an_id_goes_before_the_map_and_a_stranger_in_it_has_no_effect(tmp_path, home):
    export = put(tmp_path / "june", deal(), deal(deal_id="D2", owner_id="Elif"))
    imported(export, home)
    filled(home, "owner,rows,rep_id\nElif,1,nobody\nR1,1,R2\n")
    report = imported(export, home)

    assert owners(home) == ["R1"]
    assert "owner_map_unknown" in [note["code"] for note in report.notes]


def test_an_empty_line_in_the_map_is_no_new_snapshot(tmp_path, home):
    export = put(tmp_path / "june", deal(), deal(deal_id="D2", owner_id="Elif"))

    assert [imported(export, home).unchanged, imported(export, home).unchanged] == [False, True]


def test_a_map_saved_by_a_spreadsheet_is_read(tmp_path):
    """Semicolons, cp1254, a name in decomposed letters written before, a formula made harmless."""
    path = tmp_path / "owners.csv"
    path.write_bytes("owner;rows;rep_id\r\nŞükrü;3;R1\r\n'=cmd;1;R2\r\n".encode("cp1254"))

    assert read_owners(path) == {"Şükrü": "R1", "=cmd": "R2"}
    path.write_bytes(owners_csv({"=cmd": "R2", "Şükrü": ""}, [Unmatched("@x", 2, ())], ";"))
    assert read_owners(path) == {"@x": "", "=cmd": "R2", "Şükrü": ""}
    assert b"\n=" not in path.read_bytes()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("owner,person\nElif,R1\n", "needs the columns"),
        ("owner,rows,rep_id\nElif,1,R1\nElif,1,R2\n", "given to two people"),
        ("owner,rows,rep_id\nElif,1,R1\nCan,1\n", "in every row"),
    ],
)
def test_a_map_that_contradicts_itself_is_refused(tmp_path, text, says):
    (tmp_path / "owners.csv").write_text(text)
    with pytest.raises(InputError, match=says) as error:
        read_owners(tmp_path / "owners.csv")

    assert error.value.file == "owners.csv"


def test_candidates_share_a_name_or_are_nearly_alike():
    reps = pd.DataFrame(
        {
            "rep_id": ["R1", "R2", "R3"],
            "full_name": ["Elif Yılmaz", "Can Işık", "Mehmet Öz"],
            "email": ["elif@example.com", "can.isik@example.com", None],
        }
    )
    asked = ["ELİF Y.", "Mehmet Oz", "can.isik@old.example", "Zeynep"]
    issues = [Issue("opportunity", "a.csv", row, "owner", owner, "D8", "Q") for row, owner in enumerate(asked)]
    proposed = {each.owner: [rep for rep, _ in each.candidates] for each in unmatched_owners(issues, reps, "tr")}

    assert proposed == {"ELİF Y.": ["R1"], "Mehmet Oz": ["R3"], "can.isik@old.example": ["R2"], "Zeynep": []}
