"""What a one-on-one consists of, for a document: finished facts, in the order of the meeting.

Only what both sides may read has a place here. A private note has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Side = Literal["rep", "coach"]


@dataclass(frozen=True)
class Point:
    """A point of the agenda, whose it is, and what came out of it."""

    by: Side
    text: str
    outcome: str = ""


@dataclass(frozen=True)
class BlockOfTime:
    """A part of the meeting with its minutes; ``led_by``: rep, coach or both."""

    title: str
    minutes: int
    led_by: str
    text: str = ""


@dataclass(frozen=True)
class Agreed:
    """Something that was promised. ``uid`` stays the same for life; ``status``: open, in_progress, done, dropped."""

    uid: str
    text: str
    status: str
    due: date | None = None
    reason: str = ""


@dataclass(frozen=True)
class Number:
    """A figure that was on the table: value, n, interval, or the reason why there is none.

    ``verdict`` is already worded; ``disputed`` marks a number to which the rep objects and that nobody has answered.
    """

    metric_id: str
    unit: str
    value: float
    n: int
    low: float
    high: float
    na_reason: str | None = None
    verdict: str = ""
    disputed: bool = False


@dataclass(frozen=True)
class Session:
    """One one-on-one.

    Attributes
    ----------
    uid : stays the same for life and names nobody
    version : counts the changes, for calendars that already hold the meeting
    rep, coach : names
    kind : weekly, pipeline, skill, …
    starts : aware moment in the organisation's time zone, None while no date is set
    minutes : length of the meeting
    blocks : its parts; the minutes add up
    carried, agreed : promises of before, and of this meeting
    evidence, skill, deal, deal_step : one of each
    shared : the note that both read
    signed_rep, signed_coach : moments in the organisation's time zone
    next_day : when to meet again
    as_of : day of the data
    written : when the facts were read, for the stamp of a calendar entry
    currency : of the amounts
    """

    uid: str
    version: int
    rep: str
    coach: str
    kind: str
    number: int
    starts: datetime | None
    minutes: int
    as_of: date
    written: datetime
    currency: str
    held: bool = False
    blocks: tuple[BlockOfTime, ...] = ()
    points: tuple[Point, ...] = ()
    carried: tuple[Agreed, ...] = ()
    agreed: tuple[Agreed, ...] = ()
    numbers: tuple[Number, ...] = ()
    evidence: str = ""
    skill: str = ""
    deal: str = ""
    deal_step: str = ""
    shared: str = ""
    signed_rep: datetime | None = None
    signed_coach: datetime | None = None
    next_day: date | None = None
