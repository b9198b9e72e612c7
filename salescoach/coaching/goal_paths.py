"""Which metrics and playbooks belong to which driver of the diagnosis: what makes a goal relevant."""

from __future__ import annotations

from collections.abc import Mapping

PATHS: Mapping[str, tuple[str, ...]] = {
    "volume": ("pipeline_created", "activities_per_opp", "show_rate", "connect_rate", "lead_to_opp", "lead_sla",
               "lead_response_time", "reply_rate", "selling_time_share"),
    "stage": ("stage_conv_flow", "stage_conv_cohort", "multithreading", "opp_touch", "playbook_adherence",
              "time_in_stage", "no_decision_rate", "win_rate_count", "win_rate_adj", "win_rate_value"),
    "win_rate": ("win_rate_count", "win_rate_adj", "win_rate_value", "win_rate_cohort", "no_decision_rate",
                 "multithreading", "opp_touch", "playbook_adherence"),
    "size": ("ads", "ads_median", "ads_geometric", "multithreading"),
    "discount": ("discount_rate", "ads"),
    "speed": ("cycle_won", "cycle_resolution", "time_in_stage", "pipeline_age", "stalled", "push_count", "slippage"),
}  # fmt: skip
"""Metrics on the path of each driver of the diagnosis: what leads to it, or is it. Bookings are on all of them."""
TOPICS: Mapping[str, tuple[str, ...]] = {
    "volume": ("volume", "lead_response"),
    "stage": ("qualification", "discovery", "demo", "proposal", "negotiation", "closing", "multithreading"),
    "win_rate": ("qualification", "discovery", "demo", "proposal", "negotiation", "closing", "multithreading"),
    "size": ("deal_size", "account_growth"),
    "discount": ("negotiation", "deal_size"),
    "speed": ("cycle", "closing", "forecast"),
}
"""Playbooks of each driver: a behaviour goal from one of them is meant for that driver."""
END = ("bookings", "quota_attainment", "attainment_pace")
"""What all drivers lead to: a goal in it is relevant whatever the diagnosis names."""
OUT_OF_REACH = ("mix", "capacity", "market", "plan")
"""Parts of a gap that are not the rep's to change: they go to whoever deals out leads, territories and quotas."""


def family_of(driver: str) -> str:
    """All stages share one path, because each organisation has its own.

    >>> family_of("stage_2"), family_of("volume")
    ('stage', 'volume')
    """
    return "stage" if driver.startswith("stage_") else driver
