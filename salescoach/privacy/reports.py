"""The prepared reports of a workspace after an erasure: the person's own are gone, in the others stands a pseudonym."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from salescoach.crm.folder import write_whole
from salescoach.privacy.traces import Traces
from salescoach.runs.folder import PeriodFolder
from salescoach.runs.index import index_page
from salescoach.runs.plan import TEAM, Person
from salescoach.runs.record import Record, sha256


def erase_reports(period: Path, traces: Traces, people: Mapping[str, Person], home: str, organisation: str) -> int:
    """Erase the person from ``reviews/PERIOD``; gives how many reports of theirs were deleted.

    The figures of the runs stay, under the pseudonym. UsageError while a run writes there.
    """
    with PeriodFolder.open(period) as folder:
        own = [path for path in sorted(period.rglob("*")) if path.is_file() and traces.are_in_name(path.name)]
        for path in own:
            path.unlink()
        for path in sorted(period.rglob("*")):
            if path.is_file() and path.suffix in (".html", ".ipynb", ".json") and path.name != "index.html":
                rewrite_text(path, traces)
        _results(folder, traces)
        if (period / "index.html").is_file():
            record = Record(folder)
            known = {about for about in record.latest if about[0] != TEAM}
            shown = [people.get(rep) or Person(rep, rep) for rep in sorted({rep for rep, _ in known})]
            codes = sorted({code for _, code in record.latest}, key=lambda code: (code != home, code))
            if codes:
                page = index_page(shown, codes, record, period=period.name, organisation=organisation)
                folder.write(page, "index.html")
            else:
                (period / "index.html").unlink()
    return len(own)


def rewrite_text(path: Path, traces: Traces) -> bool:
    """Put the pseudonym into a text file; False when no name stood there, or it is no text."""
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return False
    changed = _json_lines(text, traces, path.suffix) if path.suffix in (".json", ".jsonl", ".ipynb") else None
    changed = traces.replaced(text) if changed is None else changed
    if changed == text:
        return False
    rights = path.stat().st_mode
    write_whole(path, changed.encode("utf-8"))
    path.chmod(rights)
    return True


def _json_lines(text: str, traces: Traces, ending: str) -> str | None:
    """The same document, or line by line, with its texts and keys replaced; None when it is no JSON."""
    try:
        documents = [json.loads(line) for line in text.splitlines()] if ending == ".jsonl" else [json.loads(text)]
    except ValueError:
        return None
    changed = [traces.replaced_in(one) for one in documents]
    if changed == documents:
        return text
    indent = None if ending == ".jsonl" else 1
    return "".join(json.dumps(one, ensure_ascii=False, indent=indent) + "\n" for one in changed)


def _results(folder: PeriodFolder, traces: Traces) -> None:
    """Take the person's lines out; a report that was rewritten is still the one that its line describes."""
    file = folder.inside("runs", "results.jsonl")
    if not file.is_file():
        return
    kept: list[dict[str, Any]] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # the half line of a run that was killed while it wrote
        if entry.get("rep_id") != traces.rep_id:
            kept.append(traces.replaced_in(entry))
    latest = {name: number for number, entry in enumerate(kept) for name in entry["files"]}
    for number, entry in enumerate(kept):
        entry["files"] = {
            name: sha256((folder.path / name).read_bytes())
            if latest[name] == number and (folder.path / name).is_file()
            else digest
            for name, digest in entry["files"].items()
        }
    folder.write("".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in kept), "runs", "results.jsonl")
