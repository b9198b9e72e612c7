"""What coaches ask, say and agree on: playbooks, feedback drafts, suggested actions, in both languages.

Content is data in ``templates/content/``, which a coach may edit without Python. This module says what
a valid item is and names the file, the item and the field of one that is not. It opens no file, chooses
no item for a person, and sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from salescoach.errors import InputError, UsageError
from salescoach.language import CODES
from salescoach.words import slots

GRADES = ("A", "B", "C", "D")  # X, "no sound source", is not shipped
KINDS = ("strength", "development", "suggestion", "team")
LEVELS = ("signal", "tentative", "hypothesis", "none")
DRAFT_SLOTS = frozenset({"date", "situation", "behaviour", "impact", "evidence", "suggestion"})
QUESTIONS = 5


@dataclass(frozen=True)
class Text:
    """The same text in both languages; called with a language's code, it is the text in that one.

    >>> title = Text("Deal size", "Anlaşma büyüklüğü")
    >>> title("tr")
    'Anlaşma büyüklüğü'
    """

    en: str
    tr: str

    def __call__(self, code: str) -> str:
        """In the language with this code; UsageError when there is none."""
        if code not in CODES:
            raise UsageError.unknown("language", code, CODES)
        return self.tr if code == "tr" else self.en


@dataclass(frozen=True)
class Playbook:
    """How to talk about one driver. The innocent explanations come before skill.

    Attributes
    ----------
    signature : what it looks like in the data
    mix, territory, chance : three explanations that have nothing to do with skill
    asked : five open questions
    listen_for : what to listen for in the answers
    behaviour_goal : pattern of a goal about behaviour
    evidence_grade : A to D, for what the playbook leans on
    metrics : ids of the metrics that lead here
    """

    id: str
    title: Text
    signature: Text
    mix: Text
    territory: Text
    chance: Text
    asked: tuple[Text, ...]
    listen_for: Text
    behaviour_goal: Text
    evidence_grade: str
    metrics: tuple[str, ...]

    def innocent(self, code: str) -> tuple[tuple[str, str], ...]:
        """The three explanations in one language, each after its name: mix, territory, chance."""
        return ("mix", self.mix(code)), ("territory", self.territory(code)), ("chance", self.chance(code))

    def questions(self, code: str) -> tuple[str, ...]:
        """The five questions in one language."""
        return tuple(question(code) for question in self.asked)


@dataclass(frozen=True)
class Draft:
    """A feedback text with slots; ``kind`` is what it is for, ``level`` how much the data carry."""

    id: str
    kind: str
    level: str
    title: Text
    text: Text

    @property
    def slots(self) -> frozenset[str]:
        """Names of the slots, the same in both languages."""
        return slots(self.text.en, self.id)


@dataclass(frozen=True)
class SuggestedAction:
    """A commitment to choose from; ``due_days`` from the meeting until it is due."""

    id: str
    driver: str
    text: Text
    due_days: int


class _Item(Protocol):
    @property
    def id(self) -> str: ...


@dataclass(frozen=True)
class Content:
    """All content, in the order of the files."""

    playbooks: tuple[Playbook, ...]
    drafts: tuple[Draft, ...]
    actions: tuple[SuggestedAction, ...]

    def playbook(self, driver: str) -> Playbook:
        """The playbook of *driver*; UsageError naming the known ones when there is none."""
        return _named("playbook", driver, self.playbooks)

    def feedback(self, draft_id: str) -> Draft:
        """The feedback draft with this id; UsageError when there is none."""
        return _named("feedback draft", draft_id, self.drafts)

    def action(self, action_id: str) -> SuggestedAction:
        """The suggested action with this id; UsageError when there is none."""
        return _named("suggested action", action_id, self.actions)

    def has_action(self, action_id: str) -> bool:
        """Whether there still is a suggested action with this id; a coach may have taken it out."""
        return any(action.id == action_id for action in self.actions)

    def actions_for(self, driver: str) -> tuple[SuggestedAction, ...]:
        """All suggested actions, those of *driver* first."""
        return tuple(sorted(self.actions, key=lambda action: action.driver != driver))


def parse_content(raw: Mapping[str, object]) -> Content:
    """Check the parsed files of ``templates/content/`` and return what is in them.

    Parameters
    ----------
    raw : mapping of file name to parsed TOML
        ``playbooks.toml`` with ``[[playbook]]``, ``feedback.toml`` with ``[[draft]]``,
        ``actions.toml`` with ``[[action]]``.

    Raises
    ------
    InputError
        Naming the file, the item and the field: a file, an item or a field that is missing or
        unknown, a text that lacks a language, an id that stands twice, slots that differ.
    """
    for name in raw:
        if name not in _FILES:
            raise InputError(f"is not a content file; there are: {', '.join(_FILES)}.", file=name)
    playbooks = _items(raw, "playbooks.toml", _playbook)
    drafts = _items(raw, "feedback.toml", _draft)
    actions = _items(raw, "actions.toml", _action)
    for action in actions:
        if action.driver not in {playbook.id for playbook in playbooks}:
            raise InputError(
                f"there is no playbook '{action.driver}'.", file="actions.toml", column=f"action '{action.id}', driver"
            )
    return Content(playbooks, drafts, actions)


_FILES = {"playbooks.toml": "playbook", "feedback.toml": "draft", "actions.toml": "action"}
_Parsed = TypeVar("_Parsed", bound=_Item)


class _Fields:
    """One item of a file while it is read: every field must be taken, and no other may be there."""

    def __init__(self, file: str, item: str, values: Mapping[str, object]) -> None:
        self._file, self._item, self._values = file, item, values
        self._taken: set[str] = set()

    def error(self, field: str, message: str) -> InputError:
        return InputError(message, file=self._file, column=f"{self._item}, {field}")

    def take(self, field: str) -> object:
        self._taken.add(field)
        if field not in self._values:
            raise self.error(field, f"is missing; there are: {', '.join(self._values) or 'none'}.")
        return self._values[field]

    def name(self, field: str, allowed: Sequence[str] = ()) -> str:
        value = self.take(field)
        if not isinstance(value, str) or not value or value.strip() != value:
            raise self.error(field, f"{value!r} is not a name without spaces around it.")
        if allowed and value not in allowed:
            raise self.error(field, f"'{value}' is unknown; known: {', '.join(allowed)}.")
        return value

    def names(self, field: str) -> tuple[str, ...]:
        value = self.take(field)
        if not isinstance(value, list) or not all(isinstance(entry, str) and entry for entry in value):
            raise self.error(field, f"{value!r} is not a list of names.")
        return tuple(value)

    def text(self, field: str) -> Text:
        return Text(*(self._written(f"{field}_{code}", self.take(f"{field}_{code}")) for code in CODES))

    def texts(self, field: str, count: int) -> tuple[Text, ...]:
        columns = []
        for code in CODES:
            name = f"{field}_{code}"
            value = self.take(name)
            if not isinstance(value, list) or len(value) != count:
                found = len(value) if isinstance(value, list) else repr(value)
                raise self.error(name, f"{count} texts are needed; found {found}.")
            columns.append([self._written(name, entry) for entry in value])
        return tuple(Text(*pair) for pair in zip(*columns, strict=True))

    def whole(self, field: str) -> int:
        value = self.take(field)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.error(field, f"{value!r} is not a whole number above 0.")
        return value

    def done(self) -> None:
        for field in self._values:
            if field not in self._taken:
                raise self.error(field, f"is not a field; the fields are: {', '.join(sorted(self._taken))}.")

    def _written(self, field: str, value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.error(field, f"{value!r} is not a text.")
        return value


def _items(raw: Mapping[str, object], file: str, parse: Callable[[_Fields, str], _Parsed]) -> tuple[_Parsed, ...]:
    found: dict[str, _Parsed] = {}
    for position, values in enumerate(_rows(raw, file), start=1):
        kind = _FILES[file]
        item_id = _Fields(file, f"{kind} number {position}", values).name("id")
        if item_id in found:
            raise InputError("stands twice; every id stands once.", file=file, column=f"{kind} '{item_id}'")
        fields = _Fields(file, f"{kind} '{item_id}'", values)
        found[item_id] = parse(fields, fields.name("id"))
        fields.done()
    return tuple(found.values())


def _rows(raw: Mapping[str, object], file: str) -> Iterator[Mapping[str, object]]:
    table, kind = raw.get(file), _FILES[file]
    if not isinstance(table, Mapping):
        raise InputError(f"is missing; the content files are: {', '.join(_FILES)}.", file=file)
    rows = table.get(kind)
    if set(table) != {kind} or not isinstance(rows, list) or not rows:
        raise InputError(f"holds only [[{kind}]], at least one; found: {', '.join(table) or 'nothing'}.", file=file)
    for position, row in enumerate(rows, start=1):
        if not isinstance(row, Mapping):
            raise InputError(f"{row!r} is not an item with fields.", file=file, column=f"{kind} number {position}")
        yield row


def _playbook(fields: _Fields, item_id: str) -> Playbook:
    return Playbook(
        id=item_id,
        title=fields.text("title"),
        signature=fields.text("signature"),
        mix=fields.text("mix"),
        territory=fields.text("territory"),
        chance=fields.text("chance"),
        asked=fields.texts("questions", QUESTIONS),
        listen_for=fields.text("listen_for"),
        behaviour_goal=fields.text("behaviour_goal"),
        evidence_grade=fields.name("evidence_grade", GRADES),
        metrics=fields.names("metrics"),
    )


def _draft(fields: _Fields, item_id: str) -> Draft:
    draft = Draft(
        item_id, fields.name("kind", KINDS), fields.name("level", LEVELS), fields.text("title"), fields.text("text")
    )
    in_text = {}
    for code in CODES:
        try:
            in_text[code] = slots(draft.text(code))
        except ValueError as problem:
            raise fields.error(f"text_{code}", str(problem)) from None
        if unknown := in_text[code] - DRAFT_SLOTS:
            known = ", ".join(sorted(DRAFT_SLOTS))
            raise fields.error(f"text_{code}", f"unknown slots: {', '.join(sorted(unknown))}; known: {known}.")
    if in_text["en"] != in_text["tr"]:
        only = ", ".join(sorted(in_text["en"] ^ in_text["tr"]))
        raise fields.error("text_tr", f"both languages have the same slots; in one of them only: {only}.")
    return draft


def _action(fields: _Fields, item_id: str) -> SuggestedAction:
    return SuggestedAction(item_id, fields.name("driver"), fields.text("text"), fields.whole("due_days"))


def _named(what: str, wanted: str, items: Sequence[_Parsed]) -> _Parsed:
    for item in items:
        if item.id == wanted:
            return item
    raise UsageError.unknown(what, wanted, [item.id for item in items])
