"""Where the words, content, CRM mappings, page templates and notebooks are.

In a checkout they are the top-level folders ``templates/`` and ``notebooks/``, in an installed
package the same folders inside it. Nobody else works out such a path.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from salescoach.language import language
from salescoach.words import Words, flatten


@cache
def root() -> Path:
    """Folder that holds ``templates/`` and ``notebooks/``."""
    package = Path(__file__).resolve().parent
    for folder in (package / "_resources", package.parent):
        if (folder / "templates").is_dir() and (folder / "notebooks").is_dir():
            return folder
    raise FileNotFoundError(
        "salescoach's templates and notebooks are missing beside its package; the installation is "
        "incomplete. Install it again."
    )


def templates(*parts: str) -> Path:
    """Path below ``templates/``, for example ``templates("words", "tr")``."""
    return root().joinpath("templates", *parts)


def notebooks(*parts: str) -> Path:
    """Path below ``notebooks/``, for example ``notebooks("rep_review.ipynb")``."""
    return root().joinpath("notebooks", *parts)


@cache
def load_words(code: str) -> Words:
    """The word catalogue of language *code*: every ``templates/words/<code>/*.toml`` together.

    Nested tables become dotted keys; the file name is not part of the key. The same key in two
    files is an error, because then the order of files would decide what people read.
    """
    texts: dict[str, str] = {}
    for path in sorted(templates("words", code).glob("*.toml")):
        for key, text in flatten(_toml(path)).items():
            if key in texts:
                raise ValueError(f"{path.name}: the key '{key}' stands in another file of '{code}' already.")
            texts[key] = text
    return Words(language(code), texts)


def load_tables(folder: str) -> dict[str, dict[str, Any]]:
    """Every TOML file of ``templates/<folder>/`` and the folders in it, by its path from there."""
    top = templates(folder)
    return {path.relative_to(top).as_posix(): _toml(path) for path in sorted(top.rglob("*.toml"))}


@cache
def page_style() -> str:
    """The style sheet of every page about a rep."""
    return templates("report", "salescoach.css").read_text(encoding="utf-8")


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
