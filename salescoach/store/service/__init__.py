"""The one way into the coaching record: every read and every write is authorised, versioned and audited here."""

from salescoach.store.service.access import Principal
from salescoach.store.service.identity import principal_of, signed_in
from salescoach.store.service.record import Record
from salescoach.store.service.unit import Unit

__all__ = ["Principal", "Record", "Unit", "principal_of", "signed_in"]
