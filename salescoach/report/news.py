"""What stands out since the weeks before, in words: few changes, each beside what was to be expected anyway."""

from __future__ import annotations

from collections.abc import Sequence

from salescoach.diagnosis.alerts import Alert
from salescoach.diagnosis.news import WINDOW
from salescoach.report.page import Bullets, Item, Text
from salescoach.report.wording import Wording

_UNITS = {"won": "share", "begun": "count", "contacts": "count"}
_WEEKS = WINDOW // 7


def news_blocks(alerts: Sequence[Alert], wording: Wording) -> tuple[Text | Bullets, ...]:
    """The alerts of one person, or the sentence that nothing stands out; and what either does not say."""
    words = wording.words
    title = Text(words("news.title", weeks=_WEEKS), tone="strong")
    silence = Text(words("news.silence"), tone="muted")
    if not alerts:
        return title, Text(words("news.none"), tone="muted"), silence
    items = tuple(_item(one, wording) for one in alerts)
    return title, Bullets(items), Text(words("news.note", weeks=_WEEKS), tone="muted"), silence


def _item(alert: Alert, wording: Wording) -> Item:
    signal, words = alert.signal, wording.words
    unit = _UNITS[signal.metric_id]
    text = words(
        f"news.{signal.metric_id}.{'more' if signal.z[-1] > 0 else 'fewer'}",
        value=wording.value(signal.value, unit), n=words.language.number(signal.n), weeks=_WEEKS,
    )  # fmt: skip
    detail = words(
        "news.expected",
        range=wording.range(signal.low, signal.high, unit),
        level=wording.level,
        expected=wording.value(signal.expected, unit),
    )
    return Item(text, detail=detail, mark=words(f"news.tone.{alert.tone}"))
