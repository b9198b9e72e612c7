"""The shipped library: complete, the same in both languages, careful with people, and nobody else's words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache

import pytest
from test_words import borrowed, suffixed

from salescoach.coaching.content import (
    DRAFT_SLOTS,
    FOLDERS,
    LINT_RULES,
    Agenda,
    Card,
    Competency,
    Content,
    ConversationModel,
    Course,
    Draft,
    GoalTemplate,
    Item,
    LintRule,
    LossReason,
    Playbook,
    Recognition,
    Scorecard,
    SurveyForm,
    Text,
    Theme,
    parse_content,
)
from salescoach.coaching.content.talk import SESSIONS
from salescoach.coaching.content.voice import CARDS
from salescoach.coaching.said import PLAYBOOKS
from salescoach.diagnosis import findings
from salescoach.language import CODES, language
from salescoach.metrics import METRICS
from salescoach.report.library import item_section
from salescoach.report.plain import written
from salescoach.resources import load_tables, load_words
from salescoach.words import fill

LIBRARY = parse_content(load_tables("content"))
DRIVERS = (
    "volume", "lead_response", "qualification", "discovery", "demo", "proposal", "negotiation", "closing", "cycle",
    "multithreading", "forecast", "hygiene", "account_growth", "retention", "deal_size",
)  # fmt: skip
TOPICS_OF_NUMBERS = ("win_rate", "coverage", "general")
LONGEST = {"en": 150, "tr": 120}  # words that a draft may have

# A question that yes or no answers closes the talk: in English by its first word, in Turkish by its particle.
CLOSED = {
    "en": r"^(do|does|did|is|are|can|could|will|would|have|has)\b",
    "tr": r"\bm[ıiuü](?:s[ıi]n[ıi]z|y[ıiuü]z)?\?$",
}

# Sentences and terms by which the owners' question sets are known; we use the names of the methods only.
PUBLISHED = (
    "how likely are you to recommend", "how likely is it that you would recommend", "friend or colleague",
    "made it easy for me to handle my issue", "economic buyer", "identify pain", "paper process", "need-payoff",
    "implication question", "arkadaşınıza veya iş arkadaşınıza", "tavsiye etme olasılığınız",
)  # fmt: skip


@pytest.fixture(scope="module")
def content() -> Content:
    """The content as it is shipped."""
    return LIBRARY


def texts_of(thing: object) -> Iterator[Text]:
    """Every text in an item, and in its parts."""
    if isinstance(thing, Text):
        if thing.en or thing.tr:
            yield thing
    elif isinstance(thing, tuple):
        for one in thing:
            yield from texts_of(one)
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from texts_of(getattr(thing, field.name))


def all_texts(content: Content) -> Iterator[tuple[str, Text]]:
    """Every text of the library with a name to find it by."""
    for folder, kind in FOLDERS.items():
        for item in content.all(kind):
            yield from ((f"{folder}/{item.id}", text) for text in texts_of(item))


@cache
def wholly(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the phrases, as whole words."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, phrases))})(?!\w)")


def set_off(content: Content, text: str, code: str, rules: tuple[str, ...] = LINT_RULES) -> list[str]:
    """Rules of the lint whose triggers stand in *text* as words; exempt phrases are taken out before."""
    folded = language(code).fold(text)
    found = []
    for rule in content.all(LintRule):
        if rule.id in rules and rule.triggers(code):
            rest = wholly(rule.exempt(code)).sub(" ", folded) if rule.exempt(code) else folded
            found += [rule.id] * bool(wholly(rule.triggers(code)).search(rest))
    return found


# --- complete -------------------------------------------------------------------------------------------


def test_there_is_a_playbook_for_every_driver_and_for_what_the_numbers_lead_to(content: Content):
    assert {book.id for book in content.playbooks} == {*DRIVERS, *TOPICS_OF_NUMBERS}
    assert all(book.drivers == (book.id,) for book in content.playbooks)


def test_what_a_number_leads_to_has_a_playbook(content: Content):
    """A finding asks for a playbook by its driver; the page must not fail for want of one."""
    assert {*PLAYBOOKS.values(), *findings.DRIVERS.values(), "general"} <= {book.id for book in content.playbooks}


def test_the_library_has_what_it_should(content: Content):
    assert {agenda.id for agenda in content.all(Agenda)} == set(SESSIONS)
    assert {model.id for model in content.all(ConversationModel)} == {
        "grow", "sbi", "coin", "feed_forward", "strengths", "listening", "difficult",
    }  # fmt: skip
    assert len(content.all(Scorecard)) >= 12
    assert len(content.all(GoalTemplate)) >= 40
    assert {card.kind for card in content.all(Card)} == set(CARDS)
    assert {rule.id for rule in content.all(LintRule)} == set(LINT_RULES)
    assert {form.kind for form in content.all(SurveyForm)} >= {"csat", "nps", "ces", "win_interview", "loss_interview"}


def test_grow_has_twelve_questions_for_each_letter(content: Content):
    assert [len(step.say) for step in content.one(ConversationModel, "grow").steps] == [12, 12, 12, 12]


def test_each_driver_has_a_pair_of_goals(content: Content):
    for driver in DRIVERS:
        goals = content.about(GoalTemplate, driver=driver)
        assert {goal.kind for goal in goals} == {"outcome", "behaviour"}, driver
        assert {goal.pair for goal in goals} == {goal.id for goal in goals}, driver
    themes = [goal.theme for goal in content.all(GoalTemplate)]
    assert [themes.count(theme) for theme in ("customer", "collaboration", "development")] == [4, 4, 4]


def test_a_goal_counts_in_the_unit_of_its_metric(content: Content):
    """A target in pieces for a metric in money would be compared with an amount."""
    written = {"score": {"points", "ratio"}}
    for goal in content.all(GoalTemplate):
        if goal.kind == "outcome":
            unit = METRICS[goal.metric].unit
            assert goal.unit in written.get(unit, {unit}), goal.id


def test_there_is_a_draft_for_each_case(content: Content):
    strengths = {(draft.about, draft.level) for draft in content.drafts if draft.kind == "strength"}
    assert strengths == {
        (about, level)
        for about in ("behaviour", "result", "progress")
        for level in ("signal", "tentative", "none")
    }  # fmt: skip
    others = {(draft.kind, draft.level) for draft in content.drafts}
    assert {("development", "signal"), ("development", "hypothesis"), ("suggestion", "none"), ("recognition", "none"),
            ("customer", "tentative"), ("team", "none"), ("reply", "none")} <= others  # fmt: skip


def test_competencies_of_the_scorecards_have_a_course(content: Content):
    """Somebody who sees a gap wants to know where it can be learned."""
    taught = {one for course in content.all(Course) for one in course.competencies}
    rated = {item.competency for form in content.all(Scorecard) for item in form.items}
    assert rated <= taught


def test_every_competency_is_expected_of_some_role(content: Content):
    assert all(one.expected for one in content.all(Competency))


def test_themes_and_reasons_leave_room_for_what_is_not_known(content: Content):
    assert content.one(Theme, "other")
    assert content.one(LossReason, "unknown")


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("folder", FOLDERS)
def test_every_item_can_be_read_under_headings(content: Content, folder: str, code: str):
    for item in content.all(FOLDERS[folder]):
        shown = written(item_section(item, content, load_words(code)))
        assert all(" ".join(text(code).split()[:3]) in " ".join(shown.split()) for text in texts_of(item)), item.id


# --- the two languages ----------------------------------------------------------------------------------


def test_every_text_is_tidy_in_both_languages(content: Content):
    for name, text in all_texts(content):
        for code in CODES:
            assert text(code) == text(code).strip(), name
            assert "!" not in text(code), name
            assert "  " not in text(code), name


def test_the_two_languages_are_not_the_same_text(content: Content):
    assert [name for name, text in all_texts(content) if text.en == text.tr] == []


def test_no_turkish_suffix_hangs_on_a_slot(content: Content):
    assert [name for name, text in all_texts(content) if suffixed(text.tr)] == []


def test_no_english_word_where_the_glossary_has_a_turkish_one(content: Content):
    assert {name: borrowed(text.tr) for name, text in all_texts(content) if borrowed(text.tr)} == {}


def test_turkish_addresses_the_reader_politely(content: Content):
    """Second person singular, as a pronoun."""
    informal = re.compile(r"(?<!\w)(sen|sana|seni|senin|sende|senden)(?!\w)")
    assert [name for name, text in all_texts(content) if informal.search(language("tr").fold(text.tr))] == []
    assert informal.search(language("tr").fold("Bunu SANA sordum"))  # the control


# --- careful with people --------------------------------------------------------------------------------


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("driver", [*DRIVERS, *TOPICS_OF_NUMBERS])
def test_a_playbook_explains_innocently_and_asks_openly(content: Content, driver: str, code: str):
    playbook = content.playbook(driver)
    assert [name for name, _ in playbook.innocent(code)] == ["mix", "territory", "chance"]
    questions = playbook.questions(code)
    assert all(question.endswith("?") for question in questions)
    assert [question for question in questions if re.search(CLOSED[code], language(code).fold(question))] == []


@pytest.mark.parametrize("code", CODES)
def test_each_draft_cites_evidence_suggests_and_asks(content: Content, code: str):
    for draft in content.drafts:
        assert {"evidence", "suggestion"} <= draft.slots <= DRAFT_SLOTS, draft.id
        assert "?" in draft.text(code) or draft.kind == "reply", draft.id
        assert len(draft.text(code).split()) <= LONGEST[code], draft.id


@pytest.mark.parametrize("code", CODES)
def test_our_own_drafts_pass_our_own_lint(content: Content, code: str):
    said = {draft.id: set_off(content, draft.text(code), code) for draft in content.all(Draft)}
    said |= {
        one.id: set_off(content, one.kudos(code) + one.certificate(code), code) for one in content.all(Recognition)
    }
    assert {name: rules for name, rules in said.items() if rules} == {}


@pytest.mark.parametrize("code", CODES)
def test_no_text_judges_a_person_or_touches_what_is_protected(content: Content, code: str):
    """Everything that coaches read, except the lists of what may not be said."""
    rules = ("person", "protected", "comparison", "emotion")
    kinds = [kind for kind in FOLDERS.values() if kind is not LintRule]
    said = {
        f"{item.id}: {text(code)}": found
        for kind in kinds
        for item in content.all(kind)
        for text in texts_of(item)
        if (found := set_off(content, text(code), code, rules))
    }
    assert said == {}


@pytest.mark.parametrize(
    ("code", "wrong", "rule"),
    [
        ("en", "You are always late.", "absolutes"), ("tr", "HİÇ sormuyorsunuz.", "absolutes"),
        ("tr", "Siz hep geç kalıyorsunuz.", "person"), ("en", "You are lazy.", "person"),
        ("tr", "Ayşe Hanım'a göre daha yavaş.", "comparison"), ("en", "Better than Can.", "comparison"),
        ("tr", "HAMİLELİK nedeniyle", "protected"), ("en", "Given your age", "protected"),
        ("en", "The data proves it.", "certainty"), ("tr", "Kesinlikle böyle.", "certainty"),
        ("en", "Good job.", "vague"), ("tr", "Elinize sağlık.", "vague"),
        ("tr", "Güzeldi ama uzundu.", "but"), ("en", "You were nervous.", "emotion"),
    ],
)  # fmt: skip
def test_a_forbidden_word_would_be_seen(content: Content, code: str, wrong: str, rule: str):
    """Negative control."""
    assert rule in set_off(content, wrong, code)


@pytest.mark.parametrize("fine", ["Hepimiz için hedefler", "Sürekli iyileştirme döngüsü", "Aman vermeyen bir takvim"])
def test_a_word_that_only_contains_a_trigger_stays_allowed(content: Content, fine: str):
    assert set_off(content, fine, "tr") == []


def test_triggers_are_written_as_the_lint_compares_them(content: Content):
    """Small letters, so that they can be found in a folded text."""
    for rule in content.all(LintRule):
        for code in CODES:
            for phrase in (*rule.triggers(code), *rule.exempt(code)):
                assert phrase == language(code).fold(phrase), phrase


def test_only_missing_evidence_and_protected_matters_block(content: Content):
    assert {rule.id for rule in content.all(LintRule) if rule.blocks} == {"evidence", "protected"}


def test_luck_is_not_rewarded(content: Content):
    """Results are recognised from twenty cases on, behind the gate; what was seen needs neither."""
    gated = [one for one in content.all(Recognition) if one.gate == "signal"]
    assert gated
    assert all(one.at_least >= 20 for one in gated)


@pytest.mark.parametrize("code", CODES)
def test_a_draft_without_an_observation_shows_its_gaps(content: Content, code: str):
    """What only a person can have seen is never invented: it stays in brackets."""
    words = load_words(code)
    for draft in content.drafts:
        blanks = {name: words(f"review.feedback.blank.{name}") for name in draft.slots - {"evidence"}}
        shown = fill(draft.text(code), {**blanks, "evidence": "n 40"})
        assert shown.count("[") == len(blanks) >= 1, draft.id


# --- whose words they are -------------------------------------------------------------------------------


def published(text: str) -> list[str]:
    """Known wordings of question sets that belong to somebody."""
    folded = {code: language(code).fold(text) for code in CODES}
    return [phrase for phrase in PUBLISHED if any(phrase in one for one in folded.values())]


def test_no_published_wording_of_a_question_set_is_used(content: Content):
    assert [name for name, text in all_texts(content) if published(text.en) or published(text.tr)] == []


def test_a_published_wording_would_be_seen():
    """Negative control."""
    assert published("How likely are you to recommend us?")


def test_grades_c_and_d_are_never_the_reason_for_a_goal(content: Content):
    assert {goal.evidence_grade for goal in content.all(GoalTemplate)} <= {"A", "B"}


def test_everything_says_whose_it_is_and_what_it_is_about(content: Content):
    """An item about nothing cannot be found when it is needed."""
    kinds: list[type[Item]] = [Agenda, Playbook, Scorecard, GoalTemplate, Course, ConversationModel, Recognition]
    lost = [
        item.id
        for kind in kinds
        for item in content.all(kind)
        if not (item.competencies or item.drivers or item.metrics)
    ]
    assert lost == []
