"""The two charts of a brief: facts and words in, figures with their description out."""

from __future__ import annotations

import math

from salescoach import charts
from salescoach.coaching.one_on_one import OneOnOne
from salescoach.report.page import Figure
from salescoach.report.wording import Wording

_TREND_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def bookings_figure(facts: OneOnOne, wording: Wording) -> Figure:
    """Bookings day by day, against the even pace to the quota and the median of the peers."""
    words, curve = wording.words, facts.curve
    language = words.language
    title = words("review.chart.bookings.title" if curve.target else "review.chart.bookings.title_no_quota")
    labels = {
        "title": title,
        "rep": words("review.chart.bookings.bookings"),
        "target": words("review.chart.bookings.pace"),
        "peers": words("brief.chart.peers_median"),
        "amount": words("review.chart.bookings.y", currency=facts.currency),
        "today": words("review.chart.bookings.as_of"),
        "empty": words("review.chart.bookings.empty"),
    }
    hover = [
        words("review.chart.bookings.hover", date=language.date(day), value=wording.value(amount, "money"))
        for day, amount in zip(curve.days, curve.bookings, strict=True)
    ]
    firsts = [day for i, day in enumerate(curve.days) if i == 0 or day.day == 1]
    highest = max((*curve.bookings, *curve.target, *curve.peers), default=0.0)
    figure = charts.pace_figure(
        curve.days,
        curve.bookings,
        target=curve.target or None,
        peers=curve.peers or None,
        as_of=min(facts.as_of, facts.period.last_day),
        tick_days=[(day, language.date(day)) for day in firsts],
        ticks=[(amount, wording.value(amount, "money")) for amount in charts.round_ticks(highest)],
        labels=labels,
        hover=hover,
        language=language.code,
    )
    rep, period = facts.full_name, language.period(facts.period.label)
    booked = wording.value(curve.bookings[-1] if curve.bookings else 0.0, "money")
    quota = facts.lines["effective_quota"].now
    if quota.known:
        alt = words(
            "review.chart.bookings.alt",
            rep=rep,
            period=period,
            bookings=booked,
            quota=wording.value(quota.value, "money"),
        )
    else:
        alt = words("review.chart.bookings.alt_no_quota", rep=rep, period=period, bookings=booked)
    return Figure(figure, title, alt)


def win_rate_figure(facts: OneOnOne, wording: Wording) -> Figure:
    """Win rate of each quarter with its interval, and the peers' rate."""
    words, trend = wording.words, facts.trend
    language = words.language

    def known(values: tuple[float, ...]) -> list[float | None]:
        return [value if math.isfinite(value) else None for value in values]

    hover, latest = [], ""
    for period, value, low, high, n in zip(trend.periods, trend.value, trend.low, trend.high, trend.n, strict=True):
        label = language.period(period)
        if math.isfinite(value):
            slots = {
                "value": wording.value(value, "share"), "low": wording.value(low, "share"),
                "high": wording.value(high, "share"), "n": language.number(n),
            }  # fmt: skip
            hover.append(words("review.chart.win_rate.hover", period=label, **slots))
            latest = words("review.chart.win_rate.alt", rep=facts.full_name, **slots)
        else:
            hover.append(words("brief.chart.few", period=label, n=n))
    labels = {
        "title": words("review.chart.win_rate.title"),
        "rep": words("brief.chart.rep", level=wording.level),
        "peers": words("review.chart.win_rate.peers"),
        "share": words("review.chart.win_rate.y"),
        "n": words("label.n"),
        "empty": words("review.chart.win_rate.empty"),
    }
    figure = charts.trend_figure(
        [language.period(period) for period in trend.periods],
        known(trend.value), known(trend.low), known(trend.high), list(trend.n),
        counts=wording.observations(trend.n), peers=known(trend.peers), labels=labels, hover=hover,
        language=language.code, ticks=[(tick, language.percent(tick)) for tick in _TREND_TICKS],
    )  # fmt: skip
    return Figure(figure, words("review.chart.win_rate.title"), latest or words("review.chart.win_rate.alt_empty"))
