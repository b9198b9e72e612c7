"""docs/add-a-crm: what it shows is what works, word for word, in both languages."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from conftest import ROOT
from import_support import notes

from salescoach.crm import form, form_file
from salescoach.crm.importer import judged_export
from salescoach.workspace import Organisation

PAGES = [ROOT / "docs" / "add-a-crm.md", ROOT / "docs" / "add-a-crm.tr.md"]


def followed(page, folder):
    """The files that the page shows under their names, written as it says; the folder of the export and the form."""
    shown = re.findall(r"^`([\w.]+)`\n\n```\w+\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    (folder / "export").mkdir()
    for name, text in shown:
        place = folder if name.endswith(".toml") else folder / "export"
        (place / name).write_text(text, encoding="utf-8")
    return folder / "export", folder / "tuna.toml"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_crm_is_added_by_following_the_page_with_one_file(page, tmp_path):
    export, own = followed(page, tmp_path)
    judged = judged_export(export, Organisation("Örnek A.Ş."), taken_at=datetime(2026, 1, 1, tzinfo=UTC), crm=str(own))
    deals = judged.export.tables["opportunity"].accepted

    assert list(deals["status"]) == ["open", "won", "lost"]
    assert list(deals["owner_id"]) == ["E1", "E1", "C1"]
    assert [float(amount) for amount in deals["amount"]] == [120_000, 80_000, 45_000]
    assert [str(day.date()) for day in deals["expected_close"]] == ["2025-06-30", "2025-04-30", "2025-05-31"]
    assert list(judged.export.tables["stage"].accepted["qualified"]) == [False, True]
    assert notes(judged)["left_out_score"]["columns"] == "Puan"
    assert judged.export.issues == [issue for issue in judged.export.issues if issue.rule == "D16"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_key_of_the_language_is_explained(page):
    text = page.read_text(encoding="utf-8")
    keys = {"title", *form_file.TOP_KEYS, *form_file.SOURCE_KEYS} - {"canonical", "source"}

    assert [key for key in sorted(keys) if not re.search(rf"\b{key}\b", text)] == []
    assert [reason for reason in form.REASONS if f"`{reason}`" not in text] == []


def test_both_languages_show_the_same_example(tmp_path):
    forms = []
    for page in PAGES:
        (tmp_path / page.stem).mkdir()
        _, own = followed(page, tmp_path / page.stem)
        forms.append([line.split("#")[0].rstrip() for line in own.read_text(encoding="utf-8").splitlines()])

    assert forms[0] == forms[1]
