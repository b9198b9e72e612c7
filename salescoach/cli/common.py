"""What every command shares: how it says things, and its usual options."""

from __future__ import annotations

import json
from typing import Any

import click

FAILED, INTERRUPTED = 1, 130
DAY: dict[str, Any] = {"type": click.DateTime(formats=["%Y-%m-%d"]), "metavar": "YYYY-MM-DD"}
LANGUAGE = click.Choice(["tr", "en"])
as_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on standard output.")


def say(text: str) -> None:
    """A line on standard error, where it does not mix with results."""
    click.echo(text, err=True)


def print_json(document: Any) -> None:
    """The one JSON document of a command."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))
