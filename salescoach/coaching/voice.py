"""The customers' voice: what surveys, interviews, mentions and lost deals say, by theme; and what is asked of others.

People code the themes, never a machine, and no theme is put down to a rep. A theme from fewer than five customers is
not shown by itself: its customers could be recognised.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Literal

from salescoach.calendar import Calendar
from salescoach.coaching.remarks import Remark, block
from salescoach.coaching.scorecards import Score
from salescoach.statistics import kappa_limits, wilson

Source = Literal["survey", "interview", "mention", "loss_reason"]
Status = Literal["open", "overdue", "answered", "declined"]

FEWEST_CUSTOMERS = 5
"""Customers behind a theme before it is shown by itself."""
FEWEST_CODED = 10
"""Texts coded by two before agreement is worked out."""
OTHER = "other"
"""The themes that are not shown by themselves, together."""


@dataclass(frozen=True)
class Coded:
    """One theme that ``coder`` found in one text; ``lost`` is the value of the deal that a loss reason belongs to."""

    text_id: str
    source: Source
    customer: str
    theme: str
    coder: str
    lost: float = 0.0


@dataclass(frozen=True)
class Theme:
    """How many of the texts speak of a theme: ``texts`` of ``n``, with a 90 % interval of the share.

    ``lost``: value of the lost deals among them, base currency. ``covers``: how many themes stand behind it.
    """

    theme: str
    texts: int
    customers: int
    n: int
    low: float
    high: float
    lost: float
    covers: int = 1


@dataclass(frozen=True)
class Themes:
    """Themes of one source, most texts first; ``withheld`` texts have themes too rare to be shown even together."""

    source: Source
    n: int
    themes: tuple[Theme, ...]
    withheld: int


def themes(coded: Sequence[Coded], source: Source, texts: int) -> Themes:
    """Themes of *source* among *texts* looked through, those without any theme included.

    A text that two coders gave the same theme counts once. Themes from fewer than :data:`FEWEST_CUSTOMERS` customers
    are put together; one alone, or too few customers even together, and they are only counted.
    """
    found: dict[str, dict[str, Coded]] = defaultdict(dict)
    for one in coded:
        if one.source == source:
            found[one.theme].setdefault(one.text_id, one)
    shown = {theme: rows for theme, rows in found.items() if _customers(rows) >= FEWEST_CUSTOMERS}
    rare = [rows for theme, rows in found.items() if theme not in shown]
    together = {text_id: one for rows in rare for text_id, one in rows.items()}
    # One rare theme named "other" would be that theme: its customers would show through as before.
    enough = len(rare) > 1 and _customers(together) >= FEWEST_CUSTOMERS
    listed = [_theme(theme, rows, texts) for theme, rows in shown.items()]
    listed.sort(key=lambda one: (-one.texts, one.theme))
    if enough:
        listed.append(_theme(OTHER, together, texts, len(rare)))
    return Themes(source, texts, tuple(listed), 0 if enough else len(together))


def _customers(rows: Mapping[str, Coded]) -> int:
    return len({one.customer for one in rows.values()})


def _theme(theme: str, rows: Mapping[str, Coded], n: int, covers: int = 1) -> Theme:
    low, high = wilson(len(rows), n)
    lost = sum(one.lost for one in rows.values())
    return Theme(theme, len(rows), _customers(rows), n, float(low), float(high), lost, covers)


def coding_agreement(coded: Iterable[Coded], texts: Iterable[str], one: str, other: str) -> Mapping[str, Score]:
    """Cohen's kappa of two coders for each theme that either used, over the *texts* that both read.

    A text without a theme was read, too: leaving it out would make agreement look worse than it is.

    >>> rows = [Coded(f"T{i}", "survey", "A", "price", coder) for i in range(4) for coder in ("C1", "C2")]
    >>> found = coding_agreement(rows, [f"T{i}" for i in range(12)], "C1", "C2")
    >>> found["price"].value, found["price"].n
    (1.0, 12)
    """
    read = sorted(set(texts))
    used: dict[str, dict[str, set[str]]] = defaultdict(lambda: {one: set(), other: set()})
    for row in coded:
        if row.coder in (one, other):
            used[row.theme][row.coder].add(row.text_id)
    missing = float("nan")
    found: dict[str, Score] = {}
    for theme in sorted(used):
        if len(read) < FEWEST_CODED:
            found[theme] = Score(missing, missing, missing, len(read), "below_min_n" if read else "no_exposure")
            continue
        first, second = ([float(text in used[theme][coder]) for text in read] for coder in (one, other))
        value, low, high = kappa_limits(first, second)
        found[theme] = Score(value, low, high, len(read), None if value == value else "no_exposure")
    return found


@dataclass(frozen=True)
class Request:
    """Something asked of another department, for a deal or in general."""

    request_id: str
    department: str
    ask: str
    raised_by: str
    raised: date
    due: date | None = None
    deal_id: str = ""
    answered: date | None = None
    answer: str = ""
    declined: bool = False


@dataclass(frozen=True)
class Standing:
    """Where a request stands on a day: its status, and its age in working days up to then or to the answer."""

    request: Request
    status: Status
    age: float

    @property
    def title(self) -> str:
        """Key of the word for the status."""
        return f"voice.request.{self.status}"


def request_lacks(request: Request) -> tuple[Remark, ...]:
    """What a request needs so that somebody can answer it, and what an answer needs to be one."""
    found = []
    if not request.department.strip():
        found.append(block("voice.ask.no_department"))
    if not request.ask.strip():
        found.append(block("voice.ask.no_ask"))
    if request.due is None:
        found.append(block("voice.ask.no_due"))
    elif request.due < request.raised:
        found.append(block("voice.ask.backwards", due=request.due))
    if request.answered is not None and not request.answer.strip():
        found.append(block("voice.ask.no_answer"))
    if request.answered is not None and request.answered < request.raised:
        found.append(block("voice.ask.answered_before", day=request.answered))
    return tuple(found)


def standing(request: Request, as_of: date, calendar: Calendar) -> Standing:
    """Status and age of *request* on *as_of*; an answer that came later is not known yet.

    >>> days = date(2026, 4, 6), date(2026, 4, 8)
    >>> asked = Request("Q1", "product", "an export", "R1", *days, answered=date(2026, 4, 20))
    >>> standing(asked, date(2026, 4, 10), Calendar()).status, standing(asked, date(2026, 4, 30), Calendar()).age
    ('overdue', 10.0)
    """
    known = request.answered is not None and request.answered <= as_of
    end = request.answered if known and request.answered is not None else as_of
    late = request.due is not None and request.due < as_of
    status: Status = ("declined" if request.declined else "answered") if known else "overdue" if late else "open"
    age = calendar.working_days(request.raised + timedelta(days=1), end + timedelta(days=1))
    return Standing(request, status, age)


@dataclass(frozen=True)
class Department:
    """Requests to one department: how many stand how, and the median age in working days of those without an answer."""

    department: str
    counts: Mapping[Status, int]
    waiting_age: float
    oldest: tuple[Standing, ...]


def by_department(requests: Iterable[Request], as_of: date, calendar: Calendar) -> tuple[Department, ...]:
    """The ledger, a department at a time; requests raised after *as_of* are not there yet."""
    found: dict[str, list[Standing]] = defaultdict(list)
    for request in requests:
        if request.raised <= as_of:
            found[request.department].append(standing(request, as_of, calendar))
    return tuple(_department(name, found[name]) for name in sorted(found))


def _department(name: str, rows: Sequence[Standing]) -> Department:
    order: tuple[Status, ...] = ("open", "overdue", "answered", "declined")
    waiting = [one for one in rows if one.status in ("open", "overdue")]
    oldest = sorted(waiting, key=lambda one: (-one.age, one.request.request_id))
    age = median(one.age for one in waiting) if waiting else float("nan")
    counts = {status: sum(one.status == status for one in rows) for status in order}
    return Department(name, counts, age, tuple(oldest))


@dataclass(frozen=True)
class Memo:
    """Facts of the note that goes back to a department: what customers say, what was lost over it, what is asked."""

    department: str
    as_of: date
    themes: tuple[Theme, ...]
    withheld: int
    waiting: tuple[Standing, ...]


def memo(
    department: str, heard: Sequence[Themes], concerns: Mapping[str, str], requests: Department | None, as_of: date,
    most: int = 5,
) -> Memo:  # fmt: skip
    """The *most* themes that concern *department*, those over which most was lost first, and what waits for an answer.

    Parameters
    ----------
    concerns : department of each theme; a theme without one stays on the team's own page
    """
    mine = [one for part in heard for one in part.themes if concerns.get(one.theme) == department]
    mine.sort(key=lambda one: (-one.lost, -one.texts, one.theme))
    waiting = requests.oldest if requests is not None else ()
    return Memo(department, as_of, tuple(mine[:most]), sum(part.withheld for part in heard), waiting)
