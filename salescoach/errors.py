"""Words for what goes wrong. Every error says what is wrong, what is there, and what to do.

All errors meant for people derive from :class:`SalesCoachError`; the command line prints their
text without a traceback and leaves with their ``exit_code``. Anything else is a defect of ours.
"""

from __future__ import annotations

from collections.abc import Iterable


class SalesCoachError(Exception):
    """Something a person can put right. ``exit_code`` 2: bad usage or bad input."""

    exit_code = 2


class UsageError(SalesCoachError):
    """A command or a function was asked for something that does not exist."""

    @classmethod
    def unknown(cls, what: str, given: str, known: Iterable[str], hint: str = "") -> UsageError:
        """Name the choice that does not exist, and at most eight that do.

        >>> str(UsageError.unknown("rep", "R99", ["R01", "R02"]))
        "There is no rep 'R99'. Known: R01, R02."
        """
        choices = list(known)
        shown = ", ".join(choices[:8]) + (f" and {len(choices) - 8} more" if len(choices) > 8 else "")
        text = f"There is no {what} '{given}'. Known: {shown or 'none'}."
        return cls(f"{text} {hint}".rstrip())


class WorkspaceError(SalesCoachError):
    """A workspace is missing, damaged, not writable, or its settings are wrong."""


class InputError(SalesCoachError):
    """A file cannot be imported. Carries the place, so that it can be opened and mended.

    ``asks``: what the file leaves open and its reader has to say ("separator", "encoding", "decimal", "date_order",
    "as_of"), ``example`` what stands there; empty when nothing that could be said would help.

    >>> str(InputError("is not a date", file="deals.csv", row=214, column="Close date"))
    'deals.csv, line 214, Close date: is not a date'
    """

    def __init__(
        self,
        message: str,
        *,
        file: str = "",
        row: int | None = None,
        column: str = "",
        asks: str = "",
        example: str = "",
    ) -> None:
        self.file, self.row, self.column = file, row, column
        self.asks, self.example = asks, example
        place = ", ".join(part for part in (file, f"line {row}" if row else "", column) if part)
        super().__init__(f"{place}: {message}" if place else message)


class TableError(SalesCoachError):
    """A table does not have the shape that a calculation needs."""

    @classmethod
    def missing(cls, table: str, column: str, present: Iterable[object]) -> TableError:
        """Say which column is missing and which are there.

        >>> str(TableError.missing("opportunity", "closed_at", ["deal_id", "close_at"]))
        "opportunity has no column 'closed_at'; it has: deal_id, close_at."
        """
        return cls(f"{table} has no column '{column}'; it has: {', '.join(map(str, present))}.")


class ConflictError(SalesCoachError):
    """Somebody else saved first. Carries both texts, so that nothing is lost.

    ``mine`` is what this caller tried to save, ``theirs`` what is stored now, ``their_version``
    the version to save against after the two were merged.
    """

    def __init__(self, mine: str, theirs: str, their_version: int) -> None:
        self.mine, self.theirs, self.their_version = mine, theirs, their_version
        super().__init__(
            "This text was changed by someone else since you opened it. "
            "Nothing was overwritten: compare both texts and save again."
        )


class AccessDenied(SalesCoachError):
    """The reader's role does not allow it. Says nothing about whether the thing exists."""


class NotNoticedError(AccessDenied):
    """The privacy notice has not reached the person yet, so nothing about them is shown to anybody."""
