"""All that a workspace holds about one person, for that person: record, imported rows, numbers, reports, other files.

Names of other people give way to pseudonyms, customers' people to a dash. What is packed in a form that cannot be read
line by line, such as a model, is named and not copied.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from salescoach.calendar import Period
from salescoach.crm.snapshot import MANIFEST, Snapshot
from salescoach.diagnosis.findings import answer_of
from salescoach.known import Known, calendar_of, sales_data
from salescoach.leadlab.daily import SCORED
from salescoach.metrics import METRICS
from salescoach.metrics.question import Question
from salescoach.privacy.scores import scores_about
from salescoach.privacy.snapshots import CUSTOMERS_PEOPLE, GONE, NAMES_OF_PEOPLE, identity
from salescoach.privacy.traces import Traces
from salescoach.store.service import Record
from salescoach.store.service.datapack import data_pack
from salescoach.store.service.erasure import known_token, pseudonym
from salescoach.tables.schema import TABLES, Table
from salescoach.tables.schema.form import DEAL, REP
from salescoach.words import Words
from salescoach.workspace import Workspace

_LINES = frozenset(".jsonl .csv .tsv .txt .md .ics .toml .json".split())
_OWN = frozenset({"snapshots", "reviews", "standing", "engine"})  # told in parts of their own, or caches


@dataclass(frozen=True)
class Others:
    """Everybody but the one the pack is about, each with the pseudonym that stands in their place."""

    people: tuple[Traces, ...]

    @cached_property
    def pseudonyms(self) -> dict[str, str]:
        """By rep id."""
        return {one.rep_id: one.pseudonym for one in self.people}

    def masked(self, text: str) -> str:
        """*text* with a pseudonym in the place of each name, address, or id that can be told apart."""
        for one in self.people:
            text = one.replaced(text)
        return text

    def masked_in(self, value: Any) -> Any:
        """The same in a JSON document, in its texts and keys."""
        if isinstance(value, str):
            return self.masked(value)
        if isinstance(value, list):
            return [self.masked_in(each) for each in value]
        if isinstance(value, dict):
            return {self.masked_in(name): self.masked_in(each) for name, each in value.items()}
        return value


@dataclass(frozen=True)
class Pack:
    """``told`` is everything as JSON types, ``pages`` the reports about the person: path in the pack, and text."""

    told: dict[str, Any]
    pages: Mapping[str, str]


def whole_pack(home: Workspace, record: Record, rep_id: str, words: Words, *, why: str) -> Pack:
    """What is held of *rep_id*: that of :func:`data_pack`, then ``imported``, ``numbers``, ``scores``, ``reports``,
    ``files``.

    Raises
    ------
    AccessDenied
        the principal is no administrator.
    UsageError
        neither the record nor a snapshot knows such a person.
    """
    snapshots = [Snapshot.open(place.parent) for place in sorted(home.snapshots.glob(f"[!.]*/{MANIFEST}"))]
    who = {one.snapshot_id: identity(one) for one in snapshots}
    token = known_token(record, rep_id, add=any((rows["rep_id"] == rep_id).any() for rows in who.values()))
    others = _others(record, pd.concat(who.values()) if who else pd.DataFrame(), rep_id)
    names = {name for rows in who.values() for name in _called(rows[rows["rep_id"] == rep_id])}
    traces = Traces(rep_id, pseudonym(token), tuple(sorted(names)))
    told = others.masked_in(data_pack(record, rep_id, why=why))
    told["imported"] = {one.snapshot_id: dict(_imported(one, traces, others)) for one in snapshots}
    told["reports"], pages = _reports(home, traces, others)
    told["numbers"] = list(_numbers(home, rep_id, words)) if snapshots else []
    told["scores"] = others.masked_in(list(scores_about(home, rep_id, told["imported"], words)))
    told["files"] = dict(_files(home, traces, others))
    return Pack(told, pages)


def _called(rows: pd.DataFrame) -> set[str]:
    said = [*rows["full_name"], *rows["email"]] if len(rows) else []
    return {str(name) for name in said if isinstance(name, str) and name.strip()}


def _others(record: Record, everybody: pd.DataFrame, rep_id: str) -> Others:
    return Others(
        tuple(
            Traces(str(other), pseudonym(known_token(record, str(other), add=True)), tuple(sorted(_called(rows))))
            for other, rows in (everybody.groupby("rep_id") if len(everybody) else ())
            if other != rep_id
        )
    )


def _imported(snapshot: Snapshot, traces: Traces, others: Others) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Rows about the person by table, each with its file and line; of their deals also what hangs on them."""
    rep_id = traces.rep_id
    deals = snapshot.read("opportunity")
    own = set(deals.loc[deals["owner_id"] == rep_id, "deal_id"])
    seen = set(snapshot.read("observation").query("rep_id == @rep_id")["obs_id"]) if _has(snapshot, "answer") else set()
    for name in snapshot.tables:
        rows, table = snapshot.read(name), TABLES[name]
        mine = pd.Series(False, index=rows.index)
        for column in _people(table):
            mine |= (rows[column] == rep_id).fillna(False).astype(bool)
        for field in table.fields:
            if field.refers_to == DEAL:
                mine |= rows[field.name].isin(own)
        if name == "answer":
            mine |= rows["obs_id"].isin(seen)
        if mine.any():
            yield name, _rows(rows[mine], table, others)
    aside = snapshot.set_aside()
    about = aside[[traces.are_in(text) or rep_id in json.loads(text).values() for text in aside["cells"]]]
    if len(about):
        yield "set_aside", [others.masked_in(row) for row in _plain(about)]
    issues = snapshot.issues()
    if (issues["owner_id"] == rep_id).any():
        yield "issues", [others.masked_in(row) for row in _plain(issues[issues["owner_id"] == rep_id])]


def _has(snapshot: Snapshot, name: str) -> bool:
    return name in snapshot.tables and "observation" in snapshot.tables


def _people(table: Table) -> list[str]:
    """Columns of a table that name one of our people."""
    return [one.name for one in table.fields if one.refers_to == REP or (table.name, one.name) in NAMES_OF_PEOPLE]


def _rows(rows: pd.DataFrame, table: Table, others: Others) -> list[dict[str, Any]]:
    people, customers = set(_people(table)), {column for name, column in CUSTOMERS_PEOPLE if name == table.name}
    texts = {one.name for one in table.fields if one.type == "text" and not one.values and not one.refers_to}

    def shown(column: str, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if column in people:
            return others.pseudonyms.get(value, value)
        return GONE if column in customers else others.masked(value) if column in texts else value

    return [{column: shown(column, value) for column, value in row.items()} for row in _plain(rows)]


def _plain(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows in JSON types; moments in ISO form, what is missing is None."""
    return json.loads(rows.to_json(orient="records", date_format="iso", force_ascii=False))  # type: ignore[no-any-return]


def _reports(home: Workspace, traces: Traces, others: Others) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Every report about the person that a run left or kept: its line in the run's record, its page and notebook."""
    told: list[dict[str, Any]] = []
    pages: dict[str, str] = {}
    for period in sorted(path for path in home.reviews.glob("[!.]*") if path.is_dir()):
        for path in sorted(period.rglob("*")):
            if path.is_file() and path.suffix in (".html", ".ipynb") and traces.are_in_name(path.name):
                pages[str(path.relative_to(home.path))] = others.masked(path.read_text(encoding="utf-8"))
        file = period / "runs" / "results.jsonl"
        said = f'"rep_id": {json.dumps(traces.rep_id, ensure_ascii=False)}'
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
        told += [{"period": period.name, **json.loads(line)} for line in lines if said in line]
    return told, pages


def _numbers(home: Workspace, rep_id: str, words: Words) -> Iterator[dict[str, Any]]:
    """Every metric of the person in the current period and in each period they have reports of, with its formula."""
    data = sales_data(Known.at(home))
    if rep_id not in data.sellers:
        return
    calendar = calendar_of(home.organisation)
    labels = {calendar.period_of(data.as_of).label, *(path.name for path in home.reviews.glob("[!.]*"))}
    for label in sorted(labels):
        period: Period = calendar.period(label, data.as_of)
        for metric_id, metric in METRICS.items():
            if "rep" in metric.scopes:
                answer = answer_of(metric.answer(Question.about(data, period, only=(rep_id,))))
                yield {
                    "period": label, "metric": metric_id, "name": words(f"metric.{metric_id}.name"),
                    "formula": words(f"metric.{metric_id}.formula"), "version": metric.version, "unit": metric.unit,
                    "value": answer.value if answer.known else None, "n": answer.n, "low": _finite(answer.low),
                    "high": _finite(answer.high), "na_reason": answer.na_reason,
                }  # fmt: skip


def _finite(value: float) -> float | None:
    return value if value == value and abs(value) != float("inf") else None


def _is_told_apart(place: Path) -> bool:
    """Whether a file of the workspace has a part of the pack of its own: a day's scores also name others' leads."""
    return place.parts[0] in _OWN or place.parent.name == SCORED or place.name.startswith("coaching.db")


def _files(home: Workspace, traces: Traces, others: Others) -> Iterator[tuple[str, list[str] | None]]:
    """Other files of the workspace in which the person stands: the lines of a text, None for what is packed."""
    for path in sorted(home.path.rglob("*")):
        place = path.relative_to(home.path)
        if not path.is_file() or _is_told_apart(place):
            continue
        if path.suffix.lower() in _LINES:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            about = [others.masked(line) for line in lines if traces.are_in(line)]
            if about:
                yield str(place), about
        elif traces.are_in_name(path.name) or traces.are_in_bytes(path.read_bytes()):
            yield str(place), None
