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


def principal_of(url: str, *, batch: bool = False, environment: Mapping[str, str] = os.environ) -> Principal:
    """The principal of this process, for the record at *url*.

    A record in a file belongs to one person, the owner of the laptop; whoever can open the file can do all. A shared
    record (PostgreSQL) asks the server in front, which passes the person's ``rep_id`` as ``SALESCOACH_USER``.

    >>> principal_of("sqlite:////home/ada/coaching.db", environment={"SALESCOACH_USER": "ada"})
    Principal(person='ada', is_owner=True, beside='', batch=False)
    >>> principal_of("postgresql://db/sales", environment={"SALESCOACH_USER": "R07"})
    Principal(person='R07', is_owner=False, beside='', batch=False)
    >>> principal_of("postgresql://db/sales", environment={})
    Traceback (most recent call last):
    salescoach.errors.AccessDenied: Nobody is signed in. The server in front passes the person ...
    """
    person = environment.get(USER, "")
    if url.startswith("sqlite"):
        return Principal.owner(person or getpass.getuser(), batch=batch)
    if not person:
        raise AccessDenied(
            f"Nobody is signed in. The server in front passes the person in {USER}: open the page through it."
        )
    return Principal(person, batch=batch)
