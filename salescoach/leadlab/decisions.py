"""What people decided about leads, kept apart from the data and from the model: a log to which lines are only added.

A decision never changes a probability and is never learned from. The newest one about a lead counts; those
before it stay readable.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from salescoach.errors import InputError, UsageError, WorkspaceError
from salescoach.scoring.day import Decision
from salescoach.scoring.worklist import Override
from salescoach.workspace import SETTINGS

FILE = "lead-decisions.jsonl"
WORK, ASIDE, MODEL = "work", "aside", "model"
CHOICES = (WORK, ASIDE, MODEL)
"""Work it, put it aside, or back to what the model says."""
ROLES = ("coach", "rep")
_LONGEST = 500


def utc_now() -> datetime:
    """What the clock says, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Decisions:
    """The log in *folder*: a workspace, or models that stand alone. *clock* gives the moment of a decision."""

    folder: Path
    clock: Callable[[], datetime] = utc_now

    @classmethod
    def beside(cls, models: Path) -> Decisions:
        """The one log about leads that *models* score: that of their workspace, when they are in one."""
        above = models.resolve().parent
        return cls(above if (above / SETTINGS).is_file() else models)

    @property
    def file(self) -> Path:
        """Where the log is; missing until the first decision."""
        return self.folder / FILE

    def all(self) -> tuple[Decision, ...]:
        """Every decision, oldest first. InputError naming the line that cannot be read."""
        try:
            lines = self.file.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise WorkspaceError(f"{self.file}: cannot be read ({error.strerror}).") from None
        return tuple(self._read(line, number) for number, line in enumerate(lines, 1) if line.strip())

    def _read(self, line: str, number: int) -> Decision:
        try:
            return Decision(**json.loads(line))
        except (ValueError, TypeError):
            raise InputError(f"is no decision: {line[:60]!r}. Correct or remove it.", file=FILE, row=number) from None

    def overrides(self) -> dict[str, Override]:
        """What counts now, by lead; a lead that was given back to the model is not among them."""
        newest = {decision.lead: decision for decision in self.all()}
        return {
            lead: Override(decision.choice == WORK, decision.by, decision.reason)
            for lead, decision in newest.items()
            if decision.choice != MODEL
        }

    def add(self, lead: str, choice: str, *, by: str, role: str, reason: str) -> Decision:
        """Write one decision, lastingly. UsageError without a reason, unless it gives the lead back to the model."""
        if choice not in CHOICES:
            raise UsageError.unknown("decision", choice, CHOICES)
        if role not in ROLES:
            raise UsageError.unknown("role", role, ROLES)
        if not lead.strip():
            raise UsageError("A decision is about a lead: choose one first.")
        if not by.strip():
            raise UsageError("A decision has somebody who made it: say who decides.")
        why = " ".join(reason.split())
        if choice != MODEL and not why:
            raise UsageError("A decision against the model needs its reason: say what you know and the model does not.")
        if len(why) > _LONGEST:
            raise UsageError(f"The reason has {len(why)} letters; at most {_LONGEST} are kept.")
        made = Decision(lead.strip(), choice, by.strip(), role, why, self.clock().isoformat(timespec="seconds"))
        line = json.dumps(asdict(made), ensure_ascii=False) + "\n"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            # One write to a file opened for appending: two people at once give two lines, never half of each.
            place = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(place, line.encode())
                os.fsync(place)
            finally:
                os.close(place)
        except OSError as error:
            raise WorkspaceError(f"{self.file}: cannot be written ({error.strerror}). Nothing was decided.") from None
        return made
