"""An item of the content library as people read it: its parts under their headings, in one language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import Field, fields, is_dataclass
from typing import Any

from salescoach.coaching.content import FOLDERS, Competency, Content, Item, Phrases, Playbook
from salescoach.coaching.content import Text as Bilingual
from salescoach.report.page import Block, Bullets, Pairs, Section, Text
from salescoach.report.page import Item as Line
from salescoach.words import Words

_COUNTED = ("minutes", "weight", "due_days")
"""Numbers of a part that stand behind its heading."""


def overview(content: Content, words: Words) -> Section:
    """How many items of which kind there are, by the name of their folder, with their ids."""
    pairs = [
        (f"{words(f'content.kind.{folder}')} ({folder})", ", ".join(item.id for item in content.all(kind)))
        for folder, kind in FOLDERS.items()
    ]
    return Section("library", words("content.title"), (Pairs(pairs),), lead=words("content.lead"))


def item_section(item: Item, content: Content, words: Words) -> Section:
    """Everything that stands in *item*, the evidence grade with it."""
    code = words.language.code
    title = getattr(item, "title", None)
    return Section(
        item.id.replace("_", "-"),
        title(code) if title else item.id,
        (_header(item, content, words), *_blocks(item, content, words)),
    )


def _header(item: Item, content: Content, words: Words) -> Pairs:
    code = words.language.code
    about = [content.one(Competency, one).title(code) for one in item.competencies]
    drivers = [content.one(Playbook, one).title(code) for one in item.drivers]
    pairs = (
        (words("content.grade"), words(f"review.grade.{item.evidence_grade}")),
        (words("content.owner"), words(f"content.by.{item.owner_role}")),
        (words("content.takes"), words("content.minutes", n=item.minutes) if item.minutes else ""),
        (words("content.competencies"), ", ".join(about)),
        (words("content.drivers"), ", ".join(drivers)),
        (words("content.metrics"), ", ".join(words(f"metric.{one}.name") for one in item.metrics)),
        (words("content.version"), words.language.number(item.version)),
    )
    return Pairs(tuple((name, text) for name, text in pairs if text))


def _blocks(item: Item, content: Content, words: Words) -> Iterator[Block]:
    code = words.language.code
    own = {field.name for field in fields(Item)}
    for field in fields(item):
        value = getattr(item, field.name)
        if field.name in own or field.name == "title" or not _shown(value, code):
            continue
        yield Text(words(f"content.part.{field.name}"), tone="strong")
        yield from _value(field, value, content, words)


def _shown(value: object, code: str) -> bool:
    """Only what people read: texts, phrases, parts, levels; names that the program uses are left out."""
    if isinstance(value, Bilingual | Phrases):
        return bool(value(code))
    return isinstance(value, Mapping) or (
        isinstance(value, tuple) and bool(value) and not isinstance(value[0], str | int)
    )


def _value(field: Field[Any], value: Any, content: Content, words: Words) -> Iterator[Block]:
    code = words.language.code
    if isinstance(value, Bilingual):
        yield from (Text(line) for line in value(code).splitlines())
    elif isinstance(value, Phrases):
        yield Text(", ".join(value(code)))
    elif isinstance(value, Mapping):
        named = field.name == "needed"  # competencies; otherwise roles
        yield Pairs([
            (content.one(Competency, one).title(code) if named else words(f"role.{one}"), words.language.number(level))
            for one, level in value.items()
        ])  # fmt: skip
    elif is_dataclass(value[0]) and not isinstance(value[0], Bilingual):
        for part in value:
            yield from _part(part, words)
    else:
        yield Bullets(tuple(Line(text(code)) for text in value), ordered=True)


def _part(part: Any, words: Words) -> Iterator[Block]:
    """A part of an item: its first text is its heading."""
    code = words.language.code
    texts = [value for value in vars(part).values() if isinstance(value, Bilingual) and value(code)]
    counted = [words(f"content.{name}", n=vars(part)[name]) for name in _COUNTED if name in vars(part)]
    yield Text(" · ".join([texts[0](code), *counted]), tone="strong")
    yield from (Text(text(code)) for text in texts[1:])
    for value in vars(part).values():
        if isinstance(value, tuple):
            yield Bullets(tuple(Line(text(code)) for text in value), ordered=True)
