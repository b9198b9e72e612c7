"""All tables that an export holds: one file, a folder, or a zip of either; text, workbooks and gzip inside.

Opens files and judges nothing. What could not be read is returned with its reason, because whether it
matters depends on the CRM.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from salescoach.crm.archive import Archive, gunzipped, is_junk
from salescoach.crm.bulk import read_large
from salescoach.crm.dialect import Choices
from salescoach.crm.issues import Note
from salescoach.crm.text import Limits, TextTable, read_table, read_text
from salescoach.crm.workbook import read_workbook
from salescoach.errors import InputError

TEXT = (".csv", ".tsv", ".tab", ".txt")
BOOKS = (".xlsx", ".xlsm")
_OTHER = {
    ".7z": "an archive",
    ".rar": "an archive",
    ".tar": "an archive",
    ".tgz": "an archive",
    ".zip": "an archive inside another folder or archive",
    ".xls": "a workbook of the old kind",
    ".xlsb": "a binary workbook",
    ".ods": "a workbook",
    ".numbers": "a workbook",
    ".json": "JSON",
    ".parquet": "Parquet",
}
_LIMITS = Limits()


class OtherKind(InputError):
    """A file that is no table by its kind: a document, an image, a format that is not read."""


@dataclass
class Gathered:
    """The tables that could be read, why other files could not, and what else is to be said.

    ``held`` is closed when the tables have been used: what lay on the disk for their sake is gone then.
    """

    texts: list[TextTable] = field(default_factory=list)
    unread: dict[str, InputError] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    held: ExitStack = field(default_factory=ExitStack)

    def set_aside(self, file: str, error: InputError) -> None:
        """Remember that a file could not be read."""
        self.unread[file] = error


def gather(source: Path, choices: Choices, limits: Limits = _LIMITS) -> Gathered:
    """Everything in *source*: a file, a folder (without its subfolders), or a zip (with them).

    InputError when there is nothing, when a single file cannot be read, or when the limits are exceeded.
    """
    found = Gathered()
    try:
        if not source.exists():
            raise InputError(f"{source}: there is no such folder or file. Check the path.")
        if source.is_dir():
            _folder(source, choices, limits, found)
        elif source.suffix.lower() == ".zip":
            _zip(source, choices, limits, found)
        else:
            _one(_File(source.name, path=source), choices, limits, found)
    except MemoryError:
        raise InputError(f"{source.name}: needs more memory than there is. Export it in parts.") from None
    except OSError as error:
        raise InputError(f"{source}: cannot be read ({error.strerror}).") from None
    if not found.texts and len(found.unread) == 1:
        raise next(iter(found.unread.values()))
    return found


@dataclass(frozen=True)
class _File:
    """A file on the disk or in an archive, not yet read. ``name`` is what a person finds it by."""

    name: str
    path: Path | None = None
    archive: Archive | None = None
    entry: str = ""

    def data(self, limits: Limits) -> bytes:
        if self.archive is not None:
            return self.archive.read(self.entry)
        assert self.path is not None
        size = self.path.stat().st_size
        if size > limits.bytes:
            raise InputError(
                f"is {size:,} bytes long; the most that is read is {limits.bytes:,}. Export it in parts.",
                file=self.name,
            )
        return self.path.read_bytes()


def _folder(folder: Path, choices: Choices, limits: Limits, found: Gathered) -> None:
    paths = sorted(path for path in folder.iterdir() if path.is_file() and not is_junk(path.name))
    if not paths:
        raise InputError(f"{folder}: holds no files. Export from your CRM into this folder first.")
    _each((_File(path.name, path=path) for path in paths), choices, limits, found)


def _zip(path: Path, choices: Choices, limits: Limits, found: Gathered) -> None:
    with Archive(path, path.name, limits) as archive:
        names = [name for name in archive.names() if not is_junk(name)]
        if not names:
            raise InputError("holds no files. Pack the exported files again.", file=path.name)
        top = PurePosixPath(names[0]).parts[0]
        if all(name.startswith(f"{top}/") for name in names):  # the zip of a folder: its name says nothing
            shown = {name: name.removeprefix(f"{top}/") for name in names}
        else:
            shown = {name: name for name in names}
        files = (_File(f"{path.name}/{shown[name]}", archive=archive, entry=name) for name in names)
        _each(files, choices, limits, found)


def _each(files: Iterable[_File], choices: Choices, limits: Limits, found: Gathered) -> None:
    for file in files:
        try:
            _one(file, choices, limits, found)
        except InputError as error:
            found.set_aside(file.name, error)


def _one(file: _File, choices: Choices, limits: Limits, found: Gathered) -> None:
    kind = PurePosixPath(file.name).suffix.lower()
    packed = kind == ".gz"
    inner = PurePosixPath(file.name).with_suffix("").suffix.lower() if packed else kind
    if inner in TEXT and packed:
        data = gunzipped(file.data(limits), file.name, limits)
        found.texts.append(read_text(data, file.name.removesuffix(file.name[-3:]), choices, limits=limits))
    elif inner in TEXT and file.path is not None:
        found.texts.append(
            read_large(file.path, choices, limits=limits) or read_table(file.path, choices, limits=limits)
        )
    elif inner in TEXT:
        found.texts.append(read_text(file.data(limits), file.name, choices, limits=limits))
    elif kind in BOOKS:
        tables, notes = read_workbook(file.data(limits), file.name, choices, limits, found.set_aside)
        found.texts += tables
        found.notes += notes
    else:
        what = _OTHER.get(kind, f"a file of kind '{kind}'" if kind else "a file without an ending")
        raise OtherKind(
            f"is {what}; what is read is {', '.join((*TEXT, *BOOKS))}, alone, in a folder or in a zip. "
            "Save or unpack it as CSV.",
            file=file.name,
        )
