"""Few alerts, each of which survives being one of many."""

from __future__ import annotations

import numpy as np

from salescoach.diagnosis.alerts import MOST_ALERTS, Signal, alerts


def signal(
    rep: str = "R1", metric: str = "win_rate_count", z: tuple[float, ...] = (0.0, 0.0), better: str = "up"
) -> Signal:
    return Signal(rep, metric, "peer", z, 0.3, 0.2, 0.4, 0.25, 40, better)


def quiet_week(seed: int) -> list[Signal]:
    draw = np.random.default_rng(seed)
    return [
        signal(f"R{rep}", f"m{metric}", tuple(draw.standard_normal(2))) for rep in range(30) for metric in range(12)
    ]


def test_a_quiet_organisation_hardly_ever_gives_an_alert():
    """Negative control: two deviations would give sixteen a week."""
    weeks = [quiet_week(seed) for seed in range(20)]

    assert np.mean([len(alerts(week)) for week in weeks]) < 0.3
    assert np.mean([sum(abs(one.z[-1]) > 2 for one in week) for week in weeks]) > 12


def test_a_change_that_stands_in_two_windows_is_told():
    (found,) = alerts([signal(z=(-3.0, -4.5)), *quiet_week(1)[12:]])

    assert found.tone == "warning"


def test_a_change_of_one_window_is_not_told():
    assert alerts([signal(z=(0.1, -4.5))]) == ()
    assert alerts([signal(z=(-4.5,))]) == ()


def test_nobody_gets_more_than_three():
    many = [signal(metric=f"m{number}", z=(4.0, 5.0)) for number in range(9)]

    assert len(alerts(many)) == MOST_ALERTS


def test_less_is_better_where_less_is_wanted():
    assert alerts([signal(z=(-4.0, -5.0), better="down")])[0].tone == "positive"
