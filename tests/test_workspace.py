"""A workspace is written whole or not at all, and says clearly what is wrong with a setting."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from salescoach.errors import WorkspaceError
from salescoach.workspace import SETTINGS, Organisation, Workspace


def everything_in(folder: Path) -> dict[str, bytes | None]:
    """Every path below *folder* with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def test_what_is_created_is_what_is_opened(tmp_path):
    made = Workspace.create(tmp_path / "w", name="Örnek A.Ş.", language="en", currency="EUR", week_start=7)

    assert Workspace.open(tmp_path / "w") == made
    assert made.organisation == Organisation("Örnek A.Ş.", language="en", currency="EUR", week_start=7)


def test_defaults_are_those_of_a_turkish_office(tmp_path):
    organisation = Workspace.create(tmp_path / "acme").organisation

    assert organisation == Organisation("acme", "tr", "TRY", "Europe/Istanbul", 1, 1, "TR")


def test_a_workspace_is_its_owners_only_and_has_its_folders(tmp_path):
    workspace = Workspace.create(tmp_path / "w")

    assert stat.S_IMODE(workspace.path.stat().st_mode) == 0o700
    assert stat.S_IMODE((workspace.path / SETTINGS).stat().st_mode) == 0o600
    assert sorted(path.name for path in workspace.path.iterdir()) == ["models", "reviews", SETTINGS, "snapshots"]


def test_the_settings_explain_themselves_in_the_language_of_the_organisation(tmp_path):
    text = (Workspace.create(tmp_path / "w").path / SETTINGS).read_text(encoding="utf-8")

    assert "# Sayfaların dili" in text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('language = "de"', '[organisation] language = "de": allowed is "tr" or "en"'),
        ('currency = "TL"', 'currency = "TL": allowed is a currency code'),
        ('currency = "try"', 'currency = "try": allowed is a currency code'),
        ('timezone = "Mars/Olympus"', 'timezone = "Mars/Olympus": allowed is a time zone'),
        ('timezone = "Europe"', 'timezone = "Europe"'),
        ('timezone = "../../etc/passwd"', 'timezone = "../../etc/passwd"'),
        ("fiscal_year_start_month = 13", "fiscal_year_start_month = 13: allowed is a month from 1 to 12"),
        ('fiscal_year_start_month = "4"', 'fiscal_year_start_month = "4"'),
        ("week_start = 0", "week_start = 0: allowed is a day from 1 (Monday) to 7 (Sunday)"),
        ("week_start = true", "week_start = true"),
        ('holiday_calendar = "Turkey"', 'holiday_calendar = "Turkey": allowed is a country code'),
        ('name = ""', 'name = ""'),
        ("name = 7", "name = 7"),
        ('langauge = "tr"', "[organisation] langauge: there is no such setting; there are name, language"),
    ],
)
def test_a_wrong_setting_is_named_with_file_key_value_and_what_is_allowed(tmp_path, line, said):
    file = Workspace.create(tmp_path / "w").path / SETTINGS
    file.write_text(f"[organisation]\n{line}\n", encoding="utf-8")

    with pytest.raises(WorkspaceError) as error:
        Workspace.open(tmp_path / "w")

    assert str(file) in str(error.value)
    assert said.removeprefix("[organisation] ") in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [("[organisation", "TOML"), ("[wrong]\n", "[organisation], [store]"), ("organisation = 3\n", "no such section")],
)
def test_a_damaged_settings_file_is_named(tmp_path, text, said):
    file = Workspace.create(tmp_path / "w").path / SETTINGS
    file.write_text(text, encoding="utf-8")

    with pytest.raises(WorkspaceError, match=SETTINGS) as error:
        Workspace.open(tmp_path / "w")

    assert said in str(error.value)


def test_a_password_in_a_wrong_address_is_not_repeated(tmp_path):
    file = Workspace.create(tmp_path / "w").path / SETTINGS
    file.write_text('[store]\nurl = "mysql://me:hush@host/x"\n', encoding="utf-8")

    with pytest.raises(WorkspaceError) as error:
        Workspace.open(tmp_path / "w")

    assert "hush" not in str(error.value)


def test_the_store_is_in_the_workspace_unless_the_settings_say_where(tmp_path):
    workspace = Workspace.create(tmp_path / "Ofis 1?")
    (workspace.path / SETTINGS).write_text('[store]\nurl = "postgresql+psycopg://me@host/coaching"\n', encoding="utf-8")

    from sqlalchemy import make_url

    assert make_url(workspace.database_url).database == str(tmp_path / "Ofis 1?" / "coaching.db")
    assert Workspace.open(workspace.path).database_url == "postgresql+psycopg://me@host/coaching"


def test_a_folder_with_other_things_is_refused_and_left_alone(tmp_path):
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "letter.txt").write_text("Dear", encoding="utf-8")
    before = everything_in(tmp_path)

    for make in (Workspace.create, Workspace.at):
        with pytest.raises(WorkspaceError, match="other things"):
            make(tmp_path / "papers")

    assert everything_in(tmp_path) == before


def test_an_empty_folder_becomes_a_workspace(tmp_path):
    (tmp_path / "w").mkdir()

    assert Workspace.create(tmp_path / "w").path.joinpath(SETTINGS).is_file()


@pytest.mark.parametrize("place", ["file/w", "absent/w", "file"])
def test_an_unusable_place_is_refused_in_one_sentence_and_nothing_changes(tmp_path, place):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    before = everything_in(tmp_path)

    with pytest.raises(WorkspaceError) as error:
        Workspace.create(tmp_path / place)

    assert "\n" not in str(error.value)
    assert everything_in(tmp_path) == before


def test_a_place_that_the_system_refuses_is_an_error_of_the_workspace():
    """Even root may not make folders in /proc."""
    if not os.path.isdir("/proc/self"):
        pytest.skip("there is no /proc here")

    with pytest.raises(WorkspaceError, match="/proc/w"):
        Workspace.create("/proc/w")


def test_a_folder_without_write_permission_is_refused(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    (tmp_path / "theirs").mkdir(mode=0o500)

    with pytest.raises(WorkspaceError, match="may not be written"):
        Workspace.create(tmp_path / "theirs" / "w")


def test_people_s_data_never_lie_inside_the_program():
    import salescoach

    with pytest.raises(WorkspaceError, match="inside the program"):
        Workspace.create(Path(salescoach.__file__).parent / "w")


def test_a_wrong_setting_leaves_no_folder(tmp_path):
    with pytest.raises(WorkspaceError, match="language"):
        Workspace.create(tmp_path / "w", language="de")

    assert everything_in(tmp_path) == {}


def test_a_workspace_at_a_new_place_is_not_written_until_it_is_told_to(tmp_path):
    workspace = Workspace.at(tmp_path / "w", currency="USD")
    assert everything_in(tmp_path) == {}

    workspace.write()

    assert Workspace.open(tmp_path / "w").organisation.currency == "USD"


def test_settings_that_contradict_the_workspace_are_refused(tmp_path):
    Workspace.create(tmp_path / "w", currency="USD")

    assert Workspace.at(tmp_path / "w", currency="USD").organisation.currency == "USD"
    with pytest.raises(WorkspaceError, match="says currency = USD, not TRY"):
        Workspace.at(tmp_path / "w", currency="TRY")


def test_there_is_one_workspace_per_folder(tmp_path):
    Workspace.create(tmp_path / "w")

    with pytest.raises(WorkspaceError, match="is a workspace already"):
        Workspace.create(tmp_path / "w")


def test_no_workspace_says_how_to_make_one(tmp_path):
    with pytest.raises(WorkspaceError, match="salescoach import"):
        Workspace.open(tmp_path / "nowhere")


def test_without_an_import_there_is_no_snapshot_and_a_hint(tmp_path):
    with pytest.raises(WorkspaceError, match="salescoach import EXPORT_FOLDER"):
        Workspace.create(tmp_path / "w").snapshot()
