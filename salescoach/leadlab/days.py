"""Days that are written with the name of a month, or with two figures for the year, in the form the import reads.

Exports for people write 12 Jan 2025, Ocak 12, 2025 or 31.01.25; the import of CRM tables asks for figures and whole
years. Names are known in both languages from ``templates/scoring/names.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from salescoach.scoring.names import plain_words

_LETTERS = r"[^\W\d_]"
_CLOCK = r"(?P<clock>[ T]+[0-9]{1,2}:.*)?"
_DAY_FIRST = re.compile(
    rf"(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?[ ./-]*(?P<month>{_LETTERS}{{3,}})[ .,/-]*(?P<year>[0-9]{{4}}|[0-9]{{2}})"
    + _CLOCK
)
_MONTH_FIRST = re.compile(
    rf"(?P<month>{_LETTERS}{{3,}})[ ./-]*(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?[ ,./-]+(?P<year>[0-9]{{4}}|[0-9]{{2}})"
    + _CLOCK
)
_MONTH_ALONE = re.compile(rf"(?P<month>{_LETTERS}{{3,}})[ .,/-]*(?P<year>[0-9]{{4}})")
_WEEKDAY = re.compile(rf"{_LETTERS}{{2,}}\.?, *")
_FIGURES = re.compile(r"(?P<year>[0-9]{4})[-/](?P<month>0[1-9]|1[0-2])|(?P<month2>0?[1-9]|1[0-2])/(?P<year2>[0-9]{4})")
_QUARTER = re.compile(r"(?P<year>[0-9]{4})[ -]?[QÇ](?P<quarter>[1-4])")
_SHORT = re.compile(r"(?P<start>[0-9]{1,2}(?P<mark>[./])[0-9]{1,2}(?P=mark))(?P<year>[0-9]{2})(?P<clock>[ T]+.*)?")
_TURN = 69
"""Two figures from here on are years of the last century, as POSIX has it."""


def in_figures(text: str, months: Mapping[str, int], *, short_years: bool = False) -> str:
    """*text* as a day in figures when it is one in words; any other text unchanged.

    A month or a quarter without a day is its first day. With *short_years* 31.01.25 is a day, too; whoever asks
    for it knows that the column holds days, because such texts may be codes.

    >>> months = {"jan": 1, "ocak": 1}
    >>> in_figures("12 Jan 2025", months), in_figures("Ocak 2, 2025 09:30", months), in_figures("12-Jan-25", months)
    ('2025-01-12', '2025-01-02 09:30', '2025-01-12')
    >>> in_figures("31.01.25", months), in_figures("31.01.25", months, short_years=True)
    ('31.01.25', '31.01.2025')
    >>> in_figures("2025-03", months), in_figures("2025-Q2", months), in_figures("soon", months)
    ('2025-03-01', '2025-04-01', 'soon')
    """
    plain = _WEEKDAY.sub("", text, count=1) if "," in text[:12] else text
    for pattern in (_DAY_FIRST, _MONTH_FIRST, _MONTH_ALONE):
        if found := pattern.fullmatch(plain):
            parts = found.groupdict()
            month = months.get("".join(plain_words(parts["month"])))
            if month:
                day, clock = int(parts.get("day") or 1), parts.get("clock") or ""
                return f"{_whole(parts['year'])}-{month:02}-{day:02}{clock}"
    if found := _FIGURES.fullmatch(text):
        return f"{found['year'] or found['year2']}-{int(found['month'] or found['month2']):02}-01"
    if found := _QUARTER.fullmatch(text):
        return f"{found['year']}-{3 * int(found['quarter']) - 2:02}-01"
    if short_years and (found := _SHORT.fullmatch(text)):
        return f"{found['start']}{_whole(found['year'])}{found['clock'] or ''}"
    return text


def _whole(year: str) -> str:
    if len(year) == 4:
        return year
    return f"{19 if int(year) >= _TURN else 20}{year}"
