"""How long, and with how much memory, each hostile file of ``tests/bombs.py`` is answered: one line for each.

Every file is made and read by a process of its own that has one gigabyte. Run from the checkout:
``python tests/benchmarks/hostile.py``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent


def main() -> None:
    """Print name, user time, peak memory and answer."""
    sys.path.insert(0, str(TESTS))
    from bombs import BOMBS

    environment = os.environ | {"PYTHONPATH": str(TESTS.parent), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    for name in BOMBS:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, str(TESTS / "bombs.py"), folder, name]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=300)
        answer, measured = done.stdout.strip().rsplit("\n", 1)
        sys.stdout.write(f"{name:22} {measured:18} {answer}\n")


if __name__ == "__main__":
    main()
