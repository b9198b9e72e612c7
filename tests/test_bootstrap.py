"""bootstrap.py before it can lean on anything: what it refuses, what it repairs, what it never touches."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def venv(tmp_path, monkeypatch) -> Path:
    """A place for a .venv away from the one that runs this test; nothing is there yet."""
    place = tmp_path / ".venv"
    for name, value in (
        ("VENV", place),
        ("BIN", place / "bin"),
        ("PYTHON", place / "bin" / "python"),
        ("MARKER", place / "made-by-bootstrap"),
    ):
        monkeypatch.setattr(bootstrap, name, value)
    return place


@pytest.fixture
def whole_venv(venv) -> Path:
    """What a finished installation leaves behind, as far as bootstrap.py looks."""
    bootstrap.BIN.mkdir(parents=True)
    bootstrap.PYTHON.symlink_to(sys.executable)
    bootstrap.MARKER.write_text(str(ROOT))
    bootstrap.stamp(bootstrap.RUNTIME).write_text(bootstrap.fingerprint(bootstrap.RUNTIME))
    return venv


@pytest.mark.parametrize("arguments", [["frob"], ["setup", "--fast"], ["--demo"]])
def test_a_command_that_does_not_exist_installs_nothing(venv, arguments, capsys):
    assert bootstrap.main(arguments) == 2
    assert arguments[-1] in capsys.readouterr().err
    assert not venv.exists()


def test_help_needs_nothing_but_python():
    command = [sys.executable, "-S", "-E", str(ROOT / "bootstrap.py")]
    result = subprocess.run(command, capture_output=True, text=True, cwd=os.sep, check=True)

    assert "bootstrap.py demo" in result.stdout
    assert result.stderr == ""


@pytest.mark.parametrize("version", [(3, 10, 9), (3, 14, 0)])
def test_a_python_without_a_lock_is_refused_by_name(venv, monkeypatch, capsys, version):
    monkeypatch.setattr(sys, "version_info", version)

    assert bootstrap.main(["demo"]) == 2
    assert f"needs Python 3.11 to 3.13; this is {'.'.join(map(str, version))}" in capsys.readouterr().err
    assert not venv.exists()


def test_a_debian_without_ensurepip_is_told_what_to_install(venv, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ensurepip", None)

    assert bootstrap.main(["demo"]) == 2
    assert "apt-get install python3-venv" in capsys.readouterr().err
    assert not venv.exists()


def test_a_whole_installation_is_used_as_it_is(whole_venv):
    assert bootstrap.is_current(bootstrap.RUNTIME)


def test_the_runtime_lock_does_not_stand_for_the_development_lock(whole_venv):
    assert not bootstrap.is_current(bootstrap.DEVELOPMENT)


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_changed_lock_is_installed_again(whole_venv, tmp_path, monkeypatch, name):
    for file in ("requirements.lock", "pyproject.toml"):
        (tmp_path / file).write_bytes((ROOT / file).read_bytes())
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    bootstrap.stamp(bootstrap.RUNTIME).write_text(bootstrap.fingerprint(bootstrap.RUNTIME))
    assert bootstrap.is_current(bootstrap.RUNTIME)

    (tmp_path / name).write_text("# changed\n")

    assert not bootstrap.is_current(bootstrap.RUNTIME)


def test_a_checkout_that_was_moved_is_installed_again(whole_venv, tmp_path, monkeypatch):
    """The scripts in .venv/bin name the folder they were made in."""
    for file in ("requirements.lock", "pyproject.toml"):
        (tmp_path / file).write_bytes((ROOT / file).read_bytes())
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)

    assert not bootstrap.is_current(bootstrap.RUNTIME)


def test_a_half_made_venv_is_made_anew(venv):
    """As an interruption leaves it: our marker, something half-written, no stamp."""
    half_written = venv / "lib" / "half.py"
    half_written.parent.mkdir(parents=True)
    half_written.write_text("import")
    bootstrap.MARKER.write_text(str(ROOT))

    bootstrap.prepare_venv()

    assert not half_written.exists()
    assert (
        subprocess.run([bootstrap.PYTHON, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    )


def test_a_venv_of_somebody_else_is_never_removed(venv, capsys):
    """It has no marker of ours; if it does not work, only its owner may say that it can go."""
    (venv / "precious").mkdir(parents=True)

    assert bootstrap.main(["setup"]) == 2
    assert "was not made by bootstrap.py" in capsys.readouterr().err
    assert (venv / "precious").is_dir()


def test_uv_is_taken_out_of_the_lock_and_nothing_is_lost():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")

    uv, others = bootstrap.split_lock(text)

    assert uv.startswith("uv==")
    assert uv.count("==") == 1
    assert sorted((uv + others).splitlines()) == sorted(text.splitlines())


@pytest.mark.parametrize(
    ("told_to_pip", "told_to_uv", "chosen_for_uv"),
    [("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"), ("PIP_CERT", "SSL_CERT_FILE", "SSL_CERT_DIR")],
)
def test_uv_is_told_what_pip_was_told(monkeypatch, told_to_pip, told_to_uv, chosen_for_uv):
    """Behind a company's own index or proxy pip would work and uv would not. A choice made for uv itself stands."""
    monkeypatch.setenv(told_to_pip, "for pip")
    monkeypatch.delenv(told_to_uv, raising=False)
    monkeypatch.delenv(chosen_for_uv, raising=False)
    assert bootstrap.uv_environment()[told_to_uv] == "for pip"

    monkeypatch.setenv(chosen_for_uv, "for uv")
    assert told_to_uv not in bootstrap.uv_environment()


def test_the_counts_are_pytests_own(tmp_path):
    """Two passed, one failed, one in error, one skipped; and none at all when pytest never came to write them."""
    record = tmp_path / "pytest.xml"
    record.write_text('<testsuites><testsuite errors="1" failures="1" skipped="1" tests="5"/></testsuites>')

    assert bootstrap.junit_counts(record) == (2, 2, 1)
    assert bootstrap.junit_counts(tmp_path / "missing.xml") == (0, 0, 0)
