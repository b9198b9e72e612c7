"""The process in which one notebook runs: this very interpreter, no ports, nothing of the user's profile.

Kernels are reached over Unix sockets: TCP ports are chosen, freed and bound later, so that two
kernels of a batch can meet on one. Never shares a process between two reports.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import Popen
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_core.utils import run_sync

_SOCKET_PATH_LIMIT = 100  # bytes; the kernel's own limit is 104 on macOS and 108 on Linux

# One core per report: the batch fills the cores, and a library that starts a thread per core in each
# of eight kernels makes all of them slow. The rest makes a report the same on every machine.
SETTINGS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JUPYTER_PREFER_ENV_PATH": "1",
    "PYTHONHASHSEED": "0",
    "PLOTLY_RENDERER": "plotly_mimetype",
}


class Guard:
    """Ends one kernel and all it started, from any thread, and remembers why.

    ``cause`` is empty as long as nobody ended it. Ending before the kernel has started ends it at its start.
    """

    def __init__(self) -> None:
        self.cause = ""
        self._pid = 0
        self._lock = threading.Lock()

    def watch(self, pid: int) -> None:
        """From now on *pid* leads the process group to end."""
        with self._lock:
            self._pid = pid
            if self.cause:
                self._kill()

    def end(self, cause: str) -> None:
        """Kill the group; the first *cause* given is kept."""
        with self._lock:
            self.cause = self.cause or cause
            self._kill()

    def release(self) -> None:
        """Kill what the kernel left behind and forget its number, which may soon be another's."""
        with self._lock:
            self._kill()
            self._pid = 0

    def _kill(self) -> None:
        if self._pid:
            with suppress(ProcessLookupError):
                os.killpg(self._pid, signal.SIGKILL)


@contextmanager
def socket_folder(folder: Path) -> Iterator[Path]:
    """*folder*, when its path is short enough to hold sockets, else a private temporary folder."""
    if len(os.fsencode(folder / "k-ipc-1")) <= _SOCKET_PATH_LIMIT:
        yield folder
    else:
        with tempfile.TemporaryDirectory(prefix="salescoach-", ignore_cleanup_errors=True) as short:
            yield Path(short)


class _ThisInterpreter(KernelSpecManager):
    """Knows one kernel: the running Python, whatever kernels the user has registered."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="Python 3",
            language="python",
        )


class Kernel:
    """One started kernel process. ``manager`` is what papermill's client talks through."""

    def __init__(self, sockets: Path, folder: Path, environment: Mapping[str, str], guard: Guard) -> None:
        """Start it: *sockets* is a :func:`socket_folder`, *folder* is private and holds all else."""
        self.manager = AsyncKernelManager(
            kernel_name="python3",
            kernel_spec_manager=_ThisInterpreter(),
            connection_file=str(sockets / "k.json"),
            transport="ipc",
        )
        self.log = folder / "kernel.log"
        self._guard = guard
        work = folder / "work"
        work.mkdir()
        env = os.environ | SETTINGS | {"IPYTHONDIR": str(folder / "ipython")} | dict(environment)
        with self.log.open("wb") as log:
            start: Any = run_sync(self.manager.start_kernel)
            start(
                # History would otherwise be a file that all kernels lock, and a second copy of what was run.
                extra_arguments=["--HistoryManager.hist_file=:memory:"],
                env=env,
                cwd=str(work),
                stdout=log,
                stderr=log,
            )
        provisioner = self.manager.provisioner
        assert isinstance(provisioner, LocalProvisioner)
        process: Popen[bytes] = provisioner.process  # type: ignore[assignment]
        self._process = process
        guard.watch(process.pid)

    @property
    def exit_code(self) -> int:
        """Exit code of the dead process, negative for a signal; 0 while it lives."""
        return self._process.poll() or 0

    @property
    def last_words(self) -> str:
        """Last error that the process wrote to its own standard error, for a kernel that never answered."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return next((line.strip() for line in reversed(lines) if "error" in line.lower()), "it wrote no error")

    def stop(self) -> None:
        """End the process and everything it started, reap it, and remove its sockets."""
        self._guard.release()
        self._process.wait()
        if self.manager.has_kernel:
            shutdown: Any = run_sync(self.manager.shutdown_kernel)
            shutdown(now=True)
        cleanup: Any = run_sync(self.manager.cleanup_resources)
        cleanup()
