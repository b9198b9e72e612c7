"""Audit, backup, restore, export, erasure: what the record promises about itself and to the people in it."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from record_examples import ABOUT_NOBODY, NOW, example
from store_places import Place

from salescoach.cli import main
from salescoach.errors import AccessDenied, SalesCoachError, UsageError, WorkspaceError
from salescoach.store import Principal, Record
from salescoach.store.backup import backup, check, restore
from salescoach.store.database import Database
from salescoach.store.models import KINDS, METADATA, PeriodNote, PrivateNote
from salescoach.store.service import audit, erasure
from salescoach.store.service.datapack import data_pack
from salescoach.workspace import Workspace

OWNER = Principal.owner("the owner")
CANARY = "KANARYA-söz"


def note(rep_id: str, period: str, text: str) -> PeriodNote:
    return PeriodNote(rep_id=rep_id, period=period, period_start=date(2025, 1, 1), text=text)


@pytest.fixture
def record(place: Place) -> Iterator[Record]:
    with Record.open(place.url, OWNER, clock=lambda: NOW) as record:
        yield record


def fill(record: Record, rep_id: str, text: str = CANARY) -> None:
    """An entry of every kind that is about somebody, about *rep_id*, with *text* wherever people write."""
    with record.of(Principal.owner("the owner", beside=rep_id)).write() as unit:
        for kind in KINDS.values():
            if kind.name not in ABOUT_NOBODY:
                unit.add(example(kind, rep_id, unit, text), why=text)


# -- audit -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "crime",
    [
        "UPDATE audit SET act = 'x' WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 3",
        "UPDATE audit SET seq = 99 WHERE seq = 3",
        "UPDATE audit_reason SET text = 'x' WHERE seq = 3",
    ],
)
def test_a_line_that_was_touched_breaks_the_chain(tmp_path: Path, crime: str) -> None:
    path = tmp_path / "coaching.db"
    with Record.open(f"sqlite:///{path}", OWNER) as record:
        for number in range(5):
            record.add(note("R1", str(number), "text"), why="because")
        with record.read() as unit:
            assert audit.verify(unit.session).broken_at is None
        connection = sqlite3.connect(path)
        for trigger in ("audit_without_update", "audit_without_delete"):
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(crime)
        connection.commit()
        connection.close()

        with record.read() as unit:
            assert audit.verify(unit.session).broken_at in (3, 4)


def test_missing_lines_at_the_end_show_against_a_noted_head(record: Record, place: Place) -> None:
    record.add(note("R1", "1", "text"))
    record.add(note("R1", "2", "text"))
    with record.read() as unit:
        head = audit.verify(unit.session).head
        assert audit.has_head(unit.session, head)
        assert not audit.has_head(unit.session, hashlib.sha256(b"other").hexdigest())


# -- backup and restore ------------------------------------------------------------------------


def test_a_backup_restores_to_the_same_record(record: Record, place: Place, tmp_path: Path) -> None:
    fill(record, "R1")
    copied = backup(record.database, tmp_path / "backup.db")

    put_back = restore(f"sqlite:///{tmp_path / 'new.db'}", tmp_path / "backup.db")

    assert put_back == copied
    assert copied.rows["private_note"] >= 1
    with Record.open(f"sqlite:///{tmp_path / 'new.db'}", OWNER) as again:
        assert again.readable(PeriodNote) == record.readable(PeriodNote)
        assert again.add(note("R9", "new", "text")).id == 1 + max(each.id for each in record.readable(PeriodNote))


@pytest.mark.postgres
def test_a_backup_of_a_file_moves_into_postgresql(postgres: object, tmp_path: Path) -> None:
    from store_places import schema_in

    with Record.open(f"sqlite:///{tmp_path / 'coaching.db'}", OWNER, clock=lambda: NOW) as record:
        fill(record, "R1")
        copied = backup(record.database, tmp_path / "backup.db")
    place = schema_in(postgres)  # type: ignore[arg-type]

    assert restore(place.url, tmp_path / "backup.db") == copied
    with Record.open(place.url, OWNER) as again:
        last = max(each.id for each in again.readable(PeriodNote))
        assert again.add(note("R9", "new", "text")).id == last + 1
    with pytest.raises(UsageError, match="empty schema"):
        restore(place.url, tmp_path / "backup.db", force=True)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'coaching.db'}"
    with Record.open(url, OWNER) as record:
        record.add(note("R1", "1", "old"))
        backup(record.database, tmp_path / "backup.db")
        with pytest.raises(WorkspaceError, match="overwrites nothing"):
            backup(record.database, tmp_path / "backup.db")
        record.add(note("R1", "2", "newer"))
    with pytest.raises(UsageError, match="already"):
        restore(url, tmp_path / "backup.db")

    restore(url, tmp_path / "backup.db", force=True)

    with Record.open(url, OWNER) as record:
        assert [each.text for each in record.readable(PeriodNote)] == ["old"]
    with Record.open(f"sqlite:///{tmp_path / 'coaching.db.before-restore-1'}", OWNER) as aside:
        assert [each.text for each in aside.readable(PeriodNote)] == ["old", "newer"]


def test_a_damaged_backup_is_refused_and_the_record_stays(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'coaching.db'}"
    with Record.open(url, OWNER) as record:
        record.add(note("R1", "1", "text"))
        backup(record.database, tmp_path / "backup.db")
    content = bytearray((tmp_path / "backup.db").read_bytes())
    content[4096 * 2 : 4096 * 12] = b"x" * 4096 * 10
    (tmp_path / "backup.db").write_bytes(content)

    with pytest.raises(SalesCoachError):
        restore(url, tmp_path / "backup.db", force=True)

    with Record.open(url, OWNER) as record:
        assert [each.text for each in record.readable(PeriodNote)] == ["text"]


# -- the rights of a person --------------------------------------------------------------------


def test_the_data_pack_holds_every_table_and_nobody_elses_name(record: Record) -> None:
    fill(record, "R1")
    record.of(Principal.owner("Coach Ayla")).add(PrivateNote(rep_id="R1", text="be patient"))
    record.add(note("R2", "1", "about somebody else"))

    pack = data_pack(record, "R1", why="request")

    assert {name for name, rows in pack["tables"].items() if rows} == KINDS.keys() - ABOUT_NOBODY
    text = json.dumps(pack, ensure_ascii=False)
    assert "be patient" in text
    assert "Coach Ayla" not in text
    assert "about somebody else" not in text
    assert pack["audit"][-1]["act"] == "exported"
    with pytest.raises(AccessDenied):
        data_pack(record.of(Principal("R1")), "R1", why="request")


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_after_an_erasure_no_byte_of_the_person_is_left(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    canaries = [text.encode() for text in (CANARY, "Zeynep Kanarya", "rep-kanarya-7")]
    with Record.open(f"sqlite:///{folder / 'coaching.db'}", OWNER, clock=lambda: NOW) as record:
        fill(record, "rep-kanarya-7")
        kept = record.add(note("R2", "1", "Ask Zeynep Kanarya, she knows"), why="as Zeynep Kanarya said")
        record.of(Principal.owner("rep-kanarya-7")).save(record.get(PeriodNote, kept.id))
        record.of(Principal.owner("rep-kanarya-7")).viewed("R2", "page")
        assert all(canary in bytes_of(folder) for canary in canaries)

        erasure.erase_person(record, "rep-kanarya-7", why="request of May", names=["Zeynep Kanarya"])

        with record.read() as unit:
            assert audit.verify(unit.session).broken_at is None  # the chain stays whole
        assert record.get(PeriodNote, kept.id).text == "Ask –, she knows"
    assert [canary for canary in canaries if canary in bytes_of(folder)] == []


def test_negative_control_a_delete_alone_leaves_the_words_in_the_log(tmp_path: Path) -> None:
    path = tmp_path / "coaching.db"
    with Record.open(f"sqlite:///{path}", OWNER) as record:
        record.add(note("R1", "1", CANARY))
        connection = sqlite3.connect(path)
        connection.execute("DELETE FROM note")
        connection.commit()

        assert CANARY.encode() in bytes_of(tmp_path)
        connection.close()


def test_a_backup_of_before_erases_again_when_it_is_restored(record: Record, tmp_path: Path) -> None:
    fill(record, "R1")
    record.add(note("R2", "1", "stays"))
    backup(record.database, tmp_path / "backup.db")
    done = erasure.erase_person(record, "R1", why="request")

    restore(f"sqlite:///{tmp_path / 'new.db'}", tmp_path / "backup.db", erased=[done.token])

    assert CANARY.encode() in (tmp_path / "backup.db").read_bytes()  # negative control: it was in there
    assert CANARY.encode() not in (tmp_path / "new.db").read_bytes()
    with Record.open(f"sqlite:///{tmp_path / 'new.db'}", OWNER) as again:
        assert [each.text for each in again.readable(PeriodNote)] == ["stays"]


def test_only_an_administrator_erases(record: Record) -> None:
    record.add(note("R1", "1", "text"))

    with pytest.raises(AccessDenied):
        erasure.erase_person(record.of(Principal("R1")), "R1", why="x")
    with pytest.raises(UsageError, match="nothing of 'R9'"):
        erasure.erase_person(record, "R9", why="x")


def test_what_is_older_than_its_retention_is_counted_then_erased(place: Place) -> None:
    now = [datetime(2023, 1, 1, tzinfo=UTC)]
    with Record.open(place.url, OWNER, clock=lambda: now[0]) as record:
        record.add(note("R1", "old", "text"))
        now[0] = datetime(2025, 1, 2, tzinfo=UTC)
        record.add(note("R1", "new", "text"))

        assert erasure.retention(record, apply=False) == {"note": 1}
        assert len(record.readable(PeriodNote)) == 2
        assert erasure.retention(record, apply=True) == {"note": 1}
        assert [each.period for each in record.readable(PeriodNote)] == ["new"]


def test_a_copy_for_analysts_has_no_names_and_no_words(record: Record, tmp_path: Path) -> None:
    fill(record, "rep-kanarya-7")
    copied = backup(record.database, tmp_path / "copy.db")
    copy = Database.at(f"sqlite:///{tmp_path / 'copy.db'}")

    erasure.pseudonymise(copy)
    copy.fold()

    assert check(copy).rows["note"] == copied.rows["note"]
    copy.close()
    for canary in (CANARY, "rep-kanarya-7", "the owner"):
        assert canary.encode() not in (tmp_path / "copy.db").read_bytes()


# -- the command line --------------------------------------------------------------------------


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return int(left.value.code or 0)


def test_the_commands_from_backup_to_erasure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = Workspace.create(tmp_path / "team", name="Team")
    with Record.open(home.database_url, OWNER) as record:
        record.add(note("R1", "1", f"{CANARY} about Ada Yılmaz"))
        record.add(note("R2", "1", "stays"))
    page = home.reviews / "2025Q4"
    page.mkdir()
    (page / "R1.html").write_text("Ada Yılmaz", encoding="utf-8")
    (page / "R2.html").write_text("somebody else", encoding="utf-8")

    assert run("backup", home.path, "--into", tmp_path / "b.db") == 0
    assert run("person", "export", home.path, "--rep", "R1", "--into", tmp_path / "pack", "--language", "tr") == 0
    assert CANARY in (tmp_path / "pack" / "data.html").read_text(encoding="utf-8")
    assert run("person", "erase", home.path, "--rep", "R1", "--name", "Ada Yılmaz", "--why", "request") == 0
    assert CANARY.encode() not in bytes_of(home.path)
    assert "Ada" not in (page / "R1.html").read_text(encoding="utf-8")
    assert (page / "R2.html").read_text(encoding="utf-8") == "somebody else"

    shutil.rmtree(tmp_path / "elsewhere", ignore_errors=True)
    assert run("restore", home.path, "--from", tmp_path / "b.db") == 2  # there is a record
    assert run("restore", home.path, "--from", tmp_path / "b.db", "--force") == 0
    with Record.open(home.database_url, OWNER) as record:
        assert [each.text for each in record.readable(PeriodNote)] == ["stays"]
    assert run("audit", "verify", home.path) == 0
    assert run("retention", home.path) == 0
    assert run("objections", home.path, "--json") == 0
    assert run("grant", home.path, "--viewer", "R2", "--level", "coach", "--to", "rep:R1") == 0
    capsys.readouterr()
    assert run("notice", home.path, "--contact", "privacy@example.com", "--language", "en") == 0
    assert "Private notes about you: 24 months" in capsys.readouterr().out


def test_every_kind_has_its_words() -> None:
    from salescoach.resources import load_words

    assert all(load_words(code).has(f"record.kind.{name}") for code in ("en", "tr") for name in KINDS)
    assert set(KINDS) <= set(METADATA.tables)
