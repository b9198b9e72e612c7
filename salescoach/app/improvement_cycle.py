"""An improvement cycle on the screen: its page, its four parts, its trials, and the step to the next phase."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import ipywidgets as widgets

from salescoach.app.improvement_parts import Form, shown
from salescoach.app.one_on_one_fields import SavedText
from salescoach.app.parts import Screen, Widgets, close, html_widget
from salescoach.coaching.content import Card
from salescoach.coaching.improvement import PHASES
from salescoach.coaching.remarks import Remark, block
from salescoach.improvement import Board
from salescoach.improvement_documents import cycle_page, trial_page
from salescoach.language import shortened
from salescoach.report.improvement import ORDER
from salescoach.report.page import Section, Text
from salescoach.review import content
from salescoach.store.models import ORGANISATION, ExperimentCard, ImprovementCycle
from salescoach.team_goals import teams
from salescoach.trials import MEASURES, Trial, add_card, finish, trial, trials

_MONTH, _PERCENT = timedelta(days=28), 100.0
_TITLE = 60  # characters of a hypothesis in a list
VERDICTS = ("keep", "change", "stop")


def cycle_screen(board: Board, cycle_id: int | None, redraw: Callable[[], None]) -> Screen:
    """The page of a cycle with its trials; beside it what is written, and a new cycle."""
    words = board.words
    begin: Widgets = [Begin(board, redraw)] if board.leads else []
    if not cycle_id:
        none = Section("cycle", words("improvement.cycle.title"), (Text(words("improvement.cycle.none"), "muted"),))
        return shown(board, [none]), begin
    cycle = board.record.get(ImprovementCycle, cycle_id)
    tried = trials(board, cycle)
    read = shown(board, [cycle_page(board, cycle), *(trial_page(board, n, one) for n, one in enumerate(tried, 1))])
    if not board.leads:
        return read, []
    written: Widgets = [] if cycle.status == "closed" else [*parts(board, cycle), Move(board, cycle, redraw)]
    due = [one for one in tried if one.card.verdict == "open" and one.card.look_on <= board.today]
    if due:
        written.append(Conclude(board, due, redraw))
    if cycle.status != "closed":
        written.append(NewTrial(board, cycle, redraw))
    return read, [*written, *begin]


def parts(board: Board, cycle: ImprovementCycle) -> Widgets:
    """A box for each of plan, do, check and act; saved when it is left."""
    words = board.words
    card = next(one for one in content().all(Card) if one.kind == "pdca")
    hints = {field.id: field.text(words.language.code) for field in card.fields}
    fields: Widgets = [html_widget(words("improvement.cycle.write"), words("improvement.cycle.write_lead"),
                                   language=words.language.code)]  # fmt: skip
    for name in ORDER:
        title = words("improvement.cycle.plan_part") if name == "plan" else words(f"voice.phase.{name}")
        hint = hints["feedback"] if name == "plan" else hints[name]
        fields.append(_part(board, cycle, name, title, hint))
    return fields


def _part(board: Board, cycle: ImprovementCycle, name: str, title: str, hint: str) -> SavedText:
    def save(text: str, before: str) -> str:
        return str(getattr(board.write_part(cycle.id, name, text, before), name))

    before = getattr(cycle, name)
    field = SavedText(board, title, before, before, save, theirs=lambda found: found.theirs, hint=hint, rows=3)
    field._box.add_class("sc-app-short")
    return field


class Begin(Form):
    """A new cycle: the one change, what was heard, and for which team."""

    def __init__(self, board: Board, redraw: Callable[[], None]) -> None:
        words = board.words
        self._title, self._plan = widgets.Text(), widgets.Textarea(rows=3, continuous_update=False)
        self._team = widgets.Dropdown(options=[(words("app.team.everybody"), ""), *teams(board)])
        super().__init__(board, "begin", [
            (words("improvement.cycle.change"), self._title), (words("improvement.cycle.plan_part"), self._plan),
            (words("label.team"), self._team),
        ], redraw)  # fmt: skip

    def keep(self) -> tuple[Remark, ...] | None:
        """Begin the cycle; the one change is needed, all else may follow."""
        title = self._title.value.strip()
        if not title:
            return (block("voice.cycle.no_change"),)
        self.desk.begin(title, self._plan.value.strip(), self._team.value, self.key)
        return None


class Move(Form):
    """On to the next phase; the last one asks for the day on which the decision is looked at again."""

    def __init__(self, board: Board, cycle: ImprovementCycle, redraw: Callable[[], None]) -> None:
        words = board.words
        self._cycle = cycle
        self._to = PHASES[PHASES.index(cycle.status) + 1]
        self._review = widgets.DatePicker(value=board.today + _MONTH)
        closing = self._to == "closed"
        lead = words("improvement.cycle.close_lead" if closing else "improvement.cycle.move_lead")
        controls = [(words("improvement.decisions.review"), self._review)] if closing else []
        do = words("improvement.cycle.move_to", phase=words(f"voice.phase.{self._to}"))
        super().__init__(board, "move", controls, redraw, lead=lead, do=do)

    def keep(self) -> tuple[Remark, ...] | None:
        """Move on; what stands in the way otherwise."""
        day = self._review.value if self._to == "closed" else None
        return self.desk.move(self._cycle, self._to, day) or None


class NewTrial(Form):
    """A card written before the trial begins; how much is needed follows every change."""

    def __init__(self, board: Board, cycle: ImprovementCycle, redraw: Callable[[], None]) -> None:
        words = board.words
        self._cycle = cycle
        self._hypothesis = widgets.Textarea(rows=2, continuous_update=False)
        self._metric = widgets.Dropdown(options=[(words(f"metric.{name}.name"), name) for name in MEASURES])
        self._change = widgets.FloatText(value=20.0)
        self._start = widgets.DatePicker(value=board.today + timedelta(days=1))
        self._stop = widgets.DatePicker(value=board.today + 3 * _MONTH)
        self._judged = widgets.VBox()
        super().__init__(board, "try", [
            (words("improvement.trial.hypothesis"), self._hypothesis), (words("label.metric"), self._metric),
            (words("improvement.trial.by"), self._change), (words("improvement.trial.start"), self._start),
            (words("improvement.trial.stop_on"), self._stop), (words("improvement.trial.judged"), self._judged),
        ], redraw, about=lambda: cycle.id)  # fmt: skip
        for control in (self._hypothesis, self._metric, self._change, self._start, self._stop):
            control.observe(self._judge, names="value")
        self._judge(None)

    def _card(self) -> ExperimentCard | None:
        if self._start.value is None or self._stop.value is None:
            return None
        return ExperimentCard(
            rep_id=ORGANISATION, key=self.key, cycle_id=self._cycle.id, hypothesis=self._hypothesis.value.strip(),
            metric_id=self._metric.value, expected_effect=float(self._change.value) / _PERCENT,
            start=self._start.value, look_on=self._stop.value,
        )  # fmt: skip

    def _judge(self, _change: Any) -> None:
        card, old = self._card(), self._judged.children
        if card is not None:
            found = trial(self.desk, card, self._cycle.team_id or "")
            self._judged.children = shown(self.desk, [trial_page(self.desk, 0, found)])
            close(old)

    def keep(self) -> tuple[Remark, ...] | None:
        """Keep the card; what the rules miss otherwise."""
        card = self._card()
        if card is None:
            return (block("improvement.trial.needs_days"),)
        found = add_card(self.desk, card, self._cycle.team_id or "")
        return found if isinstance(found, tuple) else None


class Conclude(Form):
    """What people make of a trial on its day: keep, change or stop, and why."""

    def __init__(self, board: Board, due: list[Trial], redraw: Callable[[], None]) -> None:
        words = board.words
        self._known = {one.card.id: one.card for one in due}
        names = [(shortened(card.hypothesis, _TITLE), number) for number, card in self._known.items()]
        self._which = widgets.Dropdown(options=names)
        self._how = widgets.Dropdown(options=[(words(f"improvement.trial.verdict.{one}"), one) for one in VERDICTS])
        self._why = widgets.Textarea(rows=2, continuous_update=False)
        super().__init__(board, "conclude", [
            (words("improvement.trial.which"), self._which), (words("label.verdict"), self._how),
            (words("improvement.trial.result"), self._why),
        ], redraw, about=lambda: self._which.value)  # fmt: skip
        self._which.observe(self.recall, names="value")

    def keep(self) -> tuple[Remark, ...] | None:
        """Write the verdict down, with words."""
        why = self._why.value.strip()
        if not why:
            return (block("voice.cycle.no_result"),)
        finish(self.desk, self._known[self._which.value], self._how.value, why)
        return None

    def read_again(self) -> None:
        """The next save is based on what is stored now."""
        self._known[self._which.value] = self.desk.record.get(ExperimentCard, self._which.value)
