"""Who may see whom, from when to when."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self

from salescoach.errors import UsageError
from salescoach.store.models.entry import Entry, Name, OneOf, entity
from salescoach.store.policy import CONTROL, GRANTED


@entity("access_scope", policy=CONTROL, months=None, keeps_versions=True)
class AccessScope(Entry):
    """*rep_id* is the viewer. From ``valid_from`` until before ``valid_to`` they stand so to the subject.

    An empty ``valid_to`` is still valid. ``subject_id`` is a rep, a team, or, for the organisation, ``*``.
    """

    level: Annotated[str, OneOf(" ".join(GRANTED))]
    subject_kind: Annotated[str, OneOf("rep team org")]
    subject_id: Name
    valid_from: date
    valid_to: date | None = None

    def settled(self, before: Self | None, now: datetime) -> Self:
        """An interval has its end after its beginning."""
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise UsageError(f"The scope would end on {self.valid_to}, before it begins on {self.valid_from}.")
        return self
