"""Figures about lead scores: facts and words in, figures with their description out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from salescoach import charts
from salescoach.report.lead_words import column_name
from salescoach.report.page import Figure
from salescoach.scoring.curves import Points, came_between, lift
from salescoach.scoring.drift import ACT, WATCH, ColumnDrift
from salescoach.words import Words

_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
_ROW = 26  # height of one row of a figure with a row per name, in pixels
_MOST_COLUMNS = 15
_LEAST_PSI = 0.001


@dataclass(frozen=True)
class _Line:
    """A named curve; ``plain`` ones are what the other is compared with."""

    name: str
    points: Points
    plain: bool = False


def reliability_figure(evaluation: Mapping[str, Any], words: Words) -> Figure:
    """What was said against what came, in groups of leads, with 90 % intervals."""
    percent = words.language.percent
    bins = [each for each in evaluation["reliability"] if each["came"] is not None]
    between = [came_between(each["n"], each["came"]) for each in bins]
    hover = [
        words(
            "lead_pages.reliability.hover", said=percent(each["said"], 1), came=percent(each["came"], 1),
            range=words.language.range(percent(low, 1), percent(high, 1)), n=each["n"],
        )
        for each, (low, high) in zip(bins, between, strict=True)
    ]  # fmt: skip
    top = max([*(high for _, high in between), *(each["said"] for each in bins)], default=1.0)
    ticks = tuple(tick for tick in charts.round_ticks(top) if tick <= 1)
    points = _dots(
        [each["said"] for each in bins], [each["came"] for each in bins], between, words("lead_pages.came"), hover
    )
    figure = _framed(
        "reliability", [points, _drawn(_Line(words("lead_pages.ideal"), [(0.0, 0.0), (ticks[-1], ticks[-1])], True))],
        words, x=ticks, y=ticks,
    )  # fmt: skip
    told = _figures_of(evaluation)
    return _named(
        figure, words("lead_pages.reliability.alt", ece=words.language.number(told["ece"] or 0.0, 4), n=told["n"]),
        "reliability", words,
    )  # fmt: skip


def roc_figure(points: Points, evaluation: Mapping[str, Any], words: Words) -> Figure:
    """Wins found against lost leads taken along."""
    lines = [_Line(_model(evaluation, words), points), _Line(words("lead_pages.coin"), [(0.0, 0.0), (1.0, 1.0)], True)]
    auc = _between(_figures_of(evaluation), "auc", words)
    return _named(_curves("roc", lines, words), words("lead_pages.roc.alt", auc=auc), "roc", words)


def precision_recall_figure(points: Points, evaluation: Mapping[str, Any], words: Words) -> Figure:
    """Wins among the leads taken against wins found; the base rate is what chance would give."""
    split = evaluation["split"]
    base = split["won"] / split["judged"]
    lines = [
        _Line(_model(evaluation, words), points),
        _Line(words("lead_pages.base"), [(0.0, base), (1.0, base)], True),
    ]
    alt = words(
        "lead_pages.pr.alt", area=words.language.number(_figures_of(evaluation)["pr_auc"] or 0.0, 3),
        base=words.language.percent(base, 1),
    )  # fmt: skip
    return _named(_curves("pr", lines, words), alt, "pr", words)


def gains_figure(evaluation: Mapping[str, Any], words: Words) -> Figure:
    """Share of all wins found in the best share of leads."""
    gains = [(share, found) for share, found in evaluation["gains"]]
    lines = [_Line(_model(evaluation, words), gains), _Line(words("lead_pages.coin"), [(0.0, 0.0), (1.0, 1.0)], True)]
    fifth = next((found for share, found in gains if share >= 0.2), math.nan)
    return _named(
        _curves("gains", lines, words),
        words("lead_pages.gains.alt", found=words.language.percent(fifth)),
        "gains",
        words,
    )


def lift_figure(evaluation: Mapping[str, Any], words: Words) -> Figure:
    """How many times more often the best share of leads is won than all."""
    points = lift(evaluation["gains"])
    ticks = charts.round_ticks(max((times for _, times in points), default=1.0))
    lines = [_Line(_model(evaluation, words), points), _Line(words("lead_pages.coin"), [(0.0, 1.0), (1.0, 1.0)], True)]
    figure = _framed(
        "lift", [_drawn(line) for line in lines], words, x=_SHARES, y=ticks,
        y_text=[words.language.number(tick, 1) for tick in ticks],
    )  # fmt: skip
    alt = words("lead_pages.lift.alt", lift=_between(_figures_of(evaluation), "lift_10", words, digits=2))
    return _named(figure, alt, "lift", words)


def ladder_figure(evaluation: Mapping[str, Any], words: Words) -> Figure:
    """AUC of every rung with its interval, from the simplest to the most complex."""
    ladder = [rung for rung in evaluation["ladder"] if rung["auc"] is not None]
    names = [_rung(rung["model"], words) for rung in ladder]
    between = [(rung["auc_low"] or rung["auc"], rung["auc_high"] or rung["auc"]) for rung in ladder]
    hover = [words("lead_pages.ladder.hover", auc=_between(rung, "auc", words), n=rung["n"]) for rung in ladder]
    dots = _dots(list(range(len(ladder))), [rung["auc"] for rung in ladder], between, words("lead_pages.auc"), hover)
    low = min([0.5, *(low for low, _ in between)])
    ticks = [tick for tick in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0) if tick >= low - 0.1]
    coin = _drawn(_Line(words("lead_pages.coin"), [(-0.5, 0.5), (len(ladder) - 0.5, 0.5)], True))
    figure = _rows("ladder", [dots, coin], names, words)
    figure["layout"]["xaxis"] |= _axis(ticks, [words.language.number(tick, 1) for tick in ticks])
    alt = words(
        "lead_pages.ladder.alt", model=_model(evaluation, words), auc=_between(_figures_of(evaluation), "auc", words)
    )
    return _named(figure, alt, "ladder", words)


def drift_figure(moved: Sequence[ColumnDrift], words: Words) -> Figure:
    """How far the columns of later leads have moved from earlier ones; the most moved on top."""
    shown = list(moved[:_MOST_COLUMNS])
    if not shown:
        labels = {"title": words("lead_pages.drift.title"), "empty": words("lead_pages.drift.empty")}
        return Figure(charts.empty_figure(labels), labels["title"], labels["empty"])
    number = words.language.number
    values = [max(each.psi, _LEAST_PSI) for each in shown]
    hover = [
        words("lead_pages.drift.hover", psi=number(each.psi, 3), verdict=words(f"lead_pages.drift.{each.verdict}"))
        for each in shown
    ]
    dots = _dots(list(range(len(shown))), values, None, words("lead_pages.drift.psi"), hover)
    ends = (-0.5, len(shown) - 0.5)
    lines = [
        _drawn(_Line(words(f"lead_pages.drift.{name}"), [(end, limit) for end in ends], True))
        for name, limit in (("watch", WATCH), ("act", ACT))
    ]
    lines[1]["line"]["dash"] = "dash"
    figure = _rows("drift", [dots, *lines], [column_name(each.column, words) for each in shown], words)
    ticks = [10.0**power for power in range(-3, 2) if 10.0 ** (power - 1) <= max(values)]
    axis = _axis(ticks, [number(tick, 3 if tick < 0.01 else 2 if tick < 0.1 else 1) for tick in ticks])
    top = math.log10(max(*values, ACT)) + 0.2
    figure["layout"]["xaxis"] |= axis | {"type": "log", "range": [math.log10(_LEAST_PSI) - 0.1, top]}
    acting = sum(each.verdict == "act" for each in moved)
    alt = words("lead_pages.drift.alt", n=acting, all=len(moved), column=column_name(shown[0].column, words))
    return _named(figure, alt, "drift", words)


def value_figure(curve: Sequence[tuple[int, float]], taken: int, words: Words) -> Figure:
    """Expected value of working the best 1, 2, 3 … leads, and how many the hours of the day allow."""
    number = words.language.number
    points = [(0.0, 0.0), *((float(count), value) for count, value in curve)]
    best, most = max(points, key=lambda point: point[1])
    here = points[min(taken, len(points) - 1)]
    mark = _dots([here[0]], [here[1]], None, words("lead_pages.value.taken"), [number(here[1], 2)])
    x, y = charts.round_ticks(points[-1][0]), charts.round_ticks(max(most, 0.0))
    digits = 0 if y[-1] >= 10 else 2
    figure = _framed(
        "value", [_drawn(_Line(words("lead_pages.value.curve"), points)), mark], words, x=x, y=y,
        x_text=[number(tick) for tick in x], y_text=[number(tick, digits) for tick in y],
    )  # fmt: skip
    lowest = min(value for _, value in points)
    figure["layout"]["yaxis"]["range"] = [lowest - (most - lowest) * 0.05, max(y[-1], most) * 1.05 or 1]
    alt = words("lead_pages.value.alt", taken=int(here[0]), value=number(here[1], digits), best=int(best))
    return _named(figure, alt, "value", words)


# --- parts of figures ----------------------------------------------------------------------------


def _figures_of(evaluation: Mapping[str, Any]) -> Mapping[str, Any]:
    return next(rung for rung in evaluation["ladder"] if rung["model"] == evaluation["champion"])


def _rung(model: str, words: Words) -> str:
    return words(f"leads.model.{model}") if words.has(f"leads.model.{model}") else model


def _model(evaluation: Mapping[str, Any], words: Words) -> str:
    return _rung(evaluation["champion"], words)


def _between(rung: Mapping[str, Any], key: str, words: Words, digits: int = 3) -> str:
    """A figure with its interval, or without one where there is none."""
    number = words.language.number
    if rung[key] is None:
        return words("leads.card.unknown")
    if rung[f"{key}_low"] is None:
        return number(rung[key], digits)
    limits = words.language.range(number(rung[f"{key}_low"], digits), number(rung[f"{key}_high"], digits))
    return f"{number(rung[key], digits)} ({limits})"


def _named(figure: dict[str, Any], alt: str, name: str, words: Words) -> Figure:
    return Figure(figure, words(f"lead_pages.{name}.title"), alt)


def _drawn(line: _Line) -> dict[str, Any]:
    colour, dash, width = (charts.GREY, "dot", 1.5) if line.plain else (charts.ACCENT, "solid", 2.5)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": charts.as_label(line.name),
        "x": [x for x, _ in line.points],
        "y": [y for _, y in line.points],
        "line": {"color": colour, "dash": dash, "width": width},
        "hoverinfo": "skip" if line.plain else "x+y",
    }


def _dots(
    x: Sequence[float],
    y: Sequence[float],
    between: Sequence[tuple[float, float]] | None,
    name: str,
    hover: Sequence[str],
) -> dict[str, Any]:
    drawn: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers",
        "name": charts.as_label(name),
        "x": list(x),
        "y": list(y),
        "marker": {"color": charts.ACCENT, "size": 9},
        "text": [charts.as_label(text) for text in hover],
        "hoverinfo": "text",
    }
    if between is not None:
        up = [high - value for (_, high), value in zip(between, y, strict=True)]
        down = [value - low for (low, _), value in zip(between, y, strict=True)]
        error = {"type": "data", "symmetric": False, "array": up, "arrayminus": down}
        drawn["error_y"] = error | {"color": charts.ACCENT, "thickness": 1.5, "width": 4}
    return drawn


def _axis(ticks: Sequence[float], texts: Sequence[str]) -> dict[str, Any]:
    return {"tickvals": list(ticks), "ticktext": [charts.as_label(text) for text in texts]}


def _framed(
    name: str, traces: list[dict[str, Any]], words: Words, *, x: Sequence[float], y: Sequence[float],
    x_text: Sequence[str] = (), y_text: Sequence[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """A figure with named ticks on both axes; shares where no texts are given."""
    percent = words.language.percent
    title, up = words(f"lead_pages.{name}.title"), words(f"lead_pages.{name}.up")
    layout = charts.base_layout(title, up, words.language.code)
    layout["xaxis"]["title"] = _across(name, words)
    fine = 0 if max(x) > 0.1 else 1
    layout["xaxis"] |= _axis(x, x_text or [percent(tick, fine) for tick in x]) | {"range": _room(x)}
    layout["yaxis"] |= _axis(y, y_text or [percent(tick, fine) for tick in y]) | {"range": _room(y)}
    return charts.as_figure(traces, layout)


def _across(name: str, words: Words) -> dict[str, Any]:
    return {"text": charts.as_label(words(f"lead_pages.{name}.across")), "font": {"size": 11}, "standoff": 8}


def _room(ticks: Sequence[float]) -> list[float]:
    room = (max(ticks) - min(ticks)) * 0.03 or 0.5
    return [min(ticks) - room, max(ticks) + room]


def _curves(name: str, lines: Sequence[_Line], words: Words) -> dict[str, Any]:
    return _framed(name, [_drawn(line) for line in lines], words, x=_SHARES, y=_SHARES)


def _rows(name: str, traces: list[dict[str, Any]], names: Sequence[str], words: Words) -> dict[str, Any]:
    """A row per name, the first on top: what was drawn upright is laid on its side."""
    for trace in traces:
        trace["x"], trace["y"] = trace["y"], trace["x"]
        if "error_y" in trace:
            trace["error_x"] = trace.pop("error_y")
    layout = charts.base_layout(words(f"lead_pages.{name}.title"), "", words.language.code)
    layout["xaxis"]["title"] = _across(name, words)
    before = layout["height"]
    layout["height"] = max(before, 130 + _ROW * len(names))
    layout["title"]["y"] = 1 - (1 - layout["title"]["y"]) * before / layout["height"]  # counted from the bottom
    layout["yaxis"] |= _axis(range(len(names)), names) | {"range": [len(names) - 0.5, -0.5], "showgrid": False}
    layout["xaxis"] |= {"showgrid": True, "gridcolor": layout["yaxis"]["gridcolor"]}
    return charts.as_figure(traces, layout)
