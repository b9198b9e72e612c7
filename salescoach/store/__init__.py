"""The coaching record: what coach and rep agreed, kept so that nothing acknowledged is ever lost.

An edge of the house: the only place that opens the coaching database. It never computes a metric,
never words a sentence of a review, and never hands out a row that changes under its reader's hands.
"""

from salescoach.store.coaching_store import CoachingStore
from salescoach.store.database import StoreBusyError
from salescoach.store.records import ACTION_LIMIT, NOTE_LIMIT, STATUSES, Action, Note
from salescoach.store.service import Principal, Record, principal_of, signed_in

__all__ = [
    "ACTION_LIMIT", "NOTE_LIMIT", "STATUSES", "Action", "CoachingStore", "Note", "Principal", "Record",
    "StoreBusyError", "principal_of", "signed_in",
]  # fmt: skip
