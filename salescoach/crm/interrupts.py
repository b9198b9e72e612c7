"""Ctrl-C ends a wait at once, although Polars is there. To be imported is all that this module is for.

When Polars is imported, it puts a handler of its own before Python's, so that a query can be interrupted, and asks the
system to take up again whatever the signal interrupts (``SA_RESTART``). Python then hears of Ctrl-C only when the wait
is over: that for the lock of a folder, or for the notebooks of a review, which may last an hour. Python's own handler
never asks for that (PEP 475: it takes up again what it chooses to); here the same is said of the one in front of it.
"""

from __future__ import annotations

import signal

import polars as pl

__all__ = ["pl"]

signal.siginterrupt(signal.SIGINT, True)  # after the import above, which puts the handler there
