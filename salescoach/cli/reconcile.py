"""The command that says why two numbers differ."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from salescoach.cli.common import LANGUAGE, as_json_option, print_json
from salescoach.errors import InputError, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from salescoach.metrics.reconcile import Reconciliation, RowsCompared


@click.command(short_help="Why two numbers differ, rule by rule, to the cent.")
@click.argument("workspace", type=click.Path(path_type=Path))
@click.option("--a", "first", required=True, help='One definition, such as "bookings owner=at_close".')
@click.option("--b", "second", help='The other one, such as "bookings owner=current credit=owner".')
@click.option("--b-rows", type=click.Path(path_type=Path), help="Or: a CSV file of another tool, deal_id and amount.")
@click.option("--period", default="", help="Period of a definition that names none.")
@click.option("--rep", help="Only this rep. Default: the organisation.")
@click.option("--language", type=LANGUAGE, help="Default: the organisation's.")
@as_json_option
def reconcile(
    workspace: Path, first: str, second: str | None, b_rows: Path | None, period: str, rep: str | None,
    language: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Say which rule and which deals make which part of the difference; the parts add up exactly.

    A definition is a measure and rules: period, as_of, date, owner, credit, rate, undone, no_decision, cancelled,
    inherited, born_closed, mega, type, still_open. Measures: bookings, paid_bookings, wins, win_rate_count,
    win_rate_value, open_pipeline, pipeline_created, ads_mean, ads_median, ads_geometric.

    \b
    Example:
      salescoach reconcile our-team --a "bookings" --b "bookings owner=current credit=owner" --period 2025Q4
      salescoach reconcile our-team --a "bookings" --b-rows from-crm.csv --period 2025Q4 --rep R003
    """
    from salescoach.known import data_at
    from salescoach.metrics.definitions import Definition
    from salescoach.metrics.reconcile import compare_rows
    from salescoach.metrics.reconcile import reconcile as explain
    from salescoach.report.plain import written
    from salescoach.report.reconciliation import compared_section, reconciliation_section
    from salescoach.resources import load_words
    from salescoach.workspace import Workspace

    if (second is None) == (b_rows is None):
        raise UsageError("Say what A is compared with: another definition with --b, or a file with --b-rows.")
    home = Workspace.open(workspace)
    words = load_words(language or home.organisation.language)
    a = Definition.parse(first, period)
    data = data_at(home, _day(a.as_of))
    if second is None:
        compared = compare_rows(data, a, _listed(Path(str(b_rows))), rep=rep)
        document, section = _compared(compared), compared_section(compared, words)
    else:
        b = Definition.parse(second, period)
        found = explain(data, a, b, rep=rep, data_b=data_at(home, _day(b.as_of)))
        document, section = _document(found), reconciliation_section(found, words)
    if as_json:
        print_json(document)
    else:
        click.echo(written(section))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"as_of={text} is no day; write it as 2025-11-28.") from None


def _listed(path: Path) -> pd.DataFrame:
    """The deals of another tool: a CSV file with a heading row."""
    import pandas as pd

    try:
        table = pd.read_csv(path, dtype={"deal_id": str})
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read as CSV ({error}).", file=str(path)) from None
    if "amount" in table:
        number = pd.to_numeric(table["amount"], errors="coerce")
        wrong = number.isna() & table["amount"].notna()
        if wrong.any():
            row = int(wrong.to_numpy().argmax())
            told = f"'{table['amount'].iloc[row]}' is no number; write it with a point, such as 1234.50"
            raise InputError(told, file=str(path), row=row + 2, column="amount")
        table = table.assign(amount=number)
    return table


def _document(found: Reconciliation) -> dict[str, Any]:
    """Amounts as text with all their digits: a program must not round them either."""
    from salescoach.report.reconciliation import exact

    def write(amount: int | None) -> str | None:
        return None if amount is None else exact(amount, found.unit)

    return {
        "a": found.a.told(), "b": found.b.told(), "rep": found.rep, "unit": found.unit, "currency": found.currency,
        "total_a": write(found.total_a), "total_b": write(found.total_b),
        "parts": [
            {
                "rule": effect.rule, "a": effect.value_a, "b": effect.value_b, "amount": write(effect.amount),
                "rows": effect.rows.to_dict("records"),
            }
            for effect in found.effects
        ],
        "remainder": write(found.remainder), "difference": write(found.difference),
    }  # fmt: skip


def _compared(found: RowsCompared) -> dict[str, Any]:
    from salescoach.metrics.reconcile import CHANGES
    from salescoach.report.reconciliation import exact

    unit = found.definition.unit
    return {
        "a": found.definition.told(), "rep": found.rep, "unit": unit, "currency": found.currency,
        "total_a": exact(found.total_a, unit), "total_b": exact(found.total_b, unit),
        "parts": {change: exact(found.part(change), unit) for change in CHANGES},
        "difference": exact(found.difference, unit), "rows": found.rows.to_dict("records"),
    }  # fmt: skip
