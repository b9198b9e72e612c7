"""What import-linter cannot see: the functional core reads no clock, opens no file and prints nothing."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
CORE = next(contract["source_modules"] for contract in CONTRACTS if contract["type"] == "forbidden")

CLOCKS = {
    "datetime.date.today", "datetime.datetime.now", "datetime.datetime.today", "datetime.datetime.utcnow",
    "pandas.Timestamp.now", "pandas.Timestamp.today", "pandas.Timestamp.utcnow", "time.gmtime", "time.localtime",
    "time.monotonic", "time.perf_counter", "time.time", "time.time_ns",
}  # fmt: skip
OPENERS = {"input", "open", "print"}


def files_of(module: str) -> list[Path]:
    place = ROOT.joinpath(*module.split("."))
    return sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]


def imported_names(tree: ast.Module) -> dict[str, str]:
    """What a name in the module stands for: ``{"pd": "pandas", "date": "datetime.date"}``."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname: alias.name for alias in node.names if alias.asname}
        if isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def impurities(source: str) -> list[str]:
    """Places where *source* turns to more than its arguments, as ``name:line``; a clock need not even be called."""
    tree = ast.parse(source)
    names = imported_names(tree)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            first, dot, rest = ast.unparse(node).partition(".")
            if names.get(first, first) + dot + rest in CLOCKS:
                found.append(f"{ast.unparse(node)}:{node.lineno}")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in OPENERS:
            found.append(f"{node.func.id}:{node.lineno}")
    return found


@pytest.mark.parametrize("module", CORE)
def test_the_core_reads_no_clock_and_opens_nothing(module):
    """The same data and the same as_of give the same answer, today and in a year."""
    found = {str(file.relative_to(ROOT)): impurities(file.read_text(encoding="utf-8")) for file in files_of(module)}

    assert found
    assert {file: calls for file, calls in found.items() if calls} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import datetime\nage = datetime.date.today() - born",
        "from datetime import datetime\nnow = datetime.now()",
        "import pandas as pd\nnow = pd.Timestamp.now('UTC')",
        "import time\nbegan = time.time()",
        "from datetime import datetime as moment, UTC\nnow = moment.now(UTC)",
        "from time import time\nclock = time",
        "text = open('deals.csv').read()",
    ],
)
def test_a_clock_or_a_file_would_be_seen(source):
    """Negative control of the promise above."""
    assert impurities(source)


def test_a_date_that_is_handed_in_is_no_clock():
    assert not impurities("from datetime import date\nstart = date(2026, 1, 1)\nage = as_of - start\ntoday = as_of")
