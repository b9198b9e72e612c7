"""How a reader stands to a person on a day. Default: not at all.

What is shown in a widget or stands in an address is never asked; only who the server says is there
(:class:`Principal`) and what the record holds about them (:class:`~salescoach.store.models.AccessScope`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from salescoach.errors import AccessDenied
from salescoach.store.models.entry import KINDS, ORGANISATION
from salescoach.store.policy import ADMIN, AUTHOR, COACH, EXECUTIVE, MANAGER, MEMBER, SELF, Standings

EVERYBODY = "*"
Teams = Callable[[str, date], frozenset[str]]


def no_teams(rep_id: str, day: date) -> frozenset[str]:
    """Teams of a person where none are known: without a team, a team's scope reaches nobody."""
    return frozenset()


@dataclass(frozen=True)
class Principal:
    """Who asks.

    ``person`` is a rep_id or the name of an account. An *owner* is the one person of a laptop: whoever can open the
    file can do all, so the record treats them as coach, manager and admin of everybody, and says in the audit what
    they did. ``beside`` is a rep who sits at the owner's screen and speaks through it, to sign or to reply.
    ``batch`` marks a job that writes reports for others to read: it never gets private words.
    """

    person: str
    is_owner: bool = False
    beside: str = ""
    batch: bool = False

    @classmethod
    def owner(cls, name: str, *, beside: str = "", batch: bool = False) -> Principal:
        """The person whose laptop it is.

        >>> Principal.owner("deniz", beside="R07").beside
        'R07'
        """
        return cls(name, is_owner=True, beside=beside, batch=batch)


class Access:
    """The standings of one principal on one day, as the record has them in one unit of work."""

    def __init__(self, session: Session, principal: Principal, today: date, teams: Teams) -> None:
        self.principal = principal
        self._today = today
        self._teams = teams
        self._scopes = () if principal.is_owner else tuple(_scopes(session, principal.person, today))

    def standings(self, rep_id: str, author: str = "") -> Standings:
        """All ways in which the principal stands to *rep_id*, and to an entry of *author* about them."""
        found = set(self._to_person(rep_id)) if rep_id != ORGANISATION else set(self._to_organisation())
        if found and author and author == self.principal.person:
            found.add(AUTHOR)
        return frozenset(found)

    def denied(self, verb: str, kind: str) -> AccessDenied:
        """The refusal, which does not tell what is there."""
        outcome = "shown" if verb == "read" else "saved"
        return AccessDenied(
            f"You may not {verb} this ({kind.replace('_', ' ')}). Nothing was {outcome}. "
            "Access follows the scopes of today: ask an administrator if yours should reach it."
        )

    def _to_person(self, rep_id: str) -> set[str]:
        if self.principal.is_owner:
            found = {COACH, MANAGER, ADMIN}
        else:
            teams = self._teams(rep_id, self._today)
            found = _levels(level for level, kind, subject in self._scopes if _reaches(kind, subject, rep_id, teams))
        if rep_id in (self.principal.person, self.principal.beside):
            found.add(SELF)
        return found

    def _to_organisation(self) -> set[str]:
        if self.principal.is_owner:
            return {COACH, MANAGER, ADMIN, MEMBER}
        levels = _levels(level for level, _, _ in self._scopes)
        return levels | {MEMBER} if levels else set()


def _levels(given: Iterable[str]) -> set[str]:
    """What the scopes give: the executive-visibility switch is on for a manager, so whoever has it is one."""
    levels = set(given)
    return levels | {MANAGER} if EXECUTIVE in levels else levels


def _scopes(session: Session, viewer: str, today: date) -> list[tuple[str, str, str]]:
    table = KINDS["access_scope"].table.c
    query = select(table.level, table.subject_kind, table.subject_id).where(
        table.rep_id == viewer,
        table.valid_from <= today,
        table.valid_to.is_(None) | (table.valid_to > today),
    )
    return [(level, kind, subject) for level, kind, subject in session.execute(query)]


def _reaches(kind: str, subject: str, rep_id: str, teams: frozenset[str]) -> bool:
    match kind:
        case "rep":
            return subject == rep_id
        case "team":
            return subject in teams
        case _:
            return subject == EVERYBODY
