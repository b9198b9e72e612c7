"""Two people wrote into the same draft: what both wrote, put together line by line, with nothing lost.

Where both changed the same lines, both texts stand one below the other, and the places are named. Plain text in, plain
text out; nothing is marked inside the text, because marks would be read as words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

Edit = tuple[int, int, tuple[str, ...]]
"""Lines of the base from .. to (exclusive) become these."""


@dataclass(frozen=True)
class Clash:
    """Lines that both changed, each in their own way."""

    mine: tuple[str, ...]
    theirs: tuple[str, ...]


@dataclass(frozen=True)
class Merged:
    """The text of both, and where they changed the same lines."""

    text: str
    clashes: tuple[Clash, ...]


@dataclass
class _Region:
    """A stretch of the base that at least one side changed."""

    first: int
    after: int
    mine: list[Edit] = field(default_factory=list)
    theirs: list[Edit] = field(default_factory=list)


def merged(base: str, mine: str, theirs: str) -> Merged:
    """*mine* and *theirs*, which both began as *base*.

    >>> merged("plan\\nask", "plan\\nask first", "call\\nplan\\nask")
    Merged(text='call\\nplan\\nask first', clashes=())
    """
    lines = base.splitlines()
    found, clashes, place = [], [], 0
    for region in _regions(_edits(lines, mine.splitlines()), _edits(lines, theirs.splitlines())):
        found += lines[place : region.first]
        one, other = (_with(lines, region, edits) for edits in (region.mine, region.theirs))
        if not region.theirs or one == other:
            found += one
        elif not region.mine:
            found += other
        else:
            found += [*one, *(line for line in other if line not in one)]
            clashes.append(Clash(tuple(one), tuple(other)))
        place = region.after
    return Merged("\n".join([*found, *lines[place:]]), tuple(clashes))


def _edits(base: Sequence[str], changed: Sequence[str]) -> list[Edit]:
    steps = SequenceMatcher(None, base, changed, autojunk=False).get_opcodes()
    return [(i, j, tuple(changed[k:m])) for tag, i, j, k, m in steps if tag != "equal"]


def _regions(mine: Sequence[Edit], theirs: Sequence[Edit]) -> list[_Region]:
    """Edits of both sides in the order of the base; those that overlap, or begin at the same place, together."""
    found: list[_Region] = []
    edits = [(edit, True) for edit in mine] + [(edit, False) for edit in theirs]
    for edit, is_mine in sorted(edits, key=lambda one: (one[0][0], one[0][1], not one[1])):
        if not found or (edit[0] >= found[-1].after and edit[0] != found[-1].first):
            found.append(_Region(edit[0], edit[1]))
        region = found[-1]
        region.after = max(region.after, edit[1])
        (region.mine if is_mine else region.theirs).append(edit)
    return found


def _with(base: Sequence[str], region: _Region, edits: Sequence[Edit]) -> list[str]:
    """The base's lines in *region* with the *edits* of one side."""
    lines, place = [], region.first
    for first, after, new in edits:
        lines += [*base[place:first], *new]
        place = after
    return [*lines, *base[place : region.after]]
