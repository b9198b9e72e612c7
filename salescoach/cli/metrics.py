"""The numbers from the command line: all of them for everybody, and what each of them means."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from salescoach.cli.common import DAY, LANGUAGE, as_json_option, print_json

if TYPE_CHECKING:
    import pandas as pd

    from salescoach.metrics.beside import Beside

_ANSWER = "answer"


class _WorkspaceOrVerb(click.Group):
    """A group whose first argument may be a workspace: then its numbers are meant. For one named list: ``./list``."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        return super().resolve_command(ctx, args if args and args[0] in self.commands else [_ANSWER, *args])


@click.group(cls=_WorkspaceOrVerb, short_help="Every metric for everybody, and what each metric means.")
def metrics() -> None:
    """Every metric for every rep, team or the organisation; or what a metric means.

    \b
    Example:
      salescoach metrics our-team --period 2025Q3 --json
      salescoach metrics our-team --period 2025Q3 --rep R003
      salescoach metrics our-team --by all
      salescoach metrics our-team --metric win_rate_count --engine duckdb
      salescoach metrics list
      salescoach metrics show win_rate_count --language tr
      salescoach metrics compare our-team win_rate_count --rep R003
    """


@metrics.command(_ANSWER, hidden=True)
@click.argument("workspace", type=click.Path(path_type=Path))
@click.option("--period", help="2025Q4, 2025-11, 2025, FY26Q1, last90d. Default: the period of the data.")
@click.option("--rep", "reps", multiple=True, help="Only this rep (or team); may be repeated. Default: everybody.")
@click.option("--by", type=click.Choice(["rep", "team", "all"]), default="rep", show_default=True)
@click.option("--metric", "metric_ids", multiple=True, help="Only this metric; may be repeated.")
@click.option("--as-of", **DAY, help="As known at the end of this day. Default: the day of the data.")
@click.option(
    "--engine",
    default="auto",
    show_default=True,
    help="What counts: pandas, duckdb, spark or dask. auto: duckdb for data too large for memory.",
)
@click.option("--engine-url", default="", help="Address of the cluster that spark or dask already runs on.")
@click.option("--language", type=LANGUAGE, help="Default: the organisation's.")
@as_json_option
def answer(
    workspace: Path, period: str | None, reps: tuple[str, ...], by: Any, metric_ids: tuple[str, ...],
    as_of: datetime | None, engine: str, engine_url: str, language: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Print every metric with n, interval or the reason for none, and the verdict of the comparison."""
    from salescoach.metric_data import metric_data
    from salescoach.metrics.sheet import sheet
    from salescoach.workspace import Workspace

    home = Workspace.open(workspace)
    data = metric_data(home, as_of.date() if as_of else None, engine, engine_url)
    span = data.calendar.period(period, data.as_of) if period else data.calendar.period_of(data.as_of)
    rows = sheet(data, span, by=by, only=reps, metric_ids=metric_ids)
    if as_json:
        head = {"as_of": data.as_of.isoformat(), "period": span.label, "by": by, "currency": data.currency}
        print_json(head | {"rows": [_plain(row) for row in rows.to_dict("records")]})
    else:
        names = data.reps["full_name"].to_dict()
        click.echo(_text(rows, names, data.currency, language or home.organisation.language))


@metrics.command("list")
@click.option("--language", type=LANGUAGE, default="en", show_default=True)
@as_json_option
def list_metrics(language: str, as_json: bool) -> None:
    """List every metric with its id, unit and which way is better."""
    from salescoach.metrics import METRICS
    from salescoach.report.metric_page import index_section
    from salescoach.report.plain import written
    from salescoach.resources import load_words

    words = load_words(language)
    if as_json:
        print_json(
            [
                {"metric_id": name, "version": metric.version, "name": words(f"metric.{name}.name"),
                 "unit": metric.unit, "better": metric.better}
                for name, metric in METRICS.items()
            ]
        )  # fmt: skip
    else:
        click.echo(written(index_section(words)))


@metrics.command("show")
@click.argument("metric_id")
@click.option("--language", type=LANGUAGE, default="en", show_default=True)
def show(metric_id: str, language: str) -> None:
    """Say what METRIC_ID means: in words, as a formula, and by which rules."""
    from salescoach.errors import UsageError
    from salescoach.metrics import METRICS
    from salescoach.report.metric_page import metric_page
    from salescoach.report.page import Header, Section
    from salescoach.report.plain import written
    from salescoach.resources import load_words

    if metric_id not in METRICS:
        raise UsageError.unknown("metric", metric_id, METRICS)
    page = metric_page(metric_id, load_words(language))
    parts = [written(Header(page)), *(written(part) for part in page.sections if isinstance(part, Section))]
    click.echo("\n\n".join(parts))


@metrics.command("compare")
@click.argument("workspace", type=click.Path(path_type=Path))
@click.argument("metric_id")
@click.option("--rep", required=True, help="Whose number.")
@click.option("--period", help="2025Q4, 2025-11, 2025, FY26Q1, last90d. Default: the period of the data.")
@click.option("--as-of", **DAY, help="As known at the end of this day. Default: the day of the data.")
@click.option("--language", type=LANGUAGE, help="Default: the organisation's.")
@as_json_option
def compare(
    workspace: Path, metric_id: str, rep: str, period: str | None, as_of: datetime | None, language: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Hold METRIC_ID of one rep against peers, the same season last year and the target; say if a ranking holds."""
    from salescoach.errors import UsageError
    from salescoach.metric_data import metric_data
    from salescoach.metrics import METRICS
    from salescoach.metrics.beside import beside
    from salescoach.report.metric_compared import compared_section, ranking_blocks
    from salescoach.report.plain import written
    from salescoach.report.wording import Wording
    from salescoach.resources import load_words
    from salescoach.workspace import Workspace

    if metric_id not in METRICS:
        raise UsageError.unknown("metric", metric_id, METRICS)
    home = Workspace.open(workspace)
    data = metric_data(home, as_of.date() if as_of else None)
    span = data.calendar.period(period, data.as_of) if period else data.calendar.period_of(data.as_of)
    found = beside(data, span, metric_id, rep)
    if as_json:
        head = {"as_of": data.as_of.isoformat(), "period": span.label, "rep_id": rep, "metric_id": metric_id}
        print_json(head | {"rows": [_held_against(one) for one in found]})
        return
    wording = Wording(load_words(language or home.organisation.language), data.currency)
    role = data.reps["role"].get(rep)
    ranks = {str(role or ""): one.ranking for one in found[:1] if one.ranking is not None}
    blocks = ranking_blocks(ranks, data.reps["full_name"], wording)
    section = compared_section(found, wording)
    click.echo(written(replace(section, blocks=(*section.blocks, *blocks))))


def _held_against(one: Beside) -> dict[str, Any]:
    """One part of a metric beside everything, in JSON's types."""
    plain: dict[str, Any] = {"part": one.part, **{name: _scalar(one.answer[name]) for name in _TOLD}}
    for name in ("peers", "past", "target"):
        found = getattr(one, name)
        plain[name] = None if found is None else _plain(vars(found))
    plain["ranking"] = None if one.ranking is None else one.ranking.refused or "held"
    return plain


_TOLD = ("value", "n", "low", "high", "na_reason")


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    """A row in JSON's types: missing numbers are null, codes a list."""
    return {str(name): _scalar(value) for name, value in row.items()}


def _scalar(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def _text(rows: pd.DataFrame, names: dict[Any, Any], currency: str, language: str) -> str:
    from salescoach.report.metric_values import values_section
    from salescoach.report.plain import written
    from salescoach.report.wording import Wording
    from salescoach.resources import load_words

    words = load_words(language)
    wording = Wording(words, currency)
    names = {"all": words("metrics.organisation"), **names}
    groups = rows.groupby(rows.columns[0], sort=False)
    return "\n\n".join(
        written(values_section(mine, f"{names.get(group, group)} ({group})", wording)) for group, mine in groups
    )
