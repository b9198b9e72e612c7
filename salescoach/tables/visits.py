"""Where a deal was, and whose it was, at every moment: stage visits and ownership, from what was known on a day."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

VISIT_COLUMNS = "deal_id pipeline stage order kind owner_id entered left next_order is_first entered_at".split()
_MOMENT = "datetime64[us]"
_TYPES = dict.fromkeys(("order", "entered", "left", "next_order"), "float64") | {
    "is_first": "bool",
    "entered_at": _MOMENT,
}


def stage_visits(
    deals: pd.DataFrame, history: pd.DataFrame, stages: pd.DataFrame, owners: Owners, today: int
) -> pd.DataFrame:
    """Every stay of a deal in a stage, in time; a stage entered again at once is one visit.

    Parameters
    ----------
    deals : ``deal_id``, ``pipeline`` and ``owner_id`` of the visible deals, sorted by ``deal_id``
    history : rows of ``stage_history`` known on day number *today*, in the order of moment, line and stage
    owners : the owners known on that day
    stages : the table ``stage``

    Returns
    -------
    DataFrame with the columns :data:`VISIT_COLUMNS`, sorted by deal and time
        ``entered`` and ``left`` are day numbers, ``entered_at`` is the moment in UTC; ``left`` is missing while the
        deal is still there, ``next_order`` when no other stage followed. ``order`` and ``kind`` are missing for a
        stage that is in no pipeline. ``owner_id`` is the owner at entry; ``is_first`` marks the first visit of the
        deal to that stage. Moments that are equal keep the order of the file, then that of the stages.
    """
    place = pd.Index(deals["deal_id"]).get_indexer(history["deal_id"])  # sorts like the id, and much faster
    rows, place = history.loc[place >= 0], place[place >= 0]
    if rows.empty:
        return pd.DataFrame(columns=VISIT_COLUMNS).astype(_TYPES)
    line = rows["source_row"].astype(float) if "source_row" in rows else 0.0
    rows = rows.rename(columns={"stage_to": "stage", "entered_at_day": "entered"})
    rows = rows[["deal_id", "stage", "entered_at", "entered", "left_at_day"]].assign(
        line=line, pipeline=deals["pipeline"].array.take(place), place=place
    )
    rows = _placed(rows, stages)
    # The rows come in the order of moment, line and stage: what is equal stays in it.
    rows = rows.take(np.lexsort([rows[name].to_numpy() for name in ("order", "line", "entered_at", "place")]))
    deal, stage = rows["place"], rows["stage"]
    rows = rows[~(deal.eq(deal.shift()) & stage.eq(stage.shift()))].reset_index(drop=True)
    goes_on = rows["place"].eq(rows["place"].shift(-1))
    left = rows["left_at_day"].where(rows["left_at_day"] <= today)
    rows["left"] = rows["entered"].shift(-1).where(goes_on, left)
    rows["next_order"] = rows["order"].shift(-1).where(goes_on)
    rows["is_first"] = ~rows.duplicated(["place", "stage"])
    owner = owners.at(rows["deal_id"], rows["entered_at"])
    rows["owner_id"] = owner.fillna(pd.Series(deals["owner_id"].array.take(rows["place"].to_numpy()), index=rows.index))
    return rows[VISIT_COLUMNS]


def _placed(rows: pd.DataFrame, stages: pd.DataFrame) -> pd.DataFrame:
    """*rows* with ``order`` and ``kind`` of their stage: that of their pipeline, or the only one of that name."""
    own = rows[["pipeline", "stage"]].merge(
        stages[["pipeline", "stage", "order", "kind"]].drop_duplicates(["pipeline", "stage"]), how="left"
    )
    only = stages.drop_duplicates("stage", keep=False).set_index("stage")
    order = own["order"].to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    kind = own["kind"].to_numpy(dtype=object, copy=True)
    elsewhere = pd.isna(kind)
    if elsewhere.any():
        names = rows["stage"][elsewhere]
        order[elsewhere] = names.map(only["order"]).astype(float)
        kind[elsewhere] = names.map(only["kind"]).astype(object)
    return rows.assign(order=order, kind=pd.Series(kind, index=rows.index, dtype=object))


class Owners:
    """Who owned each deal when, by the known rows of ``owner_history``; put in order once for all that ask.

    >>> owners = Owners(pd.DataFrame({"deal_id": ["d1", "d1"], "owner_id": ["elif", "can"],
    ...     "valid_from": pd.to_datetime(["2025-01-01", "2025-02-01"]), "valid_to": pd.to_datetime([None, None])}))
    >>> at = pd.Series(pd.to_datetime(["2025-01-31", "2025-02-01", "2024-12-31"]))
    >>> owners.at(pd.Series(["d1", "d1", "d1"]), at).tolist(), owners.first["d1"]
    (['elif', 'can', nan], 'elif')
    """

    def __init__(self, rows: pd.DataFrame) -> None:
        spells = rows[["deal_id", "owner_id", "valid_from", "valid_to"]].sort_values(
            ["valid_from", "owner_id"], kind="stable"
        )
        self.first = spells.drop_duplicates("deal_id").set_index("deal_id")["owner_id"]
        """The first known owner of each deal, by deal."""
        spells = spells[spells["valid_from"].notna()]
        deal, self._names = pd.factorize(spells["deal_id"])
        at = spells["valid_from"].to_numpy(dtype=_MOMENT)
        self._begins = np.unique(at)
        place = self._key(deal, at)
        order = np.argsort(place, kind="stable")
        self._place, self._deal = place[order], deal[order]
        self._until = spells["valid_to"].to_numpy(dtype=_MOMENT)[order]
        self._owner = spells["owner_id"].to_numpy(dtype=object)[order]

    def _key(self, deal: npt.NDArray[np.intp], at: npt.NDArray[np.datetime64]) -> npt.NDArray[np.intp]:
        """Deals in their order, and within each how many of all known beginnings are not after *at*."""
        return deal * (len(self._begins) + 1) + np.searchsorted(self._begins, at, side="right")

    def at(self, deal_id: pd.Series, moment: pd.Series) -> pd.Series:
        """Owner of each deal of *deal_id* at *moment* (UTC); missing where no row says it."""
        found = np.full(len(deal_id), np.nan, dtype=object)
        if not len(self._owner):
            return pd.Series(found, index=deal_id.index)
        deal, at = self._names.get_indexer(pd.Index(deal_id)), pd.to_datetime(moment).to_numpy(dtype=_MOMENT)
        # The newest spell of the deal that had begun: for a deal nobody knows, and before its first one, there is none.
        row = np.searchsorted(self._place, self._key(deal, at), side="right") - 1
        lasts = np.isnat(self._until[row]) | (at < self._until[row])
        here = (row >= 0) & (deal >= 0) & (self._deal[row] == deal) & ~np.isnat(at) & lasts
        found[here] = self._owner[row[here]]
        return pd.Series(found, index=deal_id.index)
