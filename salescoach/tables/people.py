"""Who was where on a day, and how much of a period's working time each person was there.

Assignments, leave and dates of employment say it. A day that no assignment covers is unknown, not "as before".
"""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.calendar import Calendar, date_numbers, day_number

PLACE = ["team_id", "manager_id", "role", "segment", "territory_id", "fte_pct"]


def assigned(reps: pd.DataFrame, assignments: pd.DataFrame, day: int) -> pd.DataFrame:
    """Where each of *reps* was on day number *day*: the columns :data:`PLACE`, indexed by ``rep_id``.

    People about whom there is no assignment at all are where the table ``rep`` says. ``fte_pct`` is 1 where an
    assignment does not say it, and missing on a day that no assignment covers.

    >>> reps = pd.DataFrame({"team_id": ["T2", "T1"]}, index=pd.Index(["can", "elif"], name="rep_id"))
    >>> spells = pd.DataFrame({"rep_id": ["elif", "elif"], "team_id": ["T1", "T2"],
    ...                        "valid_from_day": [0.0, 50.0], "valid_to_day": [40.0, np.nan]})
    >>> [assigned(reps, spells, day)["team_id"].tolist() for day in (39, 40, 50)]
    [['T2', 'T1'], ['T2', nan], ['T2', 'T2']]
    """
    there = (assignments["valid_from_day"] <= day) & ~(assignments["valid_to_day"] <= day)
    now = assignments[there].drop_duplicates("rep_id", keep="last").set_index("rep_id")
    now = now.reindex(columns=PLACE).astype(object)
    now["fte_pct"] = now["fte_pct"].astype(float).fillna(1.0)
    without = reps.index[~reps.index.isin(assignments["rep_id"])]
    plain = reps.reindex(index=without, columns=PLACE).astype(object).assign(fte_pct=1.0)
    return pd.concat([now, plain]).reindex(reps.index).astype({"fte_pct": float})


def exposure(
    reps: pd.DataFrame, assignments: pd.DataFrame, leave: pd.DataFrame, calendar: Calendar, start: date, end: date
) -> pd.DataFrame:
    """Working time of each of *reps* from *start* up to, not including, *end*.

    Parameters
    ----------
    reps : indexed by ``rep_id``, with ``start_date`` and ``end_date`` (first day selling, first day gone)
    assignments, leave : with the day numbers of their dates

    Returns
    -------
    DataFrame indexed by ``rep_id``
        ``working_days`` in days of full time: weekends, holidays, leave, part time and days before the first or
        after the last are taken off. ``share`` is their part of the working days from *start* to *end*, missing
        when there are none.
    """
    first, after = day_number(start), day_number(end)
    present = np.zeros((len(reps), max(after - first, 0)))

    def bounded(days: pd.Series, missing: int) -> npt.NDArray[np.int64]:
        found = days.to_numpy(dtype=np.float64)
        return np.clip(np.where(np.isnan(found), missing, found), first, after).astype(np.int64) - first

    def fill(ids: pd.Index, begin: pd.Series, until: pd.Series, value: pd.Series) -> None:
        rows, left, right = reps.index.get_indexer(ids), bounded(begin, first), bounded(until, after)
        values = value.to_numpy(dtype=np.float64)
        for place in np.flatnonzero((rows >= 0) & (left < right)):  # who is not in the table has no row
            present[rows[place], left[place] : right[place]] = values[place]

    here = assignments["fte_pct"].astype(float).fillna(1.0)
    fill(pd.Index(assignments["rep_id"]), assignments["valid_from_day"], assignments["valid_to_day"], here)
    present[~reps.index.isin(assignments["rep_id"])] = 1.0
    fill(pd.Index(leave["rep_id"]), leave["from_day"], leave["to_day"], leave["from_day"] * 0.0)
    starts, ends = date_numbers(reps["start_date"]), date_numbers(reps["end_date"])
    never = starts * np.nan
    fill(reps.index[starts.notna()], never[starts.notna()], starts.dropna(), starts.dropna() * 0.0)
    fill(reps.index[ends.notna()], ends.dropna(), never[ends.notna()], ends.dropna() * 0.0)
    time = calendar.working_time(start, end)
    days = present @ time
    share = days / time.sum() if time.sum() else np.full(len(reps), np.nan)
    return pd.DataFrame({"working_days": days, "share": share}, index=reps.index)
