"""What one export holds while it is read and judged. Nothing here is written anywhere."""

from __future__ import annotations

from dataclasses import dataclass, field

from salescoach.crm.desk import Desk
from salescoach.crm.issues import Findings, Note
from salescoach.crm.rows import Rows
from salescoach.crm.text import TextTable
from salescoach.crm.understood import OwnerMatch


@dataclass
class Export:
    """Everything one export holds, while it is being judged; ``texts`` are its files as they were read in the end,
    ``owners`` how the owners of each table were found."""

    desk: Desk
    tables: dict[str, Rows] = field(default_factory=dict)
    issues: Findings = field(default_factory=Findings)
    notes: list[Note] = field(default_factory=list)
    texts: tuple[TextTable, ...] = ()
    owners: dict[str, OwnerMatch] = field(default_factory=dict)

    def note(self, code: str, **values: str | int) -> None:
        """Remember something that the reader of the report should know."""
        self.notes.append(Note(code, values))
