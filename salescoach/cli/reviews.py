"""Commands around reviews: prepare them, serve them, open the notebooks, try it all on a demo."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from salescoach.cli.common import DAY, FAILED, LANGUAGE, as_json_option, print_json, say


@click.command(short_help="Prepare the review of every rep, and an index.")
@click.argument("workspace", type=click.Path(path_type=Path))
@click.option("--period", help="2025Q4, 2025-11, 2025, FY26Q1. Default: the quarter of the data.")
@click.option(
    "--language", "languages", multiple=True, type=LANGUAGE, help="May be given twice. Default: the organisation's."
)
@click.option("--rep", "reps", multiple=True, help="Only this rep; may be repeated. Default: everybody who sells.")
@click.option("--as-of", **DAY, help="As known at the end of this day. Default: the day of the snapshot.")
@click.option("--workers", type=click.IntRange(1, 64), help="Reports at the same time. Default: one per core.")
@click.option("--force", is_flag=True, help="Make reports again that have not changed.")
@as_json_option
def review(
    workspace: Path, period: str | None, languages: tuple[str, ...], reps: tuple[str, ...], as_of: datetime | None,
    workers: int | None, force: bool, as_json: bool,
) -> int:  # fmt: skip
    """Prepare the review of every rep and of the team: one notebook and one page each, and an index of all.

    They lie in WORKSPACE/reviews/PERIOD/LANGUAGE/. A review that fails leaves the others and its own
    last good version as they are; one whose inputs have not changed is skipped.

    \b
    Example:
      salescoach review our-team --period 2025Q4 --language tr --language en
    """
    from salescoach.workspace import Workspace

    home = Workspace.open(workspace)
    result = _reviewed(
        home, period, languages, reps, as_of.date() if as_of else None, workers=workers, force=force, team=not reps,
    )  # fmt: skip
    if as_json:
        print_json(result.to_dict())
    else:
        _say_result(result)
    return FAILED if result.failed else 0


@click.command(short_help="Serve the review app on this machine.")
@click.argument("workspace", type=click.Path(path_type=Path))
@click.option("--port", default=8866, show_default=True, type=click.IntRange(0, 65535), help="0: any free port.")
@click.option("--language", type=LANGUAGE, help="Default: the organisation's.")
@click.option("--person", default="", metavar="REP_ID", help="Only for this person, who sees what their scopes allow.")
def serve(workspace: Path, port: int, language: str | None, person: str) -> int:
    """Serve the review app on this machine and print its address, which holds a secret token.

    Only this machine can reach it. It runs until Ctrl-C. With --person the address is a login for that person: the
    one-on-one, development and improvement apps with the rights that salescoach grant gave them, and nothing else.

    \b
    Example:
      salescoach serve our-team
      salescoach serve our-team --person R07
    """
    from salescoach.server import APPS, OWN_APPS
    from salescoach.server import serve as serve_apps
    from salescoach.workspace import Workspace

    home = Workspace.open(workspace)
    home.snapshot()  # without data there is nothing to serve: say so before a server starts
    apps = OWN_APPS if person else APPS
    return serve_apps(home, port=port, apps=apps, language=language or home.organisation.language, person=person)


@click.command(short_help="Open JupyterLab on the notebooks.")
@click.argument("workspace", type=click.Path(path_type=Path))
@click.argument("jupyter_options", nargs=-1, type=click.UNPROCESSED)
def lab(workspace: Path, jupyter_options: tuple[str, ...]) -> int:
    """Open JupyterLab on a copy of the notebooks inside the workspace, for analysts.

    The copies in WORKSPACE/notebooks are yours to change; those of the program stay as they are.
    Options after -- go to JupyterLab.

    \b
    Example:
      salescoach lab our-team -- --no-browser
    """
    from salescoach.server import open_lab
    from salescoach.workspace import Workspace

    return open_lab(Workspace.open(workspace), jupyter_options)


@click.command(short_help="Try everything on an invented organisation.")
@click.argument("workspace", type=click.Path(path_type=Path), default=Path("demo-workspace"))
@click.option("--preset", default="default", show_default=True, help="Kind of organisation; a wrong name lists them.")
@click.option("--reps", type=click.IntRange(6, 20_000), help="How many people sell.  [default: the preset's]")
@click.option("--months", type=click.IntRange(12, 60), help="How far the data go back.  [default: the preset's]")
@click.option("--seed", default=1, show_default=True, help="Same seed, same organisation.")
@click.option(
    "--as", "form", default="canonical", show_default=True, metavar="CRM",
    help="Form of the files the data come through: salesforce, hubspot, … A wrong name lists them.",
)  # fmt: skip
@click.option(
    "--export", type=click.Path(path_type=Path), metavar="FOLDER",
    help="Only write the files of an export, no workspace; --as parquet is for very large organisations.",
)  # fmt: skip
@click.option(
    "--language", "languages", multiple=True, type=LANGUAGE, help="Reviews in this language.  [default: both]"
)
@click.option("--serve/--no-serve", "serving", default=True, help="Serve the app when everything is there.")
@click.option("--port", default=8866, show_default=True, type=click.IntRange(0, 65535), help="0: any free port.")
@as_json_option
def demo(
    workspace: Path, preset: str, reps: int | None, months: int | None, seed: int, form: str, export: Path | None,
    languages: tuple[str, ...], serving: bool, port: int, as_json: bool,
) -> int:  # fmt: skip
    """Invent an organisation, import it, prepare all reviews of its current quarter, serve them.

    The people, companies and numbers are invented; what is true about them is known, so the product
    can be checked against it. WORKSPACE is demo-workspace when not given. With --as the data take the
    road of a CRM's export, and hold what that CRM can hold; with --export only its files are written,
    and beside them what is true (FOLDER-truth.json).

    \b
    Example:
      salescoach demo --reps 12 --no-serve
      salescoach demo --preset small_team --as hubspot
      salescoach demo --export files --as salesforce
    """
    from salescoach.runs.demo import build_demo, export_demo, train_demo

    say("Inventing an organisation …")
    if export is not None:
        export_demo(export, preset=preset, reps=reps, months=months, seed=seed, form=form)
        click.echo(f"{export}: {len(list(export.iterdir()))} files.")
        return 0
    home = build_demo(workspace, preset=preset, reps=reps, months=months, seed=seed, form=form)
    say("Training the model of its leads …")
    train_demo(home)
    result = _reviewed(home, None, languages or ("tr", "en"), (), None, team=True)
    if as_json:
        print_json(result.to_dict())
    else:
        _say_result(result)
    if result.failed or not serving:
        return FAILED if result.failed else 0
    from salescoach.server import APPS
    from salescoach.server import serve as serve_apps

    return serve_apps(home, port=port, apps=APPS, language=home.organisation.language)


def _reviewed(
    home: Any, period: str | None, languages: Sequence[str], reps: Sequence[str], as_of: date | None, **options: Any
) -> Any:
    """Run the reviews with one progress bar on standard error."""
    from tqdm import tqdm

    from salescoach.known import calendar_of
    from salescoach.review import reviewable_reps
    from salescoach.runs import run_reviews

    if period is None:
        period = calendar_of(home.organisation).period_of(as_of or home.snapshot().as_of).label
    wanted = reviewable_reps(home, period, as_of, reps)
    with ExitStack() as open_bar:
        bars: list[tqdm[Any]] = []  # drawn at the first progress, so that a refused request shows its error only

        def progress(done: int, total: int) -> None:
            if not bars:
                bars.append(tqdm(desc=period, total=total, unit=" review", file=sys.stderr, dynamic_ncols=True))
                open_bar.enter_context(bars[0])
            bars[0].update(done - bars[0].n)

        return run_reviews(
            home, period=period, languages=languages or (home.organisation.language,), reps=wanted, as_of=as_of,
            progress=progress, **options,
        )  # fmt: skip


def _say_result(result: Any) -> None:
    click.echo(f"{result.ok} ok, {result.failed} failed, {result.skipped} unchanged. Index: {result.index}")
    for report in result.reports:
        if report.status == "failed":
            click.echo(f"  {report.rep_id or 'team'} ({report.language}): {report.reason}", err=True)
