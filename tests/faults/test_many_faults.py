"""The long fault lane of the coaching record (``make faults``): the same faults, as often as it takes to believe it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from postgres import Cluster, running_cluster
from record_faults import (
    backups_while_writing,
    copies_of_the_file_while_writing,
    count_together,
    count_without_versions,
    faults_of_the_server,
    kills_while_migrating,
    lost_with_a_lazy_commit,
)
from store_places import Place
from test_store_processes import kills_while_saving
from test_store_schema import upgrade_to
from test_store_stateful import RecordAgainstDictionary


@pytest.fixture(scope="module")
def durable() -> Iterator[Cluster]:
    with running_cluster(durable=True) as cluster:
        yield cluster


def test_200_kills_while_saving(tmp_path: Path) -> None:
    kills_while_saving(tmp_path, 200)


def test_30_kills_while_migrating(tmp_path: Path) -> None:
    assert kills_while_migrating(tmp_path, 30, lambda path: upgrade_to("0001", path)) >= {"0001"}


def test_four_kernels_on_one_note(place: Place) -> None:
    assert count_together(place.url, kernels=4, saves=100) == (400, 400)


def test_negative_control_four_kernels_without_a_version(place: Place) -> None:
    acknowledged, stored = count_without_versions(place.rows, kernels=4, saves=100)

    assert stored < acknowledged == 400


def test_25_backups_under_two_writers(tmp_path: Path) -> None:
    assert backups_while_writing(tmp_path, 25) == 25


def test_negative_control_25_copies_of_the_file(tmp_path: Path) -> None:
    assert copies_of_the_file_while_writing(tmp_path, 25) < 25


@pytest.mark.postgres
def test_15_faults_of_the_server(durable: Cluster) -> None:
    acknowledged, stored = faults_of_the_server(durable, ["terminate", "fast", "immediate"] * 5)

    assert acknowledged
    assert stored[: len(acknowledged)] == acknowledged
    assert len(stored) <= len(acknowledged) + 1


@pytest.mark.postgres
def test_negative_control_a_lazy_commit_loses_acknowledged_rows(durable: Cluster) -> None:
    assert lost_with_a_lazy_commit(durable, 5) > 0


TestRecordAgainstDictionaryForLong = RecordAgainstDictionary.TestCase
TestRecordAgainstDictionaryForLong.settings = settings(
    max_examples=300, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
