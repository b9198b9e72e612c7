"""Scorecards, plan, mentor, training, recognition and bonus on the record, without a browser."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from one_on_one_support import COACH, MANAGER, OTHER, REP, SECOND, button, desk_of, organisation, text_of

from salescoach import observing, recognising
from salescoach.app import development_app
from salescoach.app.development_observing import seen_section
from salescoach.cli import cli
from salescoach.coaching.scorecards import Answer
from salescoach.errors import AccessDenied, ConflictError, UsageError
from salescoach.growth_plan import Growth, strengths
from salescoach.known import data_at
from salescoach.meetings import Desk, open_record
from salescoach.observing import Subject, keep
from salescoach.report.page import Table, Text
from salescoach.resources import load_words
from salescoach.store import Principal
from salescoach.store.canonical import canonical_tables
from salescoach.store.models import ActionItem, DevelopmentPlan, Recognition
from salescoach.store.service import growth as service
from salescoach.workspace import Workspace

DAY = date(2025, 11, 20)
CALL = Subject("activity", "call with Depo")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Imported once; each test has a copy of its own."""
    return organisation(tmp_path_factory.mktemp("growth"))


@pytest.fixture
def home(begun: Workspace, tmp_path: Path) -> Workspace:
    return Workspace.open(shutil.copytree(begun.path, tmp_path / "workspace"))


def points(value: int = 3, quote: str = "") -> Mapping[str, Answer]:
    """The same points for every item of the form about discovery."""
    return {item.id: Answer(value, evidence=quote) for item in observing.card("discovery").items}


def observe(desk: Desk, value: int = 3, subject: Subject = CALL, quote: str = "said so") -> None:
    kept, lacks = keep(desk, "discovery", "discovery", DAY, subject, points(value, quote))
    assert kept is not None, lacks


# -- scorecards ------------------------------------------------------------------------------------


def test_the_newest_observations_are_listed_and_older_ones_counted(tmp_path: Path):
    """Fourteen calls were scored: twelve stand in the list, by the observer's name as far as the data know one."""
    desk = desk_of(organisation(tmp_path, scored=14), COACH)
    section = seen_section(desk, observing.everything(desk), frozenset())
    [table, older] = section.blocks

    assert isinstance(table, Table)
    assert [row[0].text for row in table.rows] == [f"{day} Oct 2025" for day in range(14, 2, -1)]
    assert older == Text(load_words("en")("growth.score.older", n=2), tone="muted")


def test_highest_points_are_kept_only_with_what_was_said(home: Workspace):
    coach = desk_of(home, COACH)

    kept, lacks = keep(coach, "discovery", "discovery", DAY, CALL, points(5))

    assert kept is None
    assert {one.key for one in lacks} == {"development.score.no_quote"}
    assert keep(coach, "discovery", "discovery", DAY, CALL, points(4))[0] is not None  # 4 needs none


def test_what_the_rep_scores_is_a_self_assessment_and_stands_beside_the_coachs(home: Workspace):
    observe(desk_of(home, COACH), 2)
    observe(desk_of(home, REP), 4)

    gap = Growth(desk_of(home, COACH)).self_gap()
    seen = observing.observed(open_record(home, Principal(REP)), REP)

    assert [(one.observer, one.is_self) for one in seen] == [(COACH, False), (REP, True)]
    assert all(score.n == 1 and score.na_reason == "below_min_n" for score in gap.values())


def test_a_stranger_keeps_nothing_and_reads_nothing(home: Workspace):
    observe(desk_of(home, COACH))
    stranger = desk_of(home, OTHER)

    with pytest.raises(AccessDenied):
        keep(stranger, "discovery", "discovery", DAY, CALL, points(3))
    assert observing.observed(stranger.record, REP) == ()


def test_an_observation_lands_in_the_tables_that_the_diagnosis_reads(home: Workspace):
    desk = desk_of(home, COACH)
    observe(desk)

    tables = canonical_tables(desk.record)

    assert tables["observation"][["template_id", "rep_id", "observer_id", "is_self"]].to_numpy().tolist() == [
        ["discovery", REP, COACH, False]
    ]
    assert tables["answer"]["value"].tolist() == [3.0] * len(observing.card("discovery").items)


def test_the_same_key_keeps_an_observation_once(home: Workspace):
    desk = desk_of(home, COACH)
    for _ in range(2):
        keep(desk, "discovery", "discovery", DAY, CALL, points(3), key="once")

    assert len(observing.observed(desk.record, REP)) == 1


def test_a_coach_sees_own_pairs_and_hr_sees_no_names(home: Workspace):
    for n in range(3):
        subject = Subject("activity", f"call {n}")
        observe(desk_of(home, COACH), 2 + n % 2, subject)
        observe(desk_of(home, SECOND), 3 + n % 2, subject)

    coach = observing.agreement(open_record(home, Principal(COACH)))
    manager = observing.agreement(open_record(home, Principal(MANAGER)))
    hr = observing.agreement(open_record(home, Principal("H1")))

    assert coach is not None
    assert manager is not None
    assert hr is not None
    assert [(pair.one, pair.other) for pair in coach.pairs] == [(COACH, SECOND)]
    assert set(coach.severities) == {COACH}
    assert set(manager.severities) == {COACH, SECOND}
    assert manager.severities[SECOND].raw == pytest.approx(1.0)
    assert hr.pairs == ()  # one person was observed: a value would be about that person


def test_a_scorecard_is_corrected_and_what_stood_there_stays_readable(home: Workspace):
    coach = desk_of(home, COACH)
    observe(coach, 2)
    saved = observing.correctable(coach)[0]

    observing.correct(coach, saved, points(4))

    now = observing.everything(coach)[0]
    before = observing.earlier(coach, now.obs_id)
    assert {answer.value for answer in now.answers.values()} == {4}
    assert [{answer.value for answer in one.answers.values()} for one in before] == [{2}]


def test_a_form_is_corrected_by_its_author_alone_and_once_at_a_time(home: Workspace):
    coach = desk_of(home, COACH)
    observe(coach, 2)
    saved = observing.correctable(coach)[0]
    assert observing.correctable(desk_of(home, SECOND)) == ()
    assert observing.correctable(desk_of(home, REP)) == ()

    for person in (SECOND, REP, MANAGER):
        with pytest.raises(AccessDenied):
            observing.correct(desk_of(home, person), saved, points(4))
    observing.correct(coach, saved, points(3))
    with pytest.raises(ConflictError):  # another window had read the first one
        observing.correct(coach, saved, points(4))

    assert {answer.value for answer in observing.observed(coach.record, REP)[0].answers.values()} == {3}


def test_a_correction_keeps_to_the_rules_of_a_form(home: Workspace):
    coach = desk_of(home, COACH)
    observe(coach, 2)

    kept, lacks = observing.correct(coach, observing.correctable(coach)[0], points(5))

    assert (kept, {one.key for one in lacks}) == (None, {"development.score.no_quote"})
    assert observing.earlier(coach, observing.observed(coach.record, REP)[0].obs_id) == ()


def screen_of(home: Workspace, person: str, name: str) -> str:
    app = development_app(home.path, "en", Principal(person))
    app._rep.value = REP
    app._go(name)
    return text_of(app)


def test_the_rep_scores_before_reading_what_the_coach_saw(home: Workspace):
    observe(desk_of(home, COACH), 2, quote="interrupted twice")
    hidden = [screen_of(home, REP, name) for name in ("observe", "grow")]
    open_to_coach = [screen_of(home, COACH, name) for name in ("observe", "grow")]

    observe(desk_of(home, REP), 4, quote="listened")

    assert [text for text in hidden if "interrupted twice" in text] == []
    assert load_words("en")("growth.score.waits") in hidden[0]
    assert "interrupted twice" in open_to_coach[1]  # control: it is there, and the coach reads it
    assert "interrupted twice" in screen_of(home, REP, "observe")
    assert "interrupted twice" in screen_of(home, REP, "grow")


def test_a_rep_may_read_on_without_own_points(home: Workspace):
    observe(desk_of(home, COACH), 2, quote="interrupted twice")
    app = development_app(home.path, "en", Principal(REP))

    button(app, load_words("en")("growth.score.read_now")).click()

    assert "interrupted twice" in text_of(app)
    assert load_words("en")("growth.score.waits") not in text_of(app)


def test_scorecards_that_came_with_the_data_count_in_the_matrix(tmp_path: Path):
    home = organisation(tmp_path, scored=5)
    coach = desk_of(home, COACH)

    found = {gap.competency: gap for gap in Growth(coach).matrix("AE").gaps}["discovery"]

    assert (found.seen.n, found.seen.value) == (5, 2.0)
    assert found.state == "gap"
    assert [one.obs_id for one in observing.everything(coach)] == [f"import O{n}" for n in range(5)]
    assert observing.imported(home, open_record(home, Principal("A1")), [REP]) == ()  # an analyst sees nobody's


def test_an_observation_is_not_counted_twice_once_the_data_hold_it_too(home: Workspace):
    """The data count the record's own rows; only those that came with the import are added here."""
    coach = desk_of(home, COACH)
    keep(coach, "discovery", "discovery", DAY, CALL, points(3))

    assert len(data_at(home).table("observation")) == 1
    assert len(observing.everything(coach)) == 1


# -- the plan --------------------------------------------------------------------------------------


def test_a_gap_needs_five_observations(home: Workspace):
    coach = desk_of(home, COACH)
    for n in range(5):
        before = Growth(coach).matrix("AE")
        assert {gap.state for gap in before.gaps if gap.competency == "discovery"} == {"too_early"}
        observe(coach, 1 if n % 2 else 2, Subject("activity", f"call {n}"))

    found = Growth(coach).matrix("AE")

    assert {gap.state for gap in found.gaps if gap.competency == "discovery"} == {"gap"}
    assert found.ready.verdict == "not_yet"


def plan_of(home: Workspace) -> DevelopmentPlan:
    growth = Growth(desk_of(home, COACH))
    growth.begin("AM", date(2026, 3, 31), key="plan")
    growth.write_aim("Key accounts.", "")
    plan = growth.plan
    assert plan is not None
    return plan


def test_who_writes_the_aim_second_sees_both_texts(home: Workspace):
    plan_of(home)

    with pytest.raises(ConflictError) as conflict:
        Growth(desk_of(home, REP)).write_aim("Lead a team.", "")

    assert (conflict.value.mine, conflict.value.theirs) == ("Lead a team.", "Key accounts.")


def test_a_changed_aim_is_signed_anew(home: Workspace):
    rep, coach = desk_of(home, REP), desk_of(home, COACH)
    signed = service.sign_plan(rep.record, plan_of(home), "rep")
    signed = service.sign_plan(coach.record, signed, "coach")
    assert signed.signed_rep_at is not None

    Growth(coach).write_aim("Something else.", "Key accounts.")

    plan = Growth(rep).plan
    assert plan is not None
    assert (plan.signed_rep_at, plan.signed_manager_at) == (None, None)


def test_nobody_signs_for_the_rep(home: Workspace):
    with pytest.raises(AccessDenied):
        service.sign_plan(desk_of(home, COACH).record, plan_of(home), "rep")


def test_a_step_is_done_when_something_shows_it(home: Workspace):
    growth, plan = Growth(desk_of(home, COACH)), plan_of(home)
    step = growth.add_step(plan, "experience", "discovery", "Three calls", date(2026, 1, 10), key="step")

    with pytest.raises(UsageError, match="what shows"):
        growth.set_state(step.id, "done")
    growth.write_proof(step.id, "Heard together.", "")

    assert growth.set_state(step.id, "done").status == "done"


def test_a_mentor_needs_the_consent_of_both(home: Workspace):
    growth = Growth(desk_of(home, COACH))
    service.agree(desk_of(home, OTHER, OTHER).record, OTHER, "mentor")

    with pytest.raises(UsageError, match="consent"):
        growth.decide_mentor(OTHER, "discovery", key="pair")
    service.agree(desk_of(home, REP).record, REP, "mentee")
    pair = growth.decide_mentor(OTHER, "discovery", key="pair")

    assert (pair.rep_id, pair.mentor_id) == (REP, OTHER)


def test_a_consent_is_given_by_nobody_else_and_taken_back_at_once(home: Workspace):
    owner = open_record(home, Principal.owner("root"))
    with pytest.raises(AccessDenied):  # an administrator may write consents, but not say yes for somebody
        service.agree(owner, REP, "mentor")
    rep = desk_of(home, REP).record
    service.agree(rep, REP, "mentor")
    assert service.agreed(owner, "mentor", [REP]) == {REP}

    service.withdraw(rep, REP, "mentor")

    assert service.agreed(owner, "mentor", [REP]) == frozenset()


def test_a_credible_strength_is_one_beside_others(home: Workspace):
    owner = open_record(home, Principal.owner("root"))
    for rep, value in ((REP, 4), (OTHER, 2)):
        for n in range(6):
            observe(Desk(home, owner, rep, load_words("en")), value + n % 2 // 2, Subject("activity", f"call {n}"))

    found = strengths(observing.observed(owner))

    assert found[REP]["discovery"] > 0.8 > 0.2 > found[OTHER]["discovery"]
    assert strengths([one for one in observing.observed(owner) if one.rep_id == REP]) == {}


def test_training_is_taken_up_again_on_four_working_days(home: Workspace):
    growth = Growth(desk_of(home, COACH))
    entry = growth.assign("product", date(2025, 12, 1))
    growth.complete(entry.id, date(2025, 11, 20))

    studied = growth.trainings()[0]

    assert [day.isoformat() for day in studied.again] == ["2025-11-24", "2025-11-27", "2025-12-11", "2026-01-19"]
    with pytest.raises(AccessDenied):
        Growth(desk_of(home, REP)).assign("product", None)


# -- recognition -----------------------------------------------------------------------------------


def given(home: Workspace, reason: str = "Asked what a delay costs.") -> Recognition:
    return recognising.give(desk_of(home, COACH), "good_question", reason, ("call of 3 November",), key=reason)


def test_promises_kept_in_a_row_are_a_reason_and_a_late_one_ends_the_row(home: Workspace):
    desk = desk_of(home, COACH)
    for n in range(8):
        action = desk.record.add(
            ActionItem(rep_id=REP, key=f"a{n}", period="2025Q4", period_start=date(2025, 10, 1), text=f"promise {n}",
                       owner_id=REP, due=date(2099, 1, 1))
        )  # fmt: skip
        assert recognising.facts(desk) == ()
        desk.record.save(replace(action, status="done", closed_at=datetime.now(UTC)))

    fact = recognising.facts(desk)[0]
    assert (fact.item.id, fact.found.kind, len(fact.refs)) == ("promises_kept", "behaviour", 8)


def test_a_result_is_not_recognised_without_the_signal(home: Workspace):
    with pytest.raises(UsageError, match="reliable difference"):
        recognising.give(desk_of(home, COACH), "personal_best", "Best ever.", ("metric:ads:2025Q4",), key="x")


@pytest.mark.parametrize("ref", ["observation:99", "action:99", "deal:nowhere", "metric:charm"])
def test_evidence_that_is_not_there_is_refused(home: Workspace, ref: str):
    with pytest.raises(UsageError, match=ref):
        recognising.give(desk_of(home, COACH), "good_question", "Asked well.", (ref,), key="x")


def test_evidence_about_the_person_is_kept(home: Workspace):
    coach = desk_of(home, COACH)
    observe(coach)
    ref = f"observation:{observing.observed(coach.record, REP)[0].obs_id}"

    assert recognising.give(coach, "good_question", "Asked well.", (ref,), key="x").evidence_refs == (ref,)


def test_nobody_goes_unseen_before_the_record_knows_of_recognition(home: Workspace):
    manager = desk_of(home, MANAGER)
    assert recognising.unseen(manager, {REP: "Can", "R2": "Elif"}, date(2027, 11, 20)) is None

    given(home)
    today = datetime.now(UTC).date()
    assert recognising.unseen(manager, {REP: "Can", "R2": "Elif"}, today) == ()
    later = recognising.unseen(manager, {REP: "Can", "R2": "Elif"}, today + timedelta(days=370))
    assert later is not None
    assert {months for _, months in later} == {12}


def test_nobody_is_on_the_wall_by_somebody_elses_hand(home: Workspace):
    one = given(home)

    with pytest.raises(AccessDenied):
        service.show(desk_of(home, COACH).record, one)
    assert service.wall(desk_of(home, OTHER).record) == ()


def test_the_wall_is_read_by_all_and_left_at_once(home: Workspace):
    rep, other = desk_of(home, REP).record, desk_of(home, OTHER).record
    shown = service.show(rep, given(home))
    assert [one.id for one in service.wall(other)] == [shown.id]

    service.withdraw(rep, REP, "wall")

    assert service.wall(other) == ()
    assert service.wall(open_record(home, Principal.owner("root"))) == ()


def test_a_certificate_of_what_could_be_chance_is_refused(home: Workspace):
    coach = desk_of(home, COACH)
    thanks = coach.record.add(Recognition(rep_id=REP, reason="Good quarter.", evidence_refs=("metric:ads:2025Q4",)))

    made = recognising.certificate(coach, given(home, "<script>alert(1)</script> {evidence}"))

    assert b"<script>alert" not in made.data
    assert b"{evidence}" in made.data  # words of a person are no template
    assert b"Elif Kaya" in made.data
    with pytest.raises(UsageError, match="chance"):
        recognising.certificate(coach, thanks)


def test_shares_of_small_groups_are_not_shown(home: Workspace):
    hr = open_record(home, Principal("H1"))
    before = service.recognised_by_group(hr, dict.fromkeys((REP, OTHER, "R3", "R4", "R5"), "A"))
    assert before[0].na_reason == "no_exposure"  # nothing was ever kept: 0 % would be an accusation
    given(home)

    small = service.recognised_by_group(hr, {REP: "A", OTHER: "A"})
    large = service.recognised_by_group(hr, dict.fromkeys((REP, OTHER, "R3", "R4", "R5"), "A"))

    assert small[0].na_reason == "below_min_n"
    assert (large[0].recognised, large[0].n) == (1, 5)
    assert service.recognised_by_group(open_record(home, Principal(COACH)), {REP: "A"}) == ()


# -- the app and the shell -------------------------------------------------------------------------


@pytest.mark.parametrize(("person", "shown"), [(REP, True), (COACH, True), (MANAGER, True), ("H1", False)])
def test_each_role_sees_its_own(home: Workspace, person: str, shown: bool):
    given(home)
    app = development_app(home.path, "en", Principal(person))
    words = load_words("en")

    if shown:
        app._rep.value = REP
    app._go("recognise")

    assert ("Asked what a delay costs." in text_of(app)) == shown
    assert words("one_on_one.access.title") not in text_of(app) or not shown


def test_the_bonus_simulator_says_that_it_is_none_of_payroll():
    words = load_words("tr")
    assert recognising.amount("1.250,50", words) == Decimal("1250.50")
    with pytest.raises(UsageError, match="Sayı değil"):
        recognising.amount("on bin", words)


@pytest.fixture
def shell() -> Callable[..., object]:
    def run(*arguments: str) -> object:
        result = CliRunner().invoke(cli, ["record", *arguments], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return run


def test_the_shell_keeps_a_scorecard_and_prints_the_plan(home: Workspace, shell: Callable[..., dict]):
    items = [f"--points={item.id}=3" for item in observing.card("discovery").items]

    kept = shell("scorecard", str(home.path), "--rep", REP, "--form", "discovery", "--about", "DX", *items)
    profile = shell("scorecard", str(home.path), "--rep", REP)
    plan = shell("plan", str(home.path), "--rep", REP, "--role", "AM")

    assert kept["form"] == "discovery"
    assert profile["profile"]["discovery"] | {"value": None} == {
        "value": None, "low": None, "high": None, "n": 1, "na_reason": "below_min_n"
    }  # fmt: skip
    assert plan["ready"]["verdict"] == "too_early"


def test_in_the_shell_a_rep_beside_signs_and_decides_about_the_wall(home: Workspace, shell: Callable[..., dict]):
    plan_of(home)
    recognition = given(home)
    there = [str(home.path), "--rep", REP]

    with pytest.raises(AccessDenied):  # control: the same without the rep beside
        shell("recognition", *there, "--show", str(recognition.id))
    signed = shell("plan", *there, "--sign", "--as-rep")
    shown = shell("recognition", *there, "--show", str(recognition.id), "--as-rep")

    assert signed["signed"] == ["rep"]
    assert [one["public"] for one in shown["given"]] == [True]


def test_the_shell_corrects_a_scorecard_of_ones_own(home: Workspace, shell: Callable[..., dict]):
    items = observing.card("discovery").items
    there = [str(home.path), "--rep", REP]
    first = shell(
        "scorecard", *there, "--form=discovery", "--about=DX", *(f"--points={one.id}=3" for one in items)
    )  # fmt: skip

    shell("scorecard", *there, f"--correct={first['observation']}", *(f"--points={one.id}=4" for one in items))

    seen = observing.observed(open_record(home, Principal.owner("root")), REP)
    assert [answer.value for answer in seen[0].answers.values()] == [4] * len(items)
    with pytest.raises(UsageError, match="observation of yours"):
        shell("scorecard", *there, "--correct=1", "--as-rep", "--points=effect=2")


def test_the_shell_works_out_a_bonus(shell: Callable[..., dict]):
    found = shell(
        "bonus", "--target=10000", "--quota=100000", "--credited=110000", "--threshold=0.5", "--accelerator=1=1.5"
    )

    assert found["paid"] == "11500.00"
    assert found["remarks"] == ["recognition.bonus.not_payroll"]


def test_the_shell_gives_recognition_and_writes_the_certificate(
    home: Workspace, shell: Callable[..., dict], tmp_path: Path
):
    told = shell(
        "recognition",
        str(home.path),
        "--rep",
        REP,
        "--give",
        "good_question",
        "--words",
        "Asked well.",
        "--evidence",
        "DX",
    )
    file = tmp_path / "certificate.html"
    shell(
        "recognition", str(home.path), "--rep", REP, "--certificate", str(told["given"][0]["id"]), "--into", str(file)
    )
    trained = shell("training", str(home.path), "--rep", REP, "--assign", "product")

    assert "Asked well" in file.read_text(encoding="utf-8")
    assert trained[0]["status"] == "assigned"
