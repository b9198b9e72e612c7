"""The whole library: files in, items out, each of them checked, also against the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from salescoach.coaching.content.growth import CareerPath, Competency, Course, GoalTemplate, Recognition, Scorecard
from salescoach.coaching.content.item import Item
from salescoach.coaching.content.reading import Place, read
from salescoach.coaching.content.relations import misfits
from salescoach.coaching.content.talk import Agenda, ConversationModel, Draft, Playbook, SuggestedAction
from salescoach.coaching.content.voice import Card, LintRule, LossReason, SurveyForm, Theme
from salescoach.errors import InputError, UsageError

_T = TypeVar("_T", bound=Item)

FOLDERS: Mapping[str, type[Item]] = {
    "agendas": Agenda,
    "careers": CareerPath,
    "competencies": Competency,
    "conversation": ConversationModel,
    "feedback": Draft,
    "goals": GoalTemplate,
    "improvement": Card,
    "lint": LintRule,
    "loss_reasons": LossReason,
    "playbooks": Playbook,
    "recognition": Recognition,
    "scorecards": Scorecard,
    "surveys": SurveyForm,
    "themes": Theme,
    "training": Course,
}
"""Folder of ``templates/content/`` and the kind of item in its files."""
NAMES: Mapping[type[Item], str] = {
    Agenda: "agenda", CareerPath: "career path", Competency: "competency", ConversationModel: "conversation model",
    Draft: "feedback draft", GoalTemplate: "goal", Card: "card", LintRule: "lint rule", LossReason: "loss reason",
    Playbook: "playbook", Recognition: "recognition", Scorecard: "scorecard", SurveyForm: "survey", Theme: "theme",
    Course: "course",
}  # fmt: skip
"""What an item of each kind is called in messages."""


@dataclass(frozen=True)
class Content:
    """All items by kind, in the order of the files."""

    items: Mapping[type[Item], tuple[Item, ...]]

    def all(self, kind: type[_T]) -> tuple[_T, ...]:
        """Every item of *kind*."""
        return cast("tuple[_T, ...]", self.items[kind])

    def one(self, kind: type[_T], item_id: str) -> _T:
        """The item of *kind* with this id; UsageError naming the known ones when there is none."""
        for item in self.all(kind):
            if item.id == item_id:
                return item
        raise UsageError.unknown(NAMES[kind], item_id, [item.id for item in self.all(kind)])

    def about(self, kind: type[_T], *, driver: str = "", competency: str = "") -> tuple[_T, ...]:
        """Items of *kind* for a driver or a competency, or both."""
        return tuple(
            item
            for item in self.all(kind)
            if (not driver or driver in item.drivers) and (not competency or competency in item.competencies)
        )

    @property
    def playbooks(self) -> tuple[Playbook, ...]:
        """All playbooks."""
        return self.all(Playbook)

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """All feedback drafts."""
        return self.all(Draft)

    @property
    def actions(self) -> tuple[SuggestedAction, ...]:
        """The suggested actions of all playbooks, each with the driver of its playbook."""
        return tuple(replace(action, driver=book.id) for book in self.playbooks for action in book.actions)

    def playbook(self, driver: str) -> Playbook:
        """The playbook of *driver*; UsageError naming the known ones when there is none."""
        return self.one(Playbook, driver)

    def feedback(self, draft_id: str) -> Draft:
        """The feedback draft with this id; UsageError when there is none."""
        return self.one(Draft, draft_id)

    def action(self, action_id: str) -> SuggestedAction:
        """The suggested action with this id; UsageError when there is none."""
        for action in self.actions:
            if action.id == action_id:
                return action
        raise UsageError.unknown("suggested action", action_id, [action.id for action in self.actions])

    def has_action(self, action_id: str) -> bool:
        """Whether there still is a suggested action with this id; a coach may have taken it out."""
        return any(action.id == action_id for action in self.actions)

    def actions_for(self, driver: str) -> tuple[SuggestedAction, ...]:
        """All suggested actions, those of *driver* first."""
        return tuple(sorted(self.actions, key=lambda action: action.driver != driver))


def parse_content(raw: Mapping[str, Mapping[str, object]]) -> Content:
    """Check the parsed files of ``templates/content/`` and return what is in them.

    Parameters
    ----------
    raw : mapping of a file's name below ``templates/content/`` to its parsed TOML
        The folder says what kind of item it holds. A file is one item, named like the file, or a list of them as
        ``[[item]]``, with what they have in common in ``[every_item]``.

    Raises
    ------
    InputError
        Naming the file, the item and the field: a folder or a field that is missing or unknown, a text that lacks a
        language, an id that stands twice, slots that differ, a reference to something that is not there.
    """
    found: dict[type[Item], dict[str, Item]] = {kind: {} for kind in FOLDERS.values()}
    places: dict[tuple[type[Item], str], Place] = {}
    for file, table in raw.items():
        kind = _kind(file)
        for values, name in _rows(file, table):
            place = Place(file, f"{NAMES[kind]} {name}")
            item = read(kind, values, place)
            if item.id in found[kind]:
                place.fail("", f"stands in {places[kind, item.id].file} already; every id stands once.")
            found[kind][item.id], places[kind, item.id] = item, place
    for folder, kind in FOLDERS.items():
        if not found[kind]:
            raise InputError("is missing or empty; at least one item is needed.", file=f"{folder}/")
    content = Content({kind: tuple(items.values()) for kind, items in found.items()})
    for kind, item, field, message in misfits(content):
        places[kind, item.id].fail(field, message)
    return content


def _kind(file: str) -> type[Item]:
    folder, slash, _ = file.partition("/")
    if not slash or folder not in FOLDERS:
        raise InputError(f"is in no folder of the library; there are: {', '.join(FOLDERS)}.", file=file)
    return FOLDERS[folder]


def _rows(file: str, table: Mapping[str, object]) -> Iterator[tuple[Mapping[str, object], str]]:
    """The items of one file as written, each with the name that messages use for it."""
    if "id" in table:
        stem = file.rpartition("/")[2].removesuffix(".toml")
        if table["id"] != stem:
            raise InputError(f"is '{table['id']}', and the file of one item is named like it: '{stem}'.",
                             file=file, column="id")  # fmt: skip
        yield table, f"'{stem}'"
        return
    rows, common = table.get("item"), table.get("every_item", {})
    if not isinstance(rows, list) or not rows or not isinstance(common, Mapping) or set(table) - {"item", "every_item"}:
        found = ", ".join(table) or "nothing"
        raise InputError(f"holds one item with an id, or [[item]] and perhaps [every_item]; found: {found}.", file=file)
    for position, row in enumerate(rows, start=1):
        if not isinstance(row, Mapping):
            raise InputError(f"{row!r} is not an item with fields.", file=file, column=f"item number {position}")
        yield {**common, **row}, f"'{row['id']}'" if "id" in row else f"number {position}"
