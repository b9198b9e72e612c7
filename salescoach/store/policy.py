"""Who may do what with which kind of entry. What is not named here is denied.

A *standing* is how a reader stands to the person an entry is about, on the day of the question.
Says nothing about how a standing comes about: that is for the service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SELF = "self"  # it is about the reader
AUTHOR = "author"  # the reader wrote it, and still stands to the person in one of the other ways
COACH = "coach"
MANAGER = "manager"
EXECUTIVE = "executive"  # a manager for whom the executive-visibility switch is on
ANALYST = "analyst"
HR = "hr"
ADMIN = "admin"
MEMBER = "member"  # anybody with a standing to anybody; for what is about nobody in particular
STANDINGS = (SELF, AUTHOR, COACH, MANAGER, EXECUTIVE, ANALYST, HR, ADMIN, MEMBER)
GRANTED = (COACH, MANAGER, EXECUTIVE, ANALYST, HR, ADMIN)  # what an access scope can give

Standings = frozenset[str]


def who(*standings: str) -> Standings:
    """A set of standings, any of which is enough.

    >>> sorted(who(COACH, SELF))
    ['coach', 'self']
    """
    return frozenset(standings)


@dataclass(frozen=True)
class Policy:
    """Rights to one kind of entry.

    ``fields`` names those fields whose change needs a standing of their own, such as the reply that
    only the rep may write; ``change`` is for all others. ``counted`` may know that an entry exists and when, but
    not its words: enough for a metric. A *private* kind never leaves through a batch read, whoever asks.
    """

    read: Standings
    add: Standings
    change: Standings = frozenset()
    fields: Mapping[str, Standings] = field(default_factory=dict)
    counted: Standings = frozenset({SELF, COACH, MANAGER})
    private: bool = False

    def __post_init__(self) -> None:
        """What nobody else reads, nobody counts either."""
        if self.private:
            object.__setattr__(self, "counted", frozenset())

    def may_change(self, name: str, standings: Standings) -> bool:
        """Whether one who stands so may change this field."""
        return bool(self.fields.get(name, self.change) & standings)


BOTH = who(SELF, COACH)
SHARED = Policy(read=who(SELF, COACH, EXECUTIVE), add=BOTH, change=BOTH)  # what coach and rep keep together
RESULTS = Policy(read=who(SELF, COACH, MANAGER), add=who(COACH, MANAGER), change=who(COACH, MANAGER))
OWN_WORDS = Policy(read=who(AUTHOR), add=who(SELF, COACH, MANAGER), change=who(AUTHOR), private=True)
TEAM = Policy(read=who(MEMBER), add=who(COACH, MANAGER, ADMIN), change=who(COACH, MANAGER, ADMIN))
RIGHTS = Policy(read=who(SELF, HR, ADMIN), add=who(SELF, HR, ADMIN), change=who(HR, ADMIN))
CONTROL = Policy(read=who(ADMIN), add=who(ADMIN), change=who(ADMIN))
