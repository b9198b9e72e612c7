"""The owner map: which person is meant by an owner that no id, e-mail or full name tells.

``mappings/owners.csv`` in the workspace is filled in by people. An import adds the owners it could not
match and keeps every line that is there. Candidates are proposed, never applied.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import pandas as pd

from salescoach.crm.folder import write_whole
from salescoach.crm.issues import Issue, harmless
from salescoach.crm.text import NoRows, read_table
from salescoach.errors import InputError
from salescoach.language import language

FILE = "owners.csv"
COLUMNS = ("owner", "rows", "rep_id")
_ALIKE = 0.8
_MOST = 3


@dataclass(frozen=True)
class Unmatched:
    """An owner as written, how many rows name it, and people it may be: (rep_id, full name)."""

    owner: str
    rows: int
    candidates: tuple[tuple[str, str], ...]


def read_owners(path: Path) -> dict[str, str]:
    """Owner as written: rep_id, "" where nobody filled it in. Nothing when there is no such file.

    InputError when its headings are not :data:`COLUMNS`, or an owner stands there with two people.
    """
    if not path.is_file():
        return {}
    try:
        table = read_table(path)
    except NoRows:
        return {}
    absent = [name for name in ("owner", "rep_id") if name not in table.header]
    if absent or table.ragged:
        row = table.ragged[0].line if table.ragged else 1
        raise InputError(f"needs the columns {', '.join(COLUMNS)} in every row.", file=path.name, row=row)
    found: dict[str, str] = {}
    for place, line in enumerate(table.lines):
        cells = table.cells(place)
        owner, rep = _written(_plain(cells["owner"])), _plain(cells["rep_id"]).strip()
        if owner in found and rep and found[owner] not in ("", rep):
            raise InputError(
                f'"{owner}" is given to two people, {found[owner]} and {rep}. Leave one.', file=path.name, row=int(line)
            )
        found[owner] = rep or found.get(owner, "")
    return found


def owners_csv(known: Mapping[str, str], unmatched: Sequence[Unmatched], separator: str) -> bytes:
    """The owner map with what this import added: unmatched owners first, most rows first."""
    rows = {each.owner: each.rows for each in unmatched}
    order = [*rows, *(owner for owner in known if owner not in rows)]
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=separator, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for owner in order:
        writer.writerow((harmless(owner), rows.get(owner, 0), harmless(known.get(owner, ""))))
    return target.getvalue().encode("utf-8-sig")


def write_owners(folder: Path, known: Mapping[str, str], unmatched: Sequence[Unmatched], language: str) -> None:
    """Write the owner map in *folder* anew, whole or not at all, as a spreadsheet of *language* opens it."""
    separator = ";" if language == "tr" else ","
    write_whole(folder / FILE, owners_csv(known, unmatched, separator))


def unmatched_owners(issues: Sequence[Issue], reps: pd.DataFrame, code: str) -> tuple[Unmatched, ...]:
    """The owners that rule D8 set aside, most rows first, each with at most three people that resemble it."""
    counts = Counter(_written(issue.value) for issue in issues if issue.rule == "D8" and issue.value.strip())
    fold = language(code).fold
    people = [
        (str(rep), str(name), fold(str(name)), fold(str(email).partition("@")[0]))
        for rep, name, email in zip(reps["rep_id"], reps["full_name"], reps["email"].fillna(""), strict=True)
        if isinstance(name, str)
    ]
    return tuple(
        Unmatched(owner, n, _candidates(fold(owner.partition("@")[0]), people))
        for owner, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def _candidates(owner: str, people: Sequence[tuple[str, str, str, str]]) -> tuple[tuple[str, str], ...]:
    """People who share a name with the owner, or are written nearly alike."""
    words = set(owner.replace(".", " ").split())
    scored = []
    for rep, shown, name, mailbox in people:
        shared = len(words & set(name.split()))
        alike = max(_likeness(owner, each) for each in (name, mailbox or name))
        if shared or alike >= _ALIKE:
            scored.append((-shared, -alike, rep, shown))
    return tuple((rep, shown) for *_, rep, shown in sorted(scored)[:_MOST])


def _likeness(one: str, other: str) -> float:
    """Share of letters in common, in order; 0 where it cannot reach what is enough."""
    matcher = SequenceMatcher(None, one, other)
    return matcher.ratio() if matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE else 0.0


def _written(owner: str) -> str:
    """An owner in the spelling in which rows are compared: composed letters, no spaces around."""
    return unicodedata.normalize("NFC", owner).strip()


def _plain(cell: str) -> str:
    """A cell without the ' that :func:`salescoach.crm.issues.harmless` puts before what may be a formula."""
    return cell[1:] if cell.startswith("'") and harmless(cell[1:]) == cell else cell
