"""Commands that bring data in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from salescoach.cli.common import DAY, LANGUAGE, as_json_option, print_json
from salescoach.errors import UsageError


@click.command("import", short_help="Read a CRM export into a workspace.")
@click.argument("export")
@click.option(
    "--into", "workspace", required=True, type=click.Path(path_type=Path), help="Workspace; made when missing."
)
@click.option("--preview", is_flag=True, help="Show mapping, first rows, faults and unmatched owners; write nothing.")
@click.option("--as-of", **DAY, help="Last day the export knows. Default: the newest day in it.")
@click.option("--crm", help="Where the export comes from (see templates/crm). Default: found by its headings.")
@click.option("--mapping", metavar="NAME", help="Read it as saved under this name (or in this TOML file).")
@click.option("--map", "columns", multiple=True, metavar="HEADING=FIELD", help="Use a column; may be repeated.")
@click.option("--save-mapping", metavar="NAME", help="Save form, --map and choices for the next import.")
@click.option("--queries", type=click.Path(path_type=Path), help="For a database: TOML with one SELECT per table.")
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
def import_(**given: Any) -> None:
    """Read a CRM export into a workspace as a new snapshot.

    EXPORT is a folder, a zip, one CSV file or Excel workbook, or a database (postgresql://… or duckdb:PATH).
    Nothing is changed by guess: what cannot be decided is asked, and every row that is not used is
    listed with file, line, column, value and reason. Importing the same export again changes nothing.

    \b
    Example:
      salescoach import exports/june --into our-team --preview
      salescoach import exports/june --into our-team --as-of 2025-06-30
      salescoach import report.xlsx --into our-team --map "Deal No=deal_id" --save-mapping weekly
      salescoach import next.xlsx --into our-team --mapping weekly
    """
    _run(_Wanted(**given))


@dataclass(frozen=True)
class _Wanted:
    """The command line, option by option."""

    export: str
    workspace: Path
    preview: bool
    as_of: datetime | None
    crm: str | None
    mapping: str | None
    columns: tuple[str, ...]
    save_mapping: str | None
    queries: Path | None
    separator: str | None
    encoding: str | None
    decimal: str | None
    date_order: str | None
    name: str | None
    currency: str | None
    language: str | None
    as_json: bool


def _run(wanted: _Wanted) -> None:
    from salescoach.crm.importer import Choices, import_export, preview_export
    from salescoach.quality import write_quality
    from salescoach.resources import load_words
    from salescoach.workspace import Workspace

    if wanted.crm and wanted.mapping:
        raise UsageError("Give --crm or --mapping, not both: a saved mapping names its form itself.")
    if wanted.preview and wanted.save_mapping:
        raise UsageError("A preview writes nothing: give --save-mapping with the import itself.")
    settings = {key: value for key in ("name", "currency", "language") if (value := getattr(wanted, key))}
    if wanted.preview and (wanted.workspace / "salescoach.toml").exists():
        settings.pop("language", None)  # the language of this page, not of the workspace
    home = Workspace.at(wanted.workspace, **settings)
    options: dict[str, Any] = {
        "as_of": wanted.as_of.date() if wanted.as_of else None,
        "crm": wanted.mapping or wanted.crm,
        "choices": Choices(
            separator="\t" if wanted.separator == "tab" else wanted.separator,
            encoding=wanted.encoding,
            decimal=wanted.decimal,
            date_order=wanted.date_order,
        ),
        "columns": wanted.columns,
        "queries": wanted.queries,
    }
    words = load_words((wanted.preview and wanted.language) or home.organisation.language)
    if wanted.preview:
        preview = preview_export(wanted.export, home, **options)
        if wanted.as_json:
            print_json(preview.to_dict({code: load_words(code) for code in ("en", "tr")}))
        else:
            click.echo(preview.text(words))
        return
    report = import_export(wanted.export, home, **options, save_as=wanted.save_mapping)
    pages = write_quality(home, report.as_of)
    if wanted.as_json:
        print_json(report.to_dict() | {"quality": {code: str(page) for code, page in pages.items()}})
    else:
        click.echo(report.text(words))
        click.echo()
        click.echo(words("import.report.quality", path=str(pages[home.organisation.language])))
