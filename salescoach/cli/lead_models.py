"""Commands for stored models of leads: their card, and which of them is in use."""

from __future__ import annotations

from pathlib import Path

import click

from salescoach.cli.common import LANGUAGE, as_json_option, print_json
from salescoach.cli.worklist import who_decides

_FILE = click.Path(path_type=Path)

MODELS = click.option("--models", "folder", required=True, type=_FILE, help="Folder of models.")
VERSION = click.option("--version", default="", help="Which model. Default: the one in use.")


@click.command(short_help="Show the card of a model.")
@MODELS
@VERSION
@click.option("--out", type=_FILE, help="Write the card as a page (.html).")
@click.option("--language", type=LANGUAGE, default="en", show_default=True)
@as_json_option
def card(folder: Path, version: str, out: Path | None, language: str, as_json: bool) -> None:
    """Show the card of a model: what it is for, how it was judged, and where it must not be trusted.

    \b
    Example:
      salescoach leads card --models models --language tr --out card.html
    """
    from salescoach.leadlab.registry import Registry
    from salescoach.leadlab.training import card_html
    from salescoach.report import plain
    from salescoach.report.model_card import card_page
    from salescoach.report.page import Header, Section
    from salescoach.resources import load_words

    manifest = Registry(folder).manifest(version)
    if out:
        out.write_text(card_html(manifest, language), encoding="utf-8")
    if as_json:
        print_json(manifest)
        return
    page = card_page(manifest, load_words(language))
    parts: list[Header | Section] = [Header(page), *(part for part in page.sections if isinstance(part, Section))]
    click.echo("\n\n".join(plain.written(part) for part in parts))


@click.command(short_help="List the stored models; promote, roll back, compare.")
@MODELS
@click.option("--promote", "promoted", default="", metavar="VERSION", help="Put this version in use.")
@click.option("--roll-back", is_flag=True, help="Go back to the version that was in use before.")
@click.option("--compare", "challenger", default="", metavar="VERSION", help="Judge it beside the one in use, on --on.")
@click.option("--on", "later", type=_FILE, help="Later leads with known outcomes, for --compare.")
@click.option("--by", default="", help="Who decides.")
def models(folder: Path, promoted: str, roll_back: bool, challenger: str, later: Path | None, by: str) -> None:
    """List the stored models as JSON; promote one, go back to the one before, or compare two on later leads.

    \b
    Example:
      salescoach leads models --models models --compare 0002-1a2b3c4d --on march.csv
    """
    from salescoach.errors import UsageError
    from salescoach.leadlab.registry import Registry
    from salescoach.leadlab.today import compared

    registry, who = Registry(folder), who_decides(by)
    if challenger:
        if later is None:
            raise UsageError("Name later leads with known outcomes to compare on: --on LEADS.csv.")
        print_json(compared(registry, challenger, later))
        return
    if promoted:
        registry.promote(promoted, by=who)
    if roll_back:
        registry.roll_back(by=who)
    print_json({"in_use": registry.current(), "versions": registry.versions(), "history": registry.history()})
