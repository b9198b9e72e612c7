"""Whose file it is, who may read it, how it is opened, and that models and migrations say the same."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Column, Integer, create_engine, text

from salescoach.calendar import Period
from salescoach.errors import WorkspaceError
from salescoach.store import CoachingStore, schema
from salescoach.store.database import Database
from salescoach.store.models import CONTROL_TABLES, KINDS, METADATA, ActionItem, PeriodNote
from salescoach.store.service import Principal, Record, audit

Q4 = Period("2025Q4", date(2025, 10, 1), date(2026, 1, 1))
NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "coaching.db"


def open_store(path: Path) -> CoachingStore:
    return CoachingStore.open(URL.create("sqlite", database=str(path)).render_as_string())


def execute(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def table_texts(path: Path) -> dict[str, str]:
    connection = sqlite3.connect(path)
    found = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall())
    connection.close()
    return {name: sql for name, sql in found.items() if name not in ("alembic_version", "sqlite_sequence")}


def upgrade_to(revision: str, path: Path) -> None:
    """A record of an older schema."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    database = Database.at(f"sqlite:///{path}")
    with database.write() as session:
        config.attributes["connection"] = session.connection()
        command.upgrade(config, revision)
    database.close()


# -- models and migrations ---------------------------------------------------------------------


def test_the_migrations_build_what_the_models_say(path: Path) -> None:
    open_store(path).close()
    engine = create_engine(URL.create("sqlite", database=str(path)))

    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []

    extra = Column("forgotten", Integer)  # negative control: a column no migration knows
    metadata = METADATA.__class__()
    for table in METADATA.sorted_tables:
        table.to_metadata(metadata)
    metadata.tables["note"].append_column(extra)
    with engine.connect() as connection:
        assert len(compare_metadata(MigrationContext.configure(connection), metadata)) == 1
    engine.dispose()


def parts(text: str) -> list[str]:
    """What CREATE TABLE lists between its brackets, and what stands before them."""
    start, end = text.index("("), text.rindex(")")
    found, depth = [text[:start].strip()], 0
    word = ""
    for sign in text[start + 1 : end] + ",":
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            found.append(" ".join(word.split()))
            word = ""
        else:
            word += sign
    return found


def test_checks_and_types_are_the_same_too(tmp_path: Path) -> None:
    """Alembic's comparison looks at no CHECK constraint; SQLite's own text of the tables shows all."""
    open_store(tmp_path / "migrated.db").close()
    engine = create_engine(URL.create("sqlite", database=str(tmp_path / "created.db")))
    METADATA.create_all(engine)
    engine.dispose()

    def lines(name: str) -> dict[str, list[str]]:
        """The order of columns and constraints means nothing: a column that was added stands last."""
        return {table: sorted(parts(text)) for table, text in table_texts(tmp_path / name).items()}

    assert lines("migrated.db") == lines("created.db")
    assert "CHECK (status <> 'dropped'" in table_texts(tmp_path / "created.db")["action_item"]


def test_every_table_has_a_policy_or_is_kept_by_the_record_itself() -> None:
    """A table that nobody thought about would be open or lost; it fails here instead."""
    unthought = set(METADATA.tables) - KINDS.keys() - CONTROL_TABLES

    assert unthought == set()
    assert all(kind.policy.read and kind.policy.add for kind in KINDS.values())


def test_a_record_of_the_first_schema_is_carried_over(path: Path) -> None:
    """With its ids, versions and moments; its log becomes the beginning of the chain."""
    upgrade_to("0001", path)
    moment = "2025-10-01 08:00:00.000000"
    execute(
        path,
        f"INSERT INTO note VALUES (7, 'R1', '2025Q4', '2025-10-01', 'old words', 'Deniz', '{moment}', 2)",
        "INSERT INTO action_item VALUES "
        f"(3, 'k', 'R2', '2025Q4', '2025-10-01', 'Call', NULL, 'done', NULL, NULL, 'Can', '{moment}', '{moment}', 1)",
        f"INSERT INTO change VALUES (1, '{moment}', 'Deniz', 'note_saved', 7, 1)",
        f"INSERT INTO change VALUES (2, '{moment}', 'Deniz', 'note_saved', 7, 2)",
        f"INSERT INTO change VALUES (3, '{moment}', 'Can', 'action_added', 3, 1)",
    )

    with Record.open(f"sqlite:///{path}", Principal.owner("Deniz")) as record:
        [note] = record.entries(PeriodNote, "R1")
        assert (note.id, note.text, note.version, note.changed_by) == (7, "old words", 2, "Deniz")
        [action] = record.entries(ActionItem, "R2")
        assert (action.id, action.key, action.status, action.author) == (3, "k", "done", "Can")
        assert note.changed_at == action.closed_at == datetime(2025, 10, 1, 8, tzinfo=UTC)
        assert record.add(PeriodNote(rep_id="R9", period="x", period_start=date(2026, 1, 1), text="")).id == 8
        with record.read() as unit:
            assert audit.verify(unit.session).broken_at is None
            assert audit.verify(unit.session).lines == 4


def test_the_head_that_the_code_names_is_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))

    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_a_migration_that_fails_half_way_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = path.parent / "migrations"
    shutil.copytree(schema.MIGRATIONS, broken)
    script = next((broken / "versions").glob("r0001_*.py"))
    script.write_text(script.read_text() + "    raise RuntimeError('half way')\n")  # after all tables are made
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", broken)
        with pytest.raises(RuntimeError, match="half way"):
            open_store(path)
    assert table_texts(path) == {}

    open_store(path).close()
    assert set(table_texts(path)) == set(METADATA.tables)


def test_opening_a_record_that_is_up_to_date_does_not_import_alembic(path: Path) -> None:
    open_store(path).close()
    program = """
import sys
from salescoach.store import CoachingStore
for address in sys.argv[1:]:
    CoachingStore.open(address)
    print("alembic" in sys.modules)
"""
    addresses = [f"sqlite:///{path}", f"sqlite:///{path.with_name('new.db')}"]  # the new one has tables to make
    run = subprocess.run(
        [sys.executable, "-c", program, *addresses],
        cwd=Path(__file__).resolve().parent.parent,
        check=True,
        capture_output=True,
        text=True,
    )

    assert run.stdout.split() == ["False", "True"]


# -- connections -------------------------------------------------------------------------------


def test_every_pooled_connection_is_set_up(path: Path) -> None:
    open_store(path).close()
    database = Database.at(f"sqlite:///{path}")
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 2, "busy_timeout": 5000}

    with ExitStack() as all_at_once:
        sessions = [all_at_once.enter_context(database.read()) for _ in range(12)]
        for session in sessions:
            assert {name: session.scalar(text(f"PRAGMA {name}")) for name in expected} == expected
        assert len({id(session.connection().connection.dbapi_connection) for session in sessions}) == 12
    database.close()

    bare = sqlite3.connect(path)  # negative control: what a connection is without us
    assert bare.execute("PRAGMA foreign_keys").fetchone() == (0,)
    bare.close()


def test_a_restored_copy_gets_its_write_ahead_log_back(path: Path) -> None:
    open_store(path).close()
    copy = path.with_name("restored.db")
    execute_outside_transaction(path, f"VACUUM INTO '{copy}'")
    assert journal_mode(copy) == "delete"

    open_store(copy).close()

    assert journal_mode(copy) == "wal"


def test_the_switch_to_a_write_ahead_log_waits_for_a_writer(path: Path) -> None:
    open_store(path).close()
    copy = path.with_name("restored.db")
    execute_outside_transaction(path, f"VACUUM INTO '{copy}'")
    writer = sqlite3.connect(copy, isolation_level=None, check_same_thread=False)
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        journal_mode(copy, "= WAL")  # negative control: refused at once, whatever the time-out
    release = threading.Timer(0.3, writer.close)
    release.start()

    open_store(copy).close()

    release.join()
    assert journal_mode(copy) == "wal"


def test_a_forked_child_touches_no_connection_of_its_parent(path: Path) -> None:
    open_store(path).close()
    database = Database.at(f"sqlite:///{path}")

    def connection_in_use() -> object:
        with database.read() as session:
            return session.connection().connection.dbapi_connection

    parents = connection_in_use()
    assert connection_in_use() is parents  # one process uses its pooled connection again
    process = multiprocessing.get_context("fork").Process(target=lambda: sys.exit(connection_in_use() is parents))
    process.start()
    process.join()
    assert process.exitcode == 0
    database.close()


def execute_outside_transaction(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(statement)
    connection.close()


def journal_mode(path: Path, switch: str = "") -> str:
    connection = sqlite3.connect(path)
    try:
        return str(connection.execute(f"PRAGMA journal_mode {switch}").fetchone()[0])
    finally:
        connection.close()


# -- whose file it is --------------------------------------------------------------------------


def test_the_record_is_readable_by_its_owner_only(path: Path) -> None:
    mask = os.umask(0)
    try:
        with open_store(path) as store:
            store.save_note("R1", Q4, "text", version=0, author="A")
            files = sorted(path.parent.iterdir())
            assert [file.name for file in files] == ["coaching.db", "coaching.db-shm", "coaching.db-wal"]
            assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
        path.chmod(0o644)
        open_store(path).close()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    finally:
        os.umask(mask)


def test_any_character_may_stand_in_the_path(tmp_path: Path) -> None:
    folder = tmp_path / "Satış %20 koçluğu #1?"
    folder.mkdir()

    open_store(folder / "koçluk.db").close()

    assert (folder / "koçluk.db").stat().st_size > 0


@pytest.mark.parametrize("content", [b"hello", b"not a database " * 1000])
def test_a_file_that_is_no_database_is_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(WorkspaceError, match="is damaged or is no coaching record"):
        open_store(path)

    assert path.read_bytes() == content


def test_a_database_of_another_program_is_left_alone(path: Path) -> None:
    execute(path, "CREATE TABLE alembic_version (version_num TEXT)", "INSERT INTO alembic_version VALUES ('0001')")
    before = path.read_bytes()

    with pytest.raises(WorkspaceError, match="another program"):
        open_store(path)

    assert path.read_bytes() == before


def test_a_record_of_a_newer_salescoach_is_left_alone(path: Path) -> None:
    open_store(path).close()
    execute(path, "UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()

    with pytest.raises(WorkspaceError, match=r"newer salescoach.*update salescoach"):
        open_store(path)

    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("coaching.db", "not the address of a database"),
        ("sqlite://", "does not name a plain file"),
        ("sqlite:///:memory:", "does not name a plain file"),
        ("mysql://ada:secret@db/sales", "not the address of a database"),
        ("postgresql://ada:secret@127.0.0.1:1/sales", "cannot be reached"),
        ("sqlite:////no-such-folder/coaching.db", "no folder /no-such-folder"),
    ],
)
def test_an_address_that_cannot_be_is_refused(url: str, said: str) -> None:
    with pytest.raises(WorkspaceError, match=said) as refused:
        CoachingStore.open(url)

    assert "secret" not in str(refused.value)


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="is not a file"):
        open_store(tmp_path)


# -- who may write -----------------------------------------------------------------------------


@pytest.fixture
def plain_folder() -> Iterator[Path]:
    """A folder of the plain user that *as_plain_user* is (root may write everywhere)."""
    folder = Path(tempfile.mkdtemp())
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)


def as_plain_user(work: Callable[[], str]) -> str:
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)

    def run() -> None:
        if os.geteuid() == 0:
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        theirs.send(work())

    process = context.Process(target=run)
    process.start()
    theirs.close()
    answer = str(ours.recv())
    process.join()
    return answer


def refusal(path: Path) -> str:
    try:
        open_store(path).close()
    except WorkspaceError as error:
        return str(error)
    return "opened"


@pytest.mark.parametrize(("file_mode", "folder_mode"), [(0o400, 0o700), (0o600, 0o500), (None, 0o500), (0o600, 0o000)])
def test_what_cannot_be_written_is_said(plain_folder: Path, file_mode: int | None, folder_mode: int) -> None:
    path = plain_folder / "coaching.db"

    def attempt() -> str:
        assert refusal(path) == "opened"
        if file_mode is None:
            path.unlink()
        else:
            path.chmod(file_mode)
        plain_folder.chmod(folder_mode)
        return refusal(path)

    said = as_plain_user(attempt)

    assert "cannot be written" in said
    assert "Check that you may write the file and its folder" in said
