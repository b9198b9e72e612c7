"""Commands for the rights of one person: what is held about them, erased, or passed on without names."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import click

from salescoach.cli.common import FAILED
from salescoach.cli.record_access import ERASED, file_type, home_of, language_option, record_of, workspace_argument


@click.group(short_help="The rights of one person: export, erase, pseudonymise.")
def person() -> None:
    """What the coaching record holds about a person, for that person.

    \b
    Example:
      salescoach person export our-team --rep R07 --into /tmp/R07
    """


@person.command("export", short_help="Write everything held about a person.")
@workspace_argument
@click.option("--rep", required=True, metavar="REP_ID", help="About whom.")
@click.option("--into", "folder", required=True, type=file_type, help="A new folder for data.json and data.html.")
@click.option("--why", default="data request", show_default=True, help="For the audit.")
@language_option
def export_person(workspace: Path, rep: str, folder: Path, why: str, language: str | None) -> None:
    """Write all about a person as data.json and data.html; other people appear under pseudonyms.

    \b
    Example:
      salescoach person export our-team --rep R07 --into /tmp/R07
    """
    from salescoach.crm.folder import write_whole
    from salescoach.errors import UsageError
    from salescoach.report.page import page_html
    from salescoach.resources import page_style
    from salescoach.store.service.datapack import data_pack, data_pack_page

    home, words = home_of(workspace, language)
    if folder.exists():
        raise UsageError(f"{folder} exists already. Name a new folder.")
    with record_of(home) as record:
        pack = data_pack(record, rep, why=why)
    folder.mkdir(mode=0o700)
    page = page_html(data_pack_page(pack, rep, words), page_style(), "")
    for name, content in (("data.json", json.dumps(pack, ensure_ascii=False, indent=2)), ("data.html", page)):
        write_whole(folder / name, content.encode("utf-8"))
        click.echo(words("record.person.exported", file=str(folder / name)))


@person.command("erase", short_help="Erase a person from the record.")
@workspace_argument
@click.option("--rep", required=True, metavar="REP_ID", help="Who.")
@click.option("--name", "names", multiple=True, help="Under which others wrote about them; may be repeated.")
@click.option("--why", required=True, help="For the audit; it stays, so it must not name the person.")
@language_option
def erase_person(workspace: Path, rep: str, names: tuple[str, ...], why: str, language: str | None) -> int:
    """Erase all about a person, down to the bytes of the file, and say where the name still stands.

    Prepared pages that hold the name are deleted. A token without content stays, so that a backup of before
    erases them again when it is restored. Exit code 1 when a file of the workspace still holds a name.

    \b
    Example:
      salescoach person erase our-team --rep R07 --name "Ada Yılmaz" --why "request of 3 May"
    """
    from salescoach.store.service import erasure

    home, words = home_of(workspace, language)
    with record_of(home) as record:
        done = erasure.erase_person(record, rep, why=why, names=names)
    with (home.path / ERASED).open("a", encoding="utf-8") as file:
        file.write(done.token + "\n")
        file.flush()
        os.fsync(file.fileno())
    click.echo(words("record.erase.done", rows=done.rows, mentions=done.mentions))
    prepared = list(_files_with(names, home.reviews))
    for page in prepared:
        page.unlink()
    click.echo(words("record.erase.pages", n=len(prepared)))
    snapshots = len(list(home.snapshots.glob("[!.]*"))) if home.snapshots.is_dir() else 0
    if snapshots:
        click.echo(words("record.erase.snapshots", n=snapshots))
    left = list(_files_with(names, home.path))
    for path in left:
        click.echo(words("record.erase.left", file=str(path)))
    return FAILED if left else 0


def _files_with(names: tuple[str, ...], folder: Path) -> Iterator[Path]:
    """Files whose bytes hold one of the names, as text or as JSON writes it."""
    forms = {form for name in names for form in (name.encode(), json.dumps(name)[1:-1].encode())}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and any(form in path.read_bytes() for form in forms):
            yield path


@person.command(short_help="A copy of the record without names and texts.")
@workspace_argument
@click.option("--into", "file", required=True, type=file_type, help="A new file.")
@language_option
def pseudonymise(workspace: Path, file: Path, language: str | None) -> None:
    """Copy the record for analysts: dates, kinds, states and figures stay, names and texts do not.

    \b
    Example:
      salescoach person pseudonymise our-team --into /tmp/for-analysts.db
    """
    from urllib.parse import quote

    from salescoach.store.backup import backup as copy_record
    from salescoach.store.database import Database
    from salescoach.store.service.erasure import pseudonymise as take_out

    home, words = home_of(workspace, language)
    with record_of(home) as record:
        copy_record(record.database, file)
    copy = Database.at(f"sqlite:///{quote(str(file.absolute()))}")
    people = take_out(copy)
    copy.fold()
    copy.close()
    click.echo(words("record.person.pseudonymised", file=str(file), n=people))
