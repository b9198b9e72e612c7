"""JupyterLab on copies of the notebooks, for analysts: whoever has a kernel there may do all that the user may."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from salescoach import resources
from salescoach.workspace import Workspace


def open_lab(workspace: Workspace, options: Sequence[str] = ()) -> int:
    """Run JupyterLab in ``WORKSPACE/notebooks`` until it ends; its exit code.

    A notebook that is there already is the analyst's own and stays as it is. *options* go to JupyterLab.
    """
    folder = workspace.path / "notebooks"
    folder.mkdir(mode=0o700, exist_ok=True)
    for source in sorted(resources.notebooks().glob("*.ipynb")):
        if not (folder / source.name).exists():
            shutil.copyfile(source, folder / source.name)
    environment = os.environ | {
        "SALESCOACH_WORKSPACE": str(workspace.path),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_PATH": str(resources.templates("voila").parent),
        "OMP_NUM_THREADS": "1",
    }
    command = [
        *(sys.executable, "-m", "jupyterlab", "--ServerApp.ip=127.0.0.1", f"--notebook-dir={folder}"),
        # Nothing leaves this machine: no news, no question for updates.
        *("--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"),
        *options,
    ]
    try:
        return subprocess.run(command, env=environment, check=False).returncode
    except KeyboardInterrupt:
        return 130
