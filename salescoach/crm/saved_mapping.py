"""How an organisation reads its exports, saved: a CRM's form, the columns added to it, the choices stated.

A saved mapping is a TOML file in the workspace's folder ``mappings/``, in the language of
``templates/crm/*.toml`` with one more table, ``[choices]``. It may be edited by hand. Nothing here reads
an export.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from salescoach.crm.dialect import Choices
from salescoach.crm.folder import write_whole
from salescoach.crm.form_file import preset_of
from salescoach.crm.headings import find
from salescoach.crm.preset import Preset, Source, files_of
from salescoach.crm.text import TextTable
from salescoach.crm.toml_text import toml_text
from salescoach.errors import InputError, UsageError
from salescoach.resources import templates
from salescoach.tables.schema import TABLES

FOLDER = "mappings"
_CHOICES = tuple(each.name for each in fields(Choices))
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}")


@dataclass(frozen=True)
class Form:
    """A form as its file says it. ``document`` is the TOML without ``[choices]``, ``data`` what it was read from."""

    name: str
    document: Mapping[str, Any]
    choices: Choices = field(default_factory=Choices)
    data: bytes = b""

    @property
    def preset(self) -> Preset:
        """The form, checked; InputError naming what is wrong in it."""
        return preset_of(self.name, self.data or toml_text(self.document).encode())

    @property
    def digest(self) -> str:
        """SHA-256 of what the form says, whatever its name, comments and order."""
        return hashlib.sha256(json.dumps(self.document, sort_keys=True).encode()).hexdigest()


def read_form(path: Path) -> Form:
    """The form in a TOML file, with its choices. InputError for what is no TOML or not known there."""
    try:
        data = path.read_bytes()
        document = dict(_toml(data))
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}).", file=path.name) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"is not TOML: {error}. Correct the line it names.", file=path.name) from None
    stated = document.pop("choices", {})
    unknown = sorted(set(stated) - set(_CHOICES))
    if unknown or not all(isinstance(value, str) for value in stated.values()):
        wrong = unknown[0] if unknown else next(key for key, value in stated.items() if not isinstance(value, str))
        raise InputError(
            f"choices: '{wrong}' is not a text that can be stated there. Known: {', '.join(_CHOICES)}.", file=path.name
        )
    form = Form(path.stem, document, Choices(**stated), data)
    form.preset  # noqa: B018 - read now, so that a fault in it is found here
    return form


@lru_cache(64)
def _toml(data: bytes) -> dict[str, Any]:
    """What TOML says; every import looks at the same forms."""
    return tomllib.loads(data.decode("utf-8"))


def forms(mappings: Path | None) -> tuple[tuple[Form, ...], tuple[Form, ...]]:
    """The organisation's own forms, and those that come with the program."""
    own = sorted(mappings.glob("*.toml")) if mappings is not None and mappings.is_dir() else []
    return tuple(map(read_form, own)), tuple(read_form(path) for path in sorted(templates("crm").glob("*.toml")))


def named_form(name: str, mappings: Path | None) -> Form:
    """The form of that name among the organisation's own, then among ours; or the TOML file *name*.

    UsageError naming those that there are.
    """
    if name.endswith(".toml"):
        return read_form(Path(name))
    files = {path.stem: path for path in sorted(templates("crm").glob("*.toml"))}
    if mappings is not None and mappings.is_dir():
        files |= {path.stem: path for path in sorted(mappings.glob("*.toml"))}
    if name not in files:
        raise UsageError.unknown("CRM form or saved mapping", name, files)
    return read_form(files[name])


def merged(stated: Choices, saved: Choices) -> Choices:
    """What is stated now, and what was saved where nothing is stated."""
    return replace(saved, **{name: value for name, value in asdict(stated).items() if value is not None})


def with_columns(form: Form, texts: Sequence[TextTable], columns: Sequence[str]) -> Form:
    """The form with more columns, each given as "Heading=field" or "Heading=table.field".

    InputError when no file has the heading, no table of that file the field, or several have.
    """
    if not columns:
        return form
    document = copy.deepcopy(dict(form.document))
    preset = form.preset
    files = files_of(preset, texts)
    for given in columns:
        heading, _, target = (part.strip() for part in given.rpartition("="))
        table, _, name = target.rpartition(".")
        fitting = [
            source
            for source in preset.sources
            if source.file in files
            and table in ("", source.table)
            and name in TABLES[source.table].names
            and find([heading], files[source.file].header) is not None
        ]
        if not heading or len({(source.file, source.table) for source in fitting}) != 1:
            raise _unclear(given, fitting, files)
        _add(document, fitting[0], name, heading)
    return Form(form.name, document, form.choices)


def _unclear(given: str, fitting: Sequence[Source], files: Mapping[str, TextTable]) -> InputError:
    if fitting:
        places = ", ".join(sorted({f"{source.table} ({files[source.file].file})" for source in fitting}))
        return InputError(f"--map '{given}': several tables fit: {places}. Write the table too: 'Heading=table.field'.")
    headings = "; ".join(f"{text.file}: {', '.join(text.header)}" for text in files.values())
    return InputError(
        f"--map '{given}': no file has this heading together with a table that has this field. Write it as "
        f"'Heading=field'; fields stand in data/README.md, headings are: {headings or 'none'}."
    )


def _add(document: dict[str, Any], source: Source, name: str, heading: str) -> None:
    """Put a heading first among those of a field; a table read by its own names gets its entry written out."""
    entries = document.setdefault("source", [])
    entry = next((each for each in entries if (each["file"], each["table"]) == (source.file, source.table)), None)
    if entry is None:
        table = TABLES[source.table]
        entry = {
            "file": source.file,
            "table": source.table,
            "key": list(table.required),
            "columns": {name: [name] for name in table.names},
        }
        entries.append(entry)
        crm = document["crm"]
        listed = list(TABLES) if crm.pop("canonical", False) else list(crm.get("beside", ()))
        crm["beside"] = [each for each in listed if each != source.table]
    there = entry["columns"].get(name, [])
    there = [there] if isinstance(there, str) else list(there)
    entry["columns"][name] = [heading, *(each for each in there if each != heading)]


def check_name(name: str) -> None:
    """UsageError unless *name* can be the name of a saved mapping."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"'{name}' cannot name a mapping. Use letters without accents, figures, - and _.")


def save_form(form: Form, choices: Choices, name: str, mappings: Path, heading: str) -> Path:
    """Write the form and the choices as ``mappings/name.toml``, whole or not at all; *heading* is its first line.

    WorkspaceError when the disk refuses.
    """
    check_name(name)
    stated = {key: value for key, value in asdict(choices).items() if value is not None}
    document = {**form.document, **({"choices": stated} if stated else {})}
    path = mappings / f"{name}.toml"
    write_whole(path, f"# {heading}\n{toml_text(document)}\n".encode())
    return path
