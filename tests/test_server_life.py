"""Starting, stopping, and what is refused before anything starts."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import requests
from server_apps import QUIET, kernels, write_app

from salescoach.errors import SalesCoachError, UsageError
from salescoach.server import Limits, Server
from salescoach.server import voila as launcher
from salescoach.workspace import Workspace

SERVE = """
import sys
from pathlib import Path
from salescoach.server import serve
from salescoach.workspace import Workspace
sys.exit(serve(Workspace.open(sys.argv[1]), apps=[Path(sys.argv[2])], language="en", port=0))
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace.create(tmp_path_factory.mktemp("life") / "workspace", name="Örnek A.Ş.")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_app(tmp_path_factory.mktemp("apps"), "app_quiet.ipynb", QUIET)


@pytest.fixture(scope="module", autouse=True)
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A place for temporary files that only these tests use; its name is short, as sockets need."""
    tmp_path_factory.getbasetemp()  # pytest's own place must not come to lie in this one, which goes away
    with tempfile.TemporaryDirectory(prefix="sc", dir="/tmp") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", folder)
        patch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


# Refused before anything starts


def test_a_port_in_use_is_named(workspace: Workspace, app: Path):
    """And no other port is taken instead: a bookmark would lead to a stranger."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(UsageError, match=f"Port {port} .*choose another port"):
            Server(workspace, apps=[app], language="en", port=port).start()


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_cannot_be_is_refused(workspace: Workspace, app: Path, port: int):
    with pytest.raises(UsageError, match="There is no port"):
        Server(workspace, apps=[app], language="en", port=port).start()


@pytest.mark.parametrize("name", ["app_nothing.ipynb", "../pyproject.toml", "", Path("/etc/hostname")])
def test_an_unknown_app_is_refused(workspace: Workspace, name: str | Path):
    with pytest.raises(UsageError, match="There is no app"):
        Server(workspace, apps=[name], language="en")


def test_nothing_to_serve_is_refused(workspace: Workspace):
    with pytest.raises(UsageError, match="at least one app"):
        Server(workspace, apps=[], language="en")


def test_an_unknown_language_is_refused(workspace: Workspace, app: Path):
    with pytest.raises(UsageError, match="de"):
        Server(workspace, apps=[app], language="de")


def test_a_server_that_cannot_start_says_so_and_leaves_nothing(
    workspace: Workspace, app: Path, place: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "executable", "/bin/false")

    with pytest.raises(SalesCoachError, match="did not start"):
        Server(workspace, apps=[app], language="en").start()

    assert not list(place.glob("salescoach-*"))


# Running and stopping


@dataclass
class Life:
    """What was there while one server ran, and after it stopped."""

    folder_mode: int
    folder_holds: set[str]
    first_page: int
    second_page: int
    second_page_says: str
    kernels_running: int
    left_processes: list[psutil.Process]
    left_folders: list[Path]


@pytest.fixture(scope="module")
def life(workspace: Workspace, app: Path, place: Path) -> Life:
    with Server(workspace, apps=[app], language="en", limits=Limits(kernels=1)) as server:
        (folder,) = place.glob("salescoach-*")
        first, second = (requests.get(server.url, timeout=120) for _ in range(2))
        running = [psutil.Process(server.pid), *kernels(server)]
        seen = Life(
            folder_mode=folder.stat().st_mode & 0o777,
            folder_holds={path.name for path in (folder / "apps").iterdir()},
            first_page=first.status_code,
            second_page=second.status_code,
            second_page_says=second.text,
            kernels_running=len(running) - 1,
            left_processes=[],
            left_folders=[],
        )
    _, seen.left_processes = psutil.wait_procs(running, timeout=10)
    seen.left_folders = list(place.glob("salescoach-*"))
    return seen


def test_it_sees_a_private_folder_with_the_named_apps_only(life: Life):
    assert life.folder_mode == 0o700
    assert life.folder_holds == {"app_quiet.ipynb"}


def test_beyond_the_limit_a_page_waits_instead_of_filling_the_memory(life: Life):
    assert (life.first_page, life.second_page, life.kernels_running) == (200, 503, 1)
    assert "Too many pages are open" in life.second_page_says


def test_stopping_leaves_no_process_and_no_folder(life: Life):
    assert life.left_processes == []
    assert life.left_folders == []


def test_stopping_twice_is_no_fault(workspace: Workspace, app: Path):
    server = Server(workspace, apps=[app], language="en")
    server.stop()
    server.stop()


@dataclass
class Command:
    """What became of a command that served, and of its server."""

    first_line: str
    rest: str
    log: str
    code: int
    left_processes: list[psutil.Process]
    left_folders: list[Path]


@pytest.fixture(scope="module", params=[signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=["INT", "TERM", "KILL"])
def command(
    workspace: Workspace, app: Path, place: Path, request: pytest.FixtureRequest
) -> tuple[signal.Signals, Command]:
    """Serve in a process of its own, ask it for a page that does not exist, and end it by a signal to it alone."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(workspace.path), str(app)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert process.stdout is not None
    first_line = process.stdout.readline()
    assert first_line, process.communicate()[1]
    requests.get(first_line.strip().replace("app_quiet", "app_other") + "&rep=Elif")
    served = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(request.param)
    rest, log = process.communicate(timeout=60)
    _, left = psutil.wait_procs(served, timeout=15)
    return request.param, Command(first_line, rest, log, process.returncode, left, list(place.glob("salescoach-*")))


def test_it_prints_one_line_the_address(command: tuple[signal.Signals, Command]):
    _, told = command

    assert told.first_line.startswith("http://127.0.0.1:")
    assert told.first_line.count("token=") == 1
    assert told.rest == ""


def test_it_ends_with_the_code_of_its_end(command: tuple[signal.Signals, Command]):
    number, told = command

    assert told.code == {signal.SIGINT: 130, signal.SIGTERM: 0, signal.SIGKILL: -signal.SIGKILL}[number]


def test_however_it_ends_nothing_is_left(command: tuple[signal.Signals, Command]):
    """Even when it is killed: its server sees the pipe close."""
    _, told = command

    assert told.left_processes == []
    assert told.left_folders == []


def test_the_log_names_neither_token_nor_rep(command: tuple[signal.Signals, Command]):
    _, told = command

    assert "404 GET /voila/render/app_other.ipynb" in told.log
    assert "Elif" not in told.log
    assert told.first_line.partition("token=")[2].strip() not in told.log


def test_sockets_of_kernels_fit_into_a_long_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A Unix socket's path has at most 103 characters on some systems."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / ("x" * 60)))
    folder = launcher._private_folder()
    longest = folder / "kernels" / f"kernel-{'0' * 36}-ipc-5"

    assert len(str(longest)) <= 103
    for part in sorted(folder.rglob("*"), reverse=True):
        part.rmdir()
    folder.rmdir()
