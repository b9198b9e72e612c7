"""An analyst with one file of leads walks in the app from its columns to a model, its card and a list."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from browser import console_errors, external_requests, open_page, wait_end
from playwright.sync_api import Page
from scoring_support import simulated, written

from salescoach.errors import UsageError
from salescoach.leadlab.declared import declaration_toml
from salescoach.leadlab.desk import FileDesk
from salescoach.resources import load_words
from salescoach.scoring.day import NOT_TRAINED, USABLE
from salescoach.scoring.declaration import ColumnRule, Declaration, parse_declaration
from salescoach.server import Server

APP = "app_leads.ipynb"
LATE = ColumnRule("after_outcome", answer="drop", reason="written when the deal was signed")
EARLY = ColumnRule("created", answer="accept", reason="counted before the first call")


def leads_file(folder: Path, *, still_open: int = 8) -> Path:
    """Ninety leads, the last of them open, with a column that was written after the outcome."""
    table = simulated(90, seed=1, signal=2.5)
    signed = np.where(table["won"] == "yes", 1.0, 0.0) + np.random.default_rng(0).normal(0, 0.1, 90)
    table = table.assign(signed=signed.round(3))
    table.loc[table.index[90 - still_open :], "won"] = ""
    return written(table, folder / "leads.csv")


@pytest.fixture
def desk(tmp_path: Path) -> FileDesk:
    return FileDesk(leads_file(tmp_path), tmp_path / "models", "won")


# What is declared


def test_what_was_declared_is_read_back_as_it_was_said():
    said = Declaration(
        "won",
        won=("yes", 'a "quoted" one'),
        row_order=True,
        known_at="created",
        columns={"a.b c": LATE, "rep": ColumnRule("created", use=True, missing=("-", "?"))},
        points={"source": {"fair": 5.0}},
    )

    assert parse_declaration(tomllib.loads(declaration_toml(said)), file="d.toml") == said


def test_an_answer_is_kept_where_the_command_line_reads_it(desk: FileDesk):
    after = desk.said("signed", LATE, row_order=False).said("", ColumnRule("created"), row_order=False)
    kept = parse_declaration(tomllib.loads(after.declared.read_text(encoding="utf-8")), file="d.toml")

    assert kept.outcome == "won"
    assert kept.known_at == "created"
    assert kept.rule("signed") == LATE
    assert "signed" not in after.study.leads.features
    assert not desk.models.joinpath("current.json").exists()


def test_an_answer_without_a_reason_is_refused_and_not_kept(desk: FileDesk):
    with pytest.raises(UsageError, match="reason"):
        desk.said("signed", ColumnRule(answer="accept"), row_order=False)

    assert not desk.declared.exists()


def test_a_file_without_a_model_has_no_order_and_one_with_it_lists_what_is_open(desk: FileDesk):
    said = desk.said("signed", LATE, row_order=False).said("visits", EARLY, row_order=False)
    said = said.said("", ColumnRule("created"), row_order=False)
    before = said.day.verdict
    trained = said.train(by="Elif")

    assert before == NOT_TRAINED
    assert trained.day.verdict == USABLE
    assert len(trained.day.leads) == 8
    assert not trained.all_ended
    assert FileDesk.told(trained.environment).day.version == trained.day.version


# In a browser


@dataclass
class Told:
    """What the analyst saw."""

    columns: str = ""
    refused: str = ""
    verdict: str = ""
    card: str = ""
    today: str = ""
    turkish: str = ""
    width: tuple[int, int] = (0, 0)
    external: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def named(page: Page, language: str, key: str):
    return page.locator(f'.sc-app [title="{load_words(language)(key)}"]')


def shown(page: Page, language: str, view: str, part: str) -> str:
    """The text of *view*, once the *part* that only it has is there."""
    words = load_words(language)
    named(page, language, "lead_pages.app.view").select_option(label=words(f"lead_pages.app.{view}"))
    page.locator(f".sc-app-page #{part}").wait_for()
    return page.inner_text(".sc-app-page")


def answer(page: Page, column: str, rule: ColumnRule, then: str) -> None:
    """Say something about a column, and wait until the page shows *then*."""
    words = load_words("en")
    named(page, "en", "lead_pages.answer.column").select_option(label=column)
    named(page, "en", "lead_pages.answer.known_at").select_option(label=words(f"lead_pages.known_at.{rule.known_at}"))
    if rule.answer:
        named(page, "en", "lead_pages.answer.answer").select_option(label=words(f"lead_pages.answer.{rule.answer}"))
        named(page, "en", "lead_pages.answer.why").fill(rule.reason)
    page.get_by_role("button", name=words("lead_pages.answer.save")).click()
    page.locator(".sc-app-page #columns", has_text=then).wait_for()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder, words, told = tmp_path_factory.mktemp("analyst"), load_words("en"), Told()
    desk = FileDesk(leads_file(folder), folder / "models", "won")
    with Server(None, apps=(APP,), language="en", given=desk.environment) as server:
        with open_page(server.link(APP, language="en")) as page:
            wait_end(page)
            page.locator(".sc-app-page #columns").wait_for()
            told.columns = page.inner_text(".sc-app-page")
            page.get_by_role("button", name=words("lead_pages.answer.train")).click()
            page.locator(".sc-app-problem", has_text="leads.csv").wait_for()
            told.refused = page.inner_text(".sc-app-status")
            answer(page, "signed", LATE, words("leads.dropped.after_outcome"))
            answer(page, "visits", EARLY, words("leads.answer.accept"))
            others = words("lead_pages.answer.others")
            answer(page, others, ColumnRule("created"), words("lead_pages.lab.undeclared_none"))
            told.verdict = shown(page, "en", "verdict", "ladder")
            shown(page, "en", "columns", "columns")
            page.get_by_role("button", name=words("lead_pages.answer.train")).click()
            page.locator(".sc-app-page #guard").wait_for()
            told.card = page.inner_text(".sc-app-page")
            told.today = shown(page, "en", "today", "today")
            told.external, told.errors = external_requests(page), console_errors(page)
        with open_page(server.link(APP, language="tr"), width=420) as page:
            wait_end(page)
            page.locator(".sc-app-page #columns").wait_for()
            told.turkish = page.inner_text(".sc-app")
            told.width = tuple(page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]"))
    return told


@pytest.mark.browser
def test_the_first_view_warns_of_the_leak(told: Told):
    assert "signed" in told.columns
    assert load_words("en")("leads.answer.none") in told.columns


@pytest.mark.browser
def test_nothing_is_trained_before_the_columns_are_declared(told: Told):
    assert "nobody has said when these columns are known" in told.refused


@pytest.mark.browser
def test_the_card_prints_what_was_answered(told: Told):
    assert LATE.reason in told.card
    assert load_words("en")("leads.card.title") in told.card
    assert "AUC" in told.verdict


@pytest.mark.browser
def test_the_list_holds_the_open_leads_and_no_column_of_owners(told: Told):
    words = load_words("en")

    assert "8 of 8 leads for today" in told.today
    assert words("leads.list.heading.owner") not in told.today


@pytest.mark.browser
def test_a_phone_shows_it_in_turkish_in_its_whole_width(told: Told):
    words = load_words("tr")

    assert words("lead_pages.lab.alarms") in told.turkish
    assert words("lead_pages.answer.train") in told.turkish
    assert told.width[0] <= told.width[1]


@pytest.mark.browser
def test_it_asks_no_other_machine_and_has_no_complaint(told: Told):
    assert told.external == []
    assert told.errors == []
