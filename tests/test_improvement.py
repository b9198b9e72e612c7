"""Customers' voice, requests, decisions, cycles and team goals through the record: who sees what, and what is kept."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from one_on_one_support import COACH, MANAGER, REP, button, named, organisation, text_of

from salescoach import team_goals, trials
from salescoach.app.improvement import STEPS, ImprovementApp
from salescoach.cli import main
from salescoach.coaching.content import SurveyForm
from salescoach.errors import AccessDenied, ConflictError
from salescoach.improvement import Board
from salescoach.improvement_documents import FORMS, form_document, memo_document
from salescoach.meetings import open_record
from salescoach.resources import load_words
from salescoach.review import content
from salescoach.store import Principal
from salescoach.store.models import ORGANISATION, Decision, ExperimentCard, ImprovementCycle, Request
from salescoach.store.service.agreements import decisions_about
from salescoach.voice import NO_THEME
from salescoach.workspace import Workspace

EN = load_words("en")
OWNER = Principal.owner("root")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return organisation(tmp_path_factory.mktemp("improvement"))


@pytest.fixture
def fresh(tmp_path: Path) -> Workspace:
    return organisation(tmp_path)


def board(home: Workspace, person: str | Principal = OWNER) -> Board:
    return Board(home, open_record(home, Principal(person) if isinstance(person, str) else person), EN)


# -- customers' voice ------------------------------------------------------------------------------


def interviews(home: Workspace, companies: int, theme: str = "speed") -> Board:
    """One coded mention of each of so many companies."""
    mine = board(home)
    for number in range(companies):
        text = mine.write_down(
            "mention", mine.today, f"They answered late, {number}", "", f"Firm {number}", f"n{number}"
        )
        mine.code(text, [theme], "answered late")
    return mine


def mentioned(mine: Board) -> tuple[list[str], int, int]:
    """Themes shown of public mentions, how many texts have rarer ones, how many were read."""
    part = next(one for one in mine.voice().heard if one.source == "mention")
    return [one.theme for one in part.themes], part.withheld, part.n


def test_a_theme_of_four_companies_is_only_counted(fresh: Workspace):
    assert mentioned(interviews(fresh, 4)) == ([], 4, 4)


def test_negative_control_the_fifth_company_makes_it_show(fresh: Workspace):
    assert mentioned(interviews(fresh, 5)) == (["speed"], 0, 5)


def test_words_of_a_rare_theme_are_in_no_memo_and_on_no_screen(fresh: Workspace):
    mine = interviews(fresh, 4)
    memo = memo_document(mine, "sales", "md").data.decode()

    assert "answered late" not in memo + "".join(str(quote) for quote in mine.voice().quotes.values())


def test_negative_control_words_of_a_theme_that_is_shown_are_in_the_memo(fresh: Workspace):
    assert "answered late" in memo_document(interviews(fresh, 5), "sales", "md").data.decode()


def test_who_codes_second_does_not_see_what_the_first_one_found(home: Workspace):
    first, second = board(home), board(home, Principal.owner("second"))
    text = first.write_down("loss", first.today, "The export is missing.", "DR10", "", "blind")
    first.code(text, ["product_fit"])

    assert text in second.to_code()
    assert text not in first.to_code()


def test_no_theme_is_an_answer_too(home: Workspace):
    """Left out, a text that both found empty would count for nobody, and agreement would look worse than it is."""
    mine = board(home, Principal.owner("third"))
    text = mine.write_down("win", mine.today, "Thank you.", "", "", "empty")

    assert [code.theme for code in mine.code(text, [])] == [NO_THEME]
    assert NO_THEME not in [theme.theme for part in mine.voice().heard for theme in part.themes]


def test_agreement_of_ten_texts_is_worked_out_and_of_nine_is_not(fresh: Workspace):
    first, second = board(fresh), board(fresh, Principal.owner("second"))
    seen = []
    for number in range(10):
        text = first.write_down("customer", first.today, f"Text {number}", "", "", f"k{number}")
        for coder in (first, second):
            coder.code(text, ["price"] if number % 2 else ["speed"])
        if number >= 8:
            seen.append(first.voice().agreement[0].themes["price"])

    assert (seen[0].na_reason, seen[0].n) == ("below_min_n", 9)
    assert (seen[1].value, seen[1].n) == (1.0, 10)


# -- requests --------------------------------------------------------------------------------------


def test_a_coach_reads_the_request_that_was_made_for_a_rep(home: Workspace):
    """The rep asks; a coach who could write an answer and not read the question would be of no help."""
    made = board(home, REP).ask("product", "An export of orders", date(2030, 1, 1), "", "export")

    assert isinstance(made, Request)
    assert made.rep_id == REP
    assert made.id in [one.id for one in board(home, COACH).requests()]
    assert made.id not in [one.id for one in board(home, "H1").requests()]


def test_a_request_without_a_day_is_not_kept(home: Workspace):
    before = len(board(home).requests())
    lacks = board(home).ask("product", "Something", None, "", "no day")

    assert [one.key for one in lacks] == ["voice.ask.no_due"]  # type: ignore[union-attr]
    assert len(board(home).requests()) == before


def test_the_second_answer_sees_the_first_one(home: Workspace):
    mine = board(home)
    made = mine.ask("legal", "A shorter clause", date(2030, 1, 1), "", "clause")
    assert isinstance(made, Request)
    mine.answer(made, "answered", "Here it is.")

    with pytest.raises(ConflictError) as conflict:
        mine.answer(made, "declined", "We cannot.")
    assert "answered" in (conflict.value.theirs, mine.record.get(Request, made.id).status)
    assert mine.record.get(Request, made.id).answer == "Here it is."


def test_the_form_shows_both_texts_and_then_keeps_what_was_decided(home: Workspace):
    mine = board(home)
    made = mine.ask("finance", "Payment in three parts", date(2030, 1, 1), "", "parts")
    assert isinstance(made, Request)
    app = ImprovementApp(home, "en", OWNER)
    app._go("requests")
    named(app, EN("improvement.requests.which")).value = made.id
    mine.answer(made, "answered", "From 100,000 on.")
    named(app, EN("improvement.requests.said")).value = "No."
    button(app, EN("improvement.answered.do")).click()

    assert EN("one_on_one.app.conflict") in text_of(app)
    assert mine.record.get(Request, made.id).answer == "From 100,000 on."
    named(app, EN("improvement.requests.said")).value = "From 100,000 on; below: no."
    button(app, EN("improvement.answered.do")).click()
    assert mine.record.get(Request, made.id).answer == "From 100,000 on; below: no."


# -- decisions and cycles --------------------------------------------------------------------------


def test_a_decision_without_an_expectation_is_not_kept(home: Workspace):
    lacks = board(home).decide("No discount without exchange", "Discounts rose", "", date(2030, 1, 1), "", "bare")

    assert [one.key for one in lacks] == ["voice.decision.no_effect"]  # type: ignore[union-attr]


def test_the_outcome_that_was_written_second_is_a_conflict(home: Workspace):
    mine = board(home)
    made = mine.decide("A", "B", "C", mine.today + timedelta(days=9), "", "outcome")
    assert isinstance(made, Decision)
    mine.write_outcome(made.id, "It helped.", made.version)

    with pytest.raises(ConflictError) as conflict:
        mine.write_outcome(made.id, "It did not.", made.version)
    assert (conflict.value.mine, conflict.value.theirs) == ("It did not.", "It helped.")


def test_a_cycle_goes_on_only_with_what_its_phase_needs_and_ends_in_the_decision_log(fresh: Workspace):
    mine = board(fresh)
    cycle = mine.begin("A second contact before stage 3", "", "", "c")
    assert [one.key for one in mine.move(cycle, "do")] == ["voice.cycle.no_feedback"]
    mine.write_part(cycle.id, "plan", "Heard in three loss interviews", "")
    assert mine.move(cycle, "check")[0].key == "voice.cycle.order"
    assert mine.move(cycle, "do") == ()
    assert mine.move(cycle, "check") == ()
    mine.write_part(cycle.id, "check", "Too early to tell", "")
    assert mine.move(cycle, "act") == ()
    mine.write_part(cycle.id, "act", "Keep it for a quarter", "")
    assert [one.key for one in mine.move(cycle, "closed")] == ["voice.cycle.no_review"]
    assert mine.move(cycle, "closed", mine.today + timedelta(days=60)) == ()

    assert mine.record.get(ImprovementCycle, cycle.id).status == "closed"
    assert [(one.adjustment, one.reason) for one in mine.decisions()] == [
        ("Keep it for a quarter", "Too early to tell")
    ]


def card_of(mine: Board, **changes: object) -> ExperimentCard:
    cycle = mine.begin("One change", "Heard", "", "cards")
    card = ExperimentCard(
        rep_id=ORGANISATION, cycle_id=cycle.id, hypothesis="Fewer open ends", metric_id="win_rate_count",
        expected_effect=0.2, start=mine.as_of + timedelta(days=1), look_on=mine.as_of + timedelta(days=60),
    )  # fmt: skip
    return replace(card, **changes)  # type: ignore[arg-type]


def test_a_card_counts_the_year_before_itself_and_says_how_many_it_needs(home: Workspace):
    """12 of 18 won; from .667 to .8 is h = .304 (Cohen 1988), and 2 (1.645 + .842)² / h² = 134.1."""
    found = trials.trial(board(home), card_of(board(home)))

    assert found.usual == (12, 18)
    assert found.rule.needed == 135
    assert found.result.outcome == "running"
    assert "voice.experiment.small" in [one.key for one in found.lacks]


def test_a_card_without_a_hypothesis_is_not_kept(home: Workspace):
    lacks = trials.add_card(board(home), card_of(board(home), hypothesis=" "), "")

    assert [one.key for one in lacks] == ["voice.experiment.no_hypothesis"]  # type: ignore[union-attr]


# -- team goals ------------------------------------------------------------------------------------


@pytest.fixture
def team(fresh: Workspace, monkeypatch: pytest.MonkeyPatch) -> Board:
    """The two reps as one team: the small organisation has none."""
    monkeypatch.setattr(team_goals, "members", lambda board, team_id: {"R1": "Elif Kaya", "R2": "Can Işık"})
    monkeypatch.setattr(team_goals, "_baseline", lambda board, metric_id, team_id: None)
    return board(fresh)


def test_a_team_goal_is_shared_out_in_whole_steps_and_the_rest_stays_in_sight(team: Board):
    team_goals.set_goal(team, "T1", "bookings", 1001.0, date(2026, 6, 30), "Bookings", "g")
    found = team_goals.team_goals(team, "T1")[0]
    assert found.suggested is not None
    assert ({rep: int(part) for rep, part in found.suggested.parts.items()}, int(found.suggested.rest)) == (
        {"R1": 500, "R2": 500}, 1
    )  # fmt: skip

    team_goals.propose_part(team, found, "R1", 600.0, "Bookings: 600", "p")
    again = team_goals.team_goals(team, "T1")[0]
    assert again.agreed is not None
    assert (int(again.agreed.rest), again.agreed.without) == (401, ("R2",))


def test_shares_of_a_team_are_weighted_and_never_dealt_out(team: Board):
    team_goals.set_goal(team, "T1", "win_rate_count", 0.5, date(2026, 6, 30), "Win rate", "g")
    found = team_goals.team_goals(team, "T1")[0]
    for rep, share in (("R1", 0.4), ("R2", 0.6)):
        team_goals.propose_part(team, found, rep, share, f"Win rate {rep}", rep)

    assert found.suggested is None
    assert team_goals.team_goals(team, "T1")[0].together == pytest.approx(0.5)  # nine deals decided by each


def test_goals_that_pull_against_each_other_are_named(team: Board):
    team_goals.set_goal(team, "T1", "pipeline_created", 900.0, date(2026, 6, 30), "More pipeline", "a")
    assert team_goals.pulling(team, "T1") == ()
    team_goals.set_goal(team, "T1", "win_rate_count", 0.8, date(2026, 6, 30), "Higher win rate", "b")

    assert [(one.one, one.other, one.whose) for one in team_goals.pulling(team, "T1")] == [
        ("Higher win rate", "More pipeline", "")
    ]


# -- who sees what ---------------------------------------------------------------------------------


def seen_by(home: Workspace, person: str) -> tuple[tuple[str, ...], str]:
    """The steps that somebody has, and all they can read in them."""
    app = ImprovementApp(home, "en", Principal(person))
    texts = []
    for step in STEPS:  # those that are not offered, too: a button that is not there is no protection
        app._go(step)
        texts.append(text_of(app))
    return app.steps, "\n".join(texts)


def test_a_rep_has_the_own_requests_and_what_was_decided(home: Workspace):
    board(home, MANAGER).ask("product", "Of the whole team", date(2030, 1, 1), "", "team")
    board(home, REP).ask("product", "Of this rep", date(2030, 1, 1), "", "own")
    steps, seen = seen_by(home, REP)

    assert steps == ("requests", "decisions")
    assert "Of this rep" in seen
    assert "Of the whole team" not in seen
    assert EN("improvement.voice.scores") not in seen


def test_negative_control_a_manager_reads_both(home: Workspace):
    board(home, MANAGER).ask("product", "Of the whole team", date(2030, 1, 1), "", "team")
    board(home, REP).ask("product", "Of this rep", date(2030, 1, 1), "", "own")
    _, seen = seen_by(home, MANAGER)

    assert "Of this rep" in seen
    assert "Of the whole team" in seen


def concluded(mine: Board, change: str, team: str) -> None:
    """A cycle for a team that ended in a decision."""
    with mine.record.write() as unit:
        cycle = unit.add(ImprovementCycle(rep_id=ORGANISATION, title=change, plan="Heard", team_id=team or None))
        unit.add(Decision(
            rep_id=ORGANISATION, key=f"cycle {cycle.id}", adjustment=change, reason="Tried", expected_effect="Faster",
            review_on=date(2030, 1, 1),
        ))  # fmt: skip


def test_a_rep_reads_decisions_for_all_and_for_the_own_team(fresh: Workspace):
    manager = board(fresh, MANAGER)
    manager.decide("Answer within a day", "Customers waited", "More replies", date(2030, 1, 1), "", "all")
    concluded(manager, "A change of everybody", "")
    concluded(manager, "A change of another team", "T9")
    _, seen = seen_by(fresh, REP)
    _, control = seen_by(fresh, MANAGER)

    assert "Answer within a day" in seen
    assert "A change of everybody" in seen
    assert "A change of another team" not in seen
    assert "A change of another team" in control
    assert EN("improvement.decide.do") not in seen  # read, not decide
    assert EN("improvement.decide.do") in control


def test_decisions_are_handed_out_to_the_rep_alone(fresh: Workspace):
    """What the app does not show must not be had by asking the service about somebody else."""
    board(fresh, MANAGER).decide("Answer within a day", "Customers waited", "More", date(2030, 1, 1), "", "all")
    for person in ("nobody", COACH):
        with pytest.raises(AccessDenied):
            decisions_about(board(fresh, person).record, REP, "")
    assert board(fresh, "nobody").decisions() == ()
    assert len(decisions_about(board(fresh, REP).record, REP, "")) == 1


@pytest.mark.parametrize("person", ["nobody", "R9"])
def test_who_has_no_scope_gets_an_empty_page_with_the_reason(home: Workspace, person: str):
    steps, seen = seen_by(home, person)

    assert steps == ()
    assert EN("improvement.none", person=person) in seen
    with pytest.raises(AccessDenied):
        memo_document(board(home, person), "product", "md")


@pytest.mark.parametrize("person", ["H1", "A1"])
def test_analyst_and_hr_read_and_write_nothing(home: Workspace, person: str):
    steps, seen = seen_by(home, person)

    assert steps == STEPS[:-1]
    assert EN("improvement.decide.do") not in seen
    assert EN("improvement.code.do") not in seen
    with pytest.raises(AccessDenied):
        board(home, person).begin("One change", "Heard", "", person)


# -- drafts ----------------------------------------------------------------------------------------


def at(home: Workspace, person: str, step: str) -> ImprovementApp:
    app = ImprovementApp(home, "en", Principal(person))
    app._go(step)
    return app


@pytest.mark.parametrize(
    ("step", "box", "do"),
    [
        ("voice", "improvement.voice.text", ""),
        ("requests", "improvement.requests.what", "improvement.ask.do"),
        ("decisions", "improvement.decisions.what", ""),
        ("cycle", "improvement.cycle.plan_part", ""),
    ],
)
def test_what_is_left_half_written_is_there_again_for_its_author_alone(fresh: Workspace, step: str, box: str, do: str):
    named(at(fresh, COACH, step), EN(box)).value = "Half a sentence"

    assert named(at(fresh, COACH, step), EN(box)).value == "Half a sentence"
    assert named(at(fresh, MANAGER, step), EN(box)).value == ""
    if do:
        button(at(fresh, COACH, step), EN(do)).click()
        assert named(at(fresh, COACH, step), EN(box)).value == ""  # kept in earnest, so there is no draft any more
        assert [one.ask for one in board(fresh, COACH).requests()] == ["Half a sentence"]


def test_the_draft_of_an_answer_belongs_to_its_request(fresh: Workspace):
    coach = board(fresh, COACH)
    one, other = (coach.ask("legal", what, date(2030, 1, 1), "", what) for what in ("One clause", "Another clause"))
    assert isinstance(one, Request)
    assert isinstance(other, Request)
    app = at(fresh, COACH, "requests")
    named(app, EN("improvement.requests.which")).value = one.id
    named(app, EN("improvement.requests.said")).value = "About the first"
    named(app, EN("improvement.requests.which")).value = other.id
    assert named(app, EN("improvement.requests.said")).value == ""
    named(app, EN("improvement.requests.which")).value = one.id

    assert named(app, EN("improvement.requests.said")).value == "About the first"


def test_two_windows_of_one_author_overwrite_no_draft(fresh: Workspace):
    first, second = at(fresh, COACH, "requests"), at(fresh, COACH, "requests")
    named(first, EN("improvement.requests.what")).value = "A list of prices"
    named(second, EN("improvement.requests.what")).value = "A list of dates"

    assert "A list of prices" in text_of(second)
    assert named(at(fresh, COACH, "requests"), EN("improvement.requests.what")).value == "A list of prices"


# -- documents and commands ------------------------------------------------------------------------


def printed(data: bytes) -> tuple[str, str, int]:
    """Title, language and number of pages of a PDF that a browser printed."""
    title = re.search(rb"/Title <FEFF([0-9A-F]+)>|/Title \(([^)]*)\)", data)
    language, pages = re.search(rb"/Lang \((\w+)\)", data), re.findall(rb"/Type ?/Page\b", data)
    assert title is not None
    assert language is not None
    name = bytes.fromhex(title[1].decode()).decode("utf-16-be") if title[1] else title[2].decode()
    return name, language[1].decode(), len(pages)


@pytest.mark.parametrize("code", ["tr", "en"])
def test_memo_and_form_are_printed_as_whole_pdfs_in_their_language(home: Workspace, code: str):
    words = load_words(code)
    mine = Board(home, open_record(home, OWNER), words)
    survey = content().all(SurveyForm)[0]
    memo = memo_document(mine, "product", "pdf")
    form = form_document(mine, survey.id, "pdf", code)
    title = words("improvement.memo.title", department=words("improvement.department.product"))

    for made in (memo, form):
        assert made.media_type == "application/pdf"
        assert made.data.startswith(b"%PDF-")
        assert made.data.rstrip().endswith(b"%%EOF")
    assert (printed(memo.data)[:2], printed(form.data)[:2]) == ((title, code), (survey.title(code), code))
    assert printed(memo.data)[2] >= 1


def test_a_memo_that_has_more_to_say_has_more_pages(fresh: Workspace):
    """Negative control: what is printed is the memo, not an empty page with its title."""
    mine = board(fresh)
    short = printed(memo_document(mine, "legal", "pdf").data)[2]
    for number in range(60):
        asked = mine.ask(
            "legal", f"Clause {number}: " + "payment in three parts " * 8, date(2030, 1, 1), "", f"c{number}"
        )
        assert isinstance(asked, Request)

    assert printed(memo_document(mine, "legal", "pdf").data)[2] > short


@pytest.mark.parametrize("form", [form for form in FORMS if form != "pdf"])
def test_every_survey_comes_in_every_form_and_both_languages(home: Workspace, form: str):
    for survey in content().all(SurveyForm):
        for code in ("tr", "en"):
            made = form_document(board(home), survey.id, form, code)
            assert made.name == f"form-{survey.id}-{code}.{form}"
            assert form == "docx" or survey.questions[0].text(code).split("'")[0][:20] in made.data.decode()


def test_the_commands_answer_with_one_document(home: Workspace, capsys: pytest.CaptureFixture[str]):
    answers = {}
    for command in ("voice", "requests", "decisions", "cycle"):
        with pytest.raises(SystemExit) as left:
            main(["record", command, str(home.path), "--json"])
        assert left.value.code == 0
        answers[command] = json.loads(capsys.readouterr().out)

    assert [part["source"] for part in answers["voice"]["themes"]] == ["survey", "interview", "mention", "loss_reason"]
    assert all({"status", "age_working_days", "needed_by"} <= set(one) for one in answers["requests"])


def test_a_memo_is_written_to_a_file(home: Workspace, tmp_path: Path):
    file = tmp_path / "memo.md"
    with pytest.raises(SystemExit) as left:
        main(["record", "requests", str(home.path), "--memo", "product", "--format", "md", "--into", str(file),
              "--language", "en"])  # fmt: skip

    assert left.value.code == 0
    assert EN("improvement.memo.title", department=EN("improvement.department.product")) in file.read_text("utf-8")
