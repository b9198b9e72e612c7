"""Small apps and plain requests, for the tests of the server."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil

from salescoach.server import Server

END = """display({"text/html": '<div id="salescoach-end"></div>'}, raw=True)"""
MARK = "known only to the source"

# A control, a chart that follows it, what reached the kernel, and more than a window is high.
LIVELY = (
    f"""# {MARK}
import os
import ipywidgets
slider = ipywidgets.IntSlider(value=3, max=10, description="won")
slider""",
    """chart = ipywidgets.Output()
def draw(won):
    bars = {"type": "bar", "x": ["won", "lost"], "y": [won, 5]}
    data = {"application/vnd.plotly.v1+json": {"data": [bars], "layout": {}}}
    chart.outputs = ({"output_type": "display_data", "data": data, "metadata": {}},)
draw(slider.value)
slider.observe(lambda change: draw(change["new"]), "value")
chart""",
    """seen = ("QUERY_STRING", "SALESCOACH_WORKSPACE", "SALESCOACH_LANGUAGE", "OMP_NUM_THREADS")
display({"text/html": "<pre id='seen'>" + "\\n".join(os.environ[name] for name in seen) + "</pre>"}, raw=True)""",
    """display({"text/html": "<div style='height: 3000px'></div>"}, raw=True)""",
    END,
)
QUIET = (f"# {MARK}\n1 + 1", END)
DYING = ("1 + 1", "import os; os._exit(1)", END)


def write_app(folder: Path, name: str, cells: tuple[str, ...]) -> Path:
    """A notebook of code cells; its path."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata.update(title="A small app", kernelspec={"name": "python3", "display_name": "Python"})
    path = folder / name
    nbformat.write(notebook, path)
    return path


def kernels(server: Server) -> list[psutil.Process]:
    """The kernels that a server has running now."""
    return psutil.Process(server.pid).children(recursive=True)


def ask(port: int, path: str, **headers: str) -> tuple[int, str]:
    """GET exactly this path, with exactly these headers (``Sec_Fetch_Site`` for Sec-Fetch-Site); status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.putrequest("GET", path, skip_host=True)
        for name, value in {"Host": f"127.0.0.1:{port}", **headers}.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace") if answer.status != 101 else ""
    finally:
        connection.close()


@dataclass(frozen=True)
class Stock:
    """A running Voila that is not ours."""

    port: int
    pid: int


@contextmanager
def stock_voila(folder: Path, *, setup: Path) -> Iterator[Stock]:
    """Voila as it comes, on *folder*, with the token "stock" and the Jupyter configuration in *setup*."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "voila", str(folder), f"--port={port}", "--no-browser", "--token=stock"],
        env=os.environ | {"JUPYTER_CONFIG_DIR": str(setup)},
        stderr=subprocess.DEVNULL,
    )
    try:
        answered = False
        while not answered and process.poll() is None:
            with suppress(ConnectionRefusedError):
                answered = ask(port, "/login")[0] == 200
            time.sleep(0.1)
        assert answered, "stock Voila did not start"
        yield Stock(port, process.pid)
    finally:
        process.terminate()
        process.wait()
