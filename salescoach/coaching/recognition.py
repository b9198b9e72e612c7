"""Recognition: for behaviour that was agreed and done, and for a personal best that chance would hardly give.

The rules are known beforehand and the same for all. A result is recognised only behind the gate of a signal; where it
could be luck, the way it was done is. Nobody is ranked, nobody is last, and nothing is public without consent.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from salescoach.coaching.remarks import Remark, Slot, good, in_unit, note
from salescoach.diagnosis.findings import Answer, Shown
from salescoach.metrics import METRICS
from salescoach.statistics import wilson

Kind = Literal["outcome", "behaviour", "process"]

FEWEST_PERIODS = 4
"""Own earlier periods before a best of them is a personal best."""
UNSEEN_MONTHS = 6
FEWEST_GROUP = 5
"""People in a group before its share is shown: in a smaller one, persons would show through."""
_WIDER = 1.96 / 1.645  # from 90 to 95 %


@dataclass(frozen=True)
class BehaviourRule:
    """What is recognised: ``wanted`` times in a row ``behaviour`` was done when there was an occasion for it."""

    rule_id: str
    behaviour: str
    wanted: int


@dataclass(frozen=True)
class Recognition:
    """Something to recognise, for one person; ``said`` holds the facts of the kudos text and the certificate."""

    rep_id: str
    rule_id: str
    kind: Kind
    said: Remark
    public: bool = False


def streak(done: Sequence[bool]) -> int:
    """How many of the latest occasions in a row were used, oldest first.

    >>> streak([True, False, True, True]), streak([])
    (2, 0)
    """
    count = 0
    for one in reversed(done):
        if not one:
            break
        count += 1
    return count


def behaviour(rep_id: str, done: Sequence[bool], rule: BehaviourRule, *, public: bool = False) -> Recognition | None:
    """Recognition by *rule*, when the latest occasions were all used; None otherwise.

    An occasion that did not come is none: whoever was on leave does not break a streak.
    """
    n = streak(done)
    if n < rule.wanted:
        return None
    said = good("recognition.behaviour.streak", behaviour=rule.behaviour, n=n)
    return Recognition(rep_id, rule.rule_id, "behaviour", said, public)


def personal_best(
    rep_id: str, metric_id: str, history: Sequence[Answer], now: Answer, *, public: bool = False
) -> Recognition | None:
    """Recognition of a personal best in *metric_id*; of the way it was done where it could be luck; None otherwise.

    Parameters
    ----------
    history : the person's earlier periods, as the metric answers them

    Notes
    -----
    The best of nine periods is the newest one in one case of nine by chance alone. So it also has to lie, with its
    whole interval, on the better side of the mean of all earlier periods, weighted with their observations. The 90 %
    interval is widened to 95 %, and for what is not known of that mean.
    """
    metric = METRICS[metric_id]
    earlier = [one for one in history if one.known and one.n > 0]
    if metric.better not in ("up", "down") or not now.known or len(earlier) < FEWEST_PERIODS:
        return None
    way = 1 if metric.better == "up" else -1
    if any((now.value - one.value) * way <= 0 for one in earlier):
        return None
    before = sum(one.n for one in earlier)
    usual = sum(one.value * one.n for one in earlier) / before
    reach = _WIDER * math.sqrt(1 + now.n / before) * (now.value - now.low if way > 0 else now.high - now.value)
    slots: dict[str, Slot] = {
        "metric": Shown(metric_id, "metric"),
        "value": in_unit(now.value, metric.unit),
        "n": now.n,
    }
    if (now.value - usual) * way > reach:
        said = Remark("recognition.outcome.best", "good", slots | {"periods": len(earlier)})
        return Recognition(rep_id, metric_id, "outcome", said, public)
    return Recognition(rep_id, metric_id, "process", Remark("recognition.outcome.process", "note", slots))


def awards(found: Iterable[Recognition | None], consent: Mapping[str, bool]) -> tuple[Recognition, ...]:
    """What may be shown: one for each person and rule, public only by consent; in the order of names, not of size."""
    kept: dict[tuple[str, str], Recognition] = {}
    for one in found:
        if one is not None:
            shown = Recognition(
                one.rep_id, one.rule_id, one.kind, one.said, one.public and consent.get(one.rep_id, False)
            )
            kept.setdefault((one.rep_id, one.rule_id), shown)
    return tuple(kept[key] for key in sorted(kept))


@dataclass(frozen=True)
class Certificate:
    """Facts of a certificate: who, for what, when, and by which rule; the text is :attr:`Recognition.said`."""

    rep_id: str
    display_name: str
    said: Remark
    rule_id: str
    given: date
    signed_by: str


def certificate(
    one: Recognition, display_name: str, given: date, signed_by: str
) -> tuple[Certificate | None, tuple[Remark, ...]]:
    """The certificate for *one*, or what stands in its way: what could be luck gets thanks, not a certificate."""
    found = []
    if one.kind == "process":
        found.append(note("recognition.certificate.process"))
    if not signed_by:
        found.append(note("recognition.certificate.unsigned"))
    if found:
        return None, tuple(found)
    return Certificate(one.rep_id, display_name, one.said, one.rule_id, given, signed_by), ()


def months_since(day: date, as_of: date) -> int:
    """Whole months from *day* to *as_of*.

    >>> months_since(date(2025, 10, 15), date(2026, 4, 14)), months_since(date(2025, 10, 15), date(2026, 4, 15))
    (5, 6)
    """
    return 12 * (as_of.year - day.year) + as_of.month - day.month - (as_of.day < day.day)


def not_recognised(
    since: Mapping[str, date], given: Iterable[tuple[str, date]], as_of: date, months: int = UNSEEN_MONTHS
) -> tuple[tuple[str, int], ...]:
    """Who has not been recognised for *months*: for the manager to look for what goes unseen. By name.

    Parameters
    ----------
    since : first day of each person; somebody who has been there for less is not on the list

    Returns
    -------
    Person and whole months since the last recognition, or since the first day.
    """
    last = dict(since)
    for rep_id, day in given:
        if rep_id in last and day <= as_of:
            last[rep_id] = max(last[rep_id], day)
    waiting = [(rep_id, months_since(day, as_of)) for rep_id, day in last.items()]
    return tuple(sorted(one for one in waiting if one[1] >= months))


@dataclass(frozen=True)
class GroupShare:
    """Part of a group that was recognised, with a 90 % interval.

    ``na_reason`` below :data:`FEWEST_GROUP` people, and where no recognition of anybody was ever kept.
    """

    group: str
    recognised: int
    n: int
    low: float
    high: float
    na_reason: str | None = None


def by_group(group_of: Mapping[str, str], recognised: Iterable[str] | None) -> tuple[GroupShare, ...]:
    """Who is recognised, by territory, tenure or team: so that a difference between groups can be seen at all.

    *recognised* is None where nothing was ever kept: that no recognition is known says nothing about a group.

    >>> found = by_group({"a": "North", "b": "North"}, ["a"])
    >>> found[0].na_reason
    'below_min_n'
    """
    seen = set(recognised or ())
    found = []
    for group in sorted(set(group_of.values())):
        members = [rep_id for rep_id, one in group_of.items() if one == group]
        k, n = len(seen & set(members)), len(members)
        if n < FEWEST_GROUP:
            found.append(GroupShare(group, 0, n, float("nan"), float("nan"), "below_min_n"))
        elif recognised is None:
            found.append(GroupShare(group, 0, n, float("nan"), float("nan"), "no_exposure"))
        else:
            low, high = wilson(k, n)
            found.append(GroupShare(group, k, n, float(low), float(high)))
    return tuple(found)
