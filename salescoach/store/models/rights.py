"""Who may see whom, and the rights of the person seen: notices, consent, objections."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self

from salescoach.errors import UsageError
from salescoach.store.models.entry import Entry, Line, Name, Names, OneOf, Person, Words, entity
from salescoach.store.policy import ADMIN, COACH, CONTROL, GRANTED, HR, MANAGER, SELF, Policy, who

NOTED = Policy(read=who(SELF, HR, ADMIN), add=who(SELF, HR, ADMIN), change=who(SELF))


@entity("access_scope", policy=CONTROL, months=None, keeps_versions=True)
class AccessScope(Entry):
    """*rep_id* is the viewer. From ``valid_from`` until before ``valid_to`` they stand so to the subject.

    An empty ``valid_to`` is still valid. ``subject_id`` is a rep, a team, or, for the organisation, ``*``.
    """

    level: Annotated[str, OneOf(" ".join(GRANTED))]
    subject_kind: Annotated[str, OneOf("rep team org")]
    subject_id: Person
    valid_from: date
    valid_to: date | None = None

    def settled(self, before: Self | None, now: datetime) -> Self:
        """An interval has its end after its beginning."""
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise UsageError(f"The scope would end on {self.valid_to}, before it begins on {self.valid_from}.")
        return self


@entity("notice", policy=NOTED, months=None, unique=("rep_id notice_version",))
class Notice(Entry):
    """That the notice of a version reached somebody, and that they acknowledged it."""

    notice_version: Name
    delivered_at: datetime
    acknowledged_at: datetime | None = None


@entity("consent", policy=NOTED, months=None)
class Consent(Entry):
    """That somebody agreed to something optional, such as the wall; it can be taken back at any time."""

    purpose: Name
    given_at: datetime
    withdrawn_at: datetime | None = None


@entity("objection", policy=Policy(
    read=who(SELF, COACH, MANAGER, HR, ADMIN), add=who(SELF), change=who(MANAGER, HR),
), months=None, keeps_versions=True)  # fmt: skip
class Objection(Entry):
    """A person objects to a number; somebody other than its author examines it and answers with reasons.

    ``number_ref`` names the number (``metric:win_rate:2025Q4``, ``feedback:12``), ``number_author`` who is answerable
    for it. While it is open, the number is marked as disputed everywhere. An upheld one recomputes: deals that are not
    this person's count for ``right_owner`` from then on. Both texts stay, and so do both figures, each as it stood:
    ``first_…`` when it was objected to, ``again_…`` when it was worked out again.
    """

    number_ref: Name
    text: Words
    due: date
    number_author: Person | None = None
    status: Annotated[str, OneOf("raised acknowledged upheld partly declined closed")] = "raised"
    answer: Words = ""
    examined_by: Person | None = None
    recomputed_run_id: Name | None = None
    note: Line = ""
    first_value: float | None = None
    first_low: float | None = None
    first_high: float | None = None
    first_n: int | None = None
    first_as_of: date | None = None
    again_value: float | None = None
    again_low: float | None = None
    again_high: float | None = None
    again_n: int | None = None
    again_as_of: date | None = None
    deals: Names | None = None
    right_owner: Person | None = None

    def settled(self, before: Self | None, now: datetime) -> Self:
        """It is raised with words and decided with words, by somebody else than the author of the number."""
        if not self.text.strip():
            raise UsageError("An objection says what is wrong. Write it in your own words.")
        if self.status in ("upheld", "partly", "declined", "closed"):
            if not self.answer.strip() or self.examined_by is None:
                raise UsageError("An objection is decided with reasons, by a named person. Write both down.")
            if self.examined_by in (self.rep_id, self.number_author):
                raise UsageError("An objection is examined by a person other than those it is between.")
        self._check_correction(before)
        return self

    def _check_correction(self, before: Self | None) -> None:
        """Only what is upheld corrects, deals go to somebody, and the first figure never changes."""
        if bool(self.deals) != bool(self.right_owner):
            raise UsageError("Say both which deals are not this person's and whose they are, or neither.")
        if self.deals and (self.status not in ("upheld", "partly", "closed") or self.right_owner == self.rep_id):
            raise UsageError("Only an objection that is upheld moves deals, and to somebody else.")
        if before is not None and before.first != self.first:
            raise UsageError("The figure that was objected to stays as it was.")

    @property
    def first(self) -> tuple[float | None, float | None, float | None, int | None, date | None]:
        """Value, interval, n and day of the data of the figure that was objected to."""
        return self.first_value, self.first_low, self.first_high, self.first_n, self.first_as_of

    @property
    def metric_id(self) -> str:
        """Id of the metric whose number it is; empty when it is about something else, such as feedback."""
        kind, _, rest = self.number_ref.partition(":")
        return rest.partition(":")[0] if kind == "metric" else ""

    @property
    def is_upheld(self) -> bool:
        """Whether the number is to be worked out again."""
        return self.status in ("upheld", "partly")

    @property
    def is_open(self) -> bool:
        """Whether the number is to be shown as disputed."""
        return self.status in ("raised", "acknowledged")
