"""Files made to fill the memory: each is answered by a process that has one gigabyte, and never kills it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from bombs import BOMBS
from conftest import ROOT

SAYS = {
    "gzip_bomb": "unpacks to more than 200 times its size",
    "zip_bomb": "unpacks to more than 200 times its size",
    "zip_of_many": "holds 100,000 files",
    "sheet_bomb": "unpacks to more than 200 times its size",
    "far_cell": "line 1048576: has more than 1,000 columns",
    "entities": "holds a document type",
    "long_cell": "line 2: a cell has more than 100,000 characters",
    "long_cell_of_a_book": "line 1: a cell has more than 100,000 characters",
    "many_columns": "line 1: has 10,000 cells",
    "long_file": "read",
}


def in_a_gigabyte(tmp_path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_every_bomb_has_its_answer():
    assert SAYS.keys() == BOMBS.keys()


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_answered_within_a_gigabyte(tmp_path, name):
    child = in_a_gigabyte(tmp_path, str(ROOT / "tests" / "bombs.py"), str(tmp_path), name)

    assert child.returncode == 0, child.stderr
    assert SAYS[name] in child.stdout


def test_reading_the_same_bomb_at_once_dies(tmp_path):
    """The control: the limit on memory is real, and gzip on its own knows none."""
    naive = (
        "import gzip, resource, sys; sys.path.insert(0, sys.argv[1]); import bombs, pathlib;"
        "path = bombs.gzip_bomb(pathlib.Path('.')); resource.setrlimit(resource.RLIMIT_AS, (bombs.GIGABYTE,) * 2);"
        "gzip.open(path).read()"
    )
    child = in_a_gigabyte(tmp_path, "-c", naive, str(ROOT / "tests"))

    assert child.returncode != 0
    assert "MemoryError" in child.stderr
