"""Whether coaching worked, in words: for one person, and for everybody who was coached on the same thing."""

from __future__ import annotations

import math
from collections.abc import Sequence

from salescoach.coaching.worked import Worked, WorkedProgramme
from salescoach.metrics.verdicts import in_reach
from salescoach.report.page import Bullets, Cell, Column, Item, Table, Text
from salescoach.report.wording import Wording
from salescoach.words import Words

MOST = 2


def worked_blocks(found: Sequence[Worked], wording: Wording) -> tuple[Text | Bullets, ...]:
    """The newest interventions with one person; nothing where there was none."""
    words = wording.words
    if not found:
        return ()
    items = [_item(one, wording) for one in found[:MOST]]
    note = Text(words("worked.threats"), tone="muted")
    return Text(words("worked.title"), tone="strong"), Bullets(tuple(items)), note


def _item(one: Worked, wording: Wording) -> Item:
    words, effect, share = wording.words, one.effect, wording.words.language.percent
    topic = wording.driver(one.intervention.driver, one.stage)
    if not math.isfinite(effect.after):
        text = words("worked.person.nothing", topic=topic)
    else:
        text = words(
            f"worked.person.{effect.verdict}", topic=topic, before=share(effect.before), n_before=effect.n_before,
            after=share(effect.after), n=effect.n_after,
        )  # fmt: skip
    detail = [words("worked.since", date=words.language.date(one.intervention.start),
                    reason=words(f"worked.reason.{one.intervention.selected_by}"))]  # fmt: skip
    if math.isfinite(effect.expected):
        usual = wording.range(effect.low, effect.high, "share")
        detail.append(words("worked.expected", expected=share(effect.expected), range=usual))
    if effect.needed:
        told = in_reach(effect.needed, effect.n_after, one.days)
        more = words.language.number(effect.needed)
        detail.append(words("worked.needed", n=more) if told else words("worked.out_of_reach"))
    links = "; ".join(
        f"{words(f'worked.link.{link}')}: {_link(link, said, words)}" for link, said in one.chain.links.items()
    )
    detail.append(f"{links}.")
    if one.chain.stops_at and effect.verdict != "moved":
        detail.append(words("worked.stops_at", link=words(f"worked.link.{one.chain.stops_at}")))
    mark = words(f"verdict.{effect.verdict}")
    return Item(text, detail=" ".join(detail), mark=mark)


def _link(link: str, said: str, words: Words) -> str:
    return words(f"worked.done.{said}") if link == "action" else words(f"worked.verdict.{said}")


def programmes_blocks(found: Sequence[WorkedProgramme], wording: Wording) -> tuple[Text | Table, ...]:
    """Each programme beside the others who were not coached; nothing where there was none."""
    words, write = wording.words, wording.words.language
    known = [one for one in found if math.isfinite(one.effect.effect)]
    if not known:
        return ()
    columns = (
        Column(words("worked.programme.topic")), Column(words("worked.programme.coached"), "right"),
        Column(words("worked.programme.effect"), "right"), Column(words("worked.programme.range"), "right"),
        Column(words("worked.programme.verdict")),
    )  # fmt: skip
    rows = [
        (
            Cell(wording.driver(one.driver, one.stage), detail=words(
                "worked.since", date=write.date(one.start), reason=words(f"worked.reason.{one.selected_by}"))),
            Cell(words("worked.programme.of", coached=one.effect.coached, others=one.effect.others)),
            Cell(_points(one.effect.effect, wording)),
            Cell(write.range(_points(one.effect.low95, wording), _points(one.effect.high95, wording))),
            Cell(words(f"worked.programme.{_verdict(one)}")),
        )
        for one in known
    ]  # fmt: skip
    table = Table(words("worked.programme.caption"), columns, rows, (words("worked.programme.note"),))
    return Text(words("worked.title"), "strong"), table


def _points(value: float, wording: Wording) -> str:
    return wording.words.language.number(100 * value, 1)


def _verdict(one: WorkedProgramme) -> str:
    return one.effect.verdict if one.registered else "descriptive_only"
