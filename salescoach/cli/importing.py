"""Commands that bring data in."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from salescoach.cli.common import DAY, LANGUAGE, as_json_option, print_json


@click.command("import", short_help="Read a CRM export into a workspace.")
@click.argument("export", type=click.Path(path_type=Path))
@click.option(
    "--into", "workspace", required=True, type=click.Path(path_type=Path), help="Workspace; made when missing."
)
@click.option("--as-of", **DAY, help="Last day the export knows. Default: the newest day in it.")
@click.option("--crm", help="Where the export comes from (see templates/crm). Default: found by its headings.")
@click.option(
    "--separator",
    type=click.Choice([",", ";", "tab", "|"]),
    metavar="MARK",
    help="Column separator, if it cannot be decided: , or ; or | or tab.",
)
@click.option("--encoding", help="Text encoding, if it cannot be decided: utf-8, cp1254 …")
@click.option("--decimal", type=click.Choice([",", "."]), help="Decimal mark, if it cannot be decided.")
@click.option(
    "--date-order", type=click.Choice(["dmy", "mdy"]), help="Order of day and month, if it cannot be decided."
)
@click.option("--name", help="Name of the organisation, for a new workspace.")
@click.option("--currency", help="Currency of its books (ISO 4217), for a new workspace.  [default: TRY]")
@click.option("--language", type=LANGUAGE, help="Language of its pages, for a new workspace.  [default: tr]")
@as_json_option
def import_(
    export: Path, workspace: Path, as_of: datetime | None, crm: str | None, separator: str | None, encoding: str | None,
    decimal: str | None, date_order: str | None, name: str | None, currency: str | None, language: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Read a CRM export (a folder of CSV files, or one file) into a workspace as a new snapshot.

    Nothing is changed by guess: what cannot be decided is asked, and every row that is not used is
    listed with file, line, column, value and reason. Importing the same export again changes nothing.

    \b
    Example:
      salescoach import exports/june --into our-team --as-of 2025-06-30
    """
    from salescoach.crm.importer import Choices, import_export
    from salescoach.resources import load_words
    from salescoach.workspace import Workspace

    wanted = {"name": name, "currency": currency, "language": language}
    home = Workspace.at(workspace, **{key: value for key, value in wanted.items() if value})
    choices = Choices(
        separator="\t" if separator == "tab" else separator, encoding=encoding, decimal=decimal, date_order=date_order
    )
    report = import_export(export, home, as_of=as_of.date() if as_of else None, crm=crm, choices=choices)
    if as_json:
        print_json(report.to_dict())
    else:
        click.echo(report.text(load_words(home.organisation.language)))
