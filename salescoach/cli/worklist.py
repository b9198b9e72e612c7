"""The command that lists a day's leads of a workspace."""

from __future__ import annotations

from pathlib import Path

import click

from salescoach.cli.common import LANGUAGE, as_json_option, print_json

_FILE = click.Path(path_type=Path)


@click.command(short_help="Write the day's work list of a workspace.")
@click.argument("workspace", type=_FILE)
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
    workspace: Path, rep: str, hours: float, hours_per_lead: float, cost_per_hour: float, value: float,
    out: Path | None, language: str | None, as_json: bool,
) -> None:  # fmt: skip
    """List the open leads of a workspace under each rep's hours, with reasons for and against each.

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
    made = WorkDay.open(home, Plan(hours, Effort(hours_per_lead, cost_per_hour), value), words, rep=rep)
    if out:
        made.write(out)
    if as_json:
        print_json(made.to_dict())
    else:
        click.echo(made.text())
