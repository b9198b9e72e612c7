"""What a run gives back, for a program and for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Protocol


@dataclass(frozen=True)
class ReportResult:
    """One report. ``status`` is ok, failed or skipped. Paths are absolute, or None when there is no file.

    Skipped is a report from which nothing had changed; it has no ``reason``. With one, it was not
    reached before a failure stopped the run. A failed report's ``ipynb`` is the notebook as far as it
    got. ``reason`` is one English line. ``run_id`` is the run that made the files.
    """

    rep_id: str
    language: str
    status: str
    ipynb: str | None
    html: str | None
    reason: str | None
    run_id: str | None = None


@dataclass(frozen=True)
class RunResult:
    """A whole run. ``cpu_seconds`` counts this process and every kernel that it started and saw end."""

    ok: int
    failed: int
    skipped: int
    cpu_seconds: float
    wall_seconds: float
    engine: str
    period: str
    index: str
    reports: tuple[ReportResult, ...]

    @classmethod
    def of(
        cls, reports: Sequence[ReportResult], *, cpu: float, wall: float, engine: str, period: str, index: str
    ) -> RunResult:
        """The result of the run that made *reports*, counted."""
        ok, failed, skipped = (
            sum(report.status == status for report in reports) for status in ("ok", "failed", "skipped")
        )
        return cls(ok, failed, skipped, cpu, wall, engine, period, index, tuple(reports))

    def to_dict(self) -> dict[str, object]:
        """The JSON document that ``salescoach review --json`` prints."""
        return asdict(self)


class Progress(Protocol):
    """Told at the start, with *done* 0, and after every report, always in the caller's thread."""

    def __call__(self, done: int, total: int) -> None: ...
