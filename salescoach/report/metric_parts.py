"""What a part of a metric is called: an age, a reason, a step; names of stages stay as the organisation writes them."""

from __future__ import annotations

from salescoach.metrics import METRICS
from salescoach.words import Words

_BY_AGE = ("win_rate_cohort", "lead_to_opp", "opp_to_cust", "lead_to_cust", "paid_conversion")
_BY_REASON = ("loss_reason_share", "loss_reason_value")
_BY_SOURCE = ("source_quality", "source_cost_per_win")
_AS_WRITTEN = (
    "stage_conv_flow", "stage_conv_cohort", "throughput", "time_in_stage", "time_in_stage_total", "voc_themes",
    "voc_lost_value",
)  # fmt: skip


def part_name(metric_id: str, part: str, words: Words) -> str:
    """Name of *part* of a metric in the reader's language; empty for a metric without parts."""
    if not part or metric_id in _AS_WRITTEN:
        return part
    if metric_id in _BY_AGE:
        return words("metrics.within", days=words.language.days(int(part)))
    if metric_id in _BY_REASON:
        return _known(f"team.reason.{part}", part, words)
    if metric_id in _BY_SOURCE:
        source, _, measure = part.partition(": ")
        name = _known(f"team.place.{source}", source, words)
        return f"{name}: {part_name('', measure, words)}" if measure else name
    if metric_id == "pipeline_bridge":
        return words(f"waterfall.step.{part}")
    if part in METRICS:
        return words(f"metric.{part}.name")
    key = "rest" if part == "other" else part  # "other" names the plural of a text
    return _known(f"metrics.part.{key}", part, words)


def _known(key: str, part: str, words: Words) -> str:
    return words(key) if words.has(key) else part
