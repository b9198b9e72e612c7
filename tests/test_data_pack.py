"""What a person asks for is all that is held about them, from every place, and nothing of a colleague."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pytest
from runs_support import NOTEBOOK, imported

from salescoach.cli import main
from salescoach.report_files import file_stem
from salescoach.resources import load_words
from salescoach.runs import run_reviews
from salescoach.scoring.day import DEALS, USABLE, LeadDay, OpenLead
from salescoach.scoring.grades import GradeRecord, Grades
from salescoach.scoring.reasons import Explanation, Reason
from salescoach.store import Principal, Record
from salescoach.store.models import Feedback, PeriodNote, PrivateNote
from salescoach.workspace import Workspace

PLACES = ("record", "private", "import", "report", "file")
MINE = {place: f"kanarya-{place}" for place in PLACES}
THEIRS = {place: f"karga-{place}" for place in PLACES}
FILES = {
    "rep.csv": "rep_id,full_name,email,role\nR01,Elif Kaya,elif@ornek.com,AE\nR02,Can Işık,can@ornek.com,AE\n",
    "stage.csv": "pipeline,stage,order,kind\ndefault,Offer,1,open\ndefault,Won,2,won\n",
    "account.csv": "account_id,name\nA1,Firma\n",
    "contact.csv": "contact_id,account_id,first_name,last_name,email,owner_id\n"
    "K1,A1,Müşteri,Yetkili,yetkili@firma.com,R01\n",
    "activity.csv": "activity_id,type,occurred_at,owner_id,is_system,deal_id\n"
    "X1,call,2025-11-03T08:00:00Z,R01,false,D2\n",
    "opportunity.csv": "deal_id,owner_id,stage,status,amount,currency,created_at,closed_at,next_step\n"
    + "".join(
        f"D{n},{rep},Won,won,100,TRY,2025-10-01T08:00:00Z,2025-12-31T08:00:00Z,{said}\n"
        for n, (rep, said) in enumerate(
            (("R01", f"{MINE['import']} with Can Işık"), ("R02", THEIRS["import"]), ("R01", "call")), 1
        )
    ),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace in which each place holds a word about each of two people."""
    home = imported(tmp_path_factory.mktemp("pack"), FILES)
    start = date(2025, 10, 1)
    with Record.open(home.database_url, Principal.owner("the owner")) as record:
        for rep, words in (("R01", MINE), ("R02", THEIRS)):
            text = f"{words['record']}: ask CAN IŞIK"
            record.add(PeriodNote(rep_id=rep, period="2025Q4", period_start=start, text=text))
            record.add(PrivateNote(rep_id=rep, text=words["private"]))
        record.add(Feedback(rep_id="R01", kind="strength", text="Heard by can@ornek.com", evidence_refs=("deal:D1",)))
    run_reviews(home, period="2025Q4", languages=["tr"], reps=["R01", "R02"], notebook=NOTEBOOK)
    for rep, words in (("R01", MINE), ("R02", THEIRS)):
        page = home.reviews / "2025Q4" / "tr" / f"{file_stem(rep)}.html"
        page.write_text(page.read_text(encoding="utf-8") + f"<p>{words['report']} Can Işık</p>", encoding="utf-8")
    (home.path / "mappings").mkdir(exist_ok=True)
    lines = f"owner,said\nElif Kaya,{MINE['file']}\nCan Işık,{THEIRS['file']}\n"
    (home.path / "mappings" / "owners.csv").write_text(lines, encoding="utf-8")
    return home


def packed(home: Workspace, folder: Path, *, rep: str = "R01", language: str = "tr") -> Path:
    with pytest.raises(SystemExit) as done:
        main(["person", "export", str(home.path), "--rep", rep, "--into", str(folder), "--language", language])
    assert not done.value.code
    return folder


@pytest.fixture(scope="module")
def pack(home: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packed(home, tmp_path_factory.mktemp("out") / "R01")


@pytest.fixture(scope="module")
def scored(home: Workspace) -> Workspace:
    """Scores of two days: of the own D1, of a colleague's D2, on which R01 called, and of the colleague's D9."""
    record = GradeRecord("A", 10, 0.8, 0.7, 0.4, 0.9)
    reasons = (Reason("segment", "kanarya-score", 0.7),), (Reason("age_days", 40.0, -0.2),)
    for day, p in ((date(2025, 11, 1), 0.25), (date(2025, 12, 1), 0.5)):
        leads = tuple(
            OpenLead(owner, "Firma", "A", Explanation(lead, p, *reasons, exact=True))
            for lead, owner in (("D1", "R01"), ("D2", "R02"), ("D9", "R02"))
        )
        kept = LeadDay(day, USABLE, "0001-abc", 50, 10, Grades((0.1,), (record,)), leads, (), DEALS)
        file = home.path / "models" / "deals" / "scored" / f"{day}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({**asdict(kept), "as_of": day.isoformat()}), encoding="utf-8")
    return home


def everything(folder: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_word_about_the_person_is_in_the_pack_wherever_it_stood(pack: Path) -> None:
    text = everything(pack)

    assert [place for place in PLACES if MINE[place] not in text] == []


def test_a_word_about_a_colleague_is_not(home: Workspace, pack: Path, tmp_path: Path) -> None:
    text, theirs = everything(pack), everything(packed(home, tmp_path / "R02", rep="R02"))

    assert [place for place in PLACES if THEIRS[place] in text] == []
    assert [place for place in PLACES if THEIRS[place] not in theirs] == []  # negative control: the words are held


def test_a_colleague_stands_in_it_by_a_pseudonym_and_customers_people_not_at_all(pack: Path) -> None:
    text = everything(pack)

    for hidden in ("Can Işık", "CAN IŞIK", "can@ornek.com", "R02", "Yetkili", "yetkili@firma.com"):
        assert hidden not in text
    assert f"{MINE['import']} with P-" in text
    assert "Elif Kaya" in text


def test_every_row_says_where_it_came_from_and_every_number_how_it_was_worked_out(pack: Path) -> None:
    told = json.loads((pack / "data.json").read_text(encoding="utf-8"))
    [tables] = told["imported"].values()
    bookings = next(one for one in told["numbers"] if one["metric"] == "bookings")
    deals = [(row["deal_id"], row["source_file"], row["source_row"]) for row in tables["opportunity"]]

    assert deals == [("D1", "opportunity.csv", 2), ("D3", "opportunity.csv", 4)]
    assert [row["rep_id"] for row in tables["rep"]] == ["R01"]
    assert (bookings["value"], bookings["n"]) == (200.0, 2)
    assert bookings["formula"]
    assert bookings["version"] >= 1
    assert [(one["period"], one["language"]) for one in told["reports"]] == [("2025Q4", "tr")]


@pytest.mark.parametrize(("language", "heading"), [("tr", "Hakkınızdaki değerler"), ("en", "Numbers about you")])
def test_the_page_says_it_in_the_readers_language(
    home: Workspace, pack: Path, tmp_path: Path, language: str, heading: str
) -> None:
    folder = pack if language == "tr" else packed(home, tmp_path / "en", language="en")
    page = (folder / "data.html").read_text(encoding="utf-8")

    assert heading in page
    assert [place for place in ("record", "private", "import", "file") if MINE[place] not in page] == []


def test_without_a_kept_score_the_page_says_so(pack: Path) -> None:
    assert json.loads((pack / "data.json").read_text(encoding="utf-8"))["scores"] == []
    assert load_words("tr")("record.pack.no_scores") in (pack / "data.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("pack")  # written before there were scores
def test_each_kept_score_of_what_they_owned_or_worked_is_explained_as_it_was(scored: Workspace, tmp_path: Path) -> None:
    """D2 is a colleague's, and R01 called on it; D9 is a colleague's alone, also where its day is one file with D1."""
    folder = packed(scored, tmp_path / "R01", language="en")
    told = json.loads((folder / "data.json").read_text(encoding="utf-8"))
    page = (folder / "data.html").read_text(encoding="utf-8")

    assert [(one["as_of"], one["lead"], one["p"]) for one in told["scores"]] == [
        ("2025-11-01", "D1", 0.25), ("2025-11-01", "D2", 0.25), ("2025-12-01", "D1", 0.5), ("2025-12-01", "D2", 0.5),
    ]  # fmt: skip
    assert told["scores"][0]["model"] == "0001-abc"
    assert [(each["column"], each["effect"]) for each in told["scores"][0]["reasons"]] == [
        ("segment", 0.7), ("age_days", -0.2),
    ]  # fmt: skip
    assert "kanarya-score" in page
    assert load_words("en")("record.pack.scores") in page
    assert "D9" not in everything(folder)
    assert "D9" in everything(packed(scored, tmp_path / "R02", rep="R02"))  # negative control: it is kept
