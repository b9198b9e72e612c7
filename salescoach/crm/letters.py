"""What the bytes of whole lines show without being read: rows of one width, quotes that belong, letters that are whole.

Each question is asked of all bytes at once. Where the answer is no, a careful reader decides.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

NEWLINE, RETURN, SPACE, QUOTE = b'\n\r "'

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]

_LEAD = 0xC0
"""From here on a byte begins a letter of several bytes."""


def among_bytes(bytes_: bytes) -> npt.NDArray[np.bool_]:
    """A table that says of each of the 256 bytes whether it is one of these."""
    table = np.zeros(256, dtype=np.bool_)
    table[np.frombuffer(bytes_, dtype=np.uint8)] = True
    return table


_ALONE, _BEFORE = among_bytes(b"\xbe\x9e\xb0\x90"), among_bytes(b"\x83\x84\x85\xa2")
"""Second bytes of þ Þ ð Ð, and of Ã Ä Å â."""


def _everyday() -> npt.NDArray[np.bool_]:
    """A table that says of each two bytes whether they are a Latin letter with which nothing can be wrong."""
    table = np.zeros((256, 256), dtype=np.bool_)
    table[0xC3:0xC9, 0x80:0xC0] = True
    table[0xC3] &= ~(_ALONE | _BEFORE)
    return table.ravel()


_EVERYDAY = _everyday()


def doubtful_leads(letters: Bytes) -> Places:
    """Where letters of several bytes begin that are not everyday ones."""
    leads = np.flatnonzero(letters >= _LEAD)
    pairs = letters[leads].astype(np.uint16) << 8 | _after(letters, leads, 1)
    doubtful: Places = leads[~_EVERYDAY[pairs]]
    return doubtful


def _after(letters: Bytes, places: Places, number: int) -> Bytes:
    return np.take(letters, places + number, mode="clip")


def space_at_an_edge(letters: Bytes, mark: str) -> bool:
    """True when a cell may begin or end with a space."""
    spaces = np.flatnonzero(letters == SPACE)
    if not len(spaces):
        return False
    edge = among_bytes(mark.encode() + b'"\r\n')
    if spaces[0] == 0 or spaces[-1] == len(letters) - 1:
        return True
    return bool(edge[letters[spaces - 1]].any() or edge[letters[spaces + 1]].any())


def letters_lost(letters: Bytes, leads: Places) -> bool:
    """True when there may be a trace of damaged letters, which ``dialect.decoded`` then looks for: þ, Þ, ð, Ð and the
    sign for a lost letter anywhere; Ã, Ä, Å and â before a letter that is not ASCII."""
    lead, second, third = letters[leads], _after(letters, leads, 1), _after(letters, leads, 2)
    alone, before = _ALONE[second], _BEFORE[second] & (third >= _LEAD)
    return bool(((lead == 0xEF) | ((lead == 0xC3) & (alone | before))).any())


def all_composed(letters: Bytes, leads: Places) -> bool:
    """True when all letters beyond ASCII are among those that are one character in every normal form: Latin ones
    from À to ɏ, the dashes and quotation marks – — ‘ ’ “ ”, and the signs € and ₺."""
    lead, second, third = letters[leads], _after(letters, leads, 1), _after(letters, leads, 2)
    latin = (lead >= 0xC3) & (lead <= 0xC9) & ((lead < 0xC9) | (second <= 0x8F))
    dash = (second == 0x80) & among_bytes(b"\x93\x94\x98\x99\x9c\x9d")[third]
    sign = (second == 0x82) & among_bytes(b"\xac\xba")[third]
    return bool((latin | ((lead == 0xE2) & (dash | sign))).all())


def well_formed(letters: Bytes, ends: Places, mark: str, width: int, *, quotes: bool) -> bool:
    """True when the lines have *width* cells on the whole, and every quote opens, closes or is doubled in its cell.

    So a line with too few cells means that another has too many, and that is an error when they are read.
    """
    if len(letters) and letters[-1] != NEWLINE:  # the last line of the file
        ends = np.append(ends, len(letters))
    if not quotes:
        marks = int(np.count_nonzero(letters == ord(mark)))
    else:
        places = np.flatnonzero(letters == QUOTE)
        if not _quotes_belong(letters, places, mark) or (np.searchsorted(places, ends) % 2).any():
            return False
        found = np.flatnonzero(letters == ord(mark))
        marks = int(np.count_nonzero(np.searchsorted(places, found) % 2 == 0))
    return marks == len(ends) * (width - 1)


def _quotes_belong(letters: Bytes, quotes: Places, mark: str) -> bool:
    """True when quotes stand in pairs: at the start and at the end of a cell, or two as one inside."""
    if len(quotes) % 2:
        return False
    opening, closing = quotes[::2], quotes[1::2]
    edge = among_bytes(mark.encode() + b"\r\n")
    starts = (opening == 0) | edge[letters[opening - 1]]
    stops = (closing == len(letters) - 1) | edge[_after(letters, closing, 1)]
    doubled = closing[:-1] + 1 == opening[1:]
    starts[1:] |= doubled
    stops[:-1] |= doubled
    return bool(starts.all() and stops.all())
