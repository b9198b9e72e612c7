#!/usr/bin/env python3
"""Set salescoach up and run it from a clean checkout, with nothing but Python.

    python3 bootstrap.py demo [--no-serve] [--port N]   make the demo workspace, write every review, serve the apps
    python3 bootstrap.py test                           run every check and every test
    python3 bootstrap.py test PYTEST_ARGUMENTS          run pytest only, with these arguments
    python3 bootstrap.py lab [WORKSPACE]                open JupyterLab on the notebooks (default: demo-workspace)
    python3 bootstrap.py setup [--dev]                  only install; --dev: what test needs as well

Everything is installed into .venv beside this file, from the hashes in requirements.lock (demo, lab, setup) or
requirements-dev.lock (test, setup --dev), and installed again only when they change. Nothing is installed elsewhere.
Leaves with 0 when all is well, 1 when something failed, 2 when it could not begin, 130 when interrupted.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # an older Python must get as far as being told that it is too old
    Command = list[str | Path]

OLDEST, NEWEST = (3, 11), (3, 13)

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHON = BIN / "python"
RUNTIME, DEVELOPMENT = "requirements.lock", "requirements-dev.lock"

# Written before anything else goes into .venv, so that one we left half-made can be told from somebody else's.
MARKER = VENV / "made-by-bootstrap"

CHECKS: dict[str, Command] = {
    "ruff check": [PYTHON, "-m", "ruff", "check", "."],
    "ruff format": [PYTHON, "-m", "ruff", "format", "--check", "."],
    "mypy": [PYTHON, "-m", "mypy"],
    "import floors": [BIN / "lint-imports"],
}


class CannotBegin(Exception):
    """Something the person at the keyboard has to put right first."""


def main(arguments: list[str]) -> int:
    """Carry out one command; returns the exit code."""
    command, *rest = arguments or ["--help"]
    # Each report is a process of its own: without bytecode every one of them would compile its libraries again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        if command in ("-h", "--help", "help"):
            print(__doc__.strip())
            return 0
        if command not in ("demo", "test", "lab", "setup"):
            raise CannotBegin(
                f"There is no command '{command}'. Known: demo, test, lab, setup. See: bootstrap.py --help"
            )
        if command == "setup" and rest not in ([], ["--dev"]):
            raise CannotBegin(f"setup knows only --dev, not: {' '.join(rest)}")
        require_python()
        set_up(DEVELOPMENT if command == "test" or (command == "setup" and rest == ["--dev"]) else RUNTIME)
        demo_workspace = os.path.relpath(ROOT / "demo-workspace")
        if command == "demo":
            become_salescoach("demo", demo_workspace, *rest)
        if command == "lab":
            become_salescoach("lab", *(rest or [demo_workspace]))
        if command == "test":
            return run([PYTHON, "-m", "pytest", *rest], cwd=ROOT) if rest else run_everything()
        return 0
    except CannotBegin as problem:
        say(str(problem))
        return 2
    except subprocess.CalledProcessError as problem:
        say(f"This step failed: {' '.join(map(str, problem.cmd))}")
        say("What it said is above. Once that is put right, run the same command again.")
        return 1
    except OSError as problem:
        say(f"Cannot work in {ROOT}: {problem}")
        return 2
    except KeyboardInterrupt:
        say("Interrupted. The same command goes on from here.")
        return 130


def say(text: str) -> None:
    """Tell the person; on stderr, because stdout belongs to what is run."""
    print(text, file=sys.stderr, flush=True)


def require_python() -> None:
    """Refuse a Python that the locks were not made for."""
    if os.name != "posix":
        raise CannotBegin("salescoach runs on Linux and macOS; on Windows, use it inside WSL.")
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        here = ".".join(map(str, sys.version_info[:3]))
        oldest, newest = (".".join(map(str, version)) for version in (OLDEST, NEWEST))
        raise CannotBegin(
            f"salescoach needs Python {oldest} to {newest}; this is {here} ({sys.executable}).\n"
            f"Run it with one of those, for example: python{oldest} bootstrap.py demo"
        )


# ---------------------------------------------------------------- what is installed


def set_up(lock: str) -> None:
    """Make .venv hold what *lock* names, unless it already does."""
    if is_current(lock):
        return
    began = time.monotonic()
    prepare_venv()
    # Away before the first change: without a stamp, an interrupted installation is never taken for a whole one.
    for name in (RUNTIME, DEVELOPMENT):
        stamp(name).unlink(missing_ok=True)
    install(lock)
    # The development lock holds every line of the runtime lock.
    for name in {lock, RUNTIME}:
        stamp(name).write_text(fingerprint(name))
    say(f"Installed in {time.monotonic() - began:.0f} s.")


def stamp(lock: str) -> Path:
    """File in .venv that says which state of *lock* is installed."""
    return VENV / f"{lock}.installed"


def fingerprint(lock: str) -> str:
    """What an installation depends on: the lock, the project's own metadata, and where the checkout lies."""
    content = (ROOT / lock).read_bytes() + (ROOT / "pyproject.toml").read_bytes() + os.fsencode(ROOT)
    return hashlib.sha256(content).hexdigest()


def is_current(lock: str) -> bool:
    """Whether .venv is whole and was made from this very lock, in this very place."""
    return os.access(PYTHON, os.X_OK) and stamp(lock).is_file() and stamp(lock).read_text() == fingerprint(lock)


def prepare_venv() -> None:
    """Leave a .venv that packages can be installed into: keep a good one, replace a broken one of ours."""
    if VENV.exists() and not MARKER.exists():
        if not os.access(PYTHON, os.X_OK) or run([PYTHON, "-m", "pip", "--version"], quiet=True) != 0:
            raise CannotBegin(f"{VENV} was not made by bootstrap.py and does not work. Move it away and try again.")
        return
    whole = os.access(PYTHON, os.X_OK) and any(stamp(name).exists() for name in (RUNTIME, DEVELOPMENT))
    if whole and MARKER.read_text() == str(ROOT):
        return
    if importlib.util.find_spec("ensurepip") is None:
        raise CannotBegin(
            "This Python cannot make virtual environments: its ensurepip is missing.\n"
            "On Debian and Ubuntu, install it and try again: apt-get install python3-venv"
        )
    say(f"Making {VENV} ...")
    if VENV.exists():
        shutil.rmtree(VENV)
    VENV.mkdir()
    MARKER.write_text(str(ROOT))
    # The Python underneath: from inside an activated .venv, sys.executable is what was just removed.
    base = getattr(sys, "_base_executable", None) or sys.executable
    require([base, "-m", "venv", VENV])


def install(lock: str) -> None:
    """Install *lock* with uv, which the lock pins as well; with pip, more slowly, where uv does not work."""
    uv_lines, other_lines = split_lock((ROOT / lock).read_text(encoding="utf-8"))
    say(f"Installing from {lock}: about 150 packages, 0.7 GB on disk ...")
    pip: Command = [PYTHON, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-deps"]
    this: Command = ["--no-deps", "--no-build-isolation", "--editable", ROOT]
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder, "requirements.txt")
        lines.write_text(uv_lines, encoding="utf-8")
        try:
            require([*pip, "--require-hashes", "--requirement", lines])
            uv: Command = [BIN / "uv", "pip", "install", "--quiet", "--python", PYTHON]
            require([*uv, "--no-deps", "--require-hashes", "--requirement", ROOT / lock], env=uv_environment())
            require([*uv, *this], env=uv_environment())
        except (subprocess.CalledProcessError, OSError) as problem:
            say(f"uv did not do it ({type(problem).__name__}, see above). Trying pip, which takes a minute or two ...")
            lines.write_text(other_lines, encoding="utf-8")
            require([*pip, "--require-hashes", "--requirement", lines])
            require([*pip, *this])


def split_lock(text: str) -> tuple[str, str]:
    """The lines of *text* that pin uv, and all the others."""
    pins: tuple[list[str], list[str]] = ([], [])
    others = True
    for line in text.splitlines(keepends=True):
        if not line.startswith((" ", "#")):
            others = not line.startswith("uv==")
        pins[others].append(line)
    return "".join(pins[False]), "".join(pins[True])


def uv_environment() -> dict[str, str]:
    """The environment for uv, which does not look at pip's choice of a package index and of certificates."""
    environment = dict(os.environ)
    for name, pips, others in (
        ("UV_DEFAULT_INDEX", "PIP_INDEX_URL", "UV_INDEX_URL"),
        ("SSL_CERT_FILE", "PIP_CERT", "SSL_CERT_DIR"),
    ):
        if pips in environment and others not in environment:
            environment.setdefault(name, environment[pips])
    return environment


# ---------------------------------------------------------------- what is run


def become_salescoach(*arguments: str) -> None:
    """Hand this process over to the salescoach command: its signals and its exit code are its own."""
    command = str(BIN / "salescoach")
    os.execv(command, [command, *arguments])


def run(command: Command, *, quiet: bool = False, env: dict[str, str] | None = None, cwd: Path | None = None) -> int:
    """Run *command* and return its exit code; its output is dropped when *quiet*."""
    output = subprocess.DEVNULL if quiet else None
    with subprocess.Popen(command, stdout=output, stderr=output, env=env, cwd=cwd) as child:
        try:
            return child.wait()
        except KeyboardInterrupt:
            child.wait()  # it was told as well, and is putting its things away
            raise


def require(command: Command, *, env: dict[str, str] | None = None) -> None:
    """Run a step of the installation, its output on stderr; raises CalledProcessError when it fails."""
    subprocess.run(command, check=True, stdout=sys.stderr, env=env)


class Outcome(NamedTuple):
    """What became of one check; a check that is not pytest counts as one."""

    name: str
    seconds: float
    passed: int
    failed: int
    skipped: int = 0


def run_everything() -> int:
    """Run the checks, then pytest, and close with a table and one line of counts."""
    outcomes = [run_check(name, command) for name, command in CHECKS.items()]
    outcomes.append(run_pytest())

    print("\nEach check counts as one:")
    for name, seconds, passed, failed, skipped in outcomes:
        verdict = "FAILED" if failed else "ok"
        print(f"  {name:<14} {verdict:<7} {seconds:6.1f} s   {passed} passed, {failed} failed, {skipped} skipped")
    failed = sum(outcome.failed for outcome in outcomes)
    passed, skipped = sum(outcome.passed for outcome in outcomes), sum(outcome.skipped for outcome in outcomes)
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed else 0


def run_check(name: str, command: Command) -> Outcome:
    """Run one check; what it prints is shown only when it fails."""
    say(f"{name} ...")
    began = time.monotonic()
    result = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    failed = int(result.returncode != 0)
    if failed:
        print(result.stdout, flush=True)
    return Outcome(name, time.monotonic() - began, passed=1 - failed, failed=failed)


def run_pytest() -> Outcome:
    """Run the whole suite."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder, "pytest.xml")
        # A file stays with one worker, so that what its tests share is made once.
        workers: Command = [
            "--numprocesses",
            str(min(4, os.cpu_count() or 1)),
            "--dist",
            "loadfile",
            "--no-loadscope-reorder",
        ]
        options: Command = ["--quiet", "-ra", "--durations=10", "--durations-min=1", f"--junitxml={record}"]
        code = run([PYTHON, "-m", "pytest", *workers, *options], cwd=ROOT)
        passed, failed, skipped = junit_counts(record)
    # A session can be red without a red test: a lane that had to run did not, or nothing ran at all.
    return Outcome("pytest", time.monotonic() - began, passed, failed or int(code != 0), skipped)


def junit_counts(record: Path) -> tuple[int, int, int]:
    """Passed, failed and skipped tests in pytest's XML record; zeros when pytest did not come to write it."""
    if not record.is_file():
        return 0, 0, 0
    suites = ElementTree.parse(record).getroot().iter("testsuite")
    tests, failed, skipped = 0, 0, 0
    for suite in suites:
        tests += int(suite.get("tests", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped += int(suite.get("skipped", 0))
    return tests - failed - skipped, failed, skipped


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
