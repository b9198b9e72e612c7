"""The apps in a browser: a Voila server for one person on one machine.

:class:`Server` runs it in the background (tests, notebooks), :func:`serve` in the foreground (command line).
"""

from __future__ import annotations

from salescoach.server.lab import open_lab
from salescoach.server.voila import Limits, Server, serve

APPS = (
    "app_review.ipynb", "app_one_on_one.ipynb", "app_development.ipynb", "app_team.ipynb", "app_improvement.ipynb",
    "app_leads.ipynb",
    "app_metrics.ipynb", "app_import.ipynb",
)  # fmt: skip
"""Apps that are served, the first of them at the address that is printed."""
OWN_APPS = ("app_one_on_one.ipynb", "app_development.ipynb", "app_improvement.ipynb")
"""Apps that ask the coaching record what their reader may see: these can be served for somebody else."""

__all__ = ["APPS", "OWN_APPS", "Limits", "Server", "open_lab", "serve"]
