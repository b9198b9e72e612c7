"""Objections to numbers on a review: what was objected to, what came out, and both figures with their day."""

from __future__ import annotations

import math
from collections.abc import Sequence

from salescoach.coaching.disputes import Dispute, Figure
from salescoach.metrics import METRICS
from salescoach.report.page import Bullets, Item, Text
from salescoach.report.wording import Wording


def dispute_blocks(disputes: Sequence[Dispute], wording: Wording) -> tuple[Text | Bullets, ...]:
    """The objections, the newest first; nothing when there is none."""
    known = [one for one in disputes if metric_of(one)]
    if not known:
        return ()
    items = tuple(_item(one, wording) for one in sorted(known, key=lambda one: one.raised, reverse=True))
    return Text(wording.words("dispute.title"), tone="strong"), Bullets(items)


def metric_of(dispute: Dispute) -> str:
    """Id of the metric that was objected to; empty when it was something else.

    >>> from datetime import date
    >>> day = date(2026, 1, 5)
    >>> metric_of(Dispute("metric:ads:2025Q4", "R1", "", day, "two are not mine", Figure(1.0, 1.0, 1.0, 3, day)))
    'ads'
    """
    kind, _, rest = dispute.ref.partition(":")
    metric_id = rest.partition(":")[0]
    return metric_id if kind == "metric" and metric_id in METRICS else ""


def _item(dispute: Dispute, wording: Wording) -> Item:
    words, language = wording.words, wording.words.language
    period = language.period(dispute.ref.rsplit(":", 1)[-1])
    said = [words("dispute.first", figure=figure_text(dispute, dispute.first, wording))]
    if dispute.recomputed is not None:
        said.append(words("dispute.again", figure=figure_text(dispute, dispute.recomputed, wording)))
    if dispute.answered_on is not None and not dispute.disputed:
        day = language.date(dispute.answered_on)
        said.append(words("dispute.answered", day=day, person=dispute.examined_by, reasons=dispute.reasons))
    return Item(
        words(
            "dispute.raised", metric=words(f"metric.{metric_of(dispute)}.name"), period=period,
            day=language.date(dispute.raised), text=dispute.text,
        ),
        detail=" ".join(said),
        mark=words(dispute.title),
    )  # fmt: skip


def figure_text(dispute: Dispute, figure: Figure, wording: Wording) -> str:
    """One of the figures of an objection to a metric, with its interval, n and the day of its data."""
    words, unit = wording.words, METRICS[metric_of(dispute)].unit
    day = words.language.date(figure.as_of)
    if not math.isfinite(figure.value):
        return words("dispute.no_value", n=figure.n, day=day)
    value, between = wording.value(figure.value, unit), wording.range(figure.low, figure.high, unit)
    key = "dispute.value" if between else "dispute.exact"
    return words(key, value=value, n=figure.n, day=day, **({"range": between} if between else {}))
