"""The same verbs as the Python API, for the terminal.

Exit codes: 0 done, 1 some items failed, 2 bad usage or bad input, 130 interrupted. With ``--json``
one JSON document stands on standard output, and nothing else; progress and log go to standard error.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

import click

from salescoach import __version__
from salescoach.cli.common import FAILED, INTERRUPTED, print_json, say
from salescoach.cli.content import content
from salescoach.cli.data import quality, waterfall
from salescoach.cli.diagnose import diagnose
from salescoach.cli.diff import diff
from salescoach.cli.documents import record as documents
from salescoach.cli.importing import import_
from salescoach.cli.leads import leads
from salescoach.cli.metrics import metrics
from salescoach.cli.reconcile import reconcile
from salescoach.cli.record import COMMANDS as RECORD
from salescoach.cli.reviews import demo, lab, review, serve
from salescoach.cli.rollout import rollout
from salescoach.errors import SalesCoachError, UsageError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="salescoach")
def cli() -> None:
    """Sales coaching and performance review, in Turkish and English.

    A workspace is one folder per organisation: what was imported, the coaching record, the reviews.

    \b
    See it on invented data:
      salescoach demo demo-workspace
    On your own data:
      salescoach import EXPORT_FOLDER --into WORKSPACE
      salescoach review WORKSPACE --period 2025Q4 --language tr
      salescoach serve WORKSPACE
    """


COMMANDS = (
    *(import_, quality, review, diff, diagnose, rollout, metrics, reconcile, waterfall),
    *(leads, content, documents, *RECORD, serve, lab, demo),
)
"""In the order of the work: data in, numbers, people, and what is run beside."""
for command in COMMANDS:
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: runs a command and leaves with its exit code, never with a traceback for bad input.

    With --json an error is a JSON document too, so that a program can read it.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        code = cli.main(args=given, prog_name="salescoach", standalone_mode=False)
    except SalesCoachError as error:
        if "--json" in given:
            print_json({"error": str(error)})
        say(f"Error: {error}")
        sys.exit(error.exit_code)
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
    except click.ClickException as error:
        if "--json" in given:
            print_json({"error": error.format_message()})
        error.show()
        sys.exit(UsageError.exit_code)
    except (KeyboardInterrupt, click.Abort):
        say("Interrupted.")
        # Kernels end when their parent is gone; waiting for threads that run them would only delay it.
        sys.stderr.flush()
        os._exit(INTERRUPTED)
    except BrokenPipeError:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        sys.exit(FAILED)
    sys.exit(code if isinstance(code, int) else 0)
