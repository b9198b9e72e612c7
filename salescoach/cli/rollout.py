"""The command that lets the lot decide who is coached first."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from salescoach.cli.common import DAY, LANGUAGE, as_json_option, print_json


@click.command(short_help="Who is coached first, by lot, when there is time for half.")
@click.argument("workspace", type=click.Path(path_type=Path))
@click.option("--rep", "reps", multiple=True, help="One of those to be coached; repeat it. Default: all who sell.")
@click.option("--seed", type=int, help="Number of the lot. Default: the day of the data.")
@click.option("--as-of", **DAY, help="As known at the end of this day. Default: the day of the snapshot.")
@click.option("--language", type=LANGUAGE, help="Default: the organisation's.")
@as_json_option
def rollout(
    workspace: Path, reps: tuple[str, ...], seed: int | None, as_of: datetime | None, language: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Draw, team by team, which half starts now and which half waits.

    Those who wait are the comparison later. Write the start down in the record, with the reason "random", before it
    begins: the team's page then shows what came of it.

    \b
    Example:
      salescoach rollout our-team --rep R003 --rep R007 --rep R009 --rep R012
    """
    from salescoach.coaching.rollout import rollout as drawn
    from salescoach.known import data_at
    from salescoach.report.page import Section
    from salescoach.report.plain import written
    from salescoach.report.rollout import rollout_table
    from salescoach.resources import load_words
    from salescoach.workspace import Workspace

    home = Workspace.open(workspace)
    data = data_at(home, as_of.date() if as_of else None)
    found = drawn(data, reps, seed=seed)
    if as_json:
        print_json({"as_of": data.as_of.isoformat()} | asdict(found))
        return
    words = load_words(language or home.organisation.language)
    names = {rep: str(data.reps.at[rep, "full_name"]) for rep in (*found.now, *found.later)}
    click.echo(written(Section("rollout", words("rollout.title"), (rollout_table(found, names, words),))))
