"""The page that lists every report of a period: who, which team, ready or why not. It ranks nobody.

One section per language, in that language, people in the order of its alphabet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from salescoach.resources import load_words, page_style, templates
from salescoach.runs.plan import TEAM, Person
from salescoach.runs.record import Entry, Record
from salescoach.safe_html import printable, style
from salescoach.words import Words


@dataclass(frozen=True)
class Row:
    """One line of the page; links are relative to it and empty when there is nothing to open."""

    name: str
    team: str
    status: str
    reason: str
    html: str
    ipynb: str
    kept: tuple[str, ...]


def index_page(
    people: Sequence[Person], languages: Sequence[str], record: Record, *, period: str, organisation: str
) -> str:
    """The whole page as HTML, a section per language of *languages*, from what the *record* says now."""
    sections = [_section(people, load_words(code), record, period, organisation) for code in languages]
    return _template().render(
        language=languages[0], title=sections[0]["title"], style=style(page_style()), sections=sections
    )


def _section(
    people: Sequence[Person], words: Words, record: Record, period: str, organisation: str
) -> Mapping[str, object]:
    language = words.language
    days = {entry.as_of for (_, code), entry in record.published.items() if code == language.code}
    dates = [_as_of(words, "index.as_of", day) for day in sorted(days)]
    return {
        "code": language.code,
        "own_name": words(f"language.{language.code}"),
        "words": words,
        "title": words("index.title", period=language.period(period)),
        "subtitle": " · ".join([words("index.organisation", name=organisation), *dates]),
        "count": words.plural("index.count", len(people)),
        "headings": [words(f"label.{name}") for name in ("rep", "team", "status")] + [words("index.report")],
        "team": _link(record.published.get((TEAM, language.code)), ".html"),
        "rows": [
            _row(person, words, record)
            for person in sorted(people, key=lambda person: (language.sort_key(person.name), person.rep_id))
        ],
    }


def _row(person: Person, words: Words, record: Record) -> Row:
    about = (person.rep_id, words.language.code)
    last, good = record.latest.get(about), record.published.get(about)
    reason = last.failure.sentence(words) if last and last.failure else ""
    if reason and good:
        reason = f"{reason} {_as_of(words, 'index.kept', good.as_of)}"
    return Row(
        name=printable(person.name),
        team=printable(person.team) or words("index.no_team"),
        status=words(f"index.status.{last.status if last else 'missing'}"),
        reason=printable(reason),
        html=_link(good, ".html"),
        ipynb=_link(good, ".ipynb"),
        kept=tuple(quote(name) for name in record.kept.get(about, ()) if name.endswith(".html")),
    )


def _link(entry: Entry | None, ending: str) -> str:
    return next((quote(name) for name in (entry.files if entry else ()) if name.endswith(ending)), "")


def _as_of(words: Words, key: str, day: str) -> str:
    return words(key, date=words.language.date(date.fromisoformat(day)))


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(templates("report")),
        autoescape=True,  # names and reasons are text from people
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("index.html.j2")
