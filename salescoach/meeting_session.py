"""A meeting as both sides read it: facts for a page or a document, and the numbers that are kept when it is held."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime

from salescoach.diagnosis.findings import Line
from salescoach.meetings import Desk, agenda_of, points_of
from salescoach.metrics import METRICS
from salescoach.report.documents import Agreed, BlockOfTime, Number, Session
from salescoach.report.numbers import SHOWN_METRICS
from salescoach.report.wording import Wording
from salescoach.review import action_text
from salescoach.store.models import ActionItem, OneOnOne, ShownNumber
from salescoach.store.service import one_on_ones
from salescoach.store.service.one_on_ones import Meeting

_USUAL_MINUTES = 30


def session_of(desk: Desk, meeting_id: int, next_day: date | None = None) -> Session:
    """The facts of a meeting that both sides may read. *next_day* is that of the meeting after it."""
    found, code = desk.meeting(meeting_id), desk.words.language.code
    one, facts = found.one_on_one, desk.review.facts
    agenda = agenda_of(one.kind)
    blocks = agenda.blocks if agenda else ()
    return Session(
        uid=one.key, version=one.version, rep=desk.name, coach=desk.person(one.coach_id), kind=one.kind,
        number=one.number, starts=_local(desk, one.held_at or one.planned_at),
        minutes=agenda.minutes if agenda else _USUAL_MINUTES, as_of=facts.as_of,
        written=one.changed_at or datetime.now(UTC), currency=facts.currency, held=one.status == "held",
        blocks=tuple(BlockOfTime(b.title(code), b.minutes, b.led_by, b.text(code)) for b in blocks),
        points=points_of(found), carried=_agreed(found.carried, code), agreed=_agreed(found.promised, code),
        numbers=_numbers(desk, found), evidence=_evidence(desk, one), skill=one.skill_commitment,
        deal=desk.deal_name(one.deal_id or ""), deal_step=one.deal_step,
        shared=found.shared.text if found.shared else "", signed_rep=_local(desk, one.signed_rep_at),
        signed_coach=_local(desk, one.signed_coach_at), next_day=next_day,
    )  # fmt: skip


def hold(desk: Desk, meeting: OneOnOne) -> OneOnOne:
    """The meeting takes place now; the numbers that are on the table are kept as they are."""
    now, session = datetime.now(UTC), session_of(desk, meeting.id)
    for number in session.numbers:
        known = number.na_reason is None
        desk.record.add(
            ShownNumber(
                rep_id=desk.rep_id, key=f"{meeting.key}-{number.metric_id}", one_on_one_id=meeting.id,
                metric_id=number.metric_id, value=number.value if known else None, n=number.n,
                low=_finite(number.low), high=_finite(number.high), na_reason=number.na_reason,
            )
        )  # fmt: skip
    fresh = desk.record.get(OneOnOne, meeting.id)
    return one_on_ones.hold(desk.record, fresh, held_at=now, duration_s=session.minutes * 60.0)


def _local(desk: Desk, moment: datetime | None) -> datetime | None:
    return desk.local(moment) if moment else None


def _agreed(actions: tuple[ActionItem, ...], code: str) -> tuple[Agreed, ...]:
    return tuple(Agreed(a.key, action_text(a, code), a.status, a.due, a.reason or "") for a in actions)


def _evidence(desk: Desk, one: OneOnOne) -> str:
    ref = one.evidence_ref
    if not ref:
        return ""
    if one.evidence_kind == "metric" and ref in METRICS:
        return desk.words(f"metric.{ref}.name")
    return desk.deal_name(ref) if one.evidence_kind == "deal" else ref


def _numbers(desk: Desk, found: Meeting) -> tuple[Number, ...]:
    """The numbers that were on the table; before the meeting, those that would be now."""
    lines, wording = desk.review.facts.lines, Wording(desk.words, desk.review.facts.currency)
    disputed = {one.metric_id for one in desk.objections() if one.is_open}
    if found.one_on_one.status == "held":
        numbers = [_kept(shown, lines.get(shown.metric_id), wording) for shown in found.numbers]
    else:
        numbers = [_live(lines[metric], wording) for metric in SHOWN_METRICS]
    return tuple(replace(number, disputed=number.metric_id in disputed) for number in numbers)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _live(line: Line, wording: Wording) -> Number:
    now = line.now
    return Number(line.metric_id, line.unit, now.value, now.n, now.low, now.high, now.na_reason, wording.verdict(line))


def _kept(shown: ShownNumber, line: Line | None, wording: Wording) -> Number:
    """A number as it stood then; its verdict where the data of today are still the same."""
    values = [math.nan if one is None else one for one in (shown.value, shown.low, shown.high)]
    same = line is not None and line.now.n == shown.n and line.now.known and line.now.value == shown.value
    verdict = wording.verdict(line) if line is not None and same else ""
    unit = METRICS[shown.metric_id].unit
    return Number(shown.metric_id, unit, values[0], shown.n, values[1], values[2], shown.na_reason, verdict)
