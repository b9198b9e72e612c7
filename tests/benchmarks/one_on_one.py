"""How long a whole one-on-one takes somebody who only has a keyboard, beside "ten minutes without a manual".

Run as ``python tests/benchmarks/one_on_one.py``. Needs Chromium. Keys, decisions and words are the same in every run;
the machine's time is the wall's, beside the CPU time of the server and its kernel.
"""

from __future__ import annotations

import resource
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from browser import open_page, wait_end
from one_on_one_support import OTHER, REP, organisation
from one_on_one_walk import one_on_one

from salescoach.resources import load_words
from salescoach.server import Server

APP = "app_one_on_one.ipynb"


def cpu() -> float:
    """CPU seconds of the processes that have ended so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print one line per language."""
    with tempfile.TemporaryDirectory() as folder:
        home = organisation(Path(folder))
        for code, rep in (("tr", REP), ("en", OTHER)):
            before = cpu()
            with (
                Server(home, apps=[APP], language=code) as server,
                open_page(server.link(APP, rep=rep, language=code), width=1440) as page,
            ):
                wait_end(page)
                walk = one_on_one(page, load_words(code))
            sys.stdout.write(
                f"{code}: Tab {walk.tabs}, other keys {walk.presses}, letters {walk.letters}, decisions "
                f"{walk.decisions}, words to read {walk.read}; machine {walk.machine:.1f} s (CPU of all processes "
                f"{cpu() - before:.1f} s); own time {walk.by_hand:.1f} min, in all {walk.minutes:.1f} of 10 min\n"
            )


if __name__ == "__main__":
    main()
