"""What an analyst says about the columns of a table of leads: the guard against leaks is this, alarms only ask.

Every column carries when its value is known. What is known only after the outcome never enters a model,
and neither does anything derived from it; what nobody has declared may be looked at, never trained on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from salescoach.errors import InputError

KnownAt = Literal["created", "event", "after_outcome", "unknown"]
KNOWN_AT: tuple[KnownAt, ...] = ("created", "event", "unknown", "after_outcome")
"""When a value is known, from the safest to the one that is refused: when the lead was created, by an event before
the snapshot, nobody said, after the outcome."""

_KNOWN_AT: tuple[str, ...] = KNOWN_AT
ANSWERS = ("accept", "drop")
KINDS = ("number", "text", "moment")


@dataclass(frozen=True)
class ColumnRule:
    """What is declared about one column.

    ``known_at`` empty: that of the declaration. ``derived_from`` names its parents, whose lateness it inherits.
    ``use`` True takes in an owner or protected column that is left out otherwise, False leaves a column out.
    ``answer`` to its alarms is accept or drop, and needs a ``reason``.
    """

    known_at: str = ""
    kind: str = ""
    missing: tuple[str, ...] = ()
    derived_from: tuple[str, ...] = ()
    use: bool | None = None
    answer: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Declaration:
    """What is declared about a table of leads.

    Attributes
    ----------
    outcome : str
        Column that says how a lead ended.
    won, lost : tuple of str
        Its values; found by the usual words when empty. Rows with another value are still open.
    time : str
        Column with the moment at which the lead was looked at; empty when there is none.
    row_order : bool
        The rows stand in order of time although no column says so.
    known_when : str
        Column with the moment at which the outcome became known.
    group, id, owner : str
        Columns: what belongs together (an account), the lead's name, who works it.
    forecast, recency, value : str
        Columns: the reps' own probability, days since the last sign of life, what a win is worth.
    known_at : str
        When every column is known that has no rule of its own.
    missing : tuple of str
        Cells that mean "not known" in every column.
    columns : mapping of column to :class:`ColumnRule`
    points : mapping of column to mapping of answer to points
        A rule score in use: a rung of the ladder that is not learned; see :class:`RuleScore`.
    """

    outcome: str
    won: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    time: str = ""
    row_order: bool = False
    known_when: str = ""
    group: str = ""
    id: str = ""
    owner: str = ""
    forecast: str = ""
    recency: str = ""
    value: str = ""
    known_at: str = "unknown"
    missing: tuple[str, ...] = ()
    columns: Mapping[str, ColumnRule] = field(default_factory=dict)
    points: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def rule(self, column: str) -> ColumnRule:
        """What is declared about *column*; nothing when it has no rule."""
        return self.columns.get(column, ColumnRule())

    def lateness(self, column: str, _seen: frozenset[str] = frozenset()) -> str:
        """When *column* is known: the latest of its own word and of all that it is derived from.

        >>> late = {"closed": ColumnRule("after_outcome"), "days": ColumnRule("created", derived_from=("closed",))}
        >>> Declaration("won", columns=late).lateness("days")
        'after_outcome'
        """
        rule = self.rule(column)
        parents = [p for p in rule.derived_from if p not in _seen]
        later = [self.lateness(parent, _seen | {column}) for parent in parents]
        if self.outcome in rule.derived_from:
            later.append("after_outcome")
        return max([rule.known_at or self.known_at, *later], key=_KNOWN_AT.index)

    @property
    def special(self) -> dict[str, str]:
        """Columns that have a part of their own and are no feature, by what they are."""
        roles = {"outcome": self.outcome, "time": self.time, "known_when": self.known_when, "id": self.id}
        return {column: role for role, column in (roles | {"forecast": self.forecast}).items() if column}

    @property
    def named(self) -> tuple[str, ...]:
        """Every column that the declaration speaks of."""
        parts = (self.group, self.owner, self.recency, self.value)
        parents = tuple(parent for rule in self.columns.values() for parent in rule.derived_from)
        said = (*self.columns, *self.points, *parents)
        return tuple(dict.fromkeys([*self.special, *(part for part in parts if part), *said]))


def parse_declaration(tables: Mapping[str, Any], *, file: str, outcome: str = "", time: str = "") -> Declaration:
    """The declaration in a parsed TOML file; *outcome* and *time* are those of the command line, which go first.

    InputError naming the key for a word that is not known, so that a typing error is no silent permission.
    """
    section = dict(tables.get("leads", {}))
    _only(tables, ("leads", "columns", "points"), file, "section")
    _only(section, [f.name for f in fields(Declaration) if f.name not in ("columns", "points")], file, "[leads]")
    rules = {str(name): _rule(rule, file, str(name)) for name, rule in tables.get("columns", {}).items()}
    points = {str(name): _points(answers, file, str(name)) for name, answers in tables.get("points", {}).items()}
    values = {key: _typed(key, value, file, "[leads]") for key, value in section.items()}
    if outcome:
        values["outcome"] = outcome
    if time:
        values["time"], values["row_order"] = time, False
    if not values.get("outcome"):
        raise InputError("[leads] outcome is missing: name the column that says how a lead ended.", file=file)
    _one_of(values.get("known_at", "unknown"), KNOWN_AT, file, "[leads] known_at")
    return Declaration(**values, columns=rules, points=points)


def _rule(rule: Any, file: str, name: str) -> ColumnRule:
    where = f"[columns.{name}]"
    if not isinstance(rule, Mapping):
        raise InputError(f'{where} is not a section. Write: known_at = "created" below its heading.', file=file)
    _only(rule, [f.name for f in fields(ColumnRule)], file, where)
    made = ColumnRule(**{key: _typed(key, value, file, where) for key, value in rule.items()})
    for value, allowed, key in (
        (made.known_at, ("", *KNOWN_AT), "known_at"),
        (made.kind, ("", *KINDS), "kind"),
        (made.answer, ("", *ANSWERS), "answer"),
    ):
        _one_of(value, allowed, file, f"{where} {key}")
    if made.answer and not made.reason.strip():
        raise InputError(f"{where} answer needs a reason, which the model card prints.", file=file)
    return made


def _points(answers: Any, file: str, name: str) -> dict[str, float]:
    """Points of the answers of one column; every one is a number."""
    where = f"[points.{name}]"
    if not isinstance(answers, Mapping):
        raise InputError(f'{where} is not a section. Write below its heading: "referral" = 5', file=file)
    for answer, points in answers.items():
        if isinstance(points, bool) or not isinstance(points, int | float):
            raise InputError(f"{where} {answer} is {points!r}; it must be a number of points.", file=file)
    return {str(answer): float(points) for answer, points in answers.items()}


def _typed(key: str, value: Any, file: str, where: str) -> Any:
    if key in ("won", "lost", "missing", "derived_from"):
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            return tuple(value)
        wanted = "a list of texts"
    elif key in ("row_order", "use"):
        if isinstance(value, bool):
            return value
        wanted = "true or false"
    elif isinstance(value, str):
        return value
    else:
        wanted = "a text"
    raise InputError(f"{where} {key} is {value!r}; it must be {wanted}.", file=file)


def _only(given: Mapping[str, Any], allowed: Iterable[str], file: str, where: str) -> None:
    known = list(allowed)
    for key in given:
        if key not in known:
            raise InputError(f"{where}: '{key}' is not known; known are {', '.join(known)}.", file=file)


def _one_of(value: Any, allowed: tuple[str, ...], file: str, where: str) -> None:
    if value not in allowed:
        shown = ", ".join(word for word in allowed if word)
        raise InputError(f"{where} is '{value}'; it must be one of: {shown}.", file=file)
