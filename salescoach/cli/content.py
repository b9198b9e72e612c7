"""The command that checks the content library and shows what is in it."""

from __future__ import annotations

from typing import Any

import click

from salescoach.cli.common import LANGUAGE, as_json_option, print_json


@click.command(short_help="Check the content library, and read what is in it.")
@click.argument("kind", required=False)
@click.argument("item", required=False)
@click.option("--language", type=LANGUAGE, default="en", show_default=True, help="Language of the texts.")
@as_json_option
def content(kind: str | None, item: str | None, language: str, as_json: bool) -> None:
    """Check every text of templates/content/ and show the kinds, one kind, or one item.

    What is not whole is named with its file, item and field.

    \b
    Example:
      salescoach content playbooks discovery --language tr
    """
    from salescoach.coaching.content import FOLDERS
    from salescoach.errors import UsageError
    from salescoach.report.library import item_section, overview
    from salescoach.report.plain import written
    from salescoach.resources import load_words
    from salescoach.review import content as library

    if kind is not None and kind not in FOLDERS:
        raise UsageError.unknown("kind of content", kind, FOLDERS, hint="Run `salescoach content` to see them all.")
    found, words = library(), load_words(language)
    if as_json:
        print_json(_ids(found, kind, item))
    elif kind is None:
        click.echo(written(overview(found, words)))
    else:
        chosen = [found.one(FOLDERS[kind], item)] if item else found.all(FOLDERS[kind])
        for one in chosen:
            click.echo(written(item_section(one, found, words)))


def _ids(found: Any, kind: str | None, item: str | None) -> dict[str, Any]:
    """Ids by kind; of one item everything that stands in it."""
    from dataclasses import asdict

    from salescoach.coaching.content import FOLDERS

    if kind and item:
        return asdict(found.one(FOLDERS[kind], item))
    return {folder: [one.id for one in found.all(form)] for folder, form in FOLDERS.items() if kind in (None, folder)}
