"""Parameters reach a notebook as they are, or not at all."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from papermill.translators import PythonTranslator

from salescoach.runs.parameters import ParameterError, Translator, check, declared

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def arrives(**parameters: Any) -> dict[str, Any]:
    """What a notebook holds after the cell that we inject."""
    space: dict[str, Any] = {}
    exec(Translator.codify(parameters), space)  # noqa: S102
    return {name: space[name] for name in parameters}


def notebook(source: str) -> Any:
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
    return nbformat.v4.new_notebook(cells=[cell])


def same(left: Any, right: Any) -> bool:
    """Equal in value and type, where NaN equals NaN and -0.0 differs from 0.0."""
    if isinstance(left, list):
        return type(right) is list and len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return type(right) is dict and list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, float) and isinstance(right, float):
        return (math.isnan(left) and math.isnan(right)) or (
            left == right and math.copysign(1, left) == math.copysign(1, right)
        )
    return type(left) is type(right) and left == right


@settings(max_examples=400, deadline=None)
@given(JSON)
def test_every_plain_value_arrives_as_it_was(value: Any) -> None:
    assert same(arrives(value=value)["value"], value)


@pytest.mark.parametrize(
    ("scalar", "expected"),
    [(np.bool_(False), False), (np.int64(3), 3), (np.float64(0.5), 0.5), (np.str_("Işık"), "Işık")],
)
def test_numpy_scalars_arrive_as_python_values(scalar: object, expected: object) -> None:
    assert same(arrives(value=scalar)["value"], expected)


def test_papermill_alone_would_turn_false_into_a_true_text() -> None:
    """Negative control: why there is a translator of our own."""
    assert PythonTranslator.translate(np.bool_(False)) == '"False"'
    assert bool("False")


class Loud(str):
    """Text whose own repr is code."""

    def __repr__(self) -> str:
        return "__import__('os')"


@pytest.mark.parametrize(
    "value",
    [
        PurePosixPath("x'); __import__('os').abort(); ('"),
        Loud("x"),
        (1, 2),
        {1, 2},
        {1: "one"},
        b"bytes",
        1 + 2j,
        Decimal("1.5"),
        pd.Timestamp("2025-12-31"),
        pd.NA,
        np.datetime64("2025-12-31", "ns"),
        np.array([1]),
        [object()],
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_other_type_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="Parameter 'value' is a"):
        check(notebook("value = None"), {"value": value})


def test_papermill_alone_would_run_a_path_with_a_quote() -> None:
    """Negative control: the text of the path becomes the code of the cell."""
    hostile = PurePosixPath('" + str(40 + 2) + "')
    space: dict[str, Any] = {}
    exec(PythonTranslator.codify({"value": hostile}), space)  # noqa: S102
    assert space["value"] == "42"


@pytest.mark.parametrize("name", ["x=1;import os;y", "class", "rep id", "", "rep\n", "unknown", 7])
def test_only_names_that_the_notebook_declares_pass(name: Any) -> None:
    with pytest.raises(ParameterError, match="declares no parameter"):
        check(notebook("rep = 'R01'"), {name: 1})


@pytest.mark.parametrize("name", ["x=1;import os;y", "class", ""])
def test_the_translator_refuses_such_names_by_itself(name: str) -> None:
    with pytest.raises(ParameterError):
        Translator.codify({name: 1})


def test_declared_names_are_read_from_the_syntax_tree() -> None:
    """Annotations and a second = on the line are no obstacle; a name only in a comment or a call is not declared."""
    source = (
        "rep: str | None = None  # rep = R01\n"
        "period, as_of = '2025Q4', None\n"
        "since: 'datetime.date'\n"
        "print(language)  # language = 'tr'\n"
    )
    assert declared(notebook(source)) == ("rep", "period", "as_of", "since")
    inferred = [parameter.name for parameter in PythonTranslator.inspect(notebook(source).cells[0])]
    assert inferred != ["rep", "period", "as_of", "since"]  # negative control


def test_a_notebook_without_a_parameters_cell_takes_none() -> None:
    assert check(nbformat.v4.new_notebook(), {}) == {}
    with pytest.raises(ParameterError, match="declares: nothing"):
        check(nbformat.v4.new_notebook(), {"rep": "R01"})


def test_names_stay_readable_in_the_injected_cell() -> None:
    assert "rep = 'Ayşe Öztürk'" in Translator.codify({"rep": "Ayşe Öztürk"})
    assert "Ay\\u015fe" in PythonTranslator.codify({"rep": "Ayşe Öztürk"})  # negative control


def test_dates_bring_the_import_that_they_need() -> None:
    moment = datetime(2025, 12, 31, 9, 30, tzinfo=UTC)
    assert arrives(day=date(2025, 12, 31), moment=moment) == {"day": date(2025, 12, 31), "moment": moment}


def test_paths_are_refused_by_name_of_the_parameter() -> None:
    with pytest.raises(ParameterError, match="Parameter 'workspace' is a PosixPath"):
        check(notebook("workspace = ''"), {"workspace": Path("/somewhere")})
