"""What one item has to do with another, or one field with another: found here, reported where the item stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from salescoach.coaching.content.growth import CareerPath, Competency, GoalTemplate, Recognition, Scorecard
from salescoach.coaching.content.item import ROLES, Item
from salescoach.coaching.content.talk import Agenda, Draft, Playbook
from salescoach.metrics import METRICS

if TYPE_CHECKING:
    from salescoach.coaching.content.library import Content

Misfit = tuple[str, str]
"""Field and what is wrong with it."""


def misfits(content: Content) -> Iterator[tuple[type[Item], Item, str, str]]:
    """Everything that does not fit together: kind, item, field, and what is wrong with it."""
    known = {
        "competencies": frozenset(one.id for one in content.all(Competency)),
        "drivers": frozenset(book.id for book in content.playbooks),
        "metrics": frozenset(METRICS),
        "goals": frozenset(goal.id for goal in content.all(GoalTemplate)),
    }
    for kind, items in content.items.items():
        for item in items:
            for field, message in _of_item(item, known):
                yield kind, item, field, message
    yield from _pairs(content)
    yield from _actions(content)


def _of_item(item: Item, known: Mapping[str, frozenset[str]]) -> Iterator[Misfit]:
    for field in ("competencies", "drivers", "metrics"):
        yield from _unknown(field, getattr(item, field), known[field])
    check = _CHECKS.get(type(item))
    if check is not None:
        yield from check(item, known)


def _unknown(field: str, given: Iterable[str], known: frozenset[str]) -> Iterator[Misfit]:
    if wrong := sorted(set(given) - known):
        yield field, f"unknown: {', '.join(wrong)}; known: {', '.join(sorted(known))}."


def _agenda(item: Agenda, known: Mapping[str, frozenset[str]]) -> Iterator[Misfit]:
    if (total := sum(block.minutes for block in item.blocks)) != item.minutes:
        yield "minutes", f"the blocks take {total} minutes, the meeting {item.minutes}; make them equal."


def _draft(item: Draft, known: Mapping[str, frozenset[str]]) -> Iterator[Misfit]:
    if bool(item.about) != (item.kind == "strength"):
        yield "about", "a strength says what it is about, and only a strength does."


def _scorecard(item: Scorecard, known: Mapping[str, frozenset[str]]) -> Iterator[Misfit]:
    for one in item.items:
        yield from _unknown(f"items '{one.id}', competency", [one.competency], known["competencies"])


def _competency(item: Competency, known: Mapping[str, frozenset[str]]) -> Iterator[Misfit]:
    yield from _unknown("expected", item.expected, frozenset(ROLES))


def _career(item: CareerPath, known: Mapping[str, frozenset[str]]) -> Iterator[Misfit]:
    yield from _unknown("needed", item.needed, known["competencies"])


def _goal(item: GoalTemplate, known: Mapping[str, frozenset[str]]) -> Iterator[Misfit]:
    if item.kind == "outcome":
        yield from _unknown("metric", [item.metric], known["metrics"])
        if item.verb.en or item.object.en:
            yield "verb", "an outcome goal is bound to a metric and has neither verb nor object."
    elif item.metric or not item.verb.en or not item.object.en:
        yield "verb", "a behaviour goal has a verb and an object, and no metric."
    if (item.theme == "driver") != bool(item.drivers):
        yield "drivers", "a goal of theme 'driver' names its driver, and only such a goal does."
    yield from _unknown("conflicts", item.conflicts, known["metrics"])
    yield from _unknown("road_map", item.road_map, known["metrics"])
    yield from _unknown("pair", [item.pair] if item.pair else [], known["goals"])


def _recognition(item: Recognition, known: Mapping[str, frozenset[str]]) -> Iterator[Misfit]:
    if item.basis == "outcome" and item.gate != "signal":
        yield "gate", "an outcome is recognised behind the gate 'signal' only; otherwise chance is rewarded."


_CHECKS: Mapping[type[Item], Callable[[Any, Mapping[str, frozenset[str]]], Iterator[Misfit]]] = {
    Agenda: _agenda,
    Draft: _draft,
    Scorecard: _scorecard,
    Competency: _competency,
    CareerPath: _career,
    GoalTemplate: _goal,
    Recognition: _recognition,
}


def _pairs(content: Content) -> Iterator[tuple[type[Item], Item, str, str]]:
    """A pair is an outcome and a behaviour, and each names the other."""
    goals = {goal.id: goal for goal in content.all(GoalTemplate)}
    for goal in goals.values():
        other = goals.get(goal.pair)
        if other is not None and (other.pair != goal.id or other.kind == goal.kind):
            yield GoalTemplate, goal, "pair", f"'{other.id}' has to be of the other kind and name '{goal.id}' back."


def _actions(content: Content) -> Iterator[tuple[type[Item], Item, str, str]]:
    seen: dict[str, str] = {}
    for book in content.playbooks:
        for action in book.actions:
            if action.driver:
                yield Playbook, book, f"actions '{action.id}', driver", "is the playbook it stands in; take it out."
            if action.id in seen:
                yield Playbook, book, f"actions '{action.id}'", f"stands in playbook '{seen[action.id]}' already."
            seen[action.id] = book.id
