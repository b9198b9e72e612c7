"""How the commands reach the coaching record: the workspace, its record, and the options that they share."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from salescoach.cli.common import LANGUAGE

if TYPE_CHECKING:
    from salescoach.store.backup import Checked
    from salescoach.store.service import Record
    from salescoach.words import Words
    from salescoach.workspace import Workspace

workspace_argument = click.argument("workspace", type=click.Path(path_type=Path))
language_option = click.option("--language", type=LANGUAGE, help="Default: the organisation's.")
file_type = click.Path(path_type=Path)


def home_of(path: Path, language: str | None) -> tuple[Workspace, Words]:
    """The workspace, and the words of *language* or of the organisation."""
    from salescoach.resources import load_words
    from salescoach.workspace import Workspace

    home = Workspace.open(path)
    return home, load_words(language or home.organisation.language)


@contextmanager
def record_of(home: Workspace) -> Iterator[Record]:
    """The workspace's record, opened by whoever has the shell."""
    from salescoach.store import Principal, Record

    name = os.environ.get("SALESCOACH_USER") or getpass.getuser()
    with Record.open(home.database_url, Principal.owner(name)) as record:
        yield record


def copied(key: str, file: Path, found: Checked, words: Words) -> str:
    """What a copy holds, in the sentence of *key*."""
    return words(key, file=str(file), rows=sum(found.rows.values()), lines=found.lines, head=found.head)
