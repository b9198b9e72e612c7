"""The command that says what changed between two runs of reviews."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from salescoach.cli.common import LANGUAGE, as_json_option, print_json

if TYPE_CHECKING:
    from salescoach.metrics.changed import Shift
    from salescoach.runs.diff import RunDiff


@click.command(short_help="What changed between two runs, number by number, and why.")
@click.argument("run_a")
@click.argument("run_b")
@click.option(
    "--workspace", type=click.Path(path_type=Path), envvar="SALESCOACH_WORKSPACE",
    help="Where runs that are given by their id are looked for.",
)  # fmt: skip
@click.option("--rep", help="Only this rep. Default: everybody.")
@click.option("--language", type=LANGUAGE, help="Default: the organisation's.")
@as_json_option
def diff(run_a: str, run_b: str, workspace: Path | None, rep: str | None, language: str | None, as_json: bool) -> None:
    """Split every number that differs between two runs by its cause; the causes add up exactly.

    Causes: restated data, new data, changed quota, other period or settings, changed definition. A run is the path of
    its manifest, WORKSPACE/reviews/PERIOD/runs/RUN.json, or its id with --workspace.

    \b
    Example:
      salescoach diff 20260105T080000Z 20260112T080000Z --workspace our-team --rep R003
    """
    from salescoach.report.plain import written
    from salescoach.report.run_diff import run_diff_section
    from salescoach.resources import load_words
    from salescoach.runs.diff import RunFile
    from salescoach.runs.diff import diff as explain

    a, b = (RunFile.find(name, workspace) for name in (run_a, run_b))
    found = explain(a, b, rep)
    if as_json:
        print_json(_document(found))
        return
    words = load_words(language or b.organisation.language)
    people = b.snapshots[-1].read("rep")
    names = dict(zip(people["rep_id"].astype(str), people["full_name"].astype(str), strict=True))
    runs = (a.run_id, b.run_id)
    click.echo(written(run_diff_section(runs, found.materials, found.shifts, b.organisation.currency, names, words)))


def _document(found: RunDiff) -> dict[str, Any]:
    return {
        "a": found.a.run_id,
        "b": found.b.run_id,
        "parts": {name: {"a": a, "b": b} for name, (a, b) in found.materials.items()},
        "changes": [_change(one) for one in found.shifts],
    }


def _change(one: Shift) -> dict[str, Any]:
    """Amounts in whole units, so that a program can add them up; ``units`` of them make one."""
    from salescoach.metrics.changed import CAUSES, scale

    return {
        "rep_id": one.rep_id, "metric_id": one.metric_id, "stretch": one.stretch, "unit": one.unit,
        "units": scale(one.unit), "a": one.a, "b": one.b,
        "causes": dict(zip(CAUSES, one.parts, strict=False)), "joined": list(one.joined),
    }  # fmt: skip
