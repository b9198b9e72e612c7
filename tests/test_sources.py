"""The table of what the idea asked for names homes that are there: files, pages, commands, metrics, tables."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from conftest import ROOT

from salescoach.cli import cli
from salescoach.metrics import METRICS
from salescoach.tables.schema import TABLES

FOLDERS = ("", "salescoach", "salescoach/coaching", "salescoach/metrics", "templates/content", "notebooks")


def is_there(name: str) -> bool:
    """Whether *name* is a file or folder, a command, a metric or a table."""
    if name in METRICS or name in TABLES or name == "road_map":  # a field, named beside a file
        return True
    if any((ROOT / folder / name).exists() for folder in FOLDERS):
        return True
    command: click.Command | None = cli
    for part in name.removeprefix("salescoach ").split():
        command = command.commands.get(part) if isinstance(command, click.Group) else None
    return command is not None


def homes(file: Path) -> dict[str, list[str]]:
    """What stands in the last column of each row, by its number."""
    rows = re.findall(r"^\| (S\d+) \|.*\| ([^|]*) \|$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {number: re.findall(r"`([^`]+)`", column) for number, column in rows}


@pytest.mark.parametrize("file", ["sources.md", "sources.tr.md"])
def test_every_home_is_there(file: str):
    found = homes(ROOT / "docs" / file)

    assert [*found] == [f"S{number}" for number in range(1, 39)]
    assert {number: [one for one in names if not is_there(one)] for number, names in found.items()} == {
        number: [] for number in found
    }


def test_both_languages_name_the_same_homes():
    english, turkish = (homes(ROOT / "docs" / file) for file in ("sources.md", "sources.tr.md"))

    assert {number: sorted(names) for number, names in english.items()} == {
        number: sorted(names) for number, names in turkish.items()
    }


def test_negative_control_a_home_that_is_nowhere_is_found_out():
    assert not is_there("mention")
    assert not is_there("salescoach record nothing")
