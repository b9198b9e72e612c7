"""Preview, saved mappings and added columns: shown before anything is written, and one command the next time."""

from __future__ import annotations

import json
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from import_support import AS_OF, TAKEN_AT, deal, put

from salescoach.cli import main
from salescoach.crm.dialect import Choices
from salescoach.crm.importer import import_export, preview_export
from salescoach.crm.saved_mapping import named_form, read_form
from salescoach.crm.toml_text import toml_text
from salescoach.errors import InputError, SalesCoachError, UsageError
from salescoach.resources import load_words, templates
from salescoach.workspace import Workspace


def previewed(source, home, **options):
    return preview_export(source, home, taken_at=TAKEN_AT, as_of=AS_OF, **options)


def imported(source, home, **options):
    return import_export(source, home, taken_at=TAKEN_AT, as_of=AS_OF, **options)


def command(capsys, *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    with pytest.raises(SystemExit) as leaving:
        main(list(arguments))
    out, err = capsys.readouterr()
    return int(leaving.value.code or 0), out, err


@pytest.fixture
def export(tmp_path):
    """Three deals: one good, one of an unknown owner, one with an amount that is no number; a column too many."""
    return put(
        tmp_path / "june",
        deal(colour="red"),
        deal(deal_id="D2", owner_id="Elif Y.", colour=""),
        deal(deal_id="D3", amount="many", colour=""),
    )


@pytest.fixture
def home(tmp_path):
    return Workspace.at(tmp_path / "w", language="en")


# --- the preview -------------------------------------------------------------------------------------------------


def test_a_preview_writes_nothing_not_even_the_workspace(export, home):
    previewed(export, home)

    assert not home.path.exists()


def test_a_preview_shows_what_the_import_then_does(export, home):
    shown = previewed(export, home)
    report = imported(export, home)

    assert (shown.report.tables, shown.report.rejects, shown.report.flags) == (
        report.tables, report.rejects, report.flags,
    )  # fmt: skip
    assert shown.report.snapshot == report.snapshot


def test_mapping_columns_first_rows_faults_and_owners_are_shown(export, home):
    words = {code: load_words(code) for code in ("en", "tr")}
    facts = previewed(export, home).to_dict(words)
    (deals,) = [file for file in facts["files"] if file["file"] == "opportunity.csv"]

    assert deals["mapping"]["opportunity"]["owner_id"] == ["owner_id"]
    assert deals["columns_not_used"] == ["colour"]
    assert facts["tables"]["opportunity"]["first_rows"][0]["amount"] == "100"
    assert facts["levels"] == {"R": 0, "Q": 2, "V": 0, "F": 0}
    assert {(fault["rule"], fault["row"], fault["column"]) for fault in facts["faults"]} == {
        ("D8", 3, "owner_id"),
        ("P2", 4, "amount"),
    }
    assert facts["owners_unmatched"] == [
        {"owner": "Elif Y.", "rows": 1, "candidates": [{"rep_id": "R1", "full_name": "Elif Yılmaz"}]}
    ]
    json.dumps(facts, allow_nan=False)


def test_first_rows_have_the_day_of_the_file_and_all_digits_of_its_numbers(tmp_path, home):
    """Stored is the moment in UTC, which is the evening before: shown as such, the day would look misread."""
    (first,) = previewed(put(tmp_path / "july", deal(created_at="2025-03-04", amount="1100040000")), home).first_rows(
        "opportunity"
    )

    assert first["created_at"] == "2025-03-04 00:00+03:00"
    assert first["amount"] == "1100040000"


@pytest.mark.parametrize("code", ["en", "tr"])
def test_the_page_says_it_in_both_languages(export, home, code):
    text = previewed(export, home).text(load_words(code))

    for part in ("owner_id  ", "colour", "Elif Yılmaz (R1)", '"many"', load_words(code)("preview.title")):
        assert part in text


def test_the_command_previews_in_the_language_asked_for(export, home, capsys):
    code, out, _ = command(
        capsys,
        "import",
        str(export),
        "--into",
        str(home.path),
        "--preview",
        "--language",
        "tr",
        "--as-of",
        "2025-12-31",
    )

    assert code == 0
    assert "Ön izleme. Hiçbir şey yazılmadı." in out
    assert not home.path.exists()


def test_a_preview_that_is_refused_is_one_json_document_and_writes_nothing(tmp_path, capsys):
    put(tmp_path / "x", deal(closed_at="03/04/2025"))
    code, out, _ = command(capsys, "import", str(tmp_path / "x"), "--into", str(tmp_path / "w"), "--preview", "--json")

    assert code == 2
    assert "--date-order" in json.loads(out)["error"]
    assert not (tmp_path / "w").exists()


# --- columns added by the user -------------------------------------------------------------------------------------


def test_a_column_is_used_when_the_user_says_for_what(export, home):
    rows = imported(export, home, columns=["colour=source"])

    assert list(home.snapshot().read("opportunity")["source"]) == ["red"]
    assert "columns_ignored" not in [note["code"] for note in rows.notes]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("color=source", "no file has this heading"),
        ("colour=sauce", "no file has this heading"),
        ("colour", "no file has this heading"),
        ("owner_id=rep.full_name", "no file has this heading"),
    ],
)
def test_a_column_that_cannot_be_used_is_refused_with_the_headings_there_are(export, home, given, says):
    with pytest.raises(InputError, match=says):
        previewed(export, home, columns=[given])


# --- saved mappings ------------------------------------------------------------------------------------------------


def test_a_saved_mapping_makes_the_next_import_one_command(tmp_path, capsys):
    first = put(tmp_path / "june", deal(closed_at="03/04/2025", colour="red"))
    later = put(tmp_path / "july", deal(closed_at="05/04/2025", colour="blue"))
    space = str(tmp_path / "w")
    given = ("--map", "colour=source", "--date-order", "dmy", "--save-mapping", "weekly", "--as-of", "2025-12-31")

    assert command(capsys, "import", str(first), "--into", space, "--language", "en", *given)[0] == 0
    assert (
        command(capsys, "import", str(later), "--into", space, "--mapping", "weekly", "--as-of", "2026-01-31")[0] == 0
    )
    deals = Workspace.open(space).snapshot().read("opportunity")
    assert (deals["source"][0], f"{deals['closed_at'][0]:%Y-%m-%d}") == ("blue", "2025-04-04")  # midnight there


def test_without_the_mapping_the_same_file_is_asked_about(tmp_path):
    """The control: it is the mapping that makes it one command."""
    later = put(tmp_path / "july", deal(closed_at="05/04/2025"))
    with pytest.raises(InputError, match="--date-order"):
        imported(later, Workspace.at(tmp_path / "w"))


def test_the_same_files_by_their_saved_mapping_are_nothing_new(export, home):
    imported(export, home, columns=["colour=source"], save_as="weekly", choices=Choices(decimal="."))

    assert imported(export, home, crm="weekly").unchanged


def test_a_saved_mapping_says_form_columns_and_choices_and_nothing_is_lost(export, home):
    imported(export, home, crm="canonical", columns=["colour=source"], save_as="weekly", choices=Choices(decimal=","))
    form = read_form(home.path / "mappings" / "weekly.toml")

    assert form.choices == Choices(decimal=",")
    (opportunity,) = [source for source in form.preset.sources if source.table == "opportunity"]
    assert opportunity.columns["source"] == ("colour", "source")
    assert {source.table for source in form.preset.sources} == {
        source.table for source in named_form("canonical", None).preset.sources
    }


@pytest.mark.parametrize("name", sorted(path.stem for path in templates("crm").glob("*.toml")))
def test_every_form_of_ours_survives_being_saved(name):
    form = named_form(name, None)

    assert tomllib.loads(toml_text(form.document)) == form.document


_texts = st.text(max_size=8)
_values = st.one_of(_texts, st.booleans(), st.integers(-9, 9), st.lists(_texts, max_size=3))
_documents = st.recursive(
    st.dictionaries(_texts, _values, max_size=3),
    lambda inner: st.dictionaries(
        _texts, st.one_of(_values, inner, st.lists(inner, min_size=1, max_size=2)), max_size=3
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(_documents)
def test_any_document_is_the_same_after_writing_and_reading(document):
    try:
        text = toml_text(document).encode()
    except UnicodeEncodeError:
        return
    assert tomllib.loads(text.decode()) == document


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[crm]\ntitle = "x"\ncanonical = true\n[choices]\nseparater = ";"\n', "'separater'"),
        ('[crm]\ntitle = "x"\ncanonical = true\n[choices]\ndecimal = 1\n', "'decimal'"),
        ('[crm]\ntitle = "x"\ncanonical = true\ncolour = "red"\n', "'colour'"),
        ('[crm]\ntitle = "x"\n[sources]\n', "'sources'"),
        ("[crm\n", "is not TOML"),
        ('title = "x"\n', "is not a CRM form"),
    ],
)
def test_an_unknown_key_in_a_mapping_is_a_clear_error(tmp_path, text, says):
    (tmp_path / "ours.toml").write_text(text)
    with pytest.raises(InputError) as error:
        read_form(tmp_path / "ours.toml")

    assert says in str(error.value)
    assert error.value.file == "ours.toml"


def test_a_mapping_of_the_workspace_is_recognised_by_itself(export, home):
    """Saved once, the organisation's own form goes before ours that fits as well."""
    imported(export, home, columns=["colour=source"], save_as="weekly")
    report = imported(export, home)

    assert report.crm == "weekly"
    assert report.unchanged


@pytest.mark.parametrize("name", ["../evil", "a/b", "", " ", "ş", "x" * 80, "CON."])
def test_a_mapping_is_named_plainly(export, home, name):
    if name:
        with pytest.raises(UsageError, match="cannot name a mapping"):
            imported(export, home, save_as=name)
        assert not home.path.exists()


@pytest.mark.parametrize(
    "given",
    [("--crm", "canonical", "--mapping", "weekly"), ("--preview", "--save-mapping", "weekly"), ("--mapping", "nobody")],
)
def test_options_that_do_not_go_together_are_refused(export, home, capsys, given):
    code, _, err = command(capsys, "import", str(export), "--into", str(home.path), *given)

    assert code == SalesCoachError.exit_code
    assert err.startswith("Error: ")
    assert not home.path.exists()


def test_columns_without_use_are_named_below_their_file_and_not_once_more(export, home):
    (named,) = previewed(export, home).not_used().values()
    notes = " ".join(previewed(export, home).notes(load_words("en")))

    assert named == ["colour"]
    assert "colour" not in notes


def test_negative_control_the_record_of_the_import_names_them_among_its_notes(export, home):
    assert any("colour" in str(note["message_en"]) for note in imported(export, home).notes)
