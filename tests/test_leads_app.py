"""The lead lab where it is used: decisions, the day's list, the review's section, and the app in a real browser."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from browser import console_errors, external_requests, open_page, wait_end
from playwright.sync_api import Page

from salescoach.cli import main
from salescoach.errors import UsageError
from salescoach.leadlab.daily import VERDICT, days_to_suggest, decisions_of, fingerprint, lead_day, train_workspace
from salescoach.leadlab.decisions import ASIDE, MODEL, WORK, Decisions
from salescoach.leadlab.worklists import WorkDay
from salescoach.report.leads import calls_section
from salescoach.report.plain import written
from salescoach.resources import load_words
from salescoach.review import open_review
from salescoach.runs.demo import build_demo, train_demo
from salescoach.scoring.curves import came_between, lift, precision_recall, roc
from salescoach.scoring.day import (
    DEALS,
    LEADS,
    NO_LEADS,
    NO_MODEL,
    NO_SIGNAL,
    TOO_FEW,
    USABLE,
    LeadDay,
    OpenLead,
    Plan,
)
from salescoach.scoring.reasons import Explanation, Reason
from salescoach.scoring.worklist import Effort
from salescoach.server import APPS, Server
from salescoach.workspace import Workspace

APP = "app_leads.ipynb"
NOW = datetime(2025, 11, 28, 9, tzinfo=UTC)
TODAY = date(2025, 11, 28)


def open_lead(name: str, p: float, owner: str = "R1") -> OpenLead:
    return OpenLead(owner, f"Company {name}", "A", Explanation(name, p, (Reason("answered", 1.0, 0.7),), (), True))


def day_of(*leads: OpenLead) -> LeadDay:
    return LeadDay(TODAY, USABLE, "0001-a", 500, 60, leads=leads)


def log(folder: Path) -> Decisions:
    return Decisions(folder, clock=lambda: NOW)


# What people decide


def test_a_decision_needs_its_reason(tmp_path: Path):
    with pytest.raises(UsageError, match="reason"):
        log(tmp_path).add("L1", ASIDE, by="Elif", role="rep", reason="  ")

    assert log(tmp_path).all() == ()


def test_the_newest_decision_counts_and_the_older_ones_stay(tmp_path: Path):
    decisions = log(tmp_path)
    decisions.add("L1", ASIDE, by="Elif", role="rep", reason="Moved to Berlin")
    decisions.add("L1", WORK, by="Can", role="coach", reason="They called back")

    assert decisions.overrides()["L1"].work
    assert [one.by for one in decisions.all()] == ["Elif", "Can"]


def test_a_lead_given_back_to_the_model_is_not_overridden(tmp_path: Path):
    decisions = log(tmp_path)
    decisions.add("L1", ASIDE, by="Elif", role="rep", reason="No budget")
    decisions.add("L1", MODEL, by="Elif", role="rep", reason="")

    assert decisions.overrides() == {}


def test_a_decision_moves_the_lead_and_not_its_probability(tmp_path: Path):
    decisions = log(tmp_path)
    decisions.add("weak", WORK, by="Elif", role="rep", reason="They called today")
    day = day_of(open_lead("strong", 0.8), open_lead("weak", 0.1))
    made = day.work(Plan(hours=1), decisions.overrides())

    assert [(item.lead, item.p, item.chosen) for item in made.items] == [("weak", 0.1, True), ("strong", 0.8, False)]


# What a day allows


def test_the_line_follows_from_cost_and_value():
    """2 hours at 50 against a win of 1,000: worth it from one in ten."""
    plan = Plan(effort=Effort(hours_per_lead=2, cost_per_hour=50), value=1000)
    made = day_of(open_lead("above", 0.11), open_lead("below", 0.09)).work(plan)

    assert plan.break_even == 0.1
    assert [item.lead for item in made.chosen] == ["above"]


def test_the_day_of_one_rep_holds_nobody_elses_leads():
    day = day_of(open_lead("a", 0.5, "R1"), open_lead("b", 0.6, "R2"))

    assert [lead.lead for lead in day.of("R2").leads] == ["b"]
    assert len(day.of("").leads) == 2


# The section of a review


@pytest.mark.parametrize("language", ["tr", "en"])
@pytest.mark.parametrize("verdict", [NO_LEADS, NO_MODEL, TOO_FEW, NO_SIGNAL])
def test_without_usable_scores_a_review_says_why_and_lists_nobody(verdict: str, language: str):
    """Even with leads at hand: an order without signal would be made up."""
    words = load_words(language)
    day = replace(day_of(open_lead("a", 0.5)), verdict=verdict)
    text = written(calls_section({LEADS: day}, "R1", words))

    assert "Company a" not in text
    assert "0001" not in text
    assert len(text.splitlines()) >= 3


def test_with_usable_scores_the_best_leads_of_the_rep_come_first():
    words = load_words("en")
    day = day_of(open_lead("weak", 0.1), open_lead("strong", 0.8), open_lead("other", 0.9, "R2"))
    text = written(calls_section({LEADS: day}, "R1", words))

    assert text.index("Company strong") < text.index("Company weak")
    assert "Company other" not in text
    assert "answered: yes" in text


def test_deals_stand_in_a_review_only_where_a_model_of_deals_is_in_use():
    words, leads = load_words("en"), day_of(open_lead("lead", 0.5))
    deals = replace(day_of(open_lead("deal", 0.5)), what=DEALS)
    with_model = written(calls_section({LEADS: leads, DEALS: deals}, "R1", words))
    without = written(calls_section({LEADS: leads, DEALS: replace(deals, verdict=NO_MODEL)}, "R1", words))

    assert "Company deal" in with_model
    assert "within 90 days" in with_model
    assert "eal" not in without
    assert "Company lead" in without


def test_a_lead_that_was_put_aside_is_not_suggested(home: Workspace):
    best = max(lead_day(home).leads, key=lambda lead: lead.why.p)
    log(home.path).add(best.lead, ASIDE, by="Elif", role="rep", reason="No budget")

    assert days_to_suggest(home)[LEADS].find(best.lead) is None
    assert lead_day(home).find(best.lead) == best


def test_a_decision_about_a_lead_says_nothing_about_the_deal_of_the_same_id(home: Workspace):
    """CRMs number leads and deals apart, so the same number names both."""
    log(home.path).add("1", ASIDE, by="Elif", role="rep", reason="No budget")

    assert "1" in decisions_of(home, LEADS).overrides()
    assert "1" not in decisions_of(home, DEALS).overrides()


# Curves


def test_a_perfect_order_finds_all_wins_before_any_loss():
    won, p = np.array([1.0, 1, 0, 0]), np.array([0.9, 0.8, 0.2, 0.1])

    assert (0.0, 1.0) in roc(won, p)
    assert precision_recall(won, p)[1] == (1.0, 1.0)


def test_lift_of_all_leads_is_one():
    assert lift([(0.0, 0.0), (0.1, 0.4), (1.0, 1.0)]) == [(0.1, 4.0), (1.0, 1.0)]


def test_what_came_has_an_interval_even_when_nothing_came():
    low, high = came_between(10, 0.0)

    assert low == pytest.approx(0.0, abs=1e-12)
    assert 0.1 < high < 0.4


# In a workspace


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    home = build_demo(tmp_path_factory.mktemp("leads") / "demo", reps=12, months=30)
    assert train_demo(home) == USABLE
    return home


@pytest.fixture
def home(demo: Workspace, tmp_path: Path) -> Workspace:
    """A copy of the demo, to be changed."""
    return Workspace.open(shutil.copytree(demo.path, tmp_path / "demo"))


def test_the_same_leads_are_not_learned_from_twice(home: Workspace):
    before = lead_day(home).version
    train_workspace(home, by="Elif")

    assert lead_day(home).version == before


def test_kept_scores_are_the_scores_of_the_model(home: Workspace):
    first = lead_day(home)
    shutil.rmtree(home.models / "scored")

    assert lead_day(home) == first
    assert lead_day(home) == first  # read from the file that was just written


def test_where_a_later_training_finds_no_signal_there_is_no_list(home: Workspace):
    told = json.loads((home.models / VERDICT).read_text(encoding="utf-8"))
    (home.models / VERDICT).write_text(json.dumps(told | {"verdict": NO_SIGNAL}), encoding="utf-8")
    made = WorkDay.open(home, Plan(), load_words("en"))

    assert "No usable signal" in made.text()
    assert made.to_dict()["leads"] == []
    with pytest.raises(UsageError, match="No usable signal"):
        made.write(home.path / "list.csv")


def test_a_decision_makes_the_reports_anew(home: Workspace):
    before = fingerprint(home)
    log(home.path).add("L000001", ASIDE, by="Elif", role="rep", reason="No budget")

    assert fingerprint(home) != before


@pytest.mark.parametrize("language", ["tr", "en"])
def test_the_review_of_the_current_quarter_names_the_leads_to_call(demo: Workspace, language: str):
    day = lead_day(demo)
    best = max(day.leads, key=lambda lead: lead.why.p)
    review = open_review(demo, rep=best.owner, language=language)
    text = written(review.leads)

    assert best.company in text
    assert load_words(language)("lead_pages.calls.title") in text


def test_a_review_that_looks_back_names_no_lead(demo: Workspace):
    """Negative control: today's leads say nothing about a quarter that is over."""
    best = max(lead_day(demo).leads, key=lambda lead: lead.why.p)
    review = open_review(demo, rep=best.owner, period="2025Q2", language="en")

    assert best.company not in written(review.leads)


def test_the_work_list_is_written_for_a_spreadsheet(
    demo: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    owner = max(lead_day(demo).leads, key=lambda lead: lead.why.p).owner
    with pytest.raises(SystemExit) as left:
        main(["leads", "worklist", str(demo.path), "--rep", owner, "--hours", "2", "--out", str(tmp_path / "t.csv"),
              "--language", "en", "--json"])  # fmt: skip
    told = json.loads(capsys.readouterr().out)
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))

    assert left.value.code == 0
    assert [row[1] for row in rows[1:]] == [lead["lead"] for lead in told["leads"]]
    assert sum(lead["status"] == "chosen" for lead in told["leads"]) == 2
    assert {lead["owner"] for lead in told["leads"]} == {owner}


def test_a_work_list_for_nobody_says_who_there_is(demo: Workspace, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as left:
        main(["leads", "worklist", str(demo.path), "--rep", "R99"])

    assert left.value.code == 2
    assert "R001" in capsys.readouterr().err


def test_the_workspaces_own_model_of_deals_scores_the_open_ones_for_list_and_review(
    home: Workspace, capsys: pytest.CaptureFixture[str]
):
    version = lead_day(home).version
    for command in (
        ["train", str(home.path), "--of", "deals", "--by", "Elif"],
        ["worklist", str(home.path), "--of", "deals", "--json", "--language", "en"],
    ):
        with pytest.raises(SystemExit) as left:
            main(["leads", *command])
        assert left.value.code == 0
    told = json.loads(capsys.readouterr().out.partition("\n")[2])
    deals = home.snapshot().read("opportunity")
    best = max(lead_day(home, DEALS).leads, key=lambda deal: deal.why.p)
    review = written(open_review(home, rep=best.owner, language="en").leads)

    assert {lead["lead"] for lead in told["leads"]} == set(deals.loc[deals["closed_at"].isna(), "deal_id"])
    assert told["leads"][0]["for"]
    assert best.lead in review
    assert lead_day(home).version == version  # the model of the leads is another one


# The app


@dataclass
class Told:
    """What a person saw."""

    text: dict[str, str] = field(default_factory=dict)
    traces: int = 0
    why: str = ""
    refused: str = ""
    saved: str = ""
    decisions: str = ""
    chosen: list[int] = field(default_factory=list)
    width: tuple[int, int] = (0, 0)
    stops: list[str] = field(default_factory=list)
    nameless: int = -1
    file: list[str] = field(default_factory=list)
    external: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


NAMELESS = """[...document.querySelectorAll(".sc-app :is(select, input, textarea, [role=slider])")]
    .filter(control => control.offsetParent && !control.ariaLabel).length"""


def named(page: Page, language: str, key: str):
    return page.locator(f'.sc-app [title="{load_words(language)(key)}"]')


def choose_view(page: Page, language: str, view: str, heading: str) -> None:
    words = load_words(language)
    named(page, language, "lead_pages.app.view").select_option(label=words(f"lead_pages.app.{view}"))
    page.locator(".sc-app-page", has_text=words(heading)).wait_for()


def tab_stops(page: Page, last: str) -> list[str]:
    # Where nothing has the focus, Tab goes on from where it was last: so the page itself gets it first.
    page.evaluate("document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')")
    reached: list[str] = []
    while last not in reached and len(reached) < 60:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("(e => e.ariaLabel || e.innerText || e.tagName)(document.activeElement)"))
    return reached


@pytest.fixture(scope="module")
def told(demo: Workspace) -> Told:
    """A person looks at every view, asks why, decides, and turns to the other language; then on a phone."""
    told, words = Told(), load_words("tr")
    best = max(lead_day(demo).leads, key=lambda lead: lead.why.p)
    with Server(demo, apps=APPS, language="tr") as server:
        with open_page(server.link(APP, language="tr", rep=best.owner)) as page:
            wait_end(page)
            page.locator(".sc-app-page", has_text=words("lead_pages.today.title")).wait_for()
            told.chosen.append(page.locator(".sc-app-page table").first.locator("tbody tr").count())
            slider = page.locator(".sc-app-record .noUi-handle")
            slider.focus()
            page.keyboard.press("Home")
            none = words("leads.list.summary", chosen=0, all=0, wins="0", range="0").split(",")[0]
            page.locator(".sc-app-page", has_text=none).wait_for()
            page.wait_for_timeout(1000)  # a box that is laid anew would take the keyboard away by then
            page.keyboard.press("ArrowRight")
            page.keyboard.press("ArrowRight")
            page.wait_for_function("document.querySelector('.sc-app-page table tbody').rows.length == 1")
            told.chosen.append(page.locator(".sc-app-page table").first.locator("tbody tr").count())
            named(page, "tr", "lead_pages.app.lead").select_option(value=None, label=f"{best.company} · {best.lead}")
            page.locator(".sc-app-page #why").wait_for()
            told.why = page.inner_text(".sc-app-page #why")
            told.stops = tab_stops(page, words("lead_pages.app.save"))
            told.nameless = page.evaluate(NAMELESS)
            page.get_by_role("button", name=words("lead_pages.app.save")).click()
            page.locator(".sc-app-problem").wait_for()
            told.refused = page.inner_text(".sc-app-status")
            named(page, "tr", "lead_pages.app.choice").select_option(label=words("lead_pages.choice.aside"))
            named(page, "tr", "lead_pages.app.reason").fill("Bütçe <b>yok</b>")
            page.get_by_role("button", name=words("lead_pages.app.save")).click()
            page.locator(".sc-app-status", has_text=words("lead_pages.app.saved")).wait_for()
            told.decisions = page.inner_text(".sc-app-page #decisions")
            page.get_by_role("button", name=words("lead_pages.app.export")).click()
            page.locator(".sc-app-status", has_text="worklists").wait_for()
            told.file = [path.name for path in (demo.path / "worklists").iterdir()]
            choose_view(page, "tr", "tuning", "lead_pages.cut.title")
            choose_view(page, "tr", "proof", "lead_pages.reliability.title")
            page.wait_for_function("document.querySelectorAll('.sc-app-figure svg.main-svg .trace').length >= 4")
            told.traces = page.evaluate("document.querySelectorAll('.js-plotly-plot').length")
            choose_view(page, "tr", "card", "leads.card.title")
            told.text["tr"] = page.inner_text(".sc-app-page")
            named(page, "tr", "app.language").select_option(label="English")
            page.locator(".sc-app-page", has_text=load_words("en")("leads.card.title")).wait_for()
            told.text["en"] = page.inner_text(".sc-app-page")
            told.external, told.errors = external_requests(page), console_errors(page)
        with open_page(server.link(APP, language="en"), width=420) as page:
            wait_end(page)
            choose_view(page, "en", "tuning", "lead_pages.cut.title")
            told.width = tuple(page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]"))
    Decisions(demo.path).file.unlink()
    return told


@pytest.mark.browser
def test_the_slider_moves_the_line_by_keyboard(told: Told):
    assert told.chosen[0] > told.chosen[1] == 1


@pytest.mark.browser
def test_a_chosen_lead_says_why(told: Told):
    assert load_words("tr")("lead_pages.why.for") in told.why
    assert load_words("tr")("lead_pages.why.against") in told.why


@pytest.mark.browser
def test_a_decision_without_a_reason_is_refused_and_one_with_it_is_kept_as_text(told: Told):
    assert "reason" in told.refused
    assert "<b>yok</b>" in told.decisions


@pytest.mark.browser
def test_the_list_is_saved_in_the_workspace(told: Told):
    assert [Path(name).suffix for name in told.file] == [".xlsx"]


@pytest.mark.browser
def test_the_proof_is_drawn_without_another_machine_or_a_complaint(told: Told):
    assert (told.traces, told.external, told.errors) == (4, [], [])


@pytest.mark.browser
@pytest.mark.parametrize(("shown", "other"), [("tr", "en"), ("en", "tr")])
def test_the_card_is_in_one_language(told: Told, shown: str, other: str):
    keys = ("leads.card.title", "leads.card.use", "leads.card.guard", "leads.card.limits", "leads.card.footer")[:4]

    assert [key for key in keys if load_words(shown)(key) not in told.text[shown]] == []
    assert [key for key in keys if load_words(other)(key) in told.text[shown]] == []


@pytest.mark.browser
def test_the_keyboard_reaches_the_rep_the_lead_and_the_save_button(told: Told):
    words = load_words("tr")

    keys = ("label.rep", "lead_pages.app.hours", "lead_pages.app.value", "lead_pages.app.lead")
    assert [key for key in keys if words(key) not in told.stops] == []
    assert told.stops[-1] == words("lead_pages.app.save")


@pytest.mark.browser
def test_every_control_has_a_name_for_who_cannot_see_the_page(told: Told):
    assert told.nameless == 0


@pytest.mark.browser
def test_a_phone_shows_the_whole_width(told: Told):
    assert told.width[0] <= told.width[1]
