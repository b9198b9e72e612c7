"""Start and stop the server that shows the apps: a process of its own, for one person on this machine.

The process listens on 127.0.0.1 only and sees a private folder that holds copies of the named apps and nothing else.
Its token goes to it through a pipe, never through a command line or a file. It ends with us, however we end: when the
pipe closes, it stops its kernels and removes the folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import webbrowser
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from salescoach import resources
from salescoach.errors import SalesCoachError, UsageError
from salescoach.language import language as known_language

if TYPE_CHECKING:
    from salescoach.workspace import Workspace

HOST = "127.0.0.1"
SECONDS_TO_START, SECONDS_TO_STOP = 90, 10
READY = b"ready\n"
# A Unix socket's path has at most 103 characters; kernels put 51 behind the name of the private folder.
LONGEST_PLACE_FOR_SOCKETS = 30


@dataclass(frozen=True)
class Limits:
    """How much of the machine the open pages may take.

    ``kernels`` pages at a time (100 to 150 MB each). A page that is closed ends its kernel; one whose browser is gone
    ends when it lay idle for ``idle_seconds``, looked at every ``check_seconds``. A page that is open never ends.
    """

    kernels: int = 8
    idle_seconds: int = 120
    check_seconds: int = 30


@dataclass(frozen=True)
class Order:
    """All that the server process is told, as one line of JSON on its standard input."""

    token: str = field(repr=False)
    ticket: str = field(
        repr=False
    )  # opens the page once: for a browser that we start ourselves, because its command line can be seen
    socket: int
    port: int
    folder: str
    apps: list[str]
    language: str
    limits: Limits = field(default_factory=Limits)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> Order:
        """The order again.

        >>> order = Order("t", "once", 3, 8866, "/f", ["app.ipynb"], "tr", Limits(kernels=2))
        >>> Order.from_json(order.to_json()) == order
        True
        """
        values = json.loads(line)
        return cls(**{**values, "limits": Limits(**values["limits"])})


class Server:
    """The apps, served in the background between ``with`` and its end.

    Parameters
    ----------
    workspace : Workspace or None
        Whose ``path`` the apps open; None for an app that finds in *given* what it shows.
    apps : sequence of str or Path
        Names below ``notebooks/``, or paths of notebooks. The first is the front page.
    language : "tr" or "en"
        Of pages that are not asked for in another one (``?language=``).
    given : mapping of str to str
        More of the environment of the apps.
    port : int
        0 takes one that is free.
    person : str
        Whose pages these are: whoever has the token is that person, with the rights of their scopes. Empty: whoever
        started the server, as :func:`salescoach.store.principal_of` says. Only for apps that ask the record what their
        reader may see.

    Raises
    ------
    UsageError
        Before anything runs: another host than 127.0.0.1, a port that is taken, an app that does not exist.
    SalesCoachError
        When the process does not come up; its own words are on standard error.
    """

    def __init__(
        self,
        workspace: Workspace | None,
        *,
        apps: Sequence[str | Path],
        language: str,
        port: int = 0,
        host: str = HOST,
        limits: Limits | None = None,
        given: Mapping[str, str] | None = None,
        person: str = "",
    ) -> None:
        if host != HOST:
            raise UsageError(
                f"salescoach serves this machine only ({HOST}), not '{host}': the pages show people's data and have no "
                "user accounts."
            )
        known_language(language)
        self.language, self.port, self.person = language, port, person
        self.given = dict(given or {})
        if workspace is not None:
            self.given["SALESCOACH_WORKSPACE"] = str(Path(workspace.path).resolve())
        self.limits = limits or Limits()
        self.apps = [_notebook(app) for app in apps]
        if not self.apps:
            raise UsageError("Name at least one app to serve.")
        self._secrets = (secrets.token_urlsafe(32), secrets.token_urlsafe(32))  # 256 bits each
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None

    @property
    def url(self) -> str:
        """Address of the first app, with the token that opens it."""
        return self.link(self.apps[0].name)

    @property
    def once(self) -> str:
        """The same page, by a ticket that is good for one opening."""
        return self.link(self.apps[0].name, token=self._secrets[1])

    @property
    def pid(self) -> int:
        """Process number of the running server."""
        if self._process is None:
            raise SalesCoachError("The server is not running.")
        return self._process.pid

    def link(self, app: str, **query: str) -> str:
        """Address of *app* with its token; *query* reaches the app, for example ``rep="R01", language="tr"``."""
        return f"http://{HOST}:{self.port}/voila/render/{app}?{urlencode({'token': self._secrets[0], **query})}"

    def start(self) -> None:
        """Start the process and wait until it answers."""
        with contextlib.ExitStack() as undo:
            listener = undo.enter_context(_listen(self.port))
            self.port = listener.getsockname()[1]
            self._folder = _private_folder()
            undo.callback(self.stop)
            for app in self.apps:
                shutil.copyfile(app, self._folder / "apps" / app.name)
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "salescoach.server.main"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,  # nothing is left to be written when a pipe is closed that has no reader any more
                env=os.environ | self._environment(self._folder),
                cwd=self._folder,
                pass_fds=[listener.fileno()],
                start_new_session=True,  # Ctrl-C is for us; the server is told by its pipe
            )
            self._tell(listener.fileno())
            undo.pop_all()
            listener.close()

    def _tell(self, listener: int) -> None:
        """Send the order and wait for the one line of answer."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise SalesCoachError("The server is not running.")
        names = [app.name for app in self.apps]
        order = Order(*self._secrets, listener, self.port, str(self._folder), names, self.language, self.limits)
        with contextlib.suppress(BrokenPipeError):  # it is gone already: no answer tells us
            process.stdin.write(order.to_json().encode() + b"\n")
            process.stdin.flush()
        answered, _, _ = select.select([process.stdout], [], [], SECONDS_TO_START)
        if not answered or process.stdout.readline() != READY:
            raise SalesCoachError(
                "The server did not start. What it said is above; start it again when that is mended."
            )

    def _environment(self, folder: Path) -> dict[str, str]:
        """What the server and its kernels find in their environment; nothing of the person's own Jupyter set-up."""
        from salescoach.store import signed_in  # late: most who import the server need no database

        checkout = Path(__file__).resolve().parents[2]
        path = [str(checkout)] if resources.root() == checkout else []  # an installed package is found anyway
        return {
            **self.given,
            "SALESCOACH_LANGUAGE": self.language,
            **(signed_in(self.person) if self.person else {}),
            "OMP_NUM_THREADS": "1",  # many kernels, few cores
            "JUPYTER_PATH": str(resources.templates()),
            "JUPYTER_PREFER_ENV_PATH": "1",
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(folder / "run"),
            "IPYTHONDIR": str(folder / "ipython"),
            "PYTHONPATH": os.pathsep.join([*path, *filter(None, [os.environ.get("PYTHONPATH")])]),
        }

    def wait(self) -> int:
        """Wait until the process ends by itself; its exit code."""
        return self._process.wait() if self._process else 0

    def stop(self) -> None:
        """End the process, its kernels and the private folder. Stopping twice is no fault."""
        process, self._process = self._process, None
        try:
            if process is not None:
                for pipe in (process.stdin, process.stdout):
                    if pipe is not None:
                        pipe.close()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(SECONDS_TO_STOP)
        finally:
            if process is not None and process.poll() is None:
                process.kill()  # its kernels watch it and end within a second
                process.wait()
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def serve(
    workspace: Workspace | None,
    *,
    port: int = 8866,
    apps: Sequence[str | Path],
    language: str,
    open_browser: bool = False,
    host: str = HOST,
    given: Mapping[str, str] | None = None,
    person: str = "",
) -> int:
    """Serve *apps* until somebody stops it; one line on standard output, the address with its token, when it is ready.

    Returns the exit code: 130 after Ctrl-C, 0 after a request to end (SIGTERM), 1 when the server ended by itself.
    Raises as :class:`Server` does. To be called from the main thread, because it takes the signals.
    """
    before = signal.signal(signal.SIGTERM, _asked_to_end)
    try:
        with Server(
            workspace, apps=apps, language=language, port=port, host=host, given=given, person=person
        ) as server:
            sys.stdout.write(f"{server.url}\n")
            sys.stdout.flush()
            if open_browser:
                webbrowser.open(server.once)
            server.wait()
        return 1
    except KeyboardInterrupt:
        return 130
    except _AskedToEnd:
        return 0
    finally:
        signal.signal(signal.SIGTERM, before)


class _AskedToEnd(BaseException):
    """SIGTERM, as an exception, so that ``with`` blocks close."""


def _asked_to_end(number: int, frame: FrameType | None) -> None:
    raise _AskedToEnd


def _notebook(app: str | Path) -> Path:
    """Path of an app; UsageError naming those that exist."""
    path = app if isinstance(app, Path) else resources.notebooks(app)
    if path.suffix != ".ipynb" or not path.is_file():
        raise UsageError.unknown(
            "app", str(app), sorted(known.name for known in resources.notebooks().glob("app_*.ipynb"))
        )
    return path


def _listen(port: int) -> socket.socket:
    """A listening socket, taken by us, so that nobody else can get the port between the check and the start."""
    if not 0 <= port <= 65535:
        raise UsageError(f"There is no port {port}. Choose one from 1024 to 65535, or 0 for any that is free.")
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as problem:
        listener.close()
        raise UsageError(
            f"Port {port} on {HOST} cannot be used: {problem.strerror}. Another program, perhaps salescoach itself, "
            "may be using it. Stop that one, or choose another port (0 takes any that is free)."
        ) from problem
    return listener


def _private_folder() -> Path:
    """A new folder that only this user can open, with a place for the apps and one for the kernels' sockets."""
    place = tempfile.gettempdir()
    folder = Path(
        tempfile.mkdtemp(prefix="salescoach-", dir=place if len(place) <= LONGEST_PLACE_FOR_SOCKETS else "/tmp")
    )
    for name in ("apps", "kernels", "run", "config", "data", "ipython"):
        (folder / name).mkdir(mode=0o700)
    return folder
