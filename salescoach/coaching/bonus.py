"""What a bonus plan would pay for which result, to the cent, with the way there. A simulation, never payroll.

Money is exact: fractions inside, rounded once at the end to the cent. It shows people how a plan works and where its
edges are; what is paid is worked out elsewhere, from other records, by somebody who signs for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from salescoach.coaching.remarks import Remark, block, note
from salescoach.diagnosis.findings import Shown

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Accelerator:
    """From ``above`` (share of quota) on, each unit counts ``times`` as much."""

    above: Decimal
    times: Decimal


@dataclass(frozen=True)
class BonusPlan:
    """Rules of a plan, for a full period.

    Attributes
    ----------
    target : paid at 100 % of quota
    threshold : share of quota below which nothing is paid
    from_first : once the threshold is reached, all counts; otherwise only what lies above it
    accelerators : in rising order
    cap : most that is paid, as a multiple of ``target``; None = no cap
    """

    target: Decimal
    threshold: Decimal = Decimal(0)
    from_first: bool = True
    accelerators: tuple[Accelerator, ...] = ()
    cap: Decimal | None = None


@dataclass(frozen=True)
class Band:
    """Part of the way: credited money from one share of quota to another, its multiplier, and what it pays."""

    above: Decimal
    below: Decimal | None
    credited: Decimal
    times: Decimal
    paid: Decimal


@dataclass(frozen=True)
class Payout:
    """What the plan would pay. ``attainment`` is None without a quota; ``before_cap`` shows what a cap took off."""

    paid: Decimal
    before_cap: Decimal
    attainment: Decimal | None
    quota: Decimal
    bands: tuple[Band, ...]
    remarks: tuple[Remark, ...]


def faults(plan: BonusPlan) -> tuple[Remark, ...]:
    """What is wrong with the rules of *plan* themselves."""
    found = []
    if plan.target < 0 or plan.threshold < 0 or (plan.cap is not None and plan.cap < 0):
        found.append(block("recognition.bonus.negative"))
    steps = [one.above for one in plan.accelerators]
    if steps != sorted(set(steps)) or any(step < plan.threshold for step in steps):
        found.append(block("recognition.bonus.order"))
    if any(one.times < 0 for one in plan.accelerators):
        found.append(block("recognition.bonus.negative"))
    return tuple(found)


def payout(plan: BonusPlan, credited: Decimal, quota: Decimal, worked: Decimal = Decimal(1)) -> Payout:
    """What *plan* would pay for *credited* sales against *quota*.

    Parameters
    ----------
    quota : of a full period
    worked : part of the period that the person was there; quota and target are taken in this proportion

    Notes
    -----
    Bands are added up as fractions and rounded to the cent once, half up; the bands shown are rounded each for itself.

    >>> plan = BonusPlan(Decimal(10000), Decimal("0.5"), accelerators=(Accelerator(Decimal(1), Decimal("1.5")),))
    >>> payout(plan, Decimal(110000), Decimal(100000)).paid
    Decimal('11500.00')
    """
    remarks = [note("recognition.bonus.not_payroll")]
    due = quota * worked
    if wrong := faults(plan):
        return Payout(Decimal(0), Decimal(0), None, due, (), (*wrong, *remarks))
    if due <= 0:
        return Payout(Decimal(0), Decimal(0), None, due, (), (block("recognition.bonus.no_quota"), *remarks))
    part = Fraction(credited) / Fraction(due)
    target = Fraction(plan.target) * Fraction(worked)
    reached = part >= Fraction(plan.threshold)
    bands = _bands(plan, part, Fraction(due), target) if reached else ()
    if not reached:
        missing = _cents(Fraction(plan.threshold) * Fraction(due) - Fraction(credited))
        remarks.insert(0, note("recognition.bonus.below", missing=Shown(float(missing), "money")))
    whole = sum((paid for _, paid in bands), Fraction(0))
    most = whole if plan.cap is None else min(whole, Fraction(plan.cap) * target)
    if most < whole:
        remarks.insert(0, note("recognition.bonus.capped", off=Shown(float(_cents(whole - most)), "money")))
    attainment = Decimal(part.numerator) / Decimal(part.denominator)
    return Payout(_cents(most), _cents(whole), attainment, due, tuple(band for band, _ in bands), tuple(remarks))


def _bands(plan: BonusPlan, part: Fraction, due: Fraction, target: Fraction) -> tuple[tuple[Band, Fraction], ...]:
    start = Decimal(0) if plan.from_first else plan.threshold
    edges = [(start, Decimal(1)), *((one.above, one.times) for one in plan.accelerators)]
    tops: list[Decimal | None] = [*(above for above, _ in edges[1:]), None]
    found = []
    for (above, times), below in zip(edges, tops, strict=True):
        top = part if below is None else min(part, Fraction(below))
        inside = max(top - Fraction(above), Fraction(0))
        if inside > 0:
            paid = target * inside * Fraction(times)
            found.append((Band(above, below, _cents(inside * due), times, _cents(paid)), paid))
    return tuple(found)


def _cents(amount: Fraction) -> Decimal:
    """To the cent, half up, without passing through a binary number."""
    hundredths = (abs(amount) * 100 + Fraction(1, 2)).__floor__()
    return (Decimal(hundredths) * CENT).copy_sign(Decimal(-1 if amount < 0 else 1)).quantize(CENT, ROUND_HALF_UP)


def curve(
    plan: BonusPlan, quota: Decimal, shares: Sequence[Decimal], worked: Decimal = Decimal(1)
) -> tuple[tuple[Decimal, Decimal], ...]:
    """Payout at each of *shares* of the quota: what the plan looks like, with its threshold, bends and cap."""
    return tuple((share, payout(plan, quota * worked * share, quota, worked).paid) for share in shares)
