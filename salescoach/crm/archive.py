"""Files inside an archive, unpacked in memory within limits. Nothing is ever written to the disk.

A few kilobytes can unpack to gigabytes, so a part is read piece by piece and counted as it comes, whatever
its directory says.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from salescoach.crm.text import Limits
from salescoach.errors import InputError

_PIECE = 1 << 18
_FREE = 1 << 24  # bytes unpacked before the ratio is looked at: a small repetitive file is no bomb
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


class Archive:
    """A zip archive, opened for reading; ``file`` is what the reader calls it.

    InputError when it is none, is damaged, holds more files than the limits allow or a name that leads
    out of it. The parts unpacked so far are counted together.
    """

    def __init__(self, source: Path | io.BytesIO, file: str, limits: Limits) -> None:
        self.file, self._limits, self._unpacked = file, limits, 0
        try:
            self._zip = zipfile.ZipFile(source)
        except _DAMAGED as error:
            raise InputError(f"is damaged or no archive ({error}). Export or copy it again.", file=file) from None
        names = [entry.filename for entry in self._zip.infolist()]
        if len(names) > limits.entries:
            raise InputError(
                f"holds {len(names):,} files; the most that is read is {limits.entries:,}. "
                "Put only the exported tables into it.",
                file=file,
            )
        for name in names:
            if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or name[1:2] == ":":
                raise InputError(
                    f"holds a file named '{name[:80]}', which leads out of the archive. Nothing was unpacked.",
                    file=file,
                )

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def names(self) -> list[str]:
        """The files in it, by name, without folders."""
        return sorted(entry.filename for entry in self._zip.infolist() if not entry.is_dir())

    def pieces(self, name: str) -> Iterator[bytes]:
        """The content of one file, piece by piece; InputError as soon as it is too large or turns out damaged."""
        entry = self._zip.getinfo(name)
        if entry.flag_bits & 1:
            raise InputError("is protected by a password. Pack it without one.", file=self.file)
        if entry.compress_type not in _METHODS:
            raise InputError("is packed by a method that is not read. Pack it as an ordinary zip.", file=self.file)
        size = 0
        # It unpacks to what its directory says or less, so a bomb that says so is not even begun.
        said, packed, file = entry.file_size, entry.compress_size, f"{self.file}/{name}"
        _check(self._unpacked + said, said, packed, file, self._limits)
        try:
            with self._zip.open(entry) as stream:
                while piece := stream.read(_PIECE):
                    size += len(piece)
                    self._unpacked += len(piece)
                    _check(self._unpacked, size, packed, file, self._limits)
                    yield piece
        except InputError:
            raise
        except _DAMAGED as error:
            raise InputError(f"is damaged ({error}). Export or copy it again.", file=file) from None

    def read(self, name: str) -> bytes:
        """The whole content of one file, within the limits."""
        return b"".join(self.pieces(name))


def is_junk(name: str) -> bool:
    """True for what operating systems and offices leave beside the files.

    >>> is_junk("__MACOSX/._deals.csv"), is_junk("june/.DS_Store"), is_junk("june/~$deals.xlsx"), is_junk("june/a.csv")
    (True, True, True, False)
    """
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or parts[-1] in ("Thumbs.db", "desktop.ini") or parts[-1].startswith((".", "~$"))


def gunzipped(data: bytes, file: str, limits: Limits) -> bytes:
    """The content of a gzip file, within the limits; InputError when it is damaged."""
    out = bytearray()
    rest = data
    try:
        while rest.strip(b"\0"):  # a gzip file may be several, one after the other
            unpacker = zlib.decompressobj(wbits=31)
            while not unpacker.eof:
                piece = unpacker.decompress(rest, _PIECE)
                rest = unpacker.unconsumed_tail
                out += piece
                _check(len(out), len(out), len(data) - len(rest), file, limits)
                if not piece and not rest and not unpacker.eof:
                    raise zlib.error("it ends in the middle")
            rest = unpacker.unused_data
    except zlib.error as error:
        raise InputError(f"is damaged ({error}). Export or copy it again.", file=file) from None
    return bytes(out)


def _check(unpacked: int, size: int, packed: int, file: str, limits: Limits) -> None:
    if unpacked > limits.unpacked:
        raise InputError(f"unpacks to more than {limits.unpacked:,} bytes. Export it in parts.", file=file)
    if size > _FREE and size > limits.ratio * max(packed, 1):
        raise InputError(
            f"unpacks to more than {limits.ratio} times its size, as no export does. Export it again.",
            file=file,
        )
