"""Ctrl-C reaches a process that waits, whatever the libraries of the import have put in its way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

WAITS = {
    "for the lock of a folder": "fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX)",
    "for a thread": "ThreadPoolExecutor(1).submit(time.sleep, 8).result()",
}
PROGRAM = """
import fcntl, os, signal, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
{before}
held = os.open(sys.argv[1], os.O_RDONLY)
fcntl.flock(held, fcntl.LOCK_EX)
threading.Timer(8, os.close, [held]).start()
threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT]).start()
started = time.monotonic()
try:
    {wait}
except KeyboardInterrupt:
    pass
sys.stdout.write(str(time.monotonic() - started))
sys.stdout.flush()
os._exit(0)
"""


def waited(folder: Path, before: str, wait: str) -> float:
    """Seconds until Ctrl-C, sent after 0.3 s, ended a *wait* of 8 s in a process that did *before*."""
    program = PROGRAM.format(before=before, wait=WAITS[wait])
    made = subprocess.run([sys.executable, "-c", program, folder], capture_output=True, text=True, check=True)
    return float(made.stdout)


@pytest.mark.parametrize("wait", WAITS)
@pytest.mark.parametrize("module", ["crm.snapshot", "crm.importer", "privacy.snapshots"])
def test_ctrl_c_ends_a_wait_at_once_in_a_process_that_imports_or_reads(tmp_path: Path, module: str, wait: str) -> None:
    assert waited(tmp_path, f"import salescoach.{module}", wait) < 5


@pytest.mark.parametrize("wait", WAITS)
def test_negative_control_polars_alone_makes_it_wait_to_the_end(tmp_path: Path, wait: str) -> None:
    assert waited(tmp_path, "import polars", wait) > 5
