"""Whose deal it is, in parts: revenue credit. Overlay, sourcing and presales credit are no part of totals."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

TOLERANCE = 0.0001
"""How far the revenue splits of a deal may sum from 1 (data-model §8.4)."""


def revenue_credit(
    deals: pd.DataFrame, splits: pd.DataFrame, unknown: Collection[str] = ()
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Who gets which part of each of *deals*, and the deals that nobody gets because their splits do not sum to 1.

    Without revenue splits the owner has the whole deal, unless it is one of *unknown*: deals that have splits which
    could not be used. These, and a deal whose splits do not sum to 1, give no credit to anybody; they stay in the
    totals of the organisation.

    >>> deals = pd.DataFrame({"deal_id": ["d1", "d2", "d3"], "owner_id": ["elif", "can", "can"]})
    >>> splits = pd.DataFrame({"deal_id": ["d1", "d1", "d2"], "rep_id": ["elif", "can", "can"],
    ...                        "pct": [0.6, 0.4, 0.9], "credit_type": "revenue"})
    >>> credit, unsplit = revenue_credit(deals, splits)
    >>> credit.to_dict("records"), unsplit  # doctest: +NORMALIZE_WHITESPACE
    ([{'deal_id': 'd1', 'rep_id': 'can', 'pct': 0.4},
      {'deal_id': 'd1', 'rep_id': 'elif', 'pct': 0.6},
      {'deal_id': 'd3', 'rep_id': 'can', 'pct': 1.0}], ('d2',))
    """
    mine = splits[(splits["credit_type"] == "revenue") & splits["deal_id"].isin(deals["deal_id"])]
    parts = mine.groupby(["deal_id", "rep_id"], as_index=False)["pct"].sum()
    total = parts.groupby("deal_id")["pct"].sum()
    wrong = total.index[(total - 1).abs() > TOLERANCE]
    unsplit = deals[~deals["deal_id"].isin(total.index)]
    waits = unsplit["deal_id"].isin(unknown)
    whole = unsplit.loc[~waits, ["deal_id", "owner_id"]]
    credit = pd.concat(
        [parts[~parts["deal_id"].isin(wrong)], whole.rename(columns={"owner_id": "rep_id"}).assign(pct=1.0)]
    )
    # The parts of a deal stand together and in order already; a deal is either in parts or whole.
    order = np.argsort(pd.factorize(credit["deal_id"], sort=True)[0], kind="stable")
    return credit.take(order).reset_index(drop=True), tuple(sorted({*map(str, wrong), *unsplit.loc[waits, "deal_id"]}))
