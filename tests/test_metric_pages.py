"""Pages, handbook and command made from the registry of metrics: they say what the registry says, in both languages."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from conftest import ROOT

from salescoach.cli.metrics import metrics
from salescoach.language import CODES
from salescoach.metrics import METRICS
from salescoach.report.metric_page import metric_handbook, metric_page
from salescoach.report.page import page_html
from salescoach.resources import load_words

HANDBOOKS = {"en": "metrics.md", "tr": "metrics.tr.md"}


@pytest.mark.parametrize("code", CODES)
def test_the_handbook_is_the_one_that_the_registry_makes(code: str):
    stored = (ROOT / "docs" / HANDBOOKS[code]).read_text(encoding="utf-8")

    assert stored == metric_handbook(load_words(code)), "run `make handbook`"


@pytest.mark.parametrize("code", CODES)
def test_every_metric_has_a_page_with_its_definition_formula_and_rules(code: str):
    words = load_words(code)
    for name, metric in METRICS.items():
        text = str(metric_page(name, words))
        assert words(f"metric.{name}.definition") in text
        assert words(f"metric.{name}.formula") in text
        assert repr(metric.null_rule)[1:-1] in text


def test_a_page_is_a_whole_document():
    assert page_html(metric_page("nps", load_words("tr")), "", "plotly.js").startswith("<!DOCTYPE html>")


def test_the_list_names_every_metric():
    found = json.loads(CliRunner().invoke(metrics, ["list", "--json"]).output)

    assert [row["metric_id"] for row in found] == list(METRICS)


def test_show_says_the_definition_in_words():
    output = CliRunner().invoke(metrics, ["show", "win_rate_count", "--language", "tr"]).output

    assert load_words("tr")("metric.win_rate_count.definition") in output


def test_an_unknown_metric_is_named_with_those_that_exist():
    error = CliRunner().invoke(metrics, ["show", "win_rate"]).exception

    assert "bookings" in str(error)
