"""A real PostgreSQL for tests: a cluster of its own in a folder of its own, on a Unix socket only.

Where there is none the tests skip, unless SALESCOACH_REQUIRE_POSTGRES=1. PostgreSQL refuses to run as root,
so root starts it as the user ``postgres``.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

_PLACES = (*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), Path("/usr/local/bin"), Path("/usr/bin"))
_SETTINGS = ("fsync=off", "full_page_writes=off", "listen_addresses=", "max_connections=20", "shared_buffers=16MB")
OWNER = "postgres"


@dataclass(frozen=True)
class Cluster:
    """A running server. ``url`` leads to its database, as its owner."""

    socket: Path
    options: str = ""

    def url(self, database: str = "postgres", user: str = OWNER, password: str = "") -> str:
        """The address of a database, for SQLAlchemy and for salescoach."""
        secret = f":{quote(password)}" if password else ""
        return f"postgresql://{user}{secret}@/{database}?host={quote(str(self.socket))}"

    def restart(self, mode: str) -> None:
        """Stop the server (``fast`` ends transactions, ``immediate`` is a crash) and start it again."""
        place, data = programs(), self.socket / "data"
        assert place is not None
        _as_owner(place / "pg_ctl", "-D", data, "-m", mode, "-w", "stop")
        _as_owner(
            place / "pg_ctl", "-D", data, "-w", "-t", "60", "-l", self.socket / "log", "-o", self.options, "start"
        )

    def run(self, *statements: str, database: str = "postgres") -> None:
        """Execute statements as the owner, each in its own transaction."""
        import psycopg

        with psycopg.connect(host=str(self.socket), user=OWNER, dbname=database, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


def programs() -> Path | None:
    """Folder of initdb and pg_ctl; None where PostgreSQL is not installed."""
    return next((place for place in _PLACES if (place / "initdb").exists() and (place / "pg_ctl").exists()), None)


@contextmanager
def running_cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """Start a server, and stop it afterwards. Skips the test where there is none to start.

    A *durable* one waits for the disk, as a server in earnest does; the others are quick.
    """
    place = programs()
    if place is None:
        missing = "PostgreSQL is not installed (Debian: apt-get install postgresql)"
        if os.environ.get("SALESCOACH_REQUIRE_POSTGRES") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    home = Path(tempfile.mkdtemp(prefix="salescoach-pg-"))  # short: the name of a socket has at most 107 letters
    try:
        if os.geteuid() == 0:
            account = pwd.getpwnam(OWNER)
            os.chown(home, account.pw_uid, account.pw_gid)
        data = home / "data"
        _as_owner(place / "initdb", "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = " ".join([f"-k {home}", *(f"-c {setting}" for setting in _SETTINGS[2 if durable else 0 :])])
        _as_owner(place / "pg_ctl", "-D", data, "-w", "-t", "60", "-l", home / "log", "-o", options, "start")
        try:
            yield Cluster(home, options)
        finally:
            _as_owner(place / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _as_owner(*command: str | Path) -> None:
    """Run a program of PostgreSQL; its words are shown when it fails."""
    given = [str(part) for part in command]
    if os.geteuid() == 0:
        given = ["runuser", "-u", OWNER, "--", *given]
    done = subprocess.run(given, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    if done.returncode:
        pytest.fail(f"{given[0]} failed: {done.stdout}")
