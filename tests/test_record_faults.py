"""A few faults of each sort in every run, each beside the naive way that fails; many of them in ``make faults``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import Cluster, running_cluster
from record_faults import (
    backups_while_writing,
    copies_of_the_file_while_writing,
    count_together,
    count_without_versions,
    faults_of_the_server,
)
from store_places import Place


@pytest.fixture(scope="module")
def durable() -> Iterator[Cluster]:
    with running_cluster(durable=True) as cluster:
        yield cluster


def test_two_kernels_on_one_note_lose_nothing_that_was_acknowledged(place: Place) -> None:
    assert count_together(place.url, kernels=2, saves=20) == (40, 40)


def test_negative_control_without_a_version_saves_are_lost(place: Place) -> None:
    assert count_without_versions(place.rows, kernels=2, saves=10) == (20, 10)


def test_five_backups_under_two_writers_restore(tmp_path: Path) -> None:
    assert backups_while_writing(tmp_path, 5) == 5


def test_negative_control_copies_of_the_file_do_not(tmp_path: Path) -> None:
    assert copies_of_the_file_while_writing(tmp_path, 5) < 5


@pytest.mark.postgres
def test_five_faults_of_the_server_lose_no_acknowledged_save(durable: Cluster) -> None:
    acknowledged, stored = faults_of_the_server(durable, ["terminate", "fast", "immediate", "terminate", "fast"])

    assert acknowledged
    assert stored[: len(acknowledged)] == acknowledged  # each once, in order; one more may have arrived unacknowledged
    assert len(stored) <= len(acknowledged) + 1
