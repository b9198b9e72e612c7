"""What people decided about single leads, kept beside the models and apart from their scores.

A line is added and none is changed: who decided what, when and why stays readable. A decision moves a lead on
the day's list; it never changes a probability, and no model learns from it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from salescoach.errors import UsageError, WorkspaceError
from salescoach.scoring.worklist import Override

FILE = "overrides.jsonl"

Decision = Literal["work", "aside", "withdraw"]
"""Put the lead on the list, put it aside, or leave it to the model again."""


def record(folder: Path, lead: str, decision: Decision, *, by: str, reason: str) -> dict[str, str]:
    """Add a decision about *lead* to those in *folder*; the line that was written.

    UsageError when nobody or no reason is named, WorkspaceError when it cannot be written.
    """
    if not lead.strip():
        raise UsageError("Name the lead that the decision is about.")
    if not by.strip() or not reason.strip():
        raise UsageError("A decision needs who made it and why: --by NAME --reason TEXT.")
    entry = {
        "lead": lead, "decision": decision, "by": by.strip(), "reason": reason.strip(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (folder / FILE).open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(entry, ensure_ascii=False) + "\n")
    except OSError as error:
        raise WorkspaceError(f"{folder / FILE}: cannot be written ({error.strerror}).") from None
    return entry


def history(folder: Path) -> list[dict[str, str]]:
    """Every decision, oldest first; none when nobody decided anything yet."""
    try:
        lines = (folder / FILE).read_text(encoding="utf-8").splitlines()
        return [dict(json.loads(line)) for line in lines]
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise WorkspaceError(f"{folder / FILE}: cannot be read ({error}). Correct the line it names.") from None


def standing(folder: Path) -> dict[str, Override]:
    """What holds now for each lead: its last decision, unless that was withdrawn."""
    last = {entry["lead"]: entry for entry in history(folder)}
    return {
        lead: Override(entry["decision"] == "work", entry["by"], entry["reason"])
        for lead, entry in last.items()
        if entry["decision"] != "withdraw"
    }
