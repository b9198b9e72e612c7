"""A rep objects to a number; somebody else examines it and answers. The first figure stays beside today's."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets

from salescoach.app.one_on_one_fields import Drafted, Status, told
from salescoach.app.one_on_one_steps import heading
from salescoach.app.parts import Widgets, close, labelled
from salescoach.disputing import deals_in_question, dispute_of, owners_beside, reports_made_apart, reports_of
from salescoach.meetings import Desk
from salescoach.metrics import METRICS
from salescoach.report.disputes import figure_text
from salescoach.report.numbers import SHOWN_METRICS
from salescoach.report.page import Quote, Section, Text
from salescoach.report.wording import Wording
from salescoach.safe_html import download, tag
from salescoach.store.models import Objection
from salescoach.store.policy import HR, MANAGER, SELF


def objections_section(desk: Desk) -> Section:
    """All objections, the newest first, with what was answered, and the number then and now."""
    words = desk.words
    blocks = [objection_quote(desk, one) for one in sorted(desk.objections(), key=lambda one: -one.id)]
    nothing = Text(words("one_on_one.objection.none"), tone="muted")
    return Section("objections", words("one_on_one.objection.title"), blocks or (nothing,))


def objection_quote(desk: Desk, one: Objection, name: str = "") -> Quote:
    """One objection with its answer and both figures; *name* says whose it is, where several are shown."""
    words, language = desk.words, desk.words.language
    lines = [one.text, words(f"one_on_one.objection.status.{one.status}")]
    if one.answer:
        examiner = desk.person(one.examined_by or "")
        lines.append(words("one_on_one.objection.answer_is", text=one.answer, person=examiner))
    elif one.is_open:
        lines.append(words("one_on_one.objection.until", day=language.date(one.due)))
    lines += _figures(desk, one)
    if one.recomputed_run_id is not None:
        lines.append(words("one_on_one.objection.made_again", run=one.recomputed_run_id))
    return Quote(" · ".join(filter(None, (name, _title(desk, one)))), lines)


def _title(desk: Desk, one: Objection) -> str:
    day = desk.words.language.date(desk.local(one.created_at).date()) if one.created_at else ""
    return desk.words("one_on_one.objection.of", number=_number(desk, one), day=day)


def _number(desk: Desk, one: Objection) -> str:
    """What is objected to: a metric in its period, or what else the record refers to."""
    if one.metric_id not in METRICS:
        return one.number_ref
    words, label = desk.words, one.number_ref.rsplit(":", 1)[-1]
    name = words(f"metric.{one.metric_id}.name")
    return words("one_on_one.objection.in_period", name=name, period=words.language.period(label))


def _figures(desk: Desk, one: Objection) -> list[str]:
    """The figure that was objected to, and the one that came out: both stay."""
    dispute, wording = dispute_of(one), Wording(desk.words, desk.home.organisation.currency)
    if dispute is None or one.metric_id not in METRICS:
        return []
    told = [desk.words("dispute.first", figure=figure_text(dispute, dispute.first, wording))]
    if dispute.recomputed is not None:
        told.append(desk.words("dispute.again", figure=figure_text(dispute, dispute.recomputed, wording)))
    return told


def objection_forms(desk: Desk, redraw: Callable[[], None]) -> Widgets:
    """For the rep the form to object, for whoever examines the form to answer."""
    found: Widgets = [Object(desk, redraw)] if SELF in desk.standing else []
    found += answer_forms(desk.objections(), lambda _rep: desk, redraw)
    made = [one for one in desk.objections() if one.is_upheld and one.recomputed_run_id is not None]
    return [*found, Reports(desk, made)] if made and desk.sees_meetings else found


def answer_forms(
    objections: Sequence[Objection], desk_of: Callable[[str], Desk], redraw: Callable[[], None], *, named: bool = False
) -> Widgets:
    """What somebody may do about *objections*: answer those that are open, have reports made again.

    *named*: they are those of several people, so each says whose it is.
    """
    mine = [one for one in objections if _examines(desk_of(one.rep_id))]
    waiting = [one for one in mine if one.is_open]
    pending = [one for one in mine if one.is_upheld and one.recomputed_run_id is None]
    found: Widgets = [Examine(waiting, desk_of, redraw, named=named)] if waiting else []
    return [*found, Pending(desk_of(pending[0].rep_id), pending, redraw)] if pending else found


def _examines(desk: Desk) -> bool:
    return bool(desk.standing & {MANAGER, HR}) and SELF not in desk.standing


class Object(widgets.VBox):
    """The rep names a number and says in own words what is wrong with it."""

    def __init__(self, desk: Desk, redraw: Callable[[], None]) -> None:
        self.desk, self.status, self._redraw, self._key = desk, Status(), redraw, uuid.uuid4().hex
        words = desk.words
        numbers = [(words(f"metric.{name}.name"), name) for name in SHOWN_METRICS]
        self._number = widgets.Dropdown(options=numbers, value=SHOWN_METRICS[0])
        self._text = Drafted(desk, words("one_on_one.objection.reason"), "objection", "text")
        button = widgets.Button(description=words("one_on_one.objection.object"))
        button.on_click(self._object)
        super().__init__([
            heading(desk, "one_on_one.objection.form", "one_on_one.objection.form_lead"),
            labelled(words("one_on_one.objection.number"), self._number),
            self._text, button, self.status,
        ])  # fmt: skip

    @told
    def _object(self, _button: Any) -> None:
        if not self._text.box.value.strip():
            self.status.say(self.desk.words("one_on_one.feedback.say_something"), problem=True)
            return
        self.desk.object_to(self._number.value, self._text.box.value, self._key)
        self._text.sent()
        self._redraw()


class Examine(widgets.VBox):
    """Somebody other than the rep answers an objection with reasons."""

    def __init__(
        self, waiting: Sequence[Objection], desk_of: Callable[[str], Desk], redraw: Callable[[], None], *, named: bool
    ) -> None:  # fmt: skip
        self._all, self._desk_of, self._redraw = {one.id: one for one in waiting}, desk_of, redraw
        self.status, words = Status(), desk_of(waiting[0].rep_id).words
        names = {one.id: f"{self._desk(one).name} · " if named else "" for one in waiting}
        options = [(names[one.id] + _number(self._desk(one), one), one.id) for one in waiting]
        self._which = widgets.Dropdown(options=options, value=waiting[0].id)
        self._which.observe(self._begin, names="value")
        self._place = widgets.VBox()
        uphold = widgets.Button(description=words("one_on_one.objection.uphold"))
        uphold.on_click(lambda _button: self._answer("upheld"))
        decline = widgets.Button(description=words("one_on_one.objection.decline"))
        decline.on_click(lambda _button: self._answer("declined"))
        self._begin(None)
        super().__init__([
            heading(self.desk, "one_on_one.objection.examine", "one_on_one.objection.examine_lead"),
            labelled(words("one_on_one.objection.number"), self._which),
            self._place, uphold, decline, self.status,
        ])  # fmt: skip

    def _desk(self, one: Objection) -> Desk:
        return self._desk_of(one.rep_id)

    @property
    def desk(self) -> Desk:
        """The desk of whoever raised the chosen objection."""
        return self._desk(self._all[self._which.value])

    def _begin(self, _change: Any) -> None:
        """The draft of the answer to the chosen objection; and for a manager, whose deals those in question are."""
        old, words = self._place.children, self.desk.words
        title = words("one_on_one.objection.reasons")
        self._text = Drafted(self.desk, title, f"objection {self._which.value}", "answer")
        chosen, self._moved = self._all[self._which.value], None
        if MANAGER in self.desk.standing and chosen.metric_id in METRICS:
            self._moved = Moved(self.desk, chosen)
        self._place.children = [self._text, *([self._moved] if self._moved else [])]
        close(old)

    @told
    def _answer(self, status: str) -> None:
        if not self._text.box.value.strip():
            self.status.say(self.desk.words("one_on_one.feedback.say_something"), problem=True)
            return
        moved = self._moved.chosen if self._moved and status == "upheld" else ((), "")
        answered = self.desk.answer(self._all[self._which.value], status, self._text.box.value, *moved)
        self._text.sent()
        if answered.is_upheld:
            self.status.say(self.desk.words("one_on_one.objection.making"))
            reports_made_apart(self.desk.home, answered, self.desk.record.principal.person)
        self._redraw()


class Moved(widgets.VBox):
    """Which of the deals in question are not the person's, and whose they are; nothing chosen moves none."""

    def __init__(self, desk: Desk, objection: Objection) -> None:
        words = desk.words
        self._deals = widgets.SelectMultiple(options=deals_in_question(desk.home, objection), rows=5)
        others = sorted(owners_beside(desk.home, objection), key=lambda pair: words.language.sort_key(pair[0]))
        self._owner = widgets.Dropdown(options=[(words("one_on_one.objection.nobody"), ""), *others], value="")
        super().__init__([
            labelled(words("one_on_one.objection.not_theirs"), self._deals),
            labelled(words("one_on_one.objection.whose"), self._owner),
        ])  # fmt: skip

    @property
    def chosen(self) -> tuple[tuple[str, ...], str]:
        """Ids of the deals, and their owner."""
        return tuple(self._deals.value), str(self._owner.value)


class Pending(widgets.VBox):
    """Objections that were upheld and whose reports were not made again yet, such as after a crash: one press."""

    def __init__(self, desk: Desk, waiting: list[Objection], redraw: Callable[[], None]) -> None:
        self.desk, self.status, self._redraw, self._waiting = desk, Status(), redraw, waiting
        button = widgets.Button(description=desk.words("one_on_one.objection.make"))
        button.on_click(self._make)
        super().__init__([heading(desk, "one_on_one.objection.pending", "one_on_one.objection.pending_lead"), button,
                          self.status])  # fmt: skip

    @told
    def _make(self, _button: Any) -> None:
        self.status.say(self.desk.words("one_on_one.objection.making"))
        for one in self._waiting:
            reports_made_apart(self.desk.home, one, self.desk.record.principal.person)
        self._redraw()


class Reports(widgets.VBox):
    """The reports before and after an upheld objection, to take away. They hold what was said in meetings."""

    def __init__(self, desk: Desk, made: list[Objection]) -> None:
        self.desk, self.status, self._made = desk, Status(), made
        button = widgets.Button(description=desk.words("one_on_one.objection.reports"))
        button.on_click(self._show)
        self._links = widgets.HTML()
        super().__init__([button, self._links, self.status])

    @told
    def _show(self, _button: Any) -> None:
        """Made when asked for: a report is far longer than the page that offers it."""
        words, links = self.desk.words, []
        for one in self._made:
            for pair in reports_of(self.desk.home, one):
                for when, path in (("before", pair.before), ("after", pair.now)):
                    if path is not None:
                        text = words(
                            f"one_on_one.objection.report_{when}",
                            name=words(f"metric.{one.metric_id}.name"), language=words(f"language.{pair.language}"),
                        )  # fmt: skip
                        links.append(tag("p", download(text, path.name, "text/html", path.read_bytes())))
        self._links.value = str(tag("div", *links, class_="sc-sheet"))
