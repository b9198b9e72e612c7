"""Commands for the rights of one person: what is held about them, erased, or passed on without names."""

from __future__ import annotations

import json
from pathlib import Path

import click

from salescoach.cli.common import FAILED
from salescoach.cli.record_access import file_type, home_of, language_option, record_of, workspace_argument


@click.group(short_help="The rights of one person: export, erase, pseudonymise.")
def person() -> None:
    """What is held about a person, for that person.

    \b
    Example:
      salescoach person export our-team --rep R07 --into /tmp/R07
    """


@person.command("export", short_help="Write everything held about a person.")
@workspace_argument
@click.option("--rep", required=True, metavar="REP_ID", help="About whom.")
@click.option(
    "--into", "folder", required=True, type=file_type, help="A new folder for data.json, data.html and the reports."
)
@click.option("--why", default="data request", show_default=True, help="For the audit.")
@language_option
def export_person(workspace: Path, rep: str, folder: Path, why: str, language: str | None) -> None:
    """Write all about a person as data.json and data.html; other people appear under pseudonyms.

    The coaching record, the rows of every import with their file and line, every metric with its formula, n and
    interval, the reports about them, and the lines of other files of the workspace that name them.

    \b
    Example:
      salescoach person export our-team --rep R07 --into /tmp/R07
    """
    from salescoach.crm.folder import write_whole
    from salescoach.errors import UsageError
    from salescoach.privacy.pack import whole_pack
    from salescoach.report.page import page_html
    from salescoach.resources import page_style
    from salescoach.store.service.datapack import data_pack_page

    home, words = home_of(workspace, language)
    if folder.exists():
        raise UsageError(f"{folder} exists already. Name a new folder.")
    with record_of(home) as record:
        pack = whole_pack(home, record, rep, words, why=why)
    page = page_html(data_pack_page(pack.told, rep, words), page_style(), "")
    told = json.dumps(pack.told, ensure_ascii=False, indent=2)
    for name, content in {"data.json": told, "data.html": page, **pack.pages}.items():
        (folder / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(folder / name, content.encode("utf-8"))
        click.echo(words("record.person.exported", file=str(folder / name)))


@person.command("erase", short_help="Erase a person from the record.")
@workspace_argument
@click.option("--rep", required=True, metavar="REP_ID", help="Who.")
@click.option("--name", "names", multiple=True, help="Besides the names and e-mails in the data; may be repeated.")
@click.option("--why", required=True, help="For the audit; it stays, so it must not name the person.")
@language_option
def erase_person(workspace: Path, rep: str, names: tuple[str, ...], why: str, language: str | None) -> int:
    """Erase all about a person from the record, the imported data, reports, models, exports and caches.

    Imported rows stay under a pseudonym, so that the figures of the team stay true. A token without content stays, so
    that a backup of before erases them again when it is restored. Exit code 1 when a file of the workspace still holds
    a name, or cannot be looked into.

    \b
    Example:
      salescoach person erase our-team --rep R07 --name "Ada Yılmaz" --why "request of 3 May"
    """
    from salescoach.privacy.erasing import erase_everywhere

    home, words = home_of(workspace, language)
    with record_of(home) as record:
        done = erase_everywhere(home, record, rep, why=why, names=names)
    click.echo(words("record.erase.done", rows=done.record.rows, mentions=done.record.mentions))
    click.echo(words("record.erase.data", snapshots=done.snapshots, pseudonym=done.pseudonym))
    click.echo(words("record.erase.pages", n=done.reports))
    for path in done.documents:
        click.echo(words("record.erase.document", file=str(path)))
    for name in done.models:
        click.echo(words("record.erase.model", model=name))
    for place in done.backups:
        click.echo(words("record.erase.backup", file=place))
    click.echo(words("record.erase.elsewhere"))
    for path in done.left:
        click.echo(words("record.erase.left", file=str(path)))
    for path in done.unread:
        click.echo(words("record.erase.unread", file=str(path)))
    return FAILED if done.left or done.unread else 0


@person.command(short_help="A copy of the workspace without names and texts.")
@workspace_argument
@click.option("--into", "folder", required=True, type=file_type, help="A new folder, which is a workspace too.")
@language_option
def pseudonymise(workspace: Path, folder: Path, language: str | None) -> None:
    """Copy record and snapshots for analysts: dates, kinds, states and figures stay, names and texts do not.

    People stand in both by the same pseudonym. Reports, models and owner maps are not copied.

    \b
    Example:
      salescoach person pseudonymise our-team --into /tmp/for-analysts
    """
    from salescoach.privacy.copying import pseudonymised

    home, words = home_of(workspace, language)
    with record_of(home) as record:
        done = pseudonymised(home, record, folder)
    click.echo(words("record.person.pseudonymised", file=str(folder), n=done.people, snapshots=done.snapshots))
