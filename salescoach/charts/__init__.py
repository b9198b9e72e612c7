"""Charts: what is drawn (``figures``), and how all of it looks (``frame``)."""

from salescoach.charts.figures import FEWEST_PLAIN, gap_figure, pace_figure, payout_figure, trend_figure
from salescoach.charts.frame import (
    ACCENT,
    GREY,
    INK,
    Figure,
    as_figure,
    as_label,
    base_layout,
    empty_figure,
    round_ticks,
)

__all__ = [
    "ACCENT",
    "FEWEST_PLAIN",
    "GREY",
    "INK",
    "Figure",
    "as_figure",
    "as_label",
    "base_layout",
    "empty_figure",
    "gap_figure",
    "pace_figure",
    "payout_figure",
    "round_ticks",
    "trend_figure",
]
