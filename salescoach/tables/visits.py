"""Where a deal was, and whose it was, at every moment: stage visits and ownership, from what was known on a day."""

from __future__ import annotations

import numpy as np
import pandas as pd

VISIT_COLUMNS = "deal_id pipeline stage order kind owner_id entered left next_order is_first entered_at".split()
_MOMENT = "datetime64[us]"
_TYPES = dict.fromkeys(("order", "entered", "left", "next_order"), "float64") | {
    "is_first": "bool",
    "entered_at": _MOMENT,
}


def stage_visits(
    deals: pd.DataFrame, history: pd.DataFrame, stages: pd.DataFrame, owners: pd.DataFrame, today: int
) -> pd.DataFrame:
    """Every stay of a deal in a stage, in time; a stage entered again at once is one visit.

    Parameters
    ----------
    deals : ``deal_id``, ``pipeline`` and ``owner_id`` of the visible deals
    history, owners : rows of ``stage_history`` and ``owner_history`` known on day number *today*
    stages : the table ``stage``

    Returns
    -------
    DataFrame with the columns :data:`VISIT_COLUMNS`, sorted by deal and time
        ``entered`` and ``left`` are day numbers, ``entered_at`` is the moment in UTC; ``left`` is missing while the
        deal is still there, ``next_order`` when no other stage followed. ``order`` and ``kind`` are missing for a
        stage that is in no pipeline. ``owner_id`` is the owner at entry; ``is_first`` marks the first visit of the
        deal to that stage. Moments that are equal keep the order of the file, then that of the stages.
    """
    by_deal = deals.set_index("deal_id")
    rows = history.loc[history["deal_id"].isin(by_deal.index)]
    if rows.empty:
        return pd.DataFrame(columns=VISIT_COLUMNS).astype(_TYPES)
    line = rows["source_row"].astype(float) if "source_row" in rows else 0.0
    rows = rows.rename(columns={"stage_to": "stage", "entered_at_day": "entered"})
    rows = rows[["deal_id", "stage", "entered_at", "entered", "left_at_day"]].assign(
        line=line, pipeline=rows["deal_id"].map(by_deal["pipeline"])
    )
    rows = _placed(rows, stages).sort_values(["deal_id", "entered_at", "line", "order", "stage"], kind="stable")
    deal, stage = rows["deal_id"], rows["stage"]
    rows = rows[~(deal.eq(deal.shift()) & stage.eq(stage.shift()))].reset_index(drop=True)
    goes_on = rows["deal_id"].eq(rows["deal_id"].shift(-1))
    left = rows["left_at_day"].where(rows["left_at_day"] <= today)
    rows["left"] = rows["entered"].shift(-1).where(goes_on, left)
    rows["next_order"] = rows["order"].shift(-1).where(goes_on)
    rows["is_first"] = ~rows.duplicated(["deal_id", "stage"])
    owner = owner_at(owners, rows["deal_id"], rows["entered_at"])
    rows["owner_id"] = owner.fillna(rows["deal_id"].map(by_deal["owner_id"]))
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


def owner_at(owners: pd.DataFrame, deal_id: pd.Series, moment: pd.Series) -> pd.Series:
    """Owner of each deal of *deal_id* at *moment* (UTC), by the known rows *owners*; missing where they do not say.

    >>> owners = pd.DataFrame({"deal_id": ["d1", "d1"], "owner_id": ["elif", "can"],
    ...     "valid_from": pd.to_datetime(["2025-01-01", "2025-02-01"]), "valid_to": pd.to_datetime([None, None])})
    >>> at = pd.Series(pd.to_datetime(["2025-01-31", "2025-02-01", "2024-12-31"]))
    >>> owner_at(owners, pd.Series(["d1", "d1", "d1"]), at).tolist()
    ['elif', 'can', nan]
    """
    found = np.full(len(deal_id), np.nan, dtype=object)
    if owners.empty:
        return pd.Series(found, index=deal_id.index)
    spells = owners[["deal_id", "owner_id", "valid_from", "valid_to"]].sort_values(
        ["valid_from", "owner_id"], kind="stable"
    )
    names = pd.Index(spells["deal_id"].unique())
    asked = pd.DataFrame(
        {
            "deal": names.get_indexer(deal_id),
            "at": pd.to_datetime(moment).to_numpy(dtype=_MOMENT),
            "place": np.arange(len(deal_id)),
        }
    )
    asked = asked[(asked["deal"] >= 0) & asked["at"].notna()].sort_values("at", kind="stable")
    given = pd.DataFrame(
        {
            "deal": names.get_indexer(spells["deal_id"]),
            "at": spells["valid_from"].to_numpy(dtype=_MOMENT),
            "until": spells["valid_to"].to_numpy(dtype=_MOMENT),
            "owner": spells["owner_id"].to_numpy(dtype=object),
        }
    )
    answer = pd.merge_asof(asked, given, on="at", by="deal")
    answer = answer[answer["until"].isna() | (answer["at"] < answer["until"])]
    found[answer["place"].to_numpy()] = answer["owner"].to_numpy()
    return pd.Series(found, index=deal_id.index)


def first_owner(owners: pd.DataFrame) -> pd.Series:
    """The first owner of each deal that *owners* knows, by deal."""
    ordered = owners.sort_values(["valid_from", "owner_id"], kind="stable")
    return ordered.drop_duplicates("deal_id").set_index("deal_id")["owner_id"]
