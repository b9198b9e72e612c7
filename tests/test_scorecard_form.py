"""The form of a scorecard on the screen: what is put right, or scored by the rep too, is what was looked at."""

from __future__ import annotations

from datetime import date

import pytest
from one_on_one_support import COACH, REP, button, desk_of, named, organisation, text_of

from salescoach import observing
from salescoach.app.development import DevelopmentApp
from salescoach.coaching.scorecards import Answer
from salescoach.resources import load_words
from salescoach.store import Principal
from salescoach.workspace import Workspace

EN = load_words("en")
DAY = date(2025, 11, 20)
CALL = "Role-play of 20 November"
ABOUT = ("growth.form.what", "growth.score.form", "label.date", "growth.form.subject")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The coach has scored a role-play with a form that is not the first of its kind."""
    home = organisation(tmp_path_factory.mktemp("form"))
    card = observing.cards("role_play")[-1]
    answers = {item.id: Answer(2, evidence="Asked once") for item in card.items}
    kept, _ = observing.keep(
        desk_of(home, COACH), "role_play", card.id, DAY, observing.Subject("activity", CALL), answers
    )
    assert kept is not None
    return home


def about(app: DevelopmentApp) -> list[object]:
    return [named(app, EN(key)).value for key in ABOUT]


EXPECTED = ["role_play", observing.cards("role_play")[-1].id, DAY, CALL]


def test_whoever_corrects_a_form_sees_what_it_was_about(home: Workspace) -> None:
    app = DevelopmentApp(home, "en", Principal(COACH))
    app._rep.value = REP
    fresh = about(app)
    which = named(app, EN("growth.form.which"))
    which.value = which.options[1][1]

    assert fresh != EXPECTED  # negative control: a new form begins empty
    assert about(app) == EXPECTED
    assert all(named(app, EN(key)).disabled for key in ABOUT)
    assert "Asked once" in text_of(app)
    assert button(app, EN("growth.form.correct"))


def test_a_rep_who_is_asked_for_own_points_finds_the_form_ready_and_empty(home: Workspace) -> None:
    app = DevelopmentApp(home, "en", Principal(REP))

    assert about(app) == EXPECTED
    assert EN("growth.score.own_first") in text_of(app)
    assert "Asked once" not in text_of(app)
    assert not any(named(app, EN(key)).disabled for key in ABOUT)
