"""Sales coaching and performance review, in Turkish and English.

>>> import salescoach as sc
>>> review = sc.open_review("demo-workspace", rep="R001", period="2025Q4")  # doctest: +SKIP
>>> review.findings  # doctest: +SKIP

The names below are the public surface; each is loaded when it is first used, so that importing the
package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "open_review": "review",
    "open_team": "team_review",
    "open_methods": "methods",
    "open_quality": "quality",
    "open_metric_lab": "metric_lab",
    "review_app": "app",
    "one_on_one_app": "app",
    "improvement_app": "app",
    "development_app": "app",
    "team_app": "app",
    "import_app": "app",
    "metrics_app": "app",
    "leads_app": "app",
    "open_lead_lab": "leadlab.lab",
    "Workspace": "workspace",
    "import_export": "crm.importer",
    "run_reviews": "runs",
    "SalesData": "tables.data",
    "METRICS": "metrics",
    "measure": "metrics",
    "compare": "metrics.comparison",
    "reconcile": "metrics.reconcile",
    "CoachingStore": "store",
    "SalesCoachError": "errors",
}
__all__ = sorted(_HOMES)

if TYPE_CHECKING:
    from salescoach.app import (
        development_app,
        import_app,
        improvement_app,
        leads_app,
        metrics_app,
        one_on_one_app,
        review_app,
        team_app,
    )  # fmt: skip
    from salescoach.crm.importer import import_export
    from salescoach.errors import SalesCoachError
    from salescoach.leadlab.lab import open_lead_lab
    from salescoach.methods import open_methods
    from salescoach.metric_lab import open_metric_lab
    from salescoach.metrics import METRICS, measure
    from salescoach.metrics.comparison import compare
    from salescoach.metrics.reconcile import reconcile
    from salescoach.quality import open_quality
    from salescoach.review import open_review
    from salescoach.runs import run_reviews
    from salescoach.store import CoachingStore
    from salescoach.tables.data import SalesData
    from salescoach.team_review import open_team
    from salescoach.workspace import Workspace


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"salescoach has no '{name}'; it has: {', '.join(__all__)}")
    return getattr(import_module(f"salescoach.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
