"""Files that are small and unpack to something enormous, or are enormous in one direction. Made when asked for.

Run as a program it reads one of them with a gigabyte of memory at most and prints what it was told:
``python bombs.py FOLDER NAME``.
"""

from __future__ import annotations

import gzip
import resource
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from workbooks import by_hand, packed

GIGABYTE = 1 << 30
_BLOCK = b"D1,R1,Won,won,100,TRY,2025-05-01\n" * 32_000  # a megabyte


def gzip_bomb(folder: Path) -> Path:
    """A gigabyte of rows in a megabyte: a gzip file may be several, one after the other."""
    path = folder / "deals.csv.gz"
    path.write_bytes(gzip.compress(_BLOCK * 8, mtime=0) * 128)
    return path


def zip_bomb(folder: Path) -> Path:
    """A hundred megabytes in a hundredth of one."""
    path = folder / "deals.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("deals.csv", "w") as file:
        for _ in range(100):
            file.write(_BLOCK)
    return path


def zip_of_many(folder: Path) -> Path:
    """A hundred thousand files."""
    path = folder / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(100_000):
            archive.writestr(f"{number}.csv", b"")
    return path


def sheet_bomb(folder: Path) -> Path:
    """A workbook of a few hundred kilobytes whose sheet is a hundred megabytes of empty cells."""
    path = folder / "sheet.xlsx"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    packed(path, {})
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        part.write(f'<worksheet xmlns="{main}"><sheetData><row r="1">'.encode())
        for _ in range(100):
            part.write(b'<c s="1"/>' * 100_000)
    return path


def far_cell(folder: Path) -> Path:
    """Two cells: the first and the last that Excel knows. Seventeen billion lie between them."""
    return by_hand(
        folder / "far.xlsx",
        '<row r="1"><c r="A1" t="str"><v>id</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    )


def entities(folder: Path) -> Path:
    """The billion laughs: a document type whose entities double thirty times."""
    steps = "".join(f'<!ENTITY a{k} "&a{k - 1};&a{k - 1};">' for k in range(1, 31))
    text = f'<!DOCTYPE x [<!ENTITY a0 "ha">{steps}]><sst><si><t>&a30;</t></si></sst>'
    return by_hand(folder / "laughs.xlsx", "", **{"xl/sharedStrings.xml": text})


def long_cell(folder: Path) -> Path:
    """A text file with one cell of fifty megabytes."""
    path = folder / "cell.csv"
    path.write_bytes(b"a,b\n1," + b"x" * 50_000_000 + b"\n")
    return path


def long_cell_of_a_book(folder: Path) -> Path:
    """A sheet with one text of ten megabytes, which does not shrink much."""
    text = "".join(f"{number:x}" for number in range(1_700_000))
    return by_hand(folder / "cell.xlsx", f'<row r="1"><c r="A1" t="str"><v>{text}</v></c></row>')


def many_columns(folder: Path) -> Path:
    """A text file of ten thousand columns and a thousand rows."""
    path = folder / "columns.csv"
    row = ",".join(["1"] * 10_000) + "\n"
    path.write_text(",".join(f"c{number}" for number in range(10_000)) + "\n" + row * 1000)
    return path


def long_file(folder: Path) -> Path:
    """Ten million rows, more than a gigabyte of memory can hold as text; what reads it leaves the cells on the disk."""
    path = folder / "long.csv"
    with path.open("wb") as file:
        file.write(b"deal_id,owner_id,stage,status,amount,currency,closed_at\n")
        for _ in range(320):
            file.write(_BLOCK)
    return path


BOMBS: dict[str, Callable[[Path], Path]] = {
    make.__name__: make
    for make in (
        gzip_bomb, zip_bomb, zip_of_many, sheet_bomb, far_cell, entities, long_cell, long_cell_of_a_book, many_columns,
        long_file,
    )
}  # fmt: skip


def main(folder: Path, name: str) -> None:
    """Make the bomb, then read it within a gigabyte of address space."""
    path = BOMBS[name](folder)
    from salescoach.crm.dialect import Choices
    from salescoach.crm.gather import gather
    from salescoach.errors import InputError

    resource.setrlimit(resource.RLIMIT_AS, (GIGABYTE, GIGABYTE))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    try:
        gather(path, Choices())
        answer = "read"
    except InputError as error:
        answer = f"refused: {error}"
    usage = resource.getrusage(resource.RUSAGE_SELF)
    sys.stdout.write(f"{answer}\n{usage.ru_utime - before:.2f} s, {usage.ru_maxrss / 1024:.0f} MB\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
