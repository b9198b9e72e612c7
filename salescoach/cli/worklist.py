"""Commands for the day: list the leads of a workspace, and decide about one of them yourself."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

import click

from salescoach.cli.common import LANGUAGE, as_json_option, print_json

_FILE = click.Path(path_type=Path)


@click.command(short_help="Write the day's work list of a workspace.")
@click.argument("workspace", type=_FILE)
@click.option("--of", type=click.Choice(["leads", "deals"]), default="leads", show_default=True, help="What is listed.")
@click.option("--rep", default="", help="Only the leads of this rep.")
@click.option("--hours", type=click.FloatRange(0), default=8.0, show_default=True, help="Hours of the day, per rep.")
@click.option(
    "--hours-per-lead", type=click.FloatRange(0.01), default=1.0, show_default=True, help="What a lead takes."
)
@click.option("--cost-per-hour", type=click.FloatRange(0), default=0.0, show_default=True, help="What an hour costs.")
@click.option("--value", type=click.FloatRange(0), default=1.0, show_default=True, help="What a win is worth.")
@click.option("--out", type=_FILE, help="Write the list as .csv or .xlsx.")
@click.option("--language", type=LANGUAGE, help="Default: the organisation's.")
@as_json_option
def worklist(
    workspace: Path, of: str, rep: str, hours: float, hours_per_lead: float, cost_per_hour: float, value: float,
    out: Path | None, language: str | None, as_json: bool,
) -> None:  # fmt: skip
    """List the open leads, or deals, of a workspace under each rep's hours, with reasons for and against each.

    Decisions of people come first. Without a usable model there is no list, and it says why.

    \b
    Example:
      salescoach leads worklist our-team --rep R012 --hours 6 --out today.xlsx
    """
    from salescoach.leadlab.worklists import WorkDay
    from salescoach.resources import load_words
    from salescoach.scoring.day import Plan
    from salescoach.scoring.worklist import Effort
    from salescoach.workspace import Workspace

    home = Workspace.open(workspace)
    words = load_words(language or home.organisation.language)
    made = WorkDay.open(home, Plan(hours, Effort(hours_per_lead, cost_per_hour), value), words, rep=rep, of=of)
    if out:
        made.write(out)
    if as_json:
        print_json(made.to_dict())
    else:
        click.echo(made.text())


def who_decides(by: str) -> str:
    """Who decides: as named, else who is at the computer; a model card without a name would be nobody's."""
    return by or os.environ.get("SALESCOACH_USER") or getpass.getuser()


@click.command(short_help="Decide about a lead yourself; its score stays what it is.")
@click.argument("lead", default="", metavar="[LEAD]")
@click.option("--models", "folder", required=True, type=_FILE, help="Folder of models.")
@click.option(
    "--decision", type=click.Choice(["work", "aside", "model"]), help="On the list, off it, or back to the model."
)
@click.option("--by", default="", help="Who decides.  [default: the user]")
@click.option("--role", type=click.Choice(["coach", "rep"]), default="coach", show_default=True, help="Decides as.")
@click.option("--reason", default="", help="Why; shown beside the lead.")
def override(lead: str, folder: Path, decision: str | None, by: str, role: str, reason: str) -> None:
    """Put a lead on the day's list or aside, whatever the model says. Without LEAD: all decisions so far, as JSON.

    The decision is kept with who, when and why: in the workspace of the models, where the app shows and writes it,
    too; beside models that stand alone. It changes no score, and no model learns from it.

    \b
    Example:
      salescoach leads override L000123 --models models --decision work --by "Elif Kaya" --reason "asked to be called"
    """
    from dataclasses import asdict

    from salescoach.errors import UsageError
    from salescoach.leadlab.decisions import Decisions

    decisions = Decisions.beside(folder)
    if not lead:
        print_json({"decisions": [asdict(each) for each in decisions.all()]})
        return
    if decision is None:
        raise UsageError("Say what was decided: --decision work, aside or model.")
    print_json(asdict(decisions.add(lead, decision, by=who_decides(by), role=role, reason=reason)))
