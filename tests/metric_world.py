"""A made-up organisation with a row in every table that metrics look at, small and the same every time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
from metric_world_people import enriched

from salescoach.calendar import Calendar
from salescoach.tables.data import SalesData

AS_OF = date(2025, 6, 10)
DISCOUNT_LIMIT = 0.15
PERIOD = Calendar().period("2025")
REPS = tuple("ayse bora can derya elif".split())
IDLE = "zeki"  # has one deal, cancelled long ago, and has done nothing since
STAGES = ("Contact", "Demo", "Proposal")
_FIRST = pd.Timestamp("2024-01-08 09:00")
_DEALS = 480

Tables = dict[str, pd.DataFrame]


def tables(seed: int = 7) -> Tables:
    """The tables of the organisation, with events up to :data:`AS_OF` and a little beyond; each call gives copies."""
    return {name: frame.copy() for name, frame in _drawn(seed).items()}


@cache
def _drawn(seed: int) -> Tables:
    draw = np.random.default_rng(seed)
    deals, history = _deals(draw)
    won = deals[deals["status"] == "won"]
    people = [*REPS, IDLE]
    given = {
        "opportunity": deals,
        "stage_history": history,
        "rep": pd.DataFrame({"rep_id": people, "full_name": people, "role": "AE", "team_id": "T1"}),
        "stage": pd.DataFrame(
            {
                "pipeline": "all", "stage": [*STAGES, "Won", "Lost"], "order": [1, 2, 3, 4, 5],
                "kind": ["open"] * 3 + ["won", "lost"], "qualified": [False, True, True, True, False],
            }
        ),
        "quota": _quotas(),
        "lead": _leads(draw, deals),
        "invoice": _invoices(draw, won),
        "line_item": pd.DataFrame(
            {
                "line_id": "l" + won["deal_id"], "deal_id": won["deal_id"], "product_id": won["product_id"], "qty": 2.0,
                "list_price": won["amount"] * draw.uniform(0.5, 0.7, size=len(won)), "total": won["amount"],
                "currency": "TRY",
            }
        ).reset_index(drop=True),
        "activity": _activities(draw, deals),
    }  # fmt: skip
    return enriched(given, REPS)


def organisation(given: Mapping[str, pd.DataFrame], as_of: date = AS_OF) -> SalesData:
    """The organisation as it was known on *as_of*."""
    return SalesData.build(given, as_of=as_of, calendar=Calendar(), currency="TRY", discount_limit=DISCOUNT_LIMIT)


def _deals(draw: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows, visits = [], []
    for number in range(_DEALS):
        created = _FIRST + pd.Timedelta(hours=float(number * 26 + draw.integers(0, 20)))
        reached, ends = int(draw.integers(1, 4)), draw.choice(["won", "lost", "open"], p=[0.35, 0.45, 0.2])
        steps = np.concatenate([[0.0], np.cumsum(draw.integers(2, 20, size=3))])
        end = created + pd.Timedelta(days=float(steps[reached] + draw.integers(1, 15)))
        amount = float(np.round(np.exp(draw.normal(9, 0.8))))
        expected = (created + pd.Timedelta(days=int(draw.integers(30, 90)))).normalize()
        deal = f"d{number:03d}"
        for step in range(reached):
            day = created + pd.Timedelta(days=float(steps[step]))
            close = expected + pd.Timedelta(days=40 * step)
            visits.append((deal, STAGES[step], day, amount * (1 + step / 10), close))
        if ends != "open":
            visits.append((deal, ends.capitalize(), end, amount, end.normalize()))
        reason = draw.choice(["price", "no_decision", "competitor"]) if ends == "lost" else None
        rows.append(
            {
                "deal_id": deal, "owner_id": REPS[int(draw.integers(0, 5))], "pipeline": "all", "status": ends,
                "stage": STAGES[reached - 1] if ends == "open" else ends.capitalize(), "amount": amount,
                "created_at": created, "engaged_at": created + pd.Timedelta(days=float(steps[min(1, reached - 1)])),
                "closed_at": None if ends == "open" else end, "expected_close": expected, "loss_reason": reason,
                "segment": draw.choice(["SMB", "ENT"]), "source": draw.choice(["web", "event"]), "type": "new",
                "product_id": draw.choice(["P1", "P2"]), "currency": "TRY",
            }
        )  # fmt: skip
    rows.append(
        {**rows[0], "deal_id": "idle", "owner_id": IDLE, "status": "cancelled", "closed_at": _FIRST, "stage": "Contact"}
    )
    columns = ["deal_id", "stage_to", "entered_at", "amount_at", "close_date_at"]
    return pd.DataFrame(rows), pd.DataFrame(visits, columns=columns)


def _quotas() -> pd.DataFrame:
    quota = {
        "metric_id": "bookings",
        "value": 2_500_000.0,
        "currency": "TRY",
        "recorded_at": pd.Timestamp("2024-12-20"),
    }
    spell = {"period_start": pd.Timestamp("2025-01-01"), "period_end": pd.Timestamp("2026-01-01")}
    return pd.DataFrame([{"rep_or_team": rep, **quota, **spell} for rep in REPS])


def _leads(draw: np.random.Generator, deals: pd.DataFrame) -> pd.DataFrame:
    chosen = deals[deals["deal_id"] != "idle"]
    arrived = chosen["created_at"] - pd.to_timedelta(draw.integers(1, 20, size=len(chosen)), unit="D")
    converted = draw.random(len(chosen)) < 0.6
    return pd.DataFrame(
        {
            "lead_id": "lead-" + chosen["deal_id"], "created_at": arrived, "owner_id": chosen["owner_id"],
            "status": np.where(converted, "converted", "working"), "source": chosen["source"],
            "converted_at": chosen["created_at"].where(converted),
            "converted_deal_id": chosen["deal_id"].where(converted),
            "disqualified_at": (arrived + pd.Timedelta(days=9)).where(~converted & (draw.random(len(chosen)) < 0.5)),
        }
    )  # fmt: skip


def _invoices(draw: np.random.Generator, won: pd.DataFrame) -> pd.DataFrame:
    closed = pd.to_datetime(won["closed_at"])
    paid = closed + pd.to_timedelta(draw.integers(5, 80, size=len(won)), unit="D")
    return pd.DataFrame(
        {
            "invoice_id": "i" + won["deal_id"], "deal_id": won["deal_id"], "issued": closed.dt.normalize(),
            "amount": won["amount"], "currency": "TRY", "paid_at": paid.where(draw.random(len(won)) < 0.9),
        }
    )  # fmt: skip


def _activities(draw: np.random.Generator, deals: pd.DataFrame) -> pd.DataFrame:
    later = pd.to_timedelta(draw.integers(0, 60, size=len(deals)), unit="D")
    return pd.DataFrame(
        {
            "activity_id": "a" + deals["deal_id"], "type": "call", "occurred_at": deals["created_at"] + later,
            "owner_id": deals["owner_id"], "is_system": False, "direction": "two_way", "deal_id": deals["deal_id"],
        }
    )  # fmt: skip
