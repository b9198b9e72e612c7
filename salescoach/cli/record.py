"""Commands that look after the coaching record: copies, proof, and the rights of the people in it.

Whoever has the workspace and a shell is its administrator; what they do stands in the audit.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from salescoach.cli.common import DAY, FAILED, as_json_option, print_json
from salescoach.cli.person import person
from salescoach.cli.record_access import (
    copied,
    file_type,
    home_of,
    language_option,
    record_of,
    workspace_argument,
)


@click.command(short_help="Copy the coaching record, while it is in use.")
@workspace_argument
@click.option("--into", "file", required=True, type=file_type, help="A new file; nothing is overwritten.")
@language_option
def backup(workspace: Path, file: Path, language: str | None) -> None:
    """Copy the record as it stands at one moment into a new SQLite file, and check the copy.

    \b
    Example:
      salescoach backup our-team --into /backups/our-team.db
    """
    from salescoach.store.backup import backup as copy_record
    from salescoach.store.service.erasure import backed_up

    home, words = home_of(workspace, language)
    with record_of(home) as record:
        backed_up(record, str(file.absolute()))  # before, so that the copy knows of itself too
        click.echo(copied("record.backup.done", file, copy_record(record.database, file), words))


@click.command(short_help="Put a backup of the coaching record back.")
@workspace_argument
@click.option("--from", "file", required=True, type=file_type, help="A file that salescoach backup wrote.")
@click.option("--force", is_flag=True, help="Move a record that is there aside; it is not deleted.")
@language_option
def restore(workspace: Path, file: Path, force: bool, language: str | None) -> None:
    """Put a backup into the place of the record; people who were erased since are erased again.

    \b
    Example:
      salescoach restore our-team --from /backups/our-team.db
    """
    from salescoach.privacy.erasing import ERASED
    from salescoach.store.backup import restore as put_back

    home, words = home_of(workspace, language)
    list_of_erased = home.path / ERASED
    erased = list_of_erased.read_text(encoding="utf-8").split() if list_of_erased.exists() else []
    found = put_back(home.database_url, file, erased=erased, force=force)
    click.echo(copied("record.backup.restored", file, found, words))


@click.command(short_help="Bring the coaching record to the schema of this version.")
@workspace_argument
@language_option
def migrate(workspace: Path, language: str | None) -> None:
    """Bring the record to the schema that this version knows; all of it or nothing. Opening it does the same.

    \b
    Example:
      salescoach migrate our-team
    """
    from salescoach.store.database import Database
    from salescoach.store.schema import bring_up_to_date, stored_revision

    home, words = home_of(workspace, language)
    database = Database.at(home.database_url)
    before = stored_revision(database) or "–"
    bring_up_to_date(database)
    click.echo(words("record.backup.migrated", revision=str(stored_revision(database)), before=before))
    database.close()


@click.group(short_help="What was done with the coaching record, and by whom.")
def audit() -> None:
    """The chained log of every change, refusal, export and erasure.

    \b
    Example:
      salescoach audit verify our-team
    """


@audit.command(short_help="Walk the chain from its first line to its last.")
@workspace_argument
@click.option("--head", metavar="HEX", help="A head that was noted earlier; it must still be in the chain.")
@language_option
@as_json_option
def verify(workspace: Path, head: str | None, language: str | None, as_json: bool) -> int:
    """Check that no line of the audit was changed, left out, added or moved. Exit code 1 when one was.

    \b
    Example:
      salescoach audit verify our-team
    """
    from salescoach.store.service import audit as chain

    home, words = home_of(workspace, language)
    with record_of(home) as record, record.read() as unit:
        found = chain.verify(unit.session)
        known = head is None or chain.has_head(unit.session, head)
    if as_json:
        print_json({"lines": found.lines, "head": found.head, "broken_at": found.broken_at, "head_known": known})
    elif found.broken_at is not None:
        click.echo(words("record.audit.broken", line=found.broken_at))
    else:
        key = "record.audit.whole" if known else "record.audit.missing"
        click.echo(words(key, lines=found.lines, head=found.head) if known else words(key))
    return 0 if found.broken_at is None and known else FAILED


@click.command(short_help="What has been kept for longer than its retention.")
@workspace_argument
@click.option("--apply", is_flag=True, help="Erase it.")
@language_option
@as_json_option
def retention(workspace: Path, apply: bool, language: str | None, as_json: bool) -> None:
    """Count, and with --apply erase, what is older than its retention: entries, reports, imported data.

    \b
    Example:
      salescoach retention our-team
    """
    from salescoach.privacy.keeping import erase_overdue, overdue
    from salescoach.store.service import erasure

    home, words = home_of(workspace, language)
    with record_of(home) as record:
        found = erasure.retention(record, apply=apply)
        folders = overdue(home, record.now())
    if apply:
        erase_overdue(home, folders)
    if as_json:
        files = {what: [str(path.relative_to(home.path)) for path in paths] for what, paths in folders.items()}
        print_json({"found": found, "files": files, "erased": apply})
        return
    for kind, count in found.items():
        click.echo(words("record.retention.found", kind=words(f"record.kind.{kind}"), n=count))
    for paths in folders.values():
        for path in paths:
            click.echo(words("record.retention.folder", folder=str(path.relative_to(home.path))))
    click.echo(words(f"record.retention.{'none' if not found and not folders else 'erased' if apply else 'kept'}"))


@click.command(short_help="Objections to numbers, and what became of them.")
@workspace_argument
@click.option("--decide", "number", type=int, metavar="ID", help="Decide this objection.")
@click.option("--as", "status", type=click.Choice(["upheld", "partly", "declined"]), help="What came out.")
@click.option("--because", default="", help="The reasons; they stand beside the number.")
@click.option("--deal", "deals", multiple=True, metavar="DEAL_ID", help="Not this person's deal; may be repeated.")
@click.option("--owner", default="", metavar="REP_ID", help="Whose those deals are.")
@click.option("--recompute", "pending", type=int, metavar="ID", help="Make the reports of an upheld one again.")
@language_option
@as_json_option
def objections(
    workspace: Path, number: int | None, status: str | None, because: str, deals: tuple[str, ...], owner: str,
    pending: int | None, language: str | None, as_json: bool,
) -> None:  # fmt: skip
    """List the objections with their due dates; open ones mark their number as disputed.

    With --decide one is answered. An upheld one is worked out again at once, with --deal and --owner as the data should
    have been: both figures are kept, the person's reports are made again, and the reports before stay beside them.
    --recompute does the last step once more, where it could not be done. Reports about others follow with the next run.

    \b
    Example:
      salescoach objections our-team --decide 3 --as upheld --because "Not her deal" --deal D12 --owner R03
    """
    from salescoach.disputing import decided, reports_of
    from salescoach.errors import UsageError
    from salescoach.recomputing import recomputed
    from salescoach.store.models import Objection

    home, words = home_of(workspace, language)
    with record_of(home) as record:
        if number is not None:
            if status is None:
                raise UsageError("Say what came out: --as upheld, partly or declined.")
            done = decided(home, record, record.get(Objection, number), status, because, deals, owner)
            pending = done.id if done.is_upheld else pending
        if pending is not None:
            recomputed(home, record, record.get(Objection, pending))
        found = record.entries(Objection)
    today = datetime.now(UTC).date()
    rows: list[dict[str, Any]] = [
        {
            "id": each.id, "person": each.rep_id, "number": each.number_ref, "status": each.status,
            "due": each.due.isoformat(), "late": each.is_open and each.due < today, "run": each.recomputed_run_id,
            "reports": [
                {"language": pair.language, "before": str(pair.before or ""), "now": str(pair.now)}
                for pair in reports_of(home, each)
            ],
        }
        for each in found
    ]  # fmt: skip
    if as_json:
        print_json(rows)
        return
    for row in rows:
        late = f" · {words('record.objection.late')}" if row["late"] else ""
        line = {name: str(row[name]) for name in ("id", "person", "number", "status", "due")}
        click.echo(words("record.objection.line", **line) + late)
        for report in row["reports"]:
            click.echo("  " + words("record.objection.now", file=report["now"]))
            if report["before"]:
                click.echo("  " + words("record.objection.before", file=report["before"]))
    if not rows:
        click.echo(words("record.objection.none"))


@click.command(short_help="The privacy notice, from the settings as they are.")
@workspace_argument
@click.option("--contact", required=True, help="Whom people ask.")
@click.option(
    "--assessment", "form", type=click.Choice(["balancing", "impact"]),
    help="Instead: the draft of a balancing test or an impact assessment.",
)  # fmt: skip
@click.option("--delivered", multiple=True, metavar="REP_ID", help="Record that it reached this person; repeatable.")
@language_option
def notice(workspace: Path, contact: str, form: str | None, delivered: tuple[str, ...], language: str | None) -> None:
    """Print the notice about the coaching record: purpose, content, retention, readers, rights, contact.

    In a shared record nothing about a person is shown before --delivered recorded that the notice reached them.

    \b
    Example:
      salescoach notice our-team --contact privacy@example.com
      salescoach notice our-team --contact privacy@example.com --delivered R07
    """
    from salescoach.privacy.assessment import assessment
    from salescoach.store.models import KINDS, Notice

    home, words = home_of(workspace, language)
    if form is not None:
        click.echo(assessment(home, form, contact, datetime.now(UTC).date(), words))
        return
    kept = [
        words("record.notice.law", kind=words(f"record.kind.{kind.name}"))
        if kind.months is None
        else words("record.notice.months", kind=words(f"record.kind.{kind.name}"), months=kind.months)
        for kind in KINDS.values()
    ]
    lines = [
        words("record.notice.title"), "", words("record.notice.controller", organisation=home.organisation.name),
        words("record.notice.purpose"), words("record.notice.content"), *(f"- {line}" for line in kept),
        words("record.notice.readers"), words("record.notice.rights"), words("record.notice.backups"),
        words("record.notice.contact", contact=contact),
    ]  # fmt: skip
    text = "\n".join(lines)
    if not delivered:
        click.echo(text)
        return
    version = hashlib.sha256(text.encode()).hexdigest()[:16]  # the same text is the same version
    with record_of(home) as record:
        for rep in delivered:
            if not record.readable(Notice, rep, notice_version=version):
                record.add(Notice(rep_id=rep, notice_version=version, delivered_at=datetime.now(UTC)))
            click.echo(words("record.notice.delivered", person=rep, version=version))


@click.command(short_help="Give somebody access to a person, a team or all.")
@workspace_argument
@click.option("--viewer", required=True, metavar="REP_ID", help="Who is to see.")
@click.option(
    "--level",
    required=True,
    type=click.Choice("coach manager executive analyst hr admin".split()),
    help="As what they stand to the subject.",
)
@click.option("--to", "subject", required=True, help="rep:R07, team:T1 or org:*")
@click.option("--from", "first", **DAY, help="First day. Default: today.")
@click.option("--until", **DAY, help="First day on which it no longer holds.")
@language_option
def grant(
    workspace: Path, viewer: str, level: str, subject: str, first: datetime | None, until: datetime | None,
    language: str | None,
) -> None:  # fmt: skip
    """Write down from when to when somebody stands to whom as coach, manager, HR or administrator.

    \b
    Example:
      salescoach grant our-team --viewer R01 --level coach --to rep:R07
    """
    from salescoach.store.models import AccessScope

    home, words = home_of(workspace, language)
    kind, _, subject_id = subject.partition(":")
    start: date = first.date() if first else datetime.now(UTC).date()
    with record_of(home) as record:
        record.add(
            AccessScope(
                rep_id=viewer, level=level, subject_kind=kind, subject_id=subject_id, valid_from=start,
                valid_to=until.date() if until else None,
            )
        )  # fmt: skip
    click.echo(words("record.access.granted", viewer=viewer, level=level, subject=subject, first=start.isoformat()))


COMMANDS = (backup, restore, migrate, audit, person, retention, objections, notice, grant)
