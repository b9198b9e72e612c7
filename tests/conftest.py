"""What tests share: the real data sets, and the lanes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import Cluster, running_cluster

pytest_plugins = ["plugin_lanes", "store_places"]

# Scripts, not tests: their names are those of modules beside them.
collect_ignore = ["benchmarks", "acceptance/run.py"]
if os.environ.get("SALESCOACH_FAULTS") != "1":
    collect_ignore.append("faults")  # long: `make faults`

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
MAVEN_MD5 = "06d7d6aedb7c0ed7bf77093565688d03"


# With files shared out between processes, the longest go first: else one process waits for the other at the end.
LONGEST = (
    "test_whole_road.py",
    "test_app.py",
    "test_server_page.py",
    "test_cli.py",
    "test_runs_batch.py",
    "test_notebooks.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(LONGEST)))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real data sets, beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip(f"the public data sets are not at {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def maven(shared_data: Path) -> Path:
    """The Maven CRM export; its checksum first, so that changed data are seen as such."""
    folder = shared_data / "maven_crm"
    found = hashlib.md5((folder / "sales_pipeline.csv").read_bytes(), usedforsecurity=False).hexdigest()
    assert found == MAVEN_MD5, "sales_pipeline.csv is not the file these tests were written for"
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL of our own, running while the session does."""
    with running_cluster() as cluster:
        yield cluster


os.environ.setdefault("OMP_NUM_THREADS", "1")
