"""Commands of the lead lab: judge, train, score, explain. Leads and deals only, never people."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from salescoach.cli.common import LANGUAGE, as_json_option, print_json
from salescoach.cli.lead_models import MODELS, VERSION, card, models
from salescoach.cli.worklist import override, who_decides, worklist

_FILE = click.Path(path_type=Path)


@click.group(short_help="Lead scores that are honest, calibrated and explained.")
def leads() -> None:
    """Lead scores that are honest, calibrated and explained.

    LEADS is a text file with one lead per row, or a workspace whose leads were imported.

    A score is offered only when it beats the base rate on leads that the model has not seen, on later ones
    where time is known. Columns that may have been written after the outcome raise an alarm. A person decides.

    \b
    Example:
      salescoach leads evaluate leads.csv --outcome converted --time created_at
      salescoach leads declare leads.csv --outcome converted > leads.toml
      salescoach leads train leads.csv --declare leads.toml --into models
      salescoach leads score new_leads.csv --models models --language tr
      salescoach leads train our-team
      salescoach leads worklist our-team --rep R012 --out today.xlsx
    """
    # Several threads per process slow small fits by a factor of fifty when several processes run.
    os.environ.setdefault("OMP_NUM_THREADS", "1")


for _command in (worklist, override, card, models):
    leads.add_command(_command)


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of every command that reads a file of leads."""
    for option in reversed(
        [
            click.option(
                "--of",
                type=click.Choice(["leads", "deals"]),
                default="leads",
                show_default=True,
                help="What of a workspace is looked at.",
            ),
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
    from salescoach.leadlab.organisation import workspace_deals, workspace_leads
    from salescoach.leadlab.reading import read_leads
    from salescoach.leadlab.study import Study

    of = options.pop("of")
    if file.is_dir():
        return Study(workspace_deals(file) if of == "deals" else workspace_leads(file))
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
@click.argument("file", type=_FILE, metavar="LEADS")
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

    click.echo(study_text(study, _words(file, language)))


def _words(file: Path, language: str) -> Any:
    """Words about the leads of a workspace, or of a file, whose columns are called as they are there."""
    from salescoach.report.lead_words import as_in_file
    from salescoach.resources import load_words

    words = load_words(language)
    return words if file.is_dir() else as_in_file(words)


@leads.command(short_help="Draft a declaration for a file of leads.")
@click.argument("file", type=_FILE, metavar="LEADS")
@click.option("--outcome", default="", help="Column that says how a lead ended.")
@reading_options
def declare(file: Path, outcome: str, **options: Any) -> None:
    """Print a declaration to be completed: every column, its kind, its alarms, and when it is known.

    \b
    Example:
      salescoach leads declare leads.csv --outcome converted > leads.toml
    """
    from salescoach.leadlab.draft import draft

    click.echo(draft(_study(file, outcome, options)), nl=False)


@leads.command(short_help="Train the champion and store it with its card.")
@click.argument("file", type=_FILE, metavar="LEADS")
@click.option("--outcome", default="", help="Column that says how a lead ended.")
@reading_options
@click.option("--into", "folder", type=_FILE, help="Folder of models; made when missing.  [default: the workspace's]")
@click.option("--by", default="", help="Who accepts the model; printed on its card.")
@click.option("--promote/--no-promote", default=True, show_default=True, help="Put it in use.")
@click.option("--language", type=LANGUAGE, default="en", show_default=True, help="Of the printed text.")
@as_json_option
def train(
    file: Path, outcome: str, folder: Path | None, by: str, promote: bool, language: str, as_json: bool, **options: Any
) -> None:
    """Train the champion of the ladder on a file of leads and store it with its manifest and model card.

    Refused when a column is not declared, an alarm is not answered, or nothing beats the base rate. In a workspace
    the verdict is kept, so that reviews and work lists say why there are no scores.

    \b
    Example:
      salescoach leads train leads.csv --declare leads.toml --into models --by "Elif Kaya"
      salescoach leads train our-team
      salescoach leads train our-team --of deals
    """
    if folder is None:
        _train_workspace(file, options["of"], who_decides(by), language, as_json)
        return
    from salescoach.leadlab.registry import Registry
    from salescoach.leadlab.training import train as train_model
    from salescoach.resources import load_words

    registry = Registry(folder)
    version = train_model(_study(file, outcome, options), registry, by=who_decides(by), promote=promote)
    if as_json:
        print_json({"version": version, "in_use": registry.current(), "manifest": registry.manifest(version)})
    else:
        click.echo(load_words(language)("leads.train.done" if promote else "leads.train.stored", version=version))


def _train_workspace(path: Path, of: str, by: str, language: str, as_json: bool) -> None:
    from salescoach.errors import UsageError
    from salescoach.leadlab.daily import lead_day, train_workspace
    from salescoach.report.leads import no_scores_text
    from salescoach.resources import load_words
    from salescoach.workspace import Workspace

    if not path.is_dir():
        raise UsageError("Name the folder in which the model is to be stored: --into FOLDER.")
    home, words = Workspace.open(path), load_words(language)
    verdict = train_workspace(home, by=by, of=of)
    day = lead_day(home, of)
    if as_json:
        print_json({"verdict": verdict, "version": day.version or None, "judged": day.judged, "won": day.won})
    else:
        click.echo(words("leads.train.done", version=day.version) if day.usable else no_scores_text(day, words))


@leads.command(short_help="Score new leads and list the day's work.")
@click.argument("file", type=_FILE, metavar="LEADS")
@MODELS
@VERSION
@click.option("--hours", type=click.FloatRange(0), default=8.0, show_default=True, help="Hours of the day, per owner.")
@click.option(
    "--hours-per-lead", type=click.FloatRange(0.01), default=1.0, show_default=True, help="What a lead takes."
)
@click.option("--cost-per-hour", type=click.FloatRange(0), default=0.0, show_default=True, help="What an hour costs.")
@click.option("--top", type=click.IntRange(0), default=20, show_default=True, help="Leads that get reasons.")
@click.option("--out", type=_FILE, help="Write the list as .csv or .xlsx.")
@click.option("--language", type=LANGUAGE, default="en", show_default=True)
@as_json_option
def score(
    file: Path, folder: Path, version: str, hours: float, hours_per_lead: float, cost_per_hour: float, top: int,
    out: Path | None, language: str, as_json: bool,
) -> None:  # fmt: skip
    """Score new leads with a stored model, list the day's work under each owner's hours, and look for drift.

    \b
    Example:
      salescoach leads score new_leads.csv --models models --hours 6 --out today.xlsx
    """
    from salescoach.leadlab.decisions import Decisions
    from salescoach.leadlab.registry import Registry
    from salescoach.leadlab.scoring import score_file
    from salescoach.leadlab.today import Today
    from salescoach.scoring.worklist import Effort

    scored = score_file(file, Registry(folder).load(version))
    decided = Decisions.beside(folder).overrides()
    today = Today(scored, _words(file, language), hours, Effort(hours_per_lead, cost_per_hour), top, decided)
    if out:
        today.write(out)
    if as_json:
        print_json(today.to_dict())
    else:
        click.echo(today.text())


@leads.command(short_help="Say why a lead has its score, and what would change it.")
@click.argument("file", type=_FILE, metavar="LEADS")
@MODELS
@VERSION
@click.option(
    "--lead", "wanted", multiple=True, help="Name or row number of a lead; may be repeated.  [default: first]"
)
@click.option("--language", type=LANGUAGE, default="en", show_default=True)
@as_json_option
def explain(file: Path, folder: Path, version: str, wanted: tuple[str, ...], language: str, as_json: bool) -> None:
    """Say why leads have their scores: at most five reasons for and against each, and what would change it.

    \b
    Example:
      salescoach leads explain new_leads.csv --models models --lead L000123 --language tr
    """
    from salescoach.leadlab.registry import Registry
    from salescoach.leadlab.scoring import score_file
    from salescoach.leadlab.today import explanations

    found, lines = explanations(score_file(file, Registry(folder).load(version)), wanted, _words(file, language))
    if as_json:
        print_json(found)
    else:
        click.echo("\n".join(lines))


@leads.command(short_help="Walk from a file of leads to a model and a list, in the browser.")
@click.argument("file", type=_FILE, metavar="LEADS")
@MODELS
@click.option("--outcome", default="", help="Column that says how a lead ended; needed until something is declared.")
@click.option("--time", default="", help="Column with the moment at which the lead was looked at.")
@click.option("--port", default=8866, show_default=True, type=click.IntRange(0, 65535), help="0: any free port.")
@click.option("--language", type=LANGUAGE, default="en", show_default=True, help="Of the pages.")
def app(file: Path, folder: Path, outcome: str, time: str, port: int, language: str) -> int:
    """Serve the leads app on a file of leads and print its address, which holds a secret token.

    Columns and alarms, the verdict, the model and its card, the day's list. What is answered about the columns is
    kept as declaration.toml in the folder of models, where the other commands can read it. It runs until Ctrl-C.

    \b
    Example:
      salescoach leads app leads.csv --outcome converted --models models
    """
    from salescoach.leadlab.desk import FileDesk
    from salescoach.server import serve

    desk = FileDesk(file.resolve(), folder.resolve(), outcome, time)
    desk.study.prepared  # noqa: B018 - what cannot be read is said before a server starts
    return serve(None, port=port, apps=("app_leads.ipynb",), language=language, given=desk.environment)
