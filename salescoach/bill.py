"""The bill of materials of a page: with these parts it can be made again, and two runs can be told apart."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from salescoach import __version__
from salescoach.metrics import METRICS
from salescoach.provenance import versions
from salescoach.tables.schema import TABLES

if TYPE_CHECKING:
    from salescoach.crm.snapshot import Snapshot

_PACKAGES = ("python", "numpy", "pandas", "scipy", "plotly")


@dataclass(frozen=True)
class QuotaVersion:
    """Which quotas: a hash of all their rows, how many there are, and the day on which the newest was stated."""

    sha256: str
    rows: int
    stated: str


@lru_cache(maxsize=4)
def quota_version(snapshot: Snapshot) -> QuotaVersion | None:
    """The quotas of *snapshot*, whatever file they came from; None when it has none."""
    if "quota" not in snapshot.tables:
        return None
    rows = snapshot.read("quota")[list(TABLES["quota"].names)]
    text = rows.sort_values(["rep_or_team", "metric_id", "period_start", "recorded_at"]).to_csv(index=False)
    stated = rows["recorded_at"].max()
    return QuotaVersion(hashlib.sha256(text.encode()).hexdigest(), len(rows), f"{stated:%Y-%m-%d}" if len(rows) else "")


def definitions(metric_ids: Sequence[str]) -> dict[str, int]:
    """Version of each definition."""
    return {metric_id: METRICS[metric_id].version for metric_id in metric_ids}


def bill(
    snapshot: Snapshot, metric_ids: Sequence[str], parameters: Mapping[str, str], record: str = ""
) -> dict[str, str]:
    """What a page shows of its parts, keys below ``review.sources``; *record*: hash of the coaching record."""
    quota = quota_version(snapshot)
    parts = {
        "snapshot": snapshot.snapshot_id,
        "sha256": snapshot.content_hash,
        "record": record[:16],
        "definitions": ", ".join(f"{name} {version}" for name, version in definitions(metric_ids).items()),
        "quota": f"{quota.sha256[:16]} · {quota.rows} · {quota.stated}" if quota else "",
        "parameters": ", ".join(f"{name} = {value}" for name, value in parameters.items()),
        "version": __version__,
        "packages": ", ".join(f"{name} {versions()[name]}" for name in _PACKAGES),
    }
    return {name: text for name, text in parts.items() if text}
