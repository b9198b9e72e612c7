"""A period's folder: names that cannot collide or leave it, one run at a time, files that are whole."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from salescoach.errors import UsageError, WorkspaceError
from salescoach.report_files import file_stem
from salescoach.runs.folder import PeriodFolder

NASTY = st.sampled_from(
    [
        "../x",
        "..",
        "/etc/passwd",
        "CON",
        "con",
        "nul.txt",
        "a" * 5000,
        "x\0y",
        "{x.__class__}",
        "İ",
        "i",
        "I",
        "ı",
        "",
        " ",
    ]
)
ANY_ID = NASTY | st.text(min_size=1, max_size=30)


@given(ANY_ID, ANY_ID)
@example("é", "e\u0301")  # one letter, or a letter and its accent
@example("R01", "r01")
def test_two_ids_never_share_a_file_even_where_case_is_ignored(one: str, other: str) -> None:
    assume(one != other)
    assert file_stem(one).lower() != file_stem(other).lower()


@given(ANY_ID)
def test_a_name_is_short_plain_and_below_its_folder(rep_id: str) -> None:
    stem = file_stem(rep_id)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*-[0-9a-f]{12}", stem)
    assert len(stem) <= 53
    folder = Path("/somewhere/tr")
    assert (folder / f"{stem}.failed.ipynb").resolve().parent == folder


def test_turkish_letters_stay_recognisable() -> None:
    assert file_stem("Çağrı ŞIK").startswith("cagri-s")


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    with PeriodFolder.open(tmp_path / "2025Q4") as folder:
        (folder.path / "tr").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(ValueError, match="outside"):
            folder.write("text", "tr", "x.html")
        with pytest.raises(ValueError, match="outside"):
            folder.write("text", "..", "2025Q4x", "x.html")  # a sibling whose name begins alike
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_second_run_is_refused_and_told_who_is_there(tmp_path: Path) -> None:
    with (
        PeriodFolder.open(tmp_path / "2025Q4"),
        pytest.raises(UsageError, match=f"already running.*process {os.getpid()}"),
        PeriodFolder.open(tmp_path / "2025Q4"),
    ):
        raise AssertionError("two runs in one folder")


def test_the_lock_of_a_killed_run_does_not_stay(tmp_path: Path) -> None:
    program = f"""
        import os, pathlib, signal
        from salescoach.runs.folder import PeriodFolder
        with PeriodFolder.open(pathlib.Path({str(tmp_path / "2025Q4")!r})) as folder:
            folder.stage("half done")
            os.kill(os.getpid(), signal.SIGKILL)
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], cwd=Path(__file__).parent.parent)
    assert killed.returncode == -signal.SIGKILL
    assert list((tmp_path / "2025Q4" / ".staging").iterdir()) != []  # what it left

    with PeriodFolder.open(tmp_path / "2025Q4") as folder:
        assert list(folder.staging.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "reviews").write_text("a file in the folder's place", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="cannot be written"), PeriodFolder.open(tmp_path / "reviews" / "2025Q4"):
        raise AssertionError("opened a folder below a file")


def test_a_full_disk_leaves_the_old_file_and_no_rest(tmp_path: Path) -> None:
    (tmp_path / "x.html").write_text("old", encoding="utf-8")
    program = f"""
        import pathlib, resource
        from salescoach.runs.folder import PeriodFolder
        with PeriodFolder.open(pathlib.Path({str(tmp_path)!r})) as folder:
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
            try:
                folder.write("new " * 100_000, "x.html")
            except OSError as error:
                print(error.strerror)
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    full = subprocess.run(command, cwd=Path(__file__).parent.parent, capture_output=True, text=True)
    assert full.stdout == "File too large\n"
    assert (tmp_path / "x.html").read_text(encoding="utf-8") == "old"
    assert not (tmp_path / ".staging").exists()


KILLED_WRITER = """
    import os, pathlib, signal, sys
    from salescoach.runs.folder import PeriodFolder
    name, moment = sys.argv[2:]
    real = getattr(os, name)
    def deadly(*arguments):
        if moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)
    setattr(os, name, deadly)
    with PeriodFolder.open(pathlib.Path(sys.argv[1])) as folder:
        folder.write("new " * 100_000, "x.html")
"""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_writer_killed_anywhere_leaves_the_old_file_or_the_new(tmp_path: Path, call: str, moment: str) -> None:
    old, new = "old " * 50_000, "new " * 100_000
    (tmp_path / "x.html").write_text(old, encoding="utf-8")
    command = [sys.executable, "-c", textwrap.dedent(KILLED_WRITER), str(tmp_path), call, moment]
    assert subprocess.run(command, cwd=Path(__file__).parent.parent).returncode == -signal.SIGKILL
    expected = new if (call, moment) == ("replace", "after") else old
    assert (tmp_path / "x.html").read_text(encoding="utf-8") == expected


def test_writing_in_place_would_lose_the_old_file(tmp_path: Path) -> None:
    """Negative control: what papermill's and nbformat's writers do, killed right after the target was opened."""
    (tmp_path / "x.html").write_text("old", encoding="utf-8")
    program = "import os, signal, sys; open(sys.argv[1], 'w'); os.kill(os.getpid(), signal.SIGKILL)"
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "x.html")])
    assert (tmp_path / "x.html").read_text(encoding="utf-8") == ""
