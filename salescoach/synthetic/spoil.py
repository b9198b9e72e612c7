"""What each planted mistake does to the tables. Every one takes the tables and a deal, and returns new tables and
the id of the row that a check must name; an empty id means that it could not be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from salescoach.synthetic.streams import Bools
from salescoach.synthetic.view import View

_REOPENED_AFTER_DAYS, _WON_AGAIN_AFTER_DAYS = 70, 16  # after its month; into the quarter after that
_NOWHERE = "A999999"

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Place:
    """Where in the window a mistake lies: its month, and its number among those of its kind."""

    view: View
    month: int
    number: int
    kind: int

    @property
    def new_id(self) -> str:
        """Id of a deal entered by mistake: no true deal gets so far."""
        return f"D9{self.kind:02d}{self.number:03d}"

    def after(self, days: int) -> pd.Timestamp | None:
        """Noon, that many days after the month; None when the export has not seen it."""
        number = self.view.days.month_first(self.month + 1) + days
        return pd.Timestamp(self.view.days.day(number)) + timedelta(hours=9) if number < self.view.cut else None


def repeated(tables: Tables, deal_id: str, _: Place) -> tuple[Tables, str]:
    """The row stands there twice."""
    deals = tables["opportunity"]
    return _with(tables, opportunity=pd.concat([deals, _of(deals, deal_id)], ignore_index=True)), deal_id


def contradicted(tables: Tables, deal_id: str, _: Place) -> tuple[Tables, str]:
    """The id stands there twice, with two amounts."""
    deals = tables["opportunity"]
    other = _of(deals, deal_id)
    other["amount"] = (other["amount"] * 1.25).round()
    return _with(tables, opportunity=pd.concat([deals, other], ignore_index=True)), deal_id


def swapped(tables: Tables, deal_id: str, _: Place) -> tuple[Tables, str]:
    """Creation and close have changed places."""
    deals = tables["opportunity"]
    here, created, closed = _is(deals, deal_id), deals["created_at"], deals["closed_at"]
    changed = deals.assign(created_at=created.mask(here, closed), closed_at=closed.mask(here, created))
    return _with(tables, opportunity=changed), deal_id


def negated(tables: Tables, deal_id: str, _: Place) -> tuple[Tables, str]:
    """The amount is below zero."""
    amount = float(_of(tables["opportunity"], deal_id)["amount"].iloc[0])
    return _set(tables, deal_id, "amount", -amount), deal_id


def without_currency(tables: Tables, deal_id: str, _: Place) -> tuple[Tables, str]:
    """The amount is in no currency."""
    return _set(tables, deal_id, "currency", None), deal_id


def orphaned(tables: Tables, deal_id: str, _: Place) -> tuple[Tables, str]:
    """The company is in no table."""
    return _set(tables, deal_id, "account_id", _NOWHERE), deal_id


def expected_too_early(tables: Tables, deal_id: str, _: Place) -> tuple[Tables, str]:
    """The close was expected before the deal was there."""
    created = pd.Timestamp(_of(tables["opportunity"], deal_id)["created_at"].iloc[0])
    return _set(tables, deal_id, "expected_close", created.normalize() - timedelta(days=30)), deal_id


def entered_twice(tables: Tables, deal_id: str, place: Place) -> tuple[Tables, str]:
    """Somebody entered the same deal again the next day, under another id."""
    deals = tables["opportunity"]
    again = _of(deals, deal_id)
    again["deal_id"], again["lead_id"], again["last_activity_at"] = place.new_id, None, pd.NaT
    again["created_at"] = again["created_at"] + timedelta(days=1)
    return _with(tables, opportunity=_joined(deals, again)), place.new_id


def merged(tables: Tables, deal_id: str, place: Place) -> tuple[Tables, str]:
    """A second record that was merged into the first."""
    deals = tables["opportunity"]
    gone = _of(deals, deal_id)
    gone["deal_id"], gone["lead_id"], gone["last_activity_at"] = place.new_id, None, pd.NaT
    gone["merged_into"], gone["is_deleted"] = deal_id, True
    return _with(tables, opportunity=_joined(deals, gone)), place.new_id


def orphaned_activity(tables: Tables, deal_id: str, place: Place) -> tuple[Tables, str]:
    """An activity on a deal that is in no table: its deal's first system e-mail lost its way."""
    work = tables["activity"]
    rows = np.flatnonzero(_is(work, deal_id) & work["is_system"].to_numpy(dtype=np.bool_))
    if not len(rows):
        return tables, ""
    changed = work["deal_id"].mask(np.arange(len(work)) == rows[0], place.new_id)
    return _with(tables, activity=work.assign(deal_id=changed)), str(work["activity_id"].iloc[rows[0]])


def at_the_same_time(tables: Tables, deal_id: str, _: Place) -> tuple[Tables, str]:
    """Two activities of one deal at the same second: only their ids tell them apart."""
    work = tables["activity"]
    rows = np.flatnonzero(_is(work, deal_id))
    if len(rows) < 3:  # the deal's last activity stays where the deal says it was
        return tables, ""
    times = work["occurred_at"].mask(np.arange(len(work)) == rows[1], work["occurred_at"].iloc[rows[0]])
    return _with(tables, activity=work.assign(occurred_at=times)), str(work["activity_id"].iloc[rows[1]])


def split_short(tables: Tables, deal_id: str, _: Place) -> tuple[Tables, str]:
    """Credit of .5 and .4: a tenth of the deal belongs to nobody."""
    deals, splits, reps = tables["opportunity"], tables["split"], tables["rep"].set_index("rep_id")
    owner = str(_of(deals, deal_id)["owner_id"].iloc[0])
    mates = reps.index[(reps["team_id"] == reps.at[owner, "team_id"]) & (reps["role"] == reps.at[owner, "role"])]
    others = [str(mate) for mate in mates if mate != owner]
    if not others:
        return tables, ""
    rows = pd.DataFrame({
        "deal_id": deal_id, "rep_id": [owner, others[0]], "pct": [0.5, 0.4], "credit_type": "revenue",
        "valid_from": _of(deals, deal_id)["created_at"].dt.normalize().iloc[0],
    }).astype(splits.dtypes.to_dict())  # fmt: skip
    kept = splits[(splits["deal_id"] != deal_id) | (splits["credit_type"] != "revenue")]
    joined = pd.concat([kept, rows], ignore_index=True)
    return _with(tables, split=joined.sort_values("deal_id", kind="stable", ignore_index=True)), deal_id


def reopened(tables: Tables, deal_id: str, place: Place) -> tuple[Tables, str]:
    """A win taken back and won again in another quarter."""
    back = place.after(_REOPENED_AFTER_DAYS)
    if back is None:
        return tables, ""
    next_quarter = back.to_period("Q").end_time.normalize() + timedelta(days=_WON_AGAIN_AFTER_DAYS, hours=9)
    cut = pd.Timestamp(place.view.days.day(int(place.view.cut)))
    again = next_quarter if next_quarter < cut else None
    history, deals = tables["stage_history"], tables["opportunity"]
    places = np.flatnonzero(_is(history, deal_id))
    own = history.iloc[places]
    won, before = own.iloc[[-1]].copy(), own.iloc[[-2]].copy()
    before["stage_from"], before["entered_at"] = won["stage_to"].iloc[0], back
    added = [before]
    won["entered_at"] = again if again is not None else pd.NaT
    if again is not None:
        added.append(won)
    at = int(places[-1]) + 1
    longer = pd.concat([history.iloc[:at], *added, history.iloc[at:]], ignore_index=True)
    here = _is(deals, deal_id)
    closed = deals["closed_at"].mask(here, won["entered_at"].iloc[0])
    changed = deals.assign(closed_at=closed)
    if again is None:
        open_stage = str(before["stage_to"].iloc[0])
        changed = changed.assign(
            status=deals["status"].mask(here, "open"), stage=deals["stage"].mask(here, open_stage),
            forecast_category=deals["forecast_category"].mask(here, before["forecast_category_at"].iloc[0]),
        )  # fmt: skip
    return _with(tables, stage_history=longer, opportunity=changed), deal_id


def with_future_meetings(tables: Tables, deals: pd.DataFrame, view: View) -> tuple[Tables, list[str]]:
    """Meetings on *deals* after the export that are said to have been held; the new ids."""
    work = tables["activity"]
    cut = pd.Timestamp(view.days.day(int(view.cut)))
    ids = [f"V9{number:06d}" for number in range(1, len(deals) + 1)]
    later = pd.DataFrame({
        "activity_id": ids, "type": "meeting",
        "occurred_at": [cut + timedelta(days=2 * number + 1, hours=8) for number in range(len(deals))],
        "owner_id": deals["owner_id"].to_list(), "is_system": False, "direction": "two_way", "duration_s": 3_600.0,
        "deal_id": deals["deal_id"].to_list(), "account_id": deals["account_id"].to_list(), "outcome": "held",
        "is_customer_facing": True, "logged_by": "manual",
    }).reindex(columns=work.columns).astype(work.dtypes.to_dict())  # fmt: skip
    return _with(tables, activity=pd.concat([work, later], ignore_index=True)), ids


def _of(deals: pd.DataFrame, deal_id: str) -> pd.DataFrame:
    return deals.iloc[np.flatnonzero(_is(deals, deal_id))[:1]].copy()


def _is(rows: pd.DataFrame, deal_id: str) -> Bools:
    return np.asarray(rows["deal_id"].to_numpy(dtype=object) == deal_id, dtype=np.bool_)


def _joined(deals: pd.DataFrame, row: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([deals, row.astype(deals.dtypes.to_dict())], ignore_index=True)


def _set(tables: Tables, deal_id: str, column: str, value: object) -> Tables:
    deals = tables["opportunity"]
    changed = deals[column].mask(_is(deals, deal_id), value)
    return _with(tables, opportunity=deals.assign(**{column: changed}))


def _with(tables: Tables, **changed: pd.DataFrame) -> Tables:
    return {**tables, **changed}
