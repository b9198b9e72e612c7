"""Coaching as HR, an analyst and an administrator may know of it: that there is some, and that rights are kept.

Opens no review and no meeting. Every read goes through the record, which authorises it for whoever is signed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import pandas as pd

from salescoach.known import data_at, snapshot_at, team_names
from salescoach.meetings import Desk
from salescoach.store import Record
from salescoach.store.models import AccessScope, Notice, Objection
from salescoach.store.policy import ADMIN, HR, Standings
from salescoach.store.service import erasure
from salescoach.store.service import oversight as service
from salescoach.store.service.oversight import GroupCoaching, Handed
from salescoach.words import Words
from salescoach.workspace import Workspace

DAYS = 28
"""How far back a meeting counts. In four weeks every regular meeting of the library takes place at least once."""


@dataclass(frozen=True)
class Reached:
    """Of ``people``, those whom no privacy notice has ``missed``, and how many said that they read it."""

    people: int
    missed: tuple[str, ...]
    acknowledged: int


@dataclass(frozen=True)
class Oversight:
    """What one person oversees, in one language."""

    home: Workspace
    record: Record
    words: Words

    @cached_property
    def standing(self) -> Standings:
        """As what the person oversees: HR, analyst, administrator; empty for everybody else, and for a laptop's owner.

        An owner finds the same on the command line, and in the apps as the coach they are.
        """
        return frozenset() if self.record.principal.is_owner else service.standing(self.record)

    @property
    def keeps_rights(self) -> bool:
        """Whether notices, objections and requests are among it."""
        return bool(self.standing & {HR, ADMIN})

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Names of everybody whom the data know, by id."""
        return {str(person): str(name) for person, name in data_at(self.home).reps["full_name"].items()}

    def name(self, person: str) -> str:
        """A person's name where the data know one, else what the record calls them."""
        return self.names.get(person, person)

    @cached_property
    def _teams(self) -> Mapping[str, str]:
        return team_names(snapshot_at(self.home))

    def team(self, team_id: str) -> str:
        """A team's name where the data know one, else its id."""
        return self._teams.get(team_id, team_id)

    def desk(self, rep_id: str) -> Desk:
        """The desk from which an objection of *rep_id* is answered; it opens nothing that the person may not see."""
        return Desk(self.home, self.record, rep_id, self.words)

    def coaching(self) -> tuple[GroupCoaching, ...]:
        """How many of each team were met during the last :data:`DAYS` days; ``group`` is the team's name."""
        data = data_at(self.home)
        teams = data.reps["team_id"]
        group_of = {rep: "" if pd.isna(teams[rep]) else self.team(str(teams[rep])) for rep in data.sellers}
        return service.coaching_by_group(self.record, group_of, datetime.now(UTC) - timedelta(days=DAYS))

    def objections(self) -> tuple[Objection, ...]:
        """Objections of everybody overseen, the newest first; that they were looked at is logged."""
        found = [one for one in self.record.readable(Objection) if self._keeps_rights_of(one.rep_id)]
        for rep in sorted({one.rep_id for one in found}):
            self.record.viewed(rep, "objections")
        return tuple(sorted(found, key=lambda one: -one.id))

    def reached(self) -> Reached:
        """Whom the privacy notice has reached, of the sellers overseen."""
        people = [rep for rep in data_at(self.home).sellers if self._keeps_rights_of(rep)]
        notices = [one for one in self.record.readable(Notice) if one.rep_id in people]
        reached = {one.rep_id for one in notices}
        missed = sorted((self.name(rep) for rep in people if rep not in reached), key=self.words.language.sort_key)
        return Reached(len(people), tuple(missed), len({one.rep_id for one in notices if one.acknowledged_at}))

    def handed(self) -> tuple[Handed, ...]:
        """Whose data were written out or erased."""
        return service.handed(self.record)

    def overdue(self) -> Mapping[str, int]:
        """How many entries of each kind were kept for longer than they may."""
        return erasure.overdue(self.record)

    def scopes(self) -> tuple[AccessScope, ...]:
        """Who sees whom, for an administrator: what holds today first, then what has ended."""
        today = self.record.now().date()
        found = self.record.readable(AccessScope)
        return tuple(sorted(found, key=lambda one: (one.valid_to is not None and one.valid_to <= today, one.rep_id)))

    def _keeps_rights_of(self, rep_id: str) -> bool:
        with self.record.read() as unit:
            return bool(unit.access.standings(rep_id) & {HR, ADMIN})
