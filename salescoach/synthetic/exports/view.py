"""What all exports need to know of an organisation: its tables, who is called what, which stages are closed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from salescoach.synthetic.exports import cells
from salescoach.synthetic.exports.cells import File
from salescoach.tables.schema import TABLES


@dataclass(frozen=True)
class View:
    """The tables of an organisation, and the language and currency of its CRM."""

    tables: dict[str, pd.DataFrame]
    language: str
    currency: str

    def __getitem__(self, table: str) -> pd.DataFrame:
        """A table; without rows when the organisation has none of that name."""
        found = self.tables.get(table)
        return pd.DataFrame(columns=list(TABLES[table].names)) if found is None else found

    @cached_property
    def names(self) -> dict[str, str]:
        """Full names by id of the person."""
        return dict(zip(self["rep"]["rep_id"], self["rep"]["full_name"], strict=True))

    @cached_property
    def accounts(self) -> dict[str, str]:
        """Names of companies by id."""
        return dict(zip(self["account"]["account_id"], self["account"]["name"], strict=True))

    @cached_property
    def kinds(self) -> dict[str, str]:
        """open, won or lost, by stage."""
        return dict(zip(self["stage"]["stage"], self["stage"]["kind"], strict=True))

    @cached_property
    def last_open_stage(self) -> pd.Series[str]:
        """The last stage a deal was in before it closed, for each deal of the table; the first stage when not known."""
        history = self["stage_history"]
        steps = history[history["stage_to"].map(self.kinds) == "open"].sort_values("entered_at", kind="stable")
        last = steps.drop_duplicates("deal_id", keep="last").set_index("deal_id")["stage_to"]
        first = self["stage"].sort_values("order")["stage"].iloc[0]
        deals = self["opportunity"]
        is_open = deals["stage"].map(self.kinds) == "open"
        return deals["stage"].where(is_open, deals["deal_id"].map(last).fillna(first))

    def said(self, table: str) -> bool:
        """True when the organisation has rows in a table."""
        return len(self[table]) > 0


def stated_stages(view: View) -> File:
    """The stage table that a user states beside the export of a CRM that lists its stages nowhere."""
    stages = view["stage"]
    return {
        "pipeline": cells.text(stages["pipeline"]),
        "stage": cells.text(stages["stage"]),
        "order": cells.whole(stages["order"]),
        "kind": cells.text(stages["kind"]),
        "qualified": cells.flag(stages["qualified"]),
    }
