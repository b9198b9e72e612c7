"""The content library as files: what a valid item is, how a mistake is named, and how an item is found."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from salescoach.coaching.content import (
    FOLDERS,
    NAMES,
    Agenda,
    Competency,
    Content,
    GoalTemplate,
    Phrases,
    Playbook,
    Scorecard,
    Text,
    parse_content,
)
from salescoach.errors import InputError, UsageError
from salescoach.resources import load_tables

SHIPPED = load_tables("content")
BOOK, GOALS, CARD = "playbooks/win_rate.toml", "goals/deals.toml", "scorecards/discovery.toml"


@pytest.fixture(scope="module")
def content() -> Content:
    """The content as it is shipped."""
    return parse_content(SHIPPED)


def damaged(file: str, path: str, value: object) -> dict[str, Any]:
    """The shipped files with another *value* at a dotted *path* of one; None takes it out, a number is a place."""
    table = copy.deepcopy(SHIPPED[file])
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    at: Any = table
    for step in way:
        at = at[step]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return {**SHIPPED, file: table}


# --- asking for content -----------------------------------------------------------------------------------


def test_an_item_is_found_by_its_kind_and_id(content: Content):
    assert content.one(Agenda, "weekly").minutes == 30
    assert content.playbook("cycle") is content.one(Playbook, "cycle")
    assert [item.id for item in content.one(Scorecard, "discovery").items][:2] == ["problem", "effect"]


def test_items_are_found_by_what_they_are_about(content: Content):
    assert {goal.id for goal in content.about(GoalTemplate, driver="cycle")} == {"cycle_outcome", "cycle_behaviour"}
    assert "discovery" in {form.id for form in content.about(Scorecard, competency="discovery")}


def test_actions_of_the_driver_come_first_and_none_is_hidden(content: Content):
    actions = content.actions_for("cycle")
    assert [action.driver for action in actions[:2]] == ["cycle", "cycle"]
    assert {action.id for action in actions} == {action.id for action in content.actions}
    assert content.action("clear_stalled").driver == "cycle"


def test_an_unknown_item_is_named_with_the_known_ones(content: Content):
    with pytest.raises(UsageError, match=r"no playbook 'winrate'"):
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
    with pytest.raises(UsageError, match="'de'"):
        Phrases(("yes",), ("evet",))("de")


def test_every_kind_has_a_folder_and_a_name():
    assert set(NAMES) == set(FOLDERS.values())


# --- what a coach may get wrong -----------------------------------------------------------------------------


def test_the_shipped_content_is_valid():
    """The control for everything below: undamaged, it passes."""
    assert parse_content(SHIPPED).playbooks


@pytest.mark.parametrize(
    ("file", "path", "value", "says"),
    [
        (BOOK, "title_tr", None, r"^playbooks/win_rate\.toml, playbook 'win_rate', title_tr: is missing; there are"),
        (BOOK, "title_tr", "  ", r"title_tr: '  ' is not a text"),
        (BOOK, "title_en", "See {rep}", r"title_en: unknown slots: rep; known: none"),
        (BOOK, "asked_tr", ["Neden?"], r"asked_tr: 5 texts are needed; found 1"),
        (BOOK, "asked_en", "Why?", r"asked_en: 5 texts are needed; found 'Why\?'"),
        (BOOK, "evidence_grade", "X", r"evidence_grade: 'X' is unknown; known: A, B, C, D"),
        (BOOK, "metrics", "ads", r"metrics: entries are needed; found 'ads'"),
        (BOOK, "metrics", ["ads", "luck"], r"metrics: unknown: luck; known: .*win_rate_count"),
        (BOOK, "metrics", ["ads", "ads"], r"metrics: names something twice"),
        (BOOK, "drivers", ["luck"], r"drivers: unknown: luck; known: .*win_rate"),
        (BOOK, "competencies", ["luck"], r"competencies: unknown: luck; known: .*discovery"),
        (BOOK, "titel_en", "x", r"titel_en: is not a field; the fields are: .*title_en"),
        (BOOK, "id", "cycle", r"^playbooks/win_rate\.toml, id: is 'cycle', and the file of one item is named like it"),
        (BOOK, "version", 0, r"version: 0 is not between 1 and 999"),
        (BOOK, "version", True, r"version: True is not a whole number"),
        (BOOK, "actions.0.due_days", "soon", r"playbook 'win_rate', actions '\w+', due_days: 'soon' is not a whole"),
        (BOOK, "actions.0.driver", "cycle", r"actions '\w+', driver: is the playbook it stands in"),
        (BOOK, "actions.0.id", "clear_stalled", r"'clear_stalled'.*stands in playbook"),
        ("agendas/weekly.toml", "minutes", 40, r"agenda 'weekly', minutes: the blocks take 30 minutes, the meeting 40"),
        ("agendas/weekly.toml", "blocks.0.led_by", "chat", r"blocks number 1, led_by: 'chat' is unknown; known: rep"),
        (CARD, "items.1.anchors_tr", ["x"] * 4, r"scorecard 'discovery', items 'effect', anchors_tr: 5 texts"),
        (CARD, "items.1.id", "problem", r"items: these ids stand twice: problem"),
        (CARD, "items.1.competency", "luck", r"items 'effect', competency: unknown: luck"),
        (CARD, "quote_for", [0], r"quote_for: 0 is not between 1 and 5"),
        (CARD, "not_observed", "no", r"not_observed: 'no' is neither true nor false"),
        (CARD, "items.1", "effect", r"items: 'effect' is not a table"),
        ("feedback/strength.toml", "item.0.kind", "praise", r"feedback draft '\w+', kind: 'praise' is unknown"),
        ("feedback/strength.toml", "item.0.about", None, r"about: a strength says what it is about"),
        ("feedback/strength.toml", "item.0.text_tr", "{evidence}", r"text_tr: both languages have the same slots"),
        ("feedback/strength.toml", "item.0.text_en", "{mood}", r"text_en: unknown slots: mood; known: agreement"),
        ("feedback/strength.toml", "item.0.text_en", "{evidence!r}", r"text_en: .*a slot is a name"),
        ("feedback/strength.toml", "item.1.id", "strength_behaviour_signal", r"stands in feedback/strength.toml alr"),
        ("feedback/strength.toml", "item.0.id", None, r"feedback draft number 1, id: is missing"),
        (GOALS, "item.0.metric", "luck", r"goal 'closing_outcome', metric: unknown: luck"),
        (GOALS, "item.0.pair", "cycle_behaviour", r"pair: 'cycle_behaviour' has to .*name 'closing_outcome' back"),
        (GOALS, "item.0.conflicts", ["luck"], r"conflicts: unknown: luck"),
        (GOALS, "item.1.verb_en", "", r"verb_en: '' is not a text"),
        (GOALS, "item.1.drivers", [], r"drivers: a goal of theme 'driver' names its driver"),
        ("competencies/technique.toml", "item.0.expected", {"CEO": 3}, r"competency 'prospecting', expected: unknown"),
        ("competencies/technique.toml", "item.0.expected", {"AE": 6}, r"expected\.AE: 6 is not between 1 and 5"),
        ("competencies/technique.toml", "item.0.expected", 3, r"expected: 3 is not a table of names and whole numbers"),
        ("careers/paths.toml", "item.0.needed", {"luck": 3}, r"career path 'sdr_to_ae', needed: unknown: luck"),
        ("recognition/rules.toml", "item.8.gate", "none", r"recognition 'outcome', gate: .*chance is rewarded"),
        ("lint/feedback.toml", "item.0.id", "mood", r"lint rule 'mood', id: 'mood' is unknown; known: fields"),
        ("lint/feedback.toml", "item.4.triggers_tr", "asla", r"triggers_tr: phrases are needed; found 'asla'"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_file_item_and_field(file: str, path: str, value: object, says: str):
    with pytest.raises(InputError, match=says):
        parse_content(damaged(file, path, value))


def test_two_languages_have_as_many_texts():
    with pytest.raises(InputError, match=r"steps number 4, say_tr: 2 texts as in say_en are needed; found 1"):
        parse_content(damaged("conversation/sbi.toml", "steps.3.say_tr", ["Siz nasıl gördünüz?"]))


def test_a_folder_without_items_and_a_stray_file_are_named():
    with pytest.raises(InputError, match=r"^themes/: is missing or empty"):
        parse_content({name: table for name, table in SHIPPED.items() if not name.startswith("themes/")})
    with pytest.raises(InputError, match=r"^theme/x\.toml: is in no folder of the library; there are: agendas"):
        parse_content({**SHIPPED, "theme/x.toml": {}})


@pytest.mark.parametrize(
    "table", [{}, {"items": []}, {"item": []}, {"item": "x"}, {"item": ["x"]}, {"item": [{}], "every_item": 1}]
)
def test_a_file_of_another_shape_is_refused(table: dict[str, Any]):
    with pytest.raises(InputError, match=r"^themes/more\.toml"):
        parse_content({**SHIPPED, "themes/more.toml": table})


def test_what_items_have_in_common_stands_once_and_an_item_may_say_otherwise(content: Content):
    changed = parse_content(damaged("competencies/technique.toml", "item.0.version", 7))
    assert {one.version for one in content.all(Competency)} == {1}
    assert sorted(one.version for one in changed.all(Competency))[-2:] == [1, 7]


# --- on the command line --------------------------------------------------------------------------------------


def test_the_library_can_be_read_on_the_command_line(capsys: pytest.CaptureFixture[str]):
    from salescoach.cli import main

    def said(*arguments: str) -> str:
        with pytest.raises(SystemExit) as left:
            main(["content", *arguments])
        captured = capsys.readouterr()
        return captured.out if left.value.code == 0 else captured.err

    assert "Playbooks (playbooks): account_growth, closing" in said()
    assert "İhtiyaç analizi" in said("playbooks", "discovery", "--language", "tr")
    assert '"weekly"' in said("agendas", "--json")
    assert '"purpose"' in said("agendas", "weekly", "--json")
    assert "no kind of content 'playbook'" in said("playbook")
    assert "no agenda 'daily'" in said("agendas", "daily")
