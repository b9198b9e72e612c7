"""After an erasure a person stands in no file of the workspace, and the figures of the team stay what they were."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest
from one_on_one_support import organisation as small

from salescoach.cli import main
from salescoach.crm.snapshot import Snapshot
from salescoach.errors import UsageError
from salescoach.known import Known, sales_data
from salescoach.privacy.copying import pseudonymised
from salescoach.privacy.erasing import ERASED, Everywhere, erase_everywhere
from salescoach.privacy.snapshots import CUSTOMERS_PEOPLE, FREE_TEXT, NAMES_OF_PEOPLE
from salescoach.privacy.traces import Traces
from salescoach.runs import run_reviews
from salescoach.runs.demo import build_demo
from salescoach.runs.numbers import numbers
from salescoach.store import Principal, Record
from salescoach.store.models import ActionItem, PeriodNote, PrivateNote
from salescoach.store.service import audit
from salescoach.store.service.erasure import pseudonym
from salescoach.tables.schema import TABLES
from salescoach.tables.schema.form import REP
from salescoach.workspace import Workspace

NOTEBOOK = Path(__file__).parent / "notebooks" / "report.ipynb"
OWNER = Principal.owner("the owner")
WORDS = "sabırlı-kanarya-sözü"  # what was written about the person
REP_ID = "R001"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A demo with prepared reports about two people, and everything else that a workspace may hold of R001."""
    home = build_demo(tmp_path_factory.mktemp("erase") / "team", reps=6, months=12)
    name = full_name(home, REP_ID)
    with Record.open(home.database_url, OWNER) as record:
        day = date(2025, 10, 1)
        record.add(PeriodNote(rep_id=REP_ID, period="2025Q4", period_start=day, text=WORDS))
        record.add(PrivateNote(rep_id=REP_ID, text=WORDS))
        record.add(ActionItem(rep_id="R002", period="2025Q4", period_start=day, text=f"Ask {name}", owner_id="R002"))
    shutil.copy(home.path / "coaching.db", home.path / "coaching.db.before-restore-1")
    add_words(home, name)
    (home.path / "acts.json").write_text("{}", encoding="utf-8")
    run_reviews(home, period="2025Q4", languages=["tr"], reps=[REP_ID, "R002"], notebook=NOTEBOOK)
    return home


def full_name(home: Workspace, rep: str) -> str:
    return str(home.snapshot().read("rep").set_index("rep_id").at[rep, "full_name"])


def email(home: Workspace, rep: str) -> str:
    return str(home.snapshot().read("rep").set_index("rep_id").at[rep, "email"])


def add_words(home: Workspace, name: str) -> None:
    """Words about the person in imported rows, and files that people keep beside what salescoach writes."""
    snapshot = home.snapshot()
    change_parquet(
        snapshot, "answer", f"evidence = '{WORDS}'", f"obs_id IN (SELECT obs_id FROM o WHERE rep_id = '{REP_ID}')"
    )
    change_parquet(snapshot, "opportunity", f"next_step = '{WORDS}'", f"owner_id = '{REP_ID}'")
    change_parquet(snapshot, "opportunity", f"name = 'With {name.upper()}'", "deal_id = (SELECT min(deal_id) FROM t)")
    mine = home.path / "notebooks"
    mine.mkdir()
    (mine / "mine.ipynb").write_text(json.dumps({"cells": [{"source": f"# {name}"}]}), encoding="utf-8")
    (mine / "list.csv.gz").write_bytes(gzip.compress(f"who,said\n{name},{WORDS}\n".encode()))
    for file in ("minutes.docx", "minutes.xlsx"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("document.xml", f"<w:t>{name}: {WORDS}</w:t>")
        (mine / file).write_bytes(packed.getvalue())
    (home.path / "mappings" / "owners.csv").write_text(f"owner,rows,rep_id\n{name},6,{REP_ID}\n", encoding="utf-8")
    model = home.models / "0001-abcdef00"
    model.mkdir()
    (model / "manifest.json").write_text("{}", encoding="utf-8")
    with zipfile.ZipFile(model / "model.skops", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("categories.npy", name.encode("utf-32-le"))
    (home.models / "current.json").write_text('{"current": "0001-abcdef00", "history": []}', encoding="utf-8")
    (home.path / "standing").mkdir(exist_ok=True)
    (home.path / "standing" / "x.json").write_text(json.dumps({REP_ID: name}), encoding="utf-8")


def change_parquet(snapshot: Snapshot, table: str, change: str, where: str) -> None:
    file, observed = snapshot.path / f"{table}.parquet", snapshot.path / "observation.parquet"
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"CREATE TABLE t AS FROM read_parquet('{file}')")
        connection.execute(f"CREATE TABLE o AS FROM read_parquet('{observed}')")
        connection.execute(f"UPDATE t SET {change} WHERE {where}")
        file.chmod(0o600)
        connection.execute(f"COPY t TO '{file}' (FORMAT parquet)")


@dataclass(frozen=True)
class Gone:
    """The same workspace after the erasure, for tests that only look, what the command said, and a backup of before."""

    home: Workspace
    said: str
    code: int
    backup: Path

    @property
    def pseudonym(self) -> str:
        [token] = (self.home.path / ERASED).read_text(encoding="utf-8").split()
        return pseudonym(token)


@pytest.fixture(scope="module")
def gone(made: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Gone:
    folder = tmp_path_factory.mktemp("gone")
    home, backup = Workspace.open(shutil.copytree(made.path, folder / "team")), folder / "backup.db"
    assert run("backup", home.path, "--into", backup)[0] == 0
    code, said = run("person", "erase", home.path, "--rep", REP_ID, "--why", "request of May", "--language", "en")
    return Gone(home, said, code, backup)


def run(*arguments: object) -> tuple[int, str]:
    """A command: its exit code and what it printed."""
    printed = io.StringIO()
    with redirect_stdout(printed), pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return int(left.value.code or 0), printed.getvalue()


def erased(home: Workspace, rep: str = REP_ID) -> Everywhere:
    with Record.open(home.database_url, OWNER) as record:
        return erase_everywhere(home, record, rep, why="request of May")


# -- the scan: not that of the program, so that neither hides the other's faults ----------------


def everything(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file name, and every byte that a file holds or has packed."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield "name", path.name.encode()
            yield from ((str(path.relative_to(folder)), part) for part in parts(path, path.read_bytes()))


def parts(path: Path, data: bytes) -> Iterator[bytes]:
    yield data
    if path.suffix == ".parquet":
        yield duckdb.read_parquet(str(path)).df().to_csv().encode()
    elif path.suffix == ".gz":
        yield gzip.decompress(data)
    elif data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from (archive.read(name) for name in archive.namelist())


def found(folder: Path, *words: str) -> dict[str, set[str]]:
    """Files in which a word stands in some case and encoding, by word; their names count as a file, "name"."""
    places: dict[str, set[str]] = {word: set() for word in words}
    forms = [
        (word, form.encode(code))
        for word in words
        for form in {word, word.upper(), word.lower(), json.dumps(word)[1:-1]}
        for code in ("utf-8", "utf-32-le")
    ]
    for place, data in everything(folder):
        for word, form in forms:
            if form in data:
                places[word].add(place)
    return {word: files for word, files in places.items() if files}


def test_after_an_erasure_no_file_of_the_workspace_holds_name_address_id_or_words(made: Workspace, gone: Gone) -> None:
    home = gone.home
    name, address = full_name(made, REP_ID), email(made, REP_ID)
    before = found(made.path, name, address, REP_ID, WORDS)  # negative control
    assert endings(before[name]) >= set(".parquet .ipynb .html .db .gz .docx .xlsx .csv .skops .json".split())
    assert endings(before[WORDS]) >= set(".parquet .db .gz .docx .xlsx".split())
    assert len(before) == 4

    assert found(home.path, *before) == {}
    assert gone.code == 0  # the program's own scan finds nothing either
    assert "model 0001-abcdef00" in gone.said
    with Record.open(home.database_url, OWNER) as record, record.read() as unit:
        assert audit.verify(unit.session).broken_at is None


def endings(files: set[str]) -> set[str]:
    return {Path(file).suffix for file in files}


def test_the_figures_of_the_team_and_of_everybody_stay_what_they_were(made: Workspace, gone: Gone) -> None:
    def said(home: Workspace) -> dict[str, object]:
        data = sales_data(Known.at(home))
        return dict(numbers(data, data.calendar.period("2025Q4", data.as_of)))

    before, after = said(made), said(gone.home)

    assert len(before) == 5
    assert after.pop(gone.pseudonym) == before.pop(REP_ID)
    assert after == before


def test_reports_about_others_stay_and_are_still_the_files_that_the_run_left(made: Workspace, gone: Gone) -> None:
    home = gone.home
    period = home.reviews / "2025Q4"
    own = [path.relative_to(made.path) for path in made.reviews.rglob("r001*")]
    assert len(own) == 2  # the report in both forms

    assert not any((home.path / path).exists() for path in own)
    lines = [json.loads(line) for line in (period / "runs" / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["rep_id"] for line in lines] == ["R002"]
    digests = {name: digest for line in lines for name, digest in line["files"].items()}
    assert {name: hashlib.sha256((period / name).read_bytes()).hexdigest() for name in digests} == digests
    assert full_name(home, "R002") in (period / "index.html").read_text(encoding="utf-8")


def test_an_erasure_that_was_cut_short_is_finished_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from salescoach.privacy import erasing

    home, name = small(tmp_path), "Elif Kaya"
    with Record.open(home.database_url, OWNER) as record:
        record.add(PrivateNote(rep_id="R1", text=f"{WORDS} about {name}"))
    (home.path / "list.csv").write_text(f"who\n{name}\n", encoding="utf-8")
    assert len(found(home.path, WORDS, name)) == 2  # negative control
    with monkeypatch.context() as patch:
        patch.setattr(erasing, "erase_person", lambda *_given, **_named: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            erased(home, "R1")
    assert WORDS in found(home.path, WORDS)  # the record comes last, so something is left to do

    done = erased(home, "R1")

    assert done.record.rows
    assert found(home.path, WORDS, name) == {}


def test_somebody_unknown_to_record_and_data_is_refused_and_nothing_changes(made: Workspace) -> None:
    before = made.snapshot().content_hash
    with pytest.raises(UsageError, match="nothing of 'R999'"):
        erased(made, "R999")

    assert made.snapshot().content_hash == before


def test_importing_the_same_file_again_does_not_bring_the_person_back(made: Workspace, gone: Gone) -> None:
    """The snapshot keeps its id, and an import writes no snapshot that is there already."""
    before, after = made.snapshot(), gone.home.snapshot()

    assert after.snapshot_id == before.snapshot_id
    assert after.content_hash != before.content_hash  # so no report or cache of before passes for one of now


def test_the_command_says_which_backups_still_hold_the_person_and_restoring_one_erases_again(
    gone: Gone, tmp_path: Path
) -> None:
    home = Workspace.open(shutil.copytree(gone.home.path, tmp_path / "team"))

    assert f"when it is restored, the erasure is repeated: {gone.backup}" in gone.said
    assert WORDS.encode() in gone.backup.read_bytes()  # negative control: the backup does hold it
    assert run("restore", home.path, "--from", gone.backup, "--force")[0] == 0
    assert found(home.path, WORDS) == {}


# -- a workspace for analysts -----------------------------------------------------------------


def test_a_workspace_for_analysts_holds_nobodys_name_and_no_words(made: Workspace, tmp_path: Path) -> None:
    reps = made.snapshot().read("rep")
    words = [*reps["full_name"], *reps["email"].dropna(), WORDS]
    assert len(found(made.snapshots, *words)) == len(words)  # negative control
    with Record.open(made.database_url, OWNER) as record:
        done = pseudonymised(made, record, tmp_path / "copy")

    copy = Workspace.open(tmp_path / "copy")
    assert found(copy.path, *words) == {}
    assert done.people >= len(reps)
    assert done.snapshots == 1
    assert set(copy.snapshot().read("contact")["email"].dropna()) == set()
    there, here = (sales_data(Known.at(each)).deals["amount"].sum() for each in (made, copy))
    assert there == here


# -- what the tables say ----------------------------------------------------------------------


NO_WORDS = frozenset(
    "team.name territory.name account.name product.name survey.name course.name opportunity.name lead.company "
    "account.domain lead.email_domain account.city account.country account.industry lead.country lead.industry "
    "lead.title contact.title lead.source opportunity.source lead.campaign opportunity.campaign lead.disqualify_reason "
    "opportunity.loss_reason opportunity.competitor opportunity.pipeline product.family survey_response.channel "
    "survey_invitation.channel survey_response.language stage_history.stage_from fx_rate.source context_event.note "
    "goal.metric_id intervention.metric_id intervention.driver observation.template_id answer.competency_id "
    "course.competency_id rep.region rep.segment assignment.segment account.segment lead.segment opportunity.segment "
    "rep.full_name rep.email".split()
)  # names of things and words to choose from; names of people are taken out of them all the same


def test_every_column_of_text_is_a_person_free_text_or_known_to_be_neither() -> None:
    decided = FREE_TEXT | NAMES_OF_PEOPLE | CUSTOMERS_PEOPLE
    open_ = {
        f"{table.name}.{field.name}"
        for table in TABLES.values()
        for field in table.fields
        if field.type == "text" and not field.values and not field.refers_to and field.name != "currency"
        and field.name not in table.key and (table.name, field.name) not in decided
    }  # fmt: skip

    assert open_ == NO_WORDS


def test_every_column_that_refers_to_a_person_loses_the_id(gone: Gone) -> None:
    snapshot = gone.home.snapshot()
    people = [(t.name, f.name) for t in TABLES.values() for f in t.fields if f.refers_to == REP]
    held = [(name, column) for name, column in people if name in snapshot.tables]
    assert len(held) > 20
    assert not any((snapshot.read(name)[column] == REP_ID).any() for name, column in held)


def test_a_bare_number_as_id_is_replaced_only_where_a_person_stands() -> None:
    traces = Traces("7", "P-1", ("Ada Yılmaz",))
    entry = {"lead_id": "7", "by": "7", "text": "7 calls by ada yılmaz", "numbers": {"7": {"n": 7}}}

    assert traces.replaced_in(entry) == {
        "lead_id": "7", "by": "P-1", "text": "7 calls by P-1", "numbers": {"P-1": {"n": 7}},
    }  # fmt: skip


@pytest.mark.parametrize(
    "text", ["ADA YILMAZ", "Ada&nbsp;Yılmaz", r"\nAda Yılmaz", r"Ada Y\u0131lmaz", "Ada%20Y%C4%B1lmaz"]
)
def test_a_name_is_found_however_it_was_written(text: str) -> None:
    assert Traces("R1", "P-1", ("Ada Yılmaz",)).are_in(text)


def test_another_persons_longer_name_is_left_alone() -> None:
    assert Traces("R1", "P-1", ("Ali Er",)).replaced("Ali Eren and Ali Er") == "Ali Eren and P-1"
