"""Commands for the improvement work: what customers said, requests to others, decisions, cycles with their trials."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from salescoach.cli.common import LANGUAGE, as_json_option, print_json, say

if TYPE_CHECKING:
    from salescoach.improvement import Board
    from salescoach.meeting_documents import Made
    from salescoach.report.page import Section

_FILE = click.Path(path_type=Path)
_FORMS = click.Choice(["html", "md", "docx", "pdf"])
_workspace = click.argument("workspace", type=_FILE)
_language = click.option("--language", type=LANGUAGE, help="Default: the organisation's.")
_format = click.option("--format", "form", type=_FORMS, default="html", show_default=True, help="Form of the document.")
_into = click.option("--into", type=_FILE, help="File to write the document to.")


@contextmanager
def _board(workspace: Path, language: str | None) -> Iterator[Board]:
    """The improvement work as a job sees it that writes for others to read."""
    from salescoach.improvement import Board
    from salescoach.meetings import open_record
    from salescoach.resources import load_words
    from salescoach.store import principal_of
    from salescoach.workspace import Workspace

    home = Workspace.open(workspace)
    with open_record(home, principal_of(home.database_url, batch=True)) as record:
        yield Board(home, record, load_words(language or home.organisation.language))


def _keep(made: Made, into: Path | None, as_json: bool) -> None:
    from salescoach.errors import WorkspaceError

    file = into or Path(made.name)
    try:
        file.write_bytes(made.data)
    except OSError as error:
        raise WorkspaceError(f"{file}: cannot be written ({error.strerror}).") from None
    if as_json:
        print_json({"file": str(file)})
    else:
        say(f"Written: {file}")


def _show(*sections: Section) -> None:
    from salescoach.report.plain import written

    for section in sections:
        click.echo(written(section) + "\n")


def _number(value: float) -> float | None:
    """For JSON, which knows no missing number."""
    return value if math.isfinite(value) else None


@click.command("voice", short_help="What customers said, by theme.")
@_workspace
@click.option("--form", "form_id", help="Write this survey's form instead; a wrong name lists them.")
@_format
@_into
@_language
@as_json_option
def voice(
    workspace: Path, form_id: str | None, form: str, into: Path | None, language: str | None, as_json: bool
) -> None:
    """Scores of surveys, themes and agreement of coders over four quarters; or a survey's form to send.

    Themes from fewer than five customers are only counted.

    \b
    Example:
      salescoach record voice our-team
      salescoach record voice our-team --form csat --format docx --language tr --into csat.docx
    """
    from salescoach.improvement_documents import form_document, theme_titles
    from salescoach.report.voice import VoicePage
    from salescoach.report.wording import Wording

    with _board(workspace, language) as board:
        if form_id:
            _keep(form_document(board, form_id, form, board.words.language.code), into, as_json)
            return
        found = board.voice()
        if not as_json:
            titles = theme_titles(board.words.language.code)
            _show(*VoicePage(found, Wording(board.words, board.currency), titles).sections())
            return
    print_json({
        "scores": [
            {
                "metric": one.metric_id, "value": _number(one.now.value), "low": _number(one.now.low),
                "high": _number(one.now.high), "n": one.now.n, "na_reason": one.now.na_reason,
                "warnings": list(one.now.warnings), "verdict": one.verdict if one.now.known else None,
            }
            for one in found.scores
        ],
        "themes": [
            {
                "source": part.source, "read": part.n, "withheld": part.withheld,
                "themes": [
                    {
                        "theme": one.theme, "texts": one.texts, "customers": one.customers, "low": one.low,
                        "high": one.high, "lost": one.lost, "covers": one.covers,
                    }
                    for one in part.themes
                ],
            }
            for part in found.heard
        ],
        "agreement": [
            {
                "source": part.source, "theme": theme, "kappa": _number(score.value), "low": _number(score.low),
                "high": _number(score.high), "n": score.n, "na_reason": score.na_reason,
            }
            for part in found.agreement
            for theme, score in part.themes.items()
        ],
    })  # fmt: skip


@click.command("requests", short_help="Requests to other departments, and memos to them.")
@_workspace
@click.option("--memo", metavar="DEPARTMENT", help="Write the memo to this department instead.")
@_format
@_into
@_language
@as_json_option
def requests(
    workspace: Path, memo: str | None, form: str, into: Path | None, language: str | None, as_json: bool
) -> None:
    """List what was asked of other departments, what waits first; or write the memo that goes back to one.

    \b
    Example:
      salescoach record requests our-team --json
      salescoach record requests our-team --memo product --format docx --into memo.docx
    """
    from salescoach.improvement_documents import memo_document
    from salescoach.report.improvement import ledger_section

    with _board(workspace, language) as board:
        if memo:
            _keep(memo_document(board, memo, form), into, as_json)
            return
        rows, ledger = board.standings(), board.ledger()
        if not as_json:
            _show(ledger_section(rows, ledger, board.words))
            return
    print_json([
        {
            "id": int(one.request.request_id), "department": one.request.department, "ask": one.request.ask,
            "needed_by": one.request.raised_by, "deal": one.request.deal_id or None,
            "raised": one.request.raised.isoformat(), "due": one.request.due.isoformat() if one.request.due else None,
            "status": one.status, "age_working_days": one.age, "answer": one.request.answer or None,
        }
        for one in rows
    ])  # fmt: skip


@click.command("decisions", short_help="The decision log.")
@_workspace
@click.option("--due", is_flag=True, help="Only those that wait to be looked at again.")
@_language
@as_json_option
def decisions(workspace: Path, due: bool, language: str | None, as_json: bool) -> None:
    """List what was adjusted, why, what was expected, when it is looked at again, and what came of it.

    \b
    Example:
      salescoach record decisions our-team --due
    """
    from salescoach.coaching.improvement import due_reviews
    from salescoach.report.improvement import decisions_section

    with _board(workspace, language) as board:
        entries = [board.decided(one) for one in board.decisions()]
        waiting = due_reviews(entries, board.today)
        listed = list(waiting) if due else entries
        if not as_json:
            _show(decisions_section(listed, waiting, board.words))
            return
    print_json([
        {
            "adjustment": one.adjustment, "reason": one.reason, "expected": one.expected, "by": one.made_by,
            "made": one.made.isoformat(), "review_on": one.review_on.isoformat() if one.review_on else None,
            "metric": one.metric_id or None, "outcome": one.outcome or None, "due": one in waiting,
        }
        for one in listed
    ])  # fmt: skip


@click.command("cycle", short_help="Improvement cycles with their trials.")
@_workspace
@click.option("--number", type=click.IntRange(1), help="Only this cycle, by its number in the list.")
@_language
@as_json_option
def cycle(workspace: Path, number: int | None, language: str | None, as_json: bool) -> None:
    """Each cycle of plan, do, check, act: its phase, what it still needs, and what its trials say.

    \b
    Example:
      salescoach record cycle our-team --json
    """
    from salescoach.errors import UsageError
    from salescoach.improvement_documents import cycle_page, trial_page
    from salescoach.trials import trials

    with _board(workspace, language) as board:
        known = {one.id: one for one in board.cycles()}
        if number is not None and number not in known:
            raise UsageError.unknown("cycle", str(number), [str(one) for one in sorted(known)])
        chosen = [one for one in known.values() if number in (None, one.id)]
        tried = {one.id: trials(board, one) for one in chosen}
        if not as_json:
            if not chosen:
                click.echo(board.words("improvement.cycle.none"))
            for one in chosen:
                _show(cycle_page(board, one), *(trial_page(board, n, card) for n, card in enumerate(tried[one.id], 1)))
            return
        found: list[dict[str, Any]] = []
        for one in chosen:
            turned = board.turned(one)
            found.append({
                "number": one.id, "title": one.title, "phase": turned.phase, "owner": turned.owner,
                "started": turned.started.isoformat() if turned.started else None,
                "trials": [
                    {
                        "hypothesis": card.rule.hypothesis, "metric": card.rule.metric_id, "base": card.rule.base,
                        "needed_per_side": card.rule.needed if card.usual[1] and 0 < card.rule.base < 1 else None,
                        "look_on": card.rule.stop.isoformat(), "usual": card.usual, "tried": card.tried,
                        "outcome": card.result.outcome, "low": _number(card.result.low),
                        "high": _number(card.result.high), "verdict": card.card.verdict,
                    }
                    for card in tried[one.id]
                ],
            })  # fmt: skip
    print_json(found)


COMMANDS = (voice, requests, decisions, cycle)
