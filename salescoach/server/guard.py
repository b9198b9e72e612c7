"""Which requests are answered at all, decided before any page is looked up.

A server on this machine can be reached by every page that is open in this machine's browser: through a foreign
host name that resolves to 127.0.0.1, or by a link or an image in a foreign page. Knows headers only; who somebody
is, and what they may see, is decided elsewhere.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping

OUR_OWN_PAGES = ("same-origin", "none")  # "none": typed, bookmarked or opened by another program


def hosts(port: int) -> frozenset[str]:
    """The names by which a server on this machine is asked for.

    >>> sorted(hosts(8866))
    ['127.0.0.1:8866', 'localhost:8866']
    """
    return frozenset(f"{name}:{port}" for name in ("127.0.0.1", "localhost"))


def refusal(headers: Mapping[str, str], allowed_hosts: frozenset[str]) -> str:
    """Why a request must not be answered, or "" when it may be.

    Parameters
    ----------
    headers : mapping of header name to value, as Tornado keeps it (names in any case)
    allowed_hosts : frozenset of ``name:port``

    Notes
    -----
    A missing ``Origin`` or ``Sec-Fetch-Site`` is no fault: programs send neither, old browsers not the second. For
    those browsers the cookie is SameSite=Strict.

    Examples
    --------
    >>> refusal({"Host": "127.0.0.1:8866"}, hosts(8866))
    ''
    >>> refusal({"Host": "reviews.example:8866"}, hosts(8866))
    "Host 'reviews.example:8866' is not this server"
    """
    host = headers.get("Host", "").lower()
    if host not in allowed_hosts:
        return f"Host '{host}' is not this server"
    origin = headers.get("Origin", "").lower()
    if origin and origin != f"http://{host}":
        return f"Origin '{origin}' is another site"
    site = headers.get("Sec-Fetch-Site", "").lower()
    if site and site not in OUR_OWN_PAGES:
        return f"Sec-Fetch-Site '{site}': another site asks"
    return ""


def same_secret(given: str, secret: str) -> bool:
    """True when both are the same, in a time that does not tell how much of it was right; False when empty."""
    return bool(secret) and hmac.compare_digest(given.encode(), secret.encode())
