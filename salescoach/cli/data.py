"""Commands that answer a question about the imported data, without a review."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from salescoach.cli.common import DAY, LANGUAGE, as_json_option, print_json

if TYPE_CHECKING:
    from salescoach.tables.waterfall import Waterfall
    from salescoach.words import Words

ALL = "all"


@click.command(short_help="What the last import found, as a page.")
@click.argument("workspace", type=click.Path(path_type=Path))
@as_json_option
def quality(workspace: Path, as_json: bool) -> None:
    """Write the page about the quality of the imported data, in both languages, and say where it lies.

    It lists every finding with file, line and owner, and what to do about it. With --json: counts by table and by
    rule, and how completely fields are filled.

    \b
    Example:
      salescoach quality our-team
    """
    from salescoach.quality import open_quality, write_quality
    from salescoach.workspace import Workspace

    home = Workspace.open(workspace)
    report = open_quality(home)
    pages = write_quality(home)
    if as_json:
        print_json(report.to_dict() | {"pages": {code: str(path) for code, path in pages.items()}})
    else:
        for path in pages.values():
            click.echo(path)


@click.command(short_help="How the open pipeline of one day became that of another.")
@click.argument("workspace", type=click.Path(path_type=Path))
@click.option("--from", "first", required=True, **DAY, help="The pipeline at the end of this day …")
@click.option("--to", "last", **DAY, help="… and at the end of this one. Default: the day of the data.")
@click.option("--period", help="Only deals expected to close in it, or: all. Default: the period of --to.")
@click.option("--rep", help="Only this rep. Default: everybody together.")
@click.option("--language", type=LANGUAGE, help="Default: the organisation's.")
@as_json_option
def waterfall(
    workspace: Path, first: datetime, last: datetime | None, period: str | None, rep: str | None, language: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Show every step between the open pipeline of two days; the steps add up exactly.

    It needs the stage history, or an export of each of the two days.

    \b
    Example:
      salescoach waterfall our-team --from 2025-09-30 --to 2025-11-28
    """
    from salescoach.known import data_at
    from salescoach.resources import load_words
    from salescoach.tables.waterfall import waterfall as steps_between
    from salescoach.workspace import Workspace

    home = Workspace.open(workspace)
    after = data_at(home, last.date() if last else None)
    before = data_at(home, first.date())
    if rep:
        after.rep(rep)
    due = None if period == ALL else after.calendar.period_of(after.as_of)
    if due and period:
        due = after.calendar.period(period, after.as_of)
    bridge = steps_between(before, after, due)
    if as_json:
        print_json(_document(bridge, rep))
    else:
        click.echo(_text(bridge, rep, load_words(language or home.organisation.language)))


def _document(bridge: Waterfall, rep: str | None) -> dict[str, Any]:
    """Amounts as text with two decimals: a program must not round them either."""
    chosen = [rep] if rep else None
    total, deals = bridge.total(chosen), bridge.deals(chosen)
    return {
        "from": bridge.start_day.isoformat(),
        "to": bridge.end_day.isoformat(),
        "period": bridge.due.label if bridge.due else ALL,
        "rep": rep,
        "currency": bridge.currency,
        "steps": [
            {"step": step, "amount": _exact(int(total[step])), "deals": int(deals[step]) if step in deals else None}
            for step in total.index
        ],
    }


def _exact(hundredths: int) -> str:
    sign, whole, part = "-" if hundredths < 0 else "", *divmod(abs(hundredths), 100)
    return f"{sign}{whole}.{part:02d}"


def _text(bridge: Waterfall, rep: str | None, words: Words) -> str:
    from salescoach.report.page import Cell, Column, Section, Table, Text
    from salescoach.report.plain import written

    chosen = [rep] if rep else None
    total, deals = bridge.total(chosen), bridge.deals(chosen)
    write = words.language
    rows = tuple(
        (
            Cell(words(f"waterfall.step.{step}")),
            Cell(write.money(int(total[step]) / 100, bridge.currency, 2)),
            Cell(write.number(int(deals[step])) if step in deals else ""),
        )
        for step in total.index
    )
    columns = (
        Column(words("waterfall.line")),
        Column(words("waterfall.amount"), align="right"),
        Column(words("waterfall.deals"), align="right"),
    )
    lead = words("waterfall.due", period=write.period(bridge.due.label)) if bridge.due else words("waterfall.all_open")
    title = words("waterfall.title", first=write.date(bridge.start_day), last=write.date(bridge.end_day))
    about = (Text(words("waterfall.rep", rep=rep)),) if rep else ()
    table = Table(lead, columns, rows, notes=(words("waterfall.balanced"),))
    return written(Section("waterfall", title, (*about, table)))
