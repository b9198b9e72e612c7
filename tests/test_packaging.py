"""What can drift apart between pyproject.toml, the locks, environment.yml, bootstrap.py and what is committed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import bootstrap

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("requirements.lock", "requirements-dev.lock")

MANDATORY = {"jupyterlab", "ipywidgets", "voila", "pandas", "scikit-learn", "plotly", "papermill"}
# Below these, a published hole is open.
SECURITY_FLOORS = {"voila": "0.5.5", "jupyter-server": "2.17", "jupyterlab": "4.6.1"}
CONDA_NAMES = {"duckdb": "python-duckdb", "tzdata": "python-tzdata", "jupyter-server": "jupyter_server"}

# In pieces, so that this file does not hold what it looks for.
FORBIDDEN_TEXT = re.compile(
    "|".join(
        re.escape(first + second)
        for first, second in (
            ("pypi", ".org"),
            ("python", "hosted"),
            ("registry", ".npmjs"),
            ("deb.", "debian.org"),
            ("/wo", "rk/"),
            ("/ro", "ot/"),
        )
    )
)


def requirements(texts: list[str]) -> dict[str, Requirement]:
    parsed = map(Requirement, texts)
    return {canonicalize_name(requirement.name): requirement for requirement in parsed}


def entries(lock: str) -> list[str]:
    """The entries of a lock, each with its hashes, comments left out."""
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    return re.split(r"\n(?=\S)", text.strip())


def pins(lock: str, python: str = "3.11.2") -> dict[str, str]:
    """Name to version, for one Python on Linux."""
    environment = {"python_version": python.rpartition(".")[0], "python_full_version": python, "sys_platform": "linux"}
    parsed = [Requirement(entry.partition("\\")[0]) for entry in entries(lock)]
    return {
        canonicalize_name(requirement.name): str(requirement.specifier).removeprefix("==")
        for requirement in parsed
        if requirement.marker is None or requirement.marker.evaluate(environment)
    }


def committed_files() -> list[Path]:
    """What is in the repository or about to be: tracked, or new and not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so nobody can say what is committed")
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def strays(text: str) -> list[str]:
    return FORBIDDEN_TEXT.findall(text)


RUNTIME = requirements(PROJECT["project"]["dependencies"])


def test_the_workbench_is_asked_for_by_name():
    assert RUNTIME.keys() >= MANDATORY


@pytest.mark.parametrize("name", RUNTIME)
def test_the_lock_pins_what_the_project_asks_for(name):
    version = pins("requirements.lock")[name]

    assert RUNTIME[name].specifier.contains(version)


@pytest.mark.parametrize("name", RUNTIME)
def test_every_range_has_a_floor_and_a_ceiling(name):
    """tzdata is named by year and has no majors to break on."""
    operators = {part.operator for part in RUNTIME[name].specifier}

    assert operators == ({">="} if name == "tzdata" else {">=", "<"})


@pytest.mark.parametrize("name", SECURITY_FLOORS)
def test_no_version_with_a_known_hole_is_allowed(name):
    assert not RUNTIME[name].specifier.contains(SECURITY_FLOORS[name])


def test_conda_gets_the_same_versions():
    """Both ways: nothing is missing in environment.yml, and nothing stands there that the project does not ask for."""
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    conda = dict(line.split("=", 1) for line in listed if isinstance(line, str) and "=" in line)
    locked = pins("requirements.lock", python="3.11.9")

    assert conda.pop("python") == "3.11"
    assert conda == {CONDA_NAMES.get(name, name): locked[name] for name in RUNTIME}


def test_the_development_lock_only_adds():
    """bootstrap.py takes a development installation for a runtime one as well."""
    development = pins("requirements-dev.lock")

    assert pins("requirements.lock").items() <= development.items()
    assert development.keys() >= requirements(PROJECT["dependency-groups"]["dev"]).keys()


@pytest.mark.parametrize("lock", LOCKS)
def test_the_locks_hold_what_installs_them(lock):
    """The installer and the backend of the editable install are pinned like everything else."""
    assert pins(lock).keys() >= {"uv", "hatchling"}
    assert pins(lock).keys() >= {Requirement(text).name for text in PROJECT["build-system"]["requires"]}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_is_exact_and_has_hashes(lock):
    for entry in entries(lock):
        first, *hashes = entry.splitlines()
        assert re.match(r"[a-z0-9.-]+==\S+( ; .+)? \\$", first), first
        assert hashes, first
        assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line) for line in hashes), first


@pytest.mark.parametrize("lock", LOCKS)
def test_the_locks_name_no_place_to_download_from(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")

    assert "://" not in text
    assert not re.search(r"^\s*-", re.sub(r"^    --hash=", "", text, flags=re.MULTILINE), flags=re.MULTILINE)


def test_bootstrap_accepts_the_pythons_of_the_project():
    supported = SpecifierSet(PROJECT["project"]["requires-python"])
    accepted = [f"3.{minor}" for minor in range(20) if bootstrap.OLDEST <= (3, minor) <= bootstrap.NEWEST]

    assert accepted == [f"3.{minor}" for minor in range(20) if supported.contains(f"3.{minor}")]


def test_the_wheel_carries_templates_and_notebooks_and_no_tests(tmp_path):
    """Where salescoach.resources looks for them in an installed package."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())

    on_disk = [file.relative_to(ROOT) for file in committed_files()]
    resources = {f"salescoach/_resources/{file}" for file in on_disk if file.parts[0] in ("templates", "notebooks")}
    assert resources
    assert resources <= packed
    assert {name.partition("/")[0] for name in packed} == {"salescoach", wheel.name.partition("-py3")[0] + ".dist-info"}


@pytest.mark.parametrize("name", ["README.md", "README.tr.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"])
def test_what_a_visitor_looks_for_is_there(name):
    assert (ROOT / name).read_text(encoding="utf-8").strip()


def test_no_committed_file_names_a_machine_or_a_registry():
    found = {}
    for file in committed_files():
        try:
            found[file.relative_to(ROOT)] = strays(file.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue  # a picture

    assert {file: texts for file, texts in found.items() if texts} == {}


def test_a_machine_path_would_be_seen():
    """Negative control of the promise above."""
    assert strays("see /wo" + "rk/notes and https://pypi" + ".org/simple") == ["/wo" + "rk/", "pypi" + ".org"]


@pytest.mark.parametrize("file", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda file: file.name)
def test_notebooks_are_stored_without_results(file):
    """Results would be stale at once, and would carry somebody's data into the repository."""
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]

    assert not [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")]
