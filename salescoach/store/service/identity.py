"""Who is before the screen: the only place that says so, from what the server passes on.

Never from a widget, a query string or a cookie of ours.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping

from salescoach.errors import AccessDenied
from salescoach.store.service.access import Principal

USER = "SALESCOACH_USER"
SIGNED_IN = "SALESCOACH_SIGNED_IN"
"""Set by a server whose pages are for one person (``salescoach serve --person``), who is no owner of what it opens."""


def principal_of(url: str, *, batch: bool = False, environment: Mapping[str, str] = os.environ) -> Principal:
    """The principal of this process, for the record at *url*.

    A record in a file belongs to one person, the owner of the laptop; whoever can open the file can do all, unless the
    owner serves pages for somebody else, who then has the rights of their own scopes. A shared record (PostgreSQL) asks
    the server in front, which passes the person's ``rep_id`` as ``SALESCOACH_USER``.

    >>> principal_of("sqlite:////home/ada/coaching.db", environment={"SALESCOACH_USER": "ada"})
    Principal(person='ada', is_owner=True, beside='', batch=False)
    >>> principal_of("sqlite:////home/ada/coaching.db", environment=signed_in("R07"))
    Principal(person='R07', is_owner=False, beside='', batch=False)
    >>> principal_of("postgresql://db/sales", environment={"SALESCOACH_USER": "R07"})
    Principal(person='R07', is_owner=False, beside='', batch=False)
    >>> principal_of("postgresql://db/sales", environment={})
    Traceback (most recent call last):
    salescoach.errors.AccessDenied: Nobody is signed in. The server in front passes the person ...
    """
    person = environment.get(USER, "")
    if url.startswith("sqlite") and not (person and environment.get(SIGNED_IN)):
        return Principal.owner(person or getpass.getuser(), batch=batch)
    if not person:
        raise AccessDenied(
            f"Nobody is signed in. The server in front passes the person in {USER}: open the page through it."
        )
    return Principal(person, batch=batch)


def signed_in(person: str) -> dict[str, str]:
    """The environment of a process that does all it does for *person*, with that person's rights."""
    return {USER: person, SIGNED_IN: "1"}
