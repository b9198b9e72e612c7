"""The commands that write a one-on-one's brief, minutes and calendar entries to a file."""

from __future__ import annotations

from pathlib import Path

import click

from salescoach.cli.common import LANGUAGE, as_json_option, print_json, say
from salescoach.cli.growth import COMMANDS as GROWTH
from salescoach.cli.improvement import COMMANDS as IMPROVEMENT

_FILE = click.Path(path_type=Path)
_FORMS = ("html", "md", "docx", "pdf", "csv", "xlsx")


def _command(what: str, forms: tuple[str, ...], summary: str, text: str, example: str) -> click.Command:
    """A command for one kind of document; the kinds differ in their forms and their help only."""

    @click.command(what, short_help=summary, help=f"{text}\n\n\b\nExample:\n  salescoach record {what} {example}")
    @click.argument("workspace", type=_FILE)
    @click.option("--rep", required=True, help="Whose one-on-one.")
    @click.option("--number", type=click.IntRange(1), help="Number of the meeting. Default: the newest.")
    @click.option("--format", "form", type=click.Choice(forms), default=forms[0], show_default=True)
    @click.option("--language", type=LANGUAGE, help="Default: the organisation's.")
    @click.option("--into", type=_FILE, required=True, help="File to write.")
    @as_json_option
    def write(
        workspace: Path, rep: str, number: int | None, form: str, language: str | None, into: Path, as_json: bool
    ) -> None:
        _write(workspace, what, rep, number, form, language, into)
        if as_json:
            print_json({"document": what, "format": form, "file": str(into)})
        else:
            say(f"Written: {into}")

    return write


def _write(
    workspace: Path, what: str, rep: str, number: int | None, form: str, language: str | None, into: Path
) -> None:
    from salescoach.errors import UsageError, WorkspaceError
    from salescoach.known import data_at
    from salescoach.meeting_documents import document
    from salescoach.meetings import Desk, open_record
    from salescoach.resources import load_words
    from salescoach.store import principal_of
    from salescoach.workspace import Workspace

    home = Workspace.open(workspace)
    sellers = data_at(home).sellers
    if rep not in sellers:
        raise UsageError.unknown("rep", rep, sellers)
    words = load_words(language or home.organisation.language)
    with open_record(home, principal_of(home.database_url, batch=True)) as record:
        desk = Desk(home, record, rep, words)
        meetings = {meeting.number: meeting for meeting in desk.meetings()}
        if not meetings:
            raise UsageError(f"{rep} has no one-on-one yet. Plan one in the app: salescoach serve {workspace}")
        wanted = number or max(meetings)
        if wanted not in meetings:
            raise UsageError.unknown("meeting", str(wanted), [str(one) for one in sorted(meetings)])
        made = document(desk, meetings[wanted].id, what, form, desk.next_day(meetings[wanted]))
    try:
        into.write_bytes(made.data)
    except OSError as error:
        raise WorkspaceError(f"{into}: cannot be written ({error.strerror}).") from None


brief = _command(
    "brief",
    tuple(form for form in _FORMS if form not in ("csv", "xlsx")),
    "Write the brief of a one-on-one.",
    "Write the pre-read of a rep's one-on-one: promises, agenda, numbers, findings, deals, questions.",
    "our-team --rep R012 --format pdf --into brief.pdf",
)
minutes = _command(
    "minutes",
    _FORMS,
    "Write the minutes of a one-on-one.",
    "Write what was agreed in a rep's one-on-one. Private notes are never in it.",
    "our-team --rep R012 --format docx --into minutes.docx",
)
calendar = _command(
    "calendar",
    ("ics",),
    "Write a one-on-one and its promises for a calendar.",
    "Write the meeting with its time zone and each open promise that has a date.",
    "our-team --rep R012 --into one-on-one.ics",
)


@click.group(short_help="One-on-ones as documents; what people grow by; the team's improvement work.")
def record() -> None:
    """The documents of one-on-ones, what people grow by, the improvement work. Private notes are in none of it.

    \b
    Example:
      salescoach record minutes our-team --rep R012 --format docx --into minutes.docx
    """


for command in (brief, minutes, calendar, *GROWTH, *IMPROVEMENT):
    record.add_command(command)
