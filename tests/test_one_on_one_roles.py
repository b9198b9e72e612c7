"""Who sees what of a one-on-one, through the very screens; and what goes into its documents and the next review."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from one_on_one_support import COACH, MANAGER, OTHER, REP, SECOND, button, desk_of, named, organisation, text_of

from salescoach.app.one_on_one import STEPS, OneOnOneApp
from salescoach.cli import main
from salescoach.meeting_documents import FORMS, SPREADSHEETS, WHAT, document
from salescoach.meeting_session import session_of
from salescoach.meetings import open_record
from salescoach.privacy.traces import unpacked
from salescoach.report.page import Section
from salescoach.resources import load_words
from salescoach.review import open_review
from salescoach.store import Principal, signed_in
from salescoach.store.models import AccessScope, AgendaItem, Notice, OneOnOne, PrivateNote
from salescoach.workspace import Workspace

EN = load_words("en")
PRIVATE = "Zeynep hanımla konuş: terfi beklentisi"
SHARED = "We listened to the Depo call together."
POINT = "The price of Depo"
SKILL = "Ask for the effect of the problem"
STEP = "Send the joint plan"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """One meeting of coach and rep: held, with notes; nobody has signed."""
    home = organisation(tmp_path_factory.mktemp("roles"))
    coach = desk_of(home, COACH)
    meeting = coach.plan("weekly", coach.review.facts.as_of, "09:30", "first")
    desk_of(home, REP).write_point(meeting, "rep", 1, POINT, 0)
    app = OneOnOneApp(home, "en", Principal(COACH))
    app._rep.value = REP
    app._go("hold")
    named(app, EN("one_on_one.app.private")).value = PRIVATE
    button(app, EN("one_on_one.app.save_private")).click()
    named(app, EN("one_on_one.app.shared")).value = SHARED
    button(app, EN("one_on_one.app.save_shared")).click()
    named(app, EN("one_on_one.skill")).value = SKILL
    named(app, EN("one_on_one.app.deal")).value = "DX"
    named(app, EN("one_on_one.deal_step")).value = STEP
    named(app, EN("one_on_one.evidence")).value = "metric:win_rate_count"
    button(app, EN("one_on_one.app.held")).click()
    return home


def everything(home: Workspace, person: str, rep: str = REP) -> str:
    """All that somebody can read in the app, step by step."""
    app = OneOnOneApp(home, "en", Principal(person))
    if rep in [value for _, value in app._people]:
        app._rep.value = rep
    texts = []
    for step in STEPS:
        app._go(step)
        texts.append(text_of(app))
    return "\n".join(texts)


def test_the_coach_finds_what_was_written(home: Workspace):
    seen = everything(home, COACH)

    for text in (PRIVATE, SHARED, POINT, SKILL, STEP):
        assert text in seen


@pytest.mark.parametrize("person", [SECOND, REP, MANAGER, "H1", "A1", "nobody"])
def test_a_private_note_is_its_authors_alone(home: Workspace, person: str):
    """The test before is the control: the first coach does see it."""
    assert PRIVATE not in everything(home, person)


def test_a_second_coach_of_the_same_rep_reads_the_shared_note(home: Workspace):
    assert SHARED in everything(home, SECOND)


def test_a_manager_reads_results_but_no_notes_and_is_told_so(home: Workspace):
    seen = everything(home, MANAGER)

    assert EN("one_on_one.access.manager") in seen
    assert SHARED not in seen
    assert SKILL not in seen


@pytest.mark.parametrize("person", ["H1", "A1", "nobody", "M2"])
def test_who_sees_no_one_on_ones_gets_an_empty_page_with_the_reason(home: Workspace, person: str):
    seen = everything(home, person)

    assert person in seen
    assert EN("one_on_one.access.title") in seen
    assert not [text for text in (SHARED, POINT, SKILL, "Elif Kaya", "Can Işık") if text in seen]


def test_a_rep_of_the_address_is_no_permission(home: Workspace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("QUERY_STRING", f"rep={OTHER}")
    app = OneOnOneApp(home, "en", Principal(REP))

    assert EN("one_on_one.access.title") in text_of(app)
    assert "Can Işık" not in text_of(app)


@pytest.mark.parametrize(("team", "reached"), [("T1", [REP, OTHER]), ("T9", [])])
def test_a_scope_on_a_team_opens_the_brief_of_its_reps_to_whoever_logged_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, team: str, reached: list[str]
):
    """The brief is opened as the person who logged in, not as the owner: it has to know the teams, too."""
    home = organisation(tmp_path, team="T1")
    with open_record(home, Principal.owner("root")) as record:
        day = date(2025, 1, 1)
        record.add(AccessScope(rep_id="TC", level="coach", subject_kind="team", subject_id=team, valid_from=day))
        record.add(Notice(rep_id=REP, notice_version="v1", delivered_at=datetime.now(UTC)))
    desk_of(home, COACH).plan("weekly", day, "09:30", "first")
    for name, value in signed_in("TC").items():
        monkeypatch.setenv(name, value)
    app = OneOnOneApp(home, "en")
    if reached:
        app._rep.value = REP

    assert sorted(rep for _, rep in app._people) == reached
    assert (EN("one_on_one.access.title") in text_of(app)) == (not reached)
    assert (EN("one_on_one.agenda.title") in text_of(app)) == bool(reached)


def test_a_rep_finds_the_own_page_and_nobody_elses(home: Workspace):
    app = OneOnOneApp(home, "en", Principal(REP))

    assert [rep for _, rep in app._people] == [REP]
    assert SHARED in everything(home, REP)


def test_what_was_just_written_is_missing_no_more(home: Workspace):
    desk = desk_of(home, COACH, OTHER)
    desk.plan("weekly", desk.review.facts.as_of, "08:00", "still missing")
    app = OneOnOneApp(home, "en", Principal(COACH))
    app._rep.value = OTHER
    lacks = [EN("session.preread.no_evidence"), EN("session.agenda.none")]
    assert all(one in text_of(app) for one in lacks)

    named(app, EN("one_on_one.app.point.rep", place=1)).value = "Price of Depo"
    named(app, EN("one_on_one.evidence")).value = "metric:win_rate_count"

    assert not [one for one in lacks if one in text_of(app)]


def test_who_is_still_to_sign_is_told_where(home: Workspace):
    owner = OneOnOneApp(home, "en", Principal.owner("root"))
    owner._rep.value = REP
    coach = OneOnOneApp(home, "en", Principal(COACH))
    coach._rep.value = REP
    for app in (owner, coach):
        app._go("close")

    assert EN("one_on_one.app.sign_here") in text_of(owner)
    assert EN("one_on_one.app.sign_elsewhere") in text_of(coach)


def test_a_rep_writes_points_but_not_the_coachs(home: Workspace):
    app = OneOnOneApp(home, "en", Principal(REP))

    assert named(app, EN("one_on_one.app.point.rep", place=1)).disabled is False
    assert named(app, EN("one_on_one.app.point.manager")).disabled is True


def test_a_rep_has_no_box_for_private_notes_of_a_coach(home: Workspace):
    app = OneOnOneApp(home, "en", Principal(REP))
    app._go("hold")

    assert EN("one_on_one.app.save_private") not in text_of(app)


def test_a_control_that_was_unlocked_by_hand_saves_nothing_in_a_strangers_page(home: Workspace):
    """Widget state is no permission: what a browser sends is authorised by the record."""
    coach = desk_of(home, COACH)
    meeting = coach.meetings()[0]
    stranger = desk_of(home, "nobody")

    with pytest.raises(Exception, match="You may not"):
        stranger.write_point(meeting, "rep", 2, "x", 0)
    assert "x" not in [item.text for item in coach.record.entries(AgendaItem, REP)]


# -- what leaves the record ----------------------------------------------------------------------


THERE = [
    (what, form)
    for what in WHAT
    for form in FORMS
    if form != "pdf" and (what == "calendar") == (form == "ics") and not (what == "brief" and form in SPREADSHEETS)
]


@pytest.mark.parametrize(("what", "form"), THERE)
def test_a_private_note_is_in_no_document(home: Workspace, what: str, form: str):
    desk = desk_of(home, COACH)
    made = document(desk, desk.meetings()[0].id, what, form)

    said = b"".join(unpacked(made.data))
    assert PRIVATE.encode() not in said
    assert PRIVATE.split(":")[0].encode() not in said


def test_minutes_of_the_first_coach_hold_the_shared_note(home: Workspace):
    """Negative control: the same documents do hold what both may read."""
    desk = desk_of(home, COACH)

    assert SHARED.encode() in document(desk, desk.meetings()[0].id, "minutes", "html").data


def test_numbers_that_were_on_the_table_stay_as_they_were(home: Workspace):
    desk = desk_of(home, COACH)
    session = session_of(desk, desk.meetings()[0].id)
    number = next(one for one in session.numbers if one.metric_id == "win_rate_count")

    assert session.held
    assert len(session.numbers) <= 6
    assert (number.n, number.low < number.value < number.high) == (9, True)


@pytest.mark.parametrize(("what", "form"), [("minutes", "docx"), ("brief", "md"), ("calendar", "ics")])
def test_the_command_line_writes_it_to_a_file(home: Workspace, tmp_path: Path, what: str, form: str):
    file = tmp_path / f"x.{form}"
    order = ["record", what, str(home.path), "--rep", REP, "--format", form, "--language", "tr", "--into", str(file)]
    with pytest.raises(SystemExit) as left:
        main(order)

    assert left.value.code == 0
    assert file.stat().st_size > 200
    assert PRIVATE.encode() not in file.read_bytes()


def test_the_command_line_names_the_meetings_that_there_are(
    home: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as left:
        main(["record", "minutes", str(home.path), "--rep", REP, "--number", "9", "--into", str(tmp_path / "x.html")])

    assert left.value.code == 2
    assert "meeting" in capsys.readouterr().err


# -- signing, and the next review ----------------------------------------------------------------


@pytest.fixture(scope="module")
def signed(home: Workspace) -> Workspace:
    for person, side in ((COACH, "coach"), (REP, "rep")):
        app = OneOnOneApp(home, "en", Principal(person))
        app._rep.value = REP
        app._go("close")
        button(app, EN(f"one_on_one.app.sign_{side}")).click()
    return home


def test_both_have_signed(signed: Workspace):
    meeting = desk_of(signed, COACH).record.entries(OneOnOne, REP)[0]

    assert meeting.is_closed


@pytest.mark.parametrize("language", ["tr", "en"])
def test_the_next_review_begins_with_what_was_promised_in_the_meeting(signed: Workspace, language: str):
    review = open_review(signed, rep=REP, period="2025Q4", language=language)
    promised = review.promised._repr_mimebundle_()["text/plain"]

    assert SKILL in promised
    assert f"Depo: {STEP}" in promised


def test_no_page_of_the_review_holds_a_private_note(signed: Workspace):
    review = open_review(signed, rep=REP, period="2025Q4", language="en")
    parts = [part._repr_mimebundle_()["text/plain"] for part in review.page.sections if isinstance(part, Section)]

    assert not [part for part in parts if PRIVATE in part]


def test_the_next_meeting_carries_the_promises(signed: Workspace):
    desk = desk_of(signed, COACH)
    meeting = desk.plan("weekly", desk.next_day(desk.meetings()[0]), "10:00", "second")

    assert {action.text for action in desk.meeting(meeting.id).carried} == {SKILL, f"Depo: {STEP}"}
    assert meeting.number == 2


def test_a_private_note_is_really_stored(home: Workspace):
    """Negative control of all the absences above."""
    assert [note.text for note in desk_of(home, COACH).record.entries(PrivateNote, REP)] == [PRIVATE]


# -- objections ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def objected(home: Workspace) -> Workspace:
    """The rep objects to the win rate, through the screen."""
    app = OneOnOneApp(home, "en", Principal(REP))
    app._go("agree")
    named(app, EN("one_on_one.objection.number")).value = "win_rate_count"
    named(app, EN("one_on_one.objection.reason")).value = "Two of these deals were not mine."
    button(app, EN("one_on_one.objection.object")).click()
    return home


def test_a_manager_has_nothing_to_reply_to_where_nothing_is_disputed(home: Workspace):
    """The rep always has the form: negative control."""
    assert EN("one_on_one.feedback.answer") not in everything(home, MANAGER)
    assert EN("one_on_one.feedback.answer") in everything(home, REP)


def test_a_number_to_which_a_rep_objects_is_marked_for_all_who_see_it(objected: Workspace):
    for person in (REP, COACH):
        desk = desk_of(objected, person)
        marked = [one.metric_id for one in session_of(desk, desk.meetings()[-1].id).numbers if one.disputed]
        assert marked == ["win_rate_count"]


def test_another_answers_the_objection_and_both_texts_stay(objected: Workspace):
    app = OneOnOneApp(objected, "en", Principal(MANAGER))
    app._go("agree")
    named(app, EN("one_on_one.objection.reasons")).value = "The owner was changed on 3 October."
    again = OneOnOneApp(objected, "en", Principal(MANAGER))  # another window: what was typed is there
    again._go("agree")
    drafted = named(again, EN("one_on_one.objection.reasons")).value
    button(app, EN("one_on_one.objection.uphold")).click()
    desk = desk_of(objected, REP)
    seen = everything(objected, REP)

    assert "Two of these deals were not mine." in seen
    assert "The owner was changed on 3 October." in seen
    assert not [one for one in session_of(desk, desk.meetings()[-1].id).numbers if one.disputed]
    assert drafted == "The owner was changed on 3 October."


def test_the_report_was_made_again_and_the_rep_takes_it_away(objected: Workspace):
    """A manager without the switch sees that it was, and gets no report: what was said in meetings is in it."""
    seen, taken = {}, {}
    for person in (REP, MANAGER):
        app = OneOnOneApp(objected, "en", Principal(person))
        app._go("agree")
        seen[person] = text_of(app)
        taken[person] = EN("one_on_one.objection.reports") in seen[person]
        if taken[person]:
            button(app, EN("one_on_one.objection.reports")).click()
            assert 'href="data:text/html' in text_of(app)
    [objection] = desk_of(objected, REP).objections()

    assert objection.recomputed_run_id
    assert all(objection.recomputed_run_id in text for text in seen.values())
    assert taken == {REP: True, MANAGER: False}


def test_the_coach_whose_meeting_it_is_answers_no_objection(objected: Workspace):
    app = OneOnOneApp(objected, "en", Principal(COACH))
    app._go("agree")

    assert EN("one_on_one.objection.uphold") not in text_of(app)


# -- feedback and goals --------------------------------------------------------------------------


def test_feedback_needs_evidence_and_is_answered(home: Workspace):
    app = OneOnOneApp(home, "en", Principal(COACH))
    app._rep.value = REP
    app._go("agree")
    named(app, EN("one_on_one.feedback.part.behaviour")).value = "You always talk over the customer"
    button(app, EN("one_on_one.feedback.give")).click()
    assert EN("one_on_one.feedback.not_yet") in text_of(app)
    assert "always" in text_of(app).split(EN("one_on_one.feedback.second_look"))[1]
    named(app, EN("label.evidence")).value = "metric:win_rate_count"
    named(app, EN("one_on_one.feedback.part.behaviour")).value = "You asked three questions about the effect"
    button(app, EN("one_on_one.feedback.give")).click()

    rep = OneOnOneApp(home, "en", Principal(REP))
    rep._go("agree")
    assert "You asked three questions about the effect" in text_of(rep)
    named(rep, EN("one_on_one.feedback.your_words")).value = "It was four."
    button(rep, EN("one_on_one.feedback.do.dispute")).click()

    assert EN("one_on_one.feedback.dispute.open", text="It was four.") in everything(home, COACH).replace("&#x27;", "'")


def test_a_goal_is_judged_letter_by_letter_and_accepted_by_both(home: Workspace):
    app = OneOnOneApp(home, "en", Principal(COACH))
    app._rep.value = REP
    app._go("agree")
    for letter in ("specific", "measurable", "achievable", "relevant", "timely"):
        assert EN(f"goals.letter.{letter}") in text_of(app)
    named(app, EN("one_on_one.goal.target")).value = 3.0
    button(app, EN("one_on_one.goal.propose")).click()
    button(app, EN("one_on_one.goal.accept_coach")).click()
    rep = OneOnOneApp(home, "en", Principal(REP))
    rep._go("agree")
    button(rep, EN("one_on_one.goal.accept_rep")).click()

    assert EN("one_on_one.goal.status.signed") in text_of(rep)


# -- two windows ---------------------------------------------------------------------------------


def test_who_saves_second_sees_both_texts_and_overwrites_nothing(home: Workspace):
    coach = desk_of(home, COACH, OTHER)
    meeting = coach.plan("weekly", coach.review.facts.as_of, "11:00", "two windows")
    first, second = (OneOnOneApp(home, "en", Principal(COACH)) for _ in range(2))
    for app in (first, second):
        app._rep.value = OTHER
        app._go("hold")
    title = EN("one_on_one.skill")
    named(first, title).value = "Ask first"
    named(second, title).value = "Listen first"

    assert "Ask first" in text_of(second)
    assert EN("one_on_one.app.conflict") in text_of(second)
    assert coach.record.get(OneOnOne, meeting.id).skill_commitment == "Ask first"
    button(second, EN("one_on_one.app.keep_mine")).click()
    assert coach.record.get(OneOnOne, meeting.id).skill_commitment == "Listen first"


def holding(home: Workspace, person: str) -> OneOnOneApp:
    """The newest meeting of the other rep, being held."""
    app = OneOnOneApp(home, "en", Principal(person))
    app._rep.value = OTHER
    app._go("hold")
    return app


SHARED_BOX, SAVE = EN("one_on_one.app.shared"), EN("one_on_one.app.save_shared")


def test_two_who_wrote_into_the_same_note_get_a_draft_of_both(home: Workspace):
    coach = desk_of(home, COACH, OTHER)
    meeting = coach.plan("weekly", coach.review.facts.as_of, "12:00", "both write")
    first = holding(home, COACH)
    named(first, SHARED_BOX).value = "Plan the week.\nCall Depo."
    button(first, SAVE).click()
    mine, theirs = holding(home, COACH), holding(home, OTHER)
    named(theirs, SHARED_BOX).value = "Plan the week.\nCall Depo on Monday."
    button(theirs, SAVE).click()
    named(mine, SHARED_BOX).value = "Agreed in the meeting:\nPlan the week.\nCall Depo."
    button(mine, SAVE).click()
    assert EN("one_on_one.app.conflict") in text_of(mine)

    button(mine, EN("one_on_one.app.merge")).click()
    assert EN("one_on_one.app.merged") in text_of(mine)
    stored = coach.meeting(meeting.id).shared
    assert stored is not None
    assert stored.text == "Plan the week.\nCall Depo on Monday."  # put together, but not saved for anybody
    button(mine, SAVE).click()

    stored = coach.meeting(meeting.id).shared
    assert stored is not None
    assert stored.text == "Agreed in the meeting:\nPlan the week.\nCall Depo on Monday."


def test_a_draft_that_lay_there_while_another_saved_overwrites_nothing(home: Workspace):
    """Drawn anew, the draft would seem to rest on the text of the other, and go over it without a word."""
    coach = desk_of(home, COACH, OTHER)
    coach.plan("weekly", coach.review.facts.as_of, "13:00", "left lying")
    mine, theirs = holding(home, COACH), holding(home, OTHER)
    named(mine, SHARED_BOX).value = "Mine, half done"
    named(theirs, SHARED_BOX).value = "Theirs"
    button(theirs, SAVE).click()

    again = holding(home, COACH)

    assert EN("one_on_one.app.conflict") in text_of(again)
    assert "Theirs" in text_of(again)
    assert named(again, SHARED_BOX).value == "Mine, half done"
    button(again, EN("one_on_one.app.merge")).click()
    assert named(again, SHARED_BOX).value == "Mine, half done\nTheirs"


def test_a_long_text_is_a_draft_until_it_is_saved(home: Workspace):
    coach = desk_of(home, COACH, OTHER)
    coach.plan("weekly", coach.review.facts.as_of, "15:00", "half a sentence")

    def opened() -> OneOnOneApp:
        app = OneOnOneApp(home, "en", Principal(COACH))
        app._rep.value = OTHER
        app._go("hold")
        return app

    title = EN("one_on_one.app.shared")
    named(opened(), title).value = "Half a sentence"

    assert named(opened(), title).value == "Half a sentence"
    assert "Half a sentence" not in everything(home, OTHER, OTHER)
    button(opened(), EN("one_on_one.app.save_shared")).click()
    assert "Half a sentence" in everything(home, OTHER, OTHER)
