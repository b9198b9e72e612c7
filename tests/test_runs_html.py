"""The page made from an executed notebook: the same every time, whole, and at home without a network."""

from __future__ import annotations

import re
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from salescoach.runs import html

HOSTILE = "</script><script>alert('İ')</script>"
FIGURE = {
    "data": [{"type": "bar", "x": ["Ocak", HOSTILE], "y": [3, None]}],
    "layout": {"title": {"text": HOSTILE}},
    "config": {"plotlyServerURL": "https://plot.ly"},
}


def executed() -> Any:
    """What a report's notebook holds when it has run; ids are new at each call."""
    return new_notebook(
        cells=[
            new_code_cell("secret_source = 1", execution_count=1, metadata={"tags": ["parameters"]}),
            new_markdown_cell("## Başlık"),
            new_code_cell(
                "x", execution_count=2, outputs=[new_output("stream", name="stderr", text="UserWarning: /home/me")]
            ),
            new_code_cell(
                "x", execution_count=3, outputs=[bundle({"text/html": "<p>ğüşıöç</p>", "text/plain": "plain"})]
            ),
            new_code_cell("x", execution_count=4, outputs=[figure(), figure()]),
            new_code_cell("x", execution_count=5, outputs=[bundle({"application/javascript": "steal()"})]),
        ],
        metadata={"widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"x": 1}}}},
    )


def bundle(data: dict[str, Any]) -> Any:
    return new_output("display_data", data)


def figure() -> Any:
    return bundle({"application/vnd.plotly.v1+json": FIGURE, "text/plain": "Kazanılan tutar"})


@pytest.fixture(scope="module")
def page() -> str:
    return html.page(executed(), language="tr", title="Ayşe <b> · 2025 Ç4", footer="Veri tarihi: 31.12.2025")


def test_the_same_notebook_gives_the_same_bytes(page: str) -> None:
    first, second = executed(), executed()
    assert nbformat.writes(first) != nbformat.writes(second)  # ids differ, as papermill's do from run to run
    for notebook in (first, second):
        again = html.page(notebook, language="tr", title="Ayşe <b> · 2025 Ç4", footer="Veri tarihi: 31.12.2025")
        assert again == page


def test_the_notebook_itself_is_left_as_it_was() -> None:
    notebook = executed()
    before = nbformat.writes(notebook)
    html.page(notebook, language="tr", title="x")
    assert nbformat.writes(notebook) == before


def test_language_and_title_are_stated(page: str) -> None:
    assert re.search(r"<html[^>]* lang=\"tr\"", page)
    assert "<title>Ayşe &lt;b&gt; · 2025 Ç4</title>" in page
    assert 'lang="en"' in html.page(executed(), language="en", title="x")


def test_every_figure_has_a_box_of_its_own_and_is_drawn(page: str) -> None:
    names = re.findall(r'Plotly\.newPlot\("([^"]+)"', page)
    assert names == ["figure-1", "figure-2"]
    assert all(page.count(f'id="{name}"') == 1 for name in names)


def test_texts_in_a_figure_cannot_end_its_script(page: str) -> None:
    assert "alert('İ')" in page  # the text is there
    assert HOSTILE not in page
    assert page.count("<script>") == page.count("Plotly.newPlot(") == 2


def test_plotly_is_loaded_once_from_beside_the_page(page: str) -> None:
    assert page.count('<script src="plotly.min.js">') == 1
    assert html.plotly_js().startswith(b"/**")


def test_a_page_without_figures_loads_no_script() -> None:
    assert "<script" not in html.page(new_notebook(cells=[new_markdown_cell("text")]), language="en", title="x")


def test_nothing_is_asked_of_the_network(page: str) -> None:
    assert re.findall(r"https?://[^\s\"']*", page) == []


def test_code_warnings_scripts_and_widgets_of_the_notebook_are_not_shown(page: str) -> None:
    for hidden in ("secret_source", "UserWarning", "steal()", "widget-state"):
        assert hidden not in page


def test_what_is_to_be_read_is_shown(page: str) -> None:
    for shown in ("Başlık", "<p>ğüşıöç</p>", "Kazanılan tutar", "Veri tarihi: 31.12.2025"):
        assert shown in page


def test_the_exporter_alone_would_lose_every_figure() -> None:
    """Negative control: nbconvert's own template has no idea of plotly's bundle."""
    from nbconvert.exporters import HTMLExporter

    alone, _ = HTMLExporter(template_name="basic").from_notebook_node(executed())
    assert "newPlot" not in alone
