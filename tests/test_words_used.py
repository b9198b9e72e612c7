"""Every text of the catalogues is asked for by the code, and every text that the code asks for is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from conftest import ROOT

from salescoach.resources import load_words

SOURCES = [
    *(ROOT / "salescoach").rglob("*.py"),
    *(ROOT / "templates").rglob("*.j2"),
    *(ROOT / "templates").rglob("*.html"),
]
PLURAL = re.compile(r"\.(one|other)$")


def patterns() -> Iterator[str]:
    """Regular expressions of the keys that the code can form: string constants, and f-strings with gaps."""
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            yield from (re.escape(found) for found in re.findall(r"[\"']([a-z_]+(?:\.[\w]+)+)[\"']", text))
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value:
                yield re.escape(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+" for part in node.values
                ]
                if "." in "".join(part for part in parts if part != r"\w+"):
                    yield "".join(parts)


def test_no_text_is_left_over():
    """A text nobody shows is translated and reviewed for nothing."""
    known = re.compile("|".join(sorted(set(patterns()))))
    keys = {PLURAL.sub("", key) for key in tuple(load_words("en").keys())}

    assert sorted(key for key in keys if not known.fullmatch(key)) == []
