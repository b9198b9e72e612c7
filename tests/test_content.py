"""Playbooks, feedback drafts and suggested actions: whole in both languages, checked, and careful."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from salescoach.coaching.content import DRAFT_SLOTS, Content, Text, parse_content
from salescoach.errors import InputError, UsageError
from salescoach.language import CODES, language
from salescoach.metrics import METRICS
from salescoach.resources import load_tables, load_words
from salescoach.words import fill

DRIVERS = ("win_rate", "deal_size", "cycle", "volume", "coverage", "hygiene", "general")
LONGEST = {"en": 150, "tr": 120}  # words a draft may have

# What a feedback text may not say: absolutes, judgements of the person, comparisons with named others.
FORBIDDEN = {
    "en": ("always", "never", "every time", "you are", "your attitude", "lazy", "than"),
    "tr": ("her zaman", "hep", "daima", "asla", "hiç", "hiçbir zaman", "tembel", "ilgisizsiniz", "göre daha"),
}

# A question that yes or no answers closes the talk: in English by its first word, in Turkish by its particle.
CLOSED = {
    "en": r"^(do|does|did|is|are|can|could|will|would|have|has)\b",
    "tr": r"\bm[ıiuü](?:s[ıi]n[ıi]z|y[ıiuü]z)?\?$",
}
KINDS = {"playbooks.toml": "playbook", "feedback.toml": "draft", "actions.toml": "action"}


@pytest.fixture(scope="module")
def content() -> Content:
    """The content as it is shipped."""
    return parse_content(load_tables("content"))


@pytest.fixture
def raw() -> dict[str, Any]:
    """The shipped files, to be damaged."""
    return copy.deepcopy(load_tables("content"))


def forbidden(code: str, text: str) -> list[str]:
    """Words of the lint that stand in *text* as words."""
    folded = language(code).fold(text)
    return [word for word in FORBIDDEN[code] if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", folded)]


def texts(content: Content) -> list[tuple[str, Text]]:
    """Every text with a name to find it by."""
    found = []
    for playbook in content.playbooks:
        found += [(playbook.id, text) for text in vars(playbook).values() if isinstance(text, Text)]
        found += [(playbook.id, text) for text in playbook.asked]
    found += [(draft.id, text) for draft in content.drafts for text in (draft.title, draft.text)]
    return found + [(action.id, action.text) for action in content.actions]


# --- what is shipped ------------------------------------------------------------------------------------


def test_there_is_a_playbook_for_every_driver(content: Content):
    assert tuple(playbook.id for playbook in content.playbooks) == DRIVERS


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("driver", DRIVERS)
def test_a_playbook_explains_innocently_and_asks_openly(content: Content, driver: str, code: str):
    playbook = content.playbook(driver)
    assert [name for name, _ in playbook.innocent(code)] == ["mix", "territory", "chance"]
    questions = playbook.questions(code)
    assert len(questions) == 5
    assert all(question.endswith("?") for question in questions)
    assert [question for question in questions if re.search(CLOSED[code], language(code).fold(question))] == []


def test_playbooks_belong_to_metrics_that_exist(content: Content):
    known = {*METRICS, "cycle_won"}
    assert {metric for playbook in content.playbooks for metric in playbook.metrics} <= known


def test_there_are_twelve_actions_and_each_driver_has_one(content: Content):
    assert len(content.actions) == 12
    assert {action.driver for action in content.actions} == set(DRIVERS)
    assert all(7 <= action.due_days <= 28 for action in content.actions)


def test_there_is_a_draft_for_each_case(content: Content):
    assert {(draft.kind, draft.level) for draft in content.drafts} == {
        ("strength", "signal"), ("strength", "tentative"), ("development", "signal"), ("development", "hypothesis"),
        ("suggestion", "none"), ("team", "none"),
    }  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_each_draft_cites_evidence_suggests_and_asks(content: Content, code: str):
    for draft in content.drafts:
        assert {"evidence", "suggestion"} <= draft.slots <= DRAFT_SLOTS, draft.id
        assert "?" in draft.text(code), draft.id
        assert len(draft.text(code).split()) <= LONGEST[code], draft.id


@pytest.mark.parametrize("code", CODES)
def test_feedback_speaks_about_the_work_and_not_about_the_person(content: Content, code: str):
    said = {draft.id: forbidden(code, draft.text(code)) for draft in content.drafts}
    assert not any(said.values()), said


@pytest.mark.parametrize(("code", "wrong"), [("en", "You are late."), ("tr", "Siz hep geç."), ("tr", "HİÇ sormuyor.")])
def test_a_forbidden_word_would_be_seen(code: str, wrong: str):
    """Negative control; "hepimiz" is another word, and stays allowed."""
    assert forbidden(code, wrong)
    assert forbidden("tr", "Hepimiz için hedefler") == []


@pytest.mark.parametrize("code", CODES)
def test_a_draft_without_an_observation_shows_its_gaps(content: Content, code: str):
    """What only a person can have seen is never invented: it stays in brackets."""
    words = load_words(code)
    draft = content.feedback("development_signal")
    blanks = {name: words(f"review.feedback.blank.{name}") for name in draft.slots - {"evidence"}}
    written = fill(draft.text(code), {**blanks, "evidence": "n 40"})
    assert written.count("[") == len(blanks) == 5


def test_every_text_is_tidy_in_both_languages(content: Content):
    for name, text in texts(content):
        for code in CODES:
            assert text(code) == text(code).strip(), name
            assert "!" not in text(code), name
            assert "  " not in text(code), name


def test_the_two_languages_are_not_the_same_text(content: Content):
    assert [name for name, text in texts(content) if text.en == text.tr] == []


def test_no_turkish_suffix_hangs_on_a_slot(content: Content):
    assert [draft.id for draft in content.drafts if re.search(r"\}['’]|\}[^\W\d_]", draft.text.tr)] == []


# --- asking for content -----------------------------------------------------------------------------------


def test_actions_of_the_driver_come_first_and_none_is_hidden(content: Content):
    actions = content.actions_for("cycle")
    assert [action.driver for action in actions[:2]] == ["cycle", "cycle"]
    assert set(actions) == set(content.actions)


def test_an_unknown_item_is_named_with_the_known_ones(content: Content):
    with pytest.raises(UsageError, match=r"'winrate'.*win_rate"):
        content.playbook("winrate")
    with pytest.raises(UsageError, match="feedback draft"):
        content.feedback("praise")
    with pytest.raises(UsageError, match="suggested action"):
        content.action("rest")
    assert content.has_action("clear_stalled")
    assert not content.has_action("rest")


def test_a_text_knows_its_two_languages_only():
    with pytest.raises(UsageError, match="'de'"):
        Text("yes", "evet")("de")


# --- what a coach may get wrong -----------------------------------------------------------------------------


def test_the_shipped_content_is_valid(raw: dict[str, Any]):
    """The control for everything below: undamaged, it passes."""
    assert parse_content(raw) == parse_content(load_tables("content"))


@pytest.mark.parametrize(
    ("file", "change", "says"),
    [
        (
            "playbooks.toml",
            {"title_tr": None},
            r"^playbooks\.toml, playbook 'win_rate', title_tr: is missing; there are",
        ),
        ("playbooks.toml", {"title_tr": "  "}, r"title_tr: '  ' is not a text"),
        ("playbooks.toml", {"questions_tr": ["Neden?"]}, r"questions_tr: 5 texts are needed; found 1"),
        ("playbooks.toml", {"questions_en": "Why?"}, r"questions_en: 5 texts are needed; found 'Why\?'"),
        ("playbooks.toml", {"evidence_grade": "X"}, r"evidence_grade: 'X' is unknown; known: A, B, C, D"),
        ("playbooks.toml", {"metrics": "ads"}, r"metrics: 'ads' is not a list of names"),
        ("playbooks.toml", {"titel_en": "x"}, r"titel_en: is not a field; the fields are: .*title_en"),
        ("playbooks.toml", {"id": "cycle"}, r"playbook 'cycle': stands twice"),
        ("playbooks.toml", {"id": None}, r"playbook number 1, id: is missing"),
        ("feedback.toml", {"kind": "praise"}, r"^feedback\.toml, draft 'strength_signal', kind: 'praise' is unknown"),
        ("feedback.toml", {"text_tr": "Kanıt: {evidence}"}, r"text_tr: both languages have the same slots; .*date"),
        ("feedback.toml", {"text_en": "{mood}"}, r"text_en: unknown slots: mood; known: behaviour"),
        ("feedback.toml", {"text_en": "{evidence!r}"}, r"text_en: .*a slot is a name"),
        ("actions.toml", {"driver": "luck"}, r"^actions\.toml, action 'qualify_three', driver: there is no playbook"),
        ("actions.toml", {"due_days": 0}, r"due_days: 0 is not a whole number above 0"),
        ("actions.toml", {"due_days": True}, r"due_days: True is not a whole number"),
    ],
)
def test_a_mistake_is_named_with_file_item_and_field(raw: dict[str, Any], file: str, change: dict[str, Any], says: str):
    item = raw[file][KINDS[file]][0]
    for field, value in change.items():
        item.pop(field, None)
        if value is not None:
            item[field] = value
    with pytest.raises(InputError, match=says):
        parse_content(raw)


def test_a_missing_or_unknown_file_is_named(raw: dict[str, Any]):
    with pytest.raises(InputError, match=r"actions\.toml: is missing"):
        parse_content({name: table for name, table in raw.items() if name != "actions.toml"})
    with pytest.raises(InputError, match=r"action\.toml: is not a content file"):
        parse_content({**raw, "action.toml": {}})


@pytest.mark.parametrize("table", [{}, {"playbooks": []}, {"playbook": []}, {"playbook": "x"}, {"playbook": ["x"]}])
def test_a_file_of_another_shape_is_refused(raw: dict[str, Any], table: dict[str, Any]):
    with pytest.raises(InputError, match=r"playbooks\.toml"):
        parse_content({**raw, "playbooks.toml": table})
