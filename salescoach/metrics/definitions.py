"""A number as the rules that make it: what is counted, by which day, for whom, at which rate, with what left out.

Two tools that give two numbers differ in some of these rules (``../shared/domain/metrics.md`` §12).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from salescoach.errors import UsageError

MEASURES: Mapping[str, str] = {
    "bookings": "money", "paid_bookings": "money", "open_pipeline": "money", "pipeline_created": "money",
    "ads_mean": "money", "ads_median": "money", "ads_geometric": "money", "wins": "count",
    "win_rate_count": "share", "win_rate_value": "share",
}  # fmt: skip
"""What can be asked for, and its unit. The parts of a difference are whole hundredths, counts, or millionths."""
SUMS = ("bookings", "paid_bookings", "open_pipeline", "pipeline_created", "wins")
"""Measures that are the sum of their rows, so that a list of rows explains them completely."""

USUAL = "usual"
CHOICES: Mapping[str, tuple[str, ...]] = {
    "measure": tuple(MEASURES),
    "date": (USUAL, "closed", "created", "engaged", "expected"),
    "owner": (USUAL, "at_close", "current", "creator"),
    "credit": ("split", "owner"),
    "rate": ("closing", "plan"),
    "undone": ("reported", "restated"),
    "no_decision": ("in", "out"),
    "cancelled": ("out", "in"),
    "inherited": ("in", "out"),
    "born_closed": (USUAL, "in", "out"),
    "mega": (USUAL, "in", "out"),
    "still_open": ("any", "only"),
}
"""The rules with a fixed choice of values; the first is the default. ``period``, ``as_of``, ``type`` are free."""


@dataclass(frozen=True)
class Definition:
    """One definition of a number. ``usual`` is what the metric of that name in the registry does.

    Attributes
    ----------
    period : label of a period, such as ``2025Q4``
    as_of : day of which the data are, as text; empty = the day of the data that are given
    date : the day that decides whether a deal belongs to the period
    owner : whose deal it is: the owner at the closing, the one of today, or the one who began it
    credit : bookings and payments by agreed parts, or whole to the owner
    rate : the rate of the closing day, or the one agreed for the year
    undone : wins undone later count as they were reported, or as they are seen today
    no_decision, cancelled, inherited, born_closed, mega : such deals are ``in`` or ``out``
    type : deals of this type only; ``all`` of them
    still_open : pipeline created counts ``any`` deal, or ``only`` what is open now
    """

    measure: str
    period: str = ""
    as_of: str = ""
    date: str = USUAL
    owner: str = USUAL
    credit: str = "split"
    rate: str = "closing"
    undone: str = "reported"
    no_decision: str = "in"
    cancelled: str = "out"
    inherited: str = "in"
    born_closed: str = USUAL
    mega: str = USUAL
    type: str = "all"
    still_open: str = "any"

    def __post_init__(self) -> None:
        for rule, choices in CHOICES.items():
            if (value := getattr(self, rule)) not in choices:
                raise UsageError.unknown(rule, value, choices)

    @classmethod
    def parse(cls, text: str, period: str = "") -> Definition:
        """A definition as a person writes it: the measure, then rules; *period* where the text names none.

        >>> Definition.parse("bookings owner=current credit=owner", "2025Q4").told()
        'bookings period=2025Q4 owner=current credit=owner'
        >>> Definition.parse("bookings colour=red")
        Traceback (most recent call last):
        salescoach.errors.UsageError: There is no rule 'colour'. Known: period, as_of, date, owner, credit, rate, \
undone, no_decision and 6 more.
        """
        measure, *rest = text.split() or [""]
        known = [field.name for field in fields(cls) if field.name != "measure"]
        rules = {"period": period}
        for word in rest:
            rule, sign, value = word.partition("=")
            if rule not in known:
                raise UsageError.unknown("rule", rule, known)
            if not sign or not value:
                raise UsageError(f"The rule '{rule}' has no value; write {rule}=VALUE.")
            rules[rule] = value
        return cls(measure, **rules)

    @property
    def unit(self) -> str:
        """``money``, ``count`` or ``share``."""
        return MEASURES[self.measure]

    def told(self) -> str:
        """The definition as text that :meth:`parse` understands: the measure, and what differs from the default."""
        rules = [
            f"{field.name}={getattr(self, field.name)}"
            for field in fields(self)
            if field.name != "measure" and getattr(self, field.name) != field.default
        ]
        return " ".join([self.measure, *rules])

    def differs(self, other: Definition) -> tuple[str, ...]:
        """Names of the rules in which *other* is different."""
        return tuple(field.name for field in fields(self) if getattr(self, field.name) != getattr(other, field.name))

    def with_rule(self, rule: str, other: Definition) -> Definition:
        """This definition with one *rule* as in *other*."""
        return replace(self, **{rule: getattr(other, rule)})
