"""One report per rep and language: executed, judged, published, and written down.

An edge of the house. :func:`run_reviews` is the way in; nothing here computes a figure or writes a
sentence about a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from salescoach.runs.batch import run_reviews
    from salescoach.runs.results import Progress, ReportResult, RunResult

__all__ = ["Progress", "ReportResult", "RunResult", "run_reviews"]


def __getattr__(name: str) -> Any:
    """Load on demand: papermill and nbclient take half a second that ``salescoach --help`` need not wait for."""
    if name == "run_reviews":
        from salescoach.runs.batch import run_reviews

        return run_reviews
    if name in __all__:
        from salescoach.runs import results

        return getattr(results, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
