"""Commands of the lead lab: judge, train, score, explain. Leads and deals only, never people."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from salescoach.cli.common import LANGUAGE, as_json_option, print_json

_FILE = click.Path(path_type=Path)


@click.group(short_help="Lead scores that are honest, calibrated and explained.")
def leads() -> None:
    """Lead scores that are honest, calibrated and explained.

    A score is offered only when it beats the base rate on leads that the model has not seen, on later ones
    where time is known. Columns that may have been written after the outcome raise an alarm. A person decides.

    \b
    Example:
      salescoach leads evaluate leads.csv --outcome converted --time created_at
      salescoach leads declare leads.csv --outcome converted > leads.toml
      salescoach leads train leads.csv --declare leads.toml --into models
      salescoach leads score new_leads.csv --models models --language tr
    """
    # Several threads per process slow small fits by a factor of fifty when several processes run.
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of every command that reads a file of leads."""
    for option in reversed(
        [
            click.option("--declare", type=_FILE, help="What is known about the columns, in TOML."),
            click.option("--time", default="", help="Column with the moment at which the lead was looked at."),
            click.option("--won", multiple=True, help="Value of the outcome that means won; may be repeated."),
            click.option("--lost", multiple=True, help="Value of the outcome that means lost; may be repeated."),
            click.option(
                "--separator",
                type=click.Choice([",", ";", "tab", "|"]),
                metavar="MARK",
                help="Column separator, if it cannot be decided: , or ; or | or tab.",
            ),
            click.option("--encoding", help="Text encoding, if it cannot be decided: utf-8, cp1254 …"),
            click.option("--decimal", type=click.Choice([",", "."]), help="Decimal mark, if it cannot be decided."),
            click.option(
                "--date-order",
                type=click.Choice(["dmy", "mdy"]),
                help="Order of day and month, if it cannot be decided.",
            ),
        ]
    ):
        command = option(command)
    return command


def _study(file: Path, outcome: str, options: dict[str, Any]) -> Any:
    from salescoach.crm.dialect import Choices
    from salescoach.errors import UsageError
    from salescoach.leadlab.reading import read_leads
    from salescoach.leadlab.study import Study

    if not outcome and options["declare"] is None:
        raise UsageError("Name the column that says how a lead ended: --outcome COLUMN, or --declare FILE.")
    separator = options.pop("separator")
    choices = Choices(
        separator="\t" if separator == "tab" else separator,
        encoding=options.pop("encoding"),
        decimal=options.pop("decimal"),
        date_order=options.pop("date_order"),
    )
    return Study(read_leads(file, outcome=outcome, choices=choices, **options))


@leads.command(short_help="Judge the whole ladder of models on a file of leads.")
@click.argument("file", type=_FILE, metavar="LEADS.csv")
@click.option("--outcome", default="", help="Column that says how a lead ended.")
@reading_options
@click.option("--language", type=LANGUAGE, default="en", show_default=True, help="Of the printed text.")
@as_json_option
def evaluate(file: Path, outcome: str, language: str, as_json: bool, **options: Any) -> None:
    """Judge the whole ladder of models on a file of leads, from the base rate to boosted trees.

    With --time each model is judged on later leads than it learned from; without, on others. Nothing is
    stored. Columns with strong alarms are kept out until they are answered in the declaration.

    \b
    Example:
      salescoach leads evaluate leads.csv --outcome converted --time created_at --json
    """
    study = _study(file, outcome, options)
    if as_json:
        print_json(study.to_dict())
        return
    from salescoach.leadlab.text import study_text
    from salescoach.resources import load_words

    click.echo(study_text(study, load_words(language)))
