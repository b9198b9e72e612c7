"""The apps in a browser: a Voila server for one person on one machine.

:class:`Server` runs it in the background (tests, notebooks), :func:`serve` in the foreground (command line).
"""

from __future__ import annotations

from salescoach.server.voila import Limits, Server, serve

__all__ = ["Limits", "Server", "serve"]
