"""A page about a rep: inert whatever people wrote, complete, accessible, and needing no network."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
import pytest
from browser import open_page
from IPython.core.formatters import DisplayFormatter
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import markdown2html
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from test_safe_html import PAYLOADS, Shape

from salescoach import charts, resources
from salescoach.report import render
from salescoach.report.page import (
    END,
    PLOTLY_MIME,
    Bullets,
    Cell,
    Column,
    Figure,
    Fold,
    Header,
    Item,
    Page,
    Pairs,
    Quote,
    Section,
    Table,
    Text,
    page_html,
)

CSS = resources.page_style()
NUMBERS = ("1.234,5", "%42", "−3", "₺1,9 Mn", "31.12.2025", "%23–%54", "n 24", "$5")


def example(texts: Sequence[str], language: str = "tr") -> Page:
    """A page that uses every part of the model, its texts taken in turn from *texts*."""
    supply = texts_in_turn(texts)

    def say() -> str:
        return next(supply)

    columns = (Column(say(), note=say()), Column(say(), "right"))
    tones = ("plain", "grey", "na")
    rows = [(Cell(say(), detail=say()), Cell(say(), detail=say(), tone=tone)) for tone in tones]
    section = Section(
        "numbers",
        say(),
        (
            Text(say()),
            Text(say(), "muted"),
            Text(say(), "strong"),
            Text(say(), "note"),
            Bullets((Item(say(), detail=say(), mark=say()), Item(say()))),
            Bullets((Item(say()),), ordered=True),
            Bullets((), empty=say()),
            Table(say(), columns, rows, notes=(say(), say())),
            Pairs(((say(), say()), (say(), say()))),
            Quote(say(), (say(), say())),
            Fold(say(), (Text(say()), Table("", columns, rows))),
        ),
        lead=say(),
    )
    return Page(say(), say(), Pairs(((say(), say()),)), (section, figure(say)), say(), language)


def texts_in_turn(texts: Sequence[str]) -> Iterator[str]:
    while True:
        yield from texts


def figure(say: Any) -> Figure:
    names = ("title", "rep", "target", "peers", "amount", "today", "empty")
    day = date(2025, 10, 1)
    drawn = charts.pace_figure(
        [day], [1.0], target=[2.0], peers=None, as_of=day, tick_days=[(day, say())],
        labels={name: say() for name in names}, hover=[say()], language="tr",
    )  # fmt: skip
    return Figure(drawn, say(), say())


HARMLESS = example(["metin"])


def section_of(page: Page) -> Section:
    return next(part for part in page.sections if isinstance(part, Section))


# --- text from people ----------------------------------------------------------------------------


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_changes_the_shape_of_the_document(payload: str) -> None:
    """Same elements, same attributes, as if every text had been one harmless word."""
    document = page_html(example([payload]), CSS, "plotly.min.js")

    assert Shape(document).elements == Shape(page_html(HARMLESS, CSS, "plotly.min.js")).elements


def test_control_naive_markup_changes_it() -> None:
    naive = "<p>{}</p>"

    assert Shape(naive.format(PAYLOADS[0])).elements != Shape(naive.format("metin")).elements


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_attribute_runs_and_no_link_leaves(payload: str) -> None:
    document = page_html(example([payload]), CSS, "plotly.min.js")

    attributes = {name for _, names in Shape(document).elements for name in names}
    assert not {name for name in attributes if name.startswith("on")}
    assert not attributes & {"href", "action", "srcdoc", "style"}


MARKDOWN = (
    "[x](javascript:alert(1))", "![x](x)", "<javascript:alert(1)>", "`a`", "**b**", "# h", "1. l", "- l", "> q",
    "a | b", "www.example.org", "https://example.org", "a@example.org", "a\n\n<b>\n- c", "$x^2$", "a\n===", "[x]: /y",
    "***",
)  # fmt: skip


@pytest.mark.parametrize("payload", [*PAYLOADS, *MARKDOWN])
def test_no_text_changes_the_shape_of_the_markdown(payload: str) -> None:
    """Read by the Markdown of nbconvert, which lets HTML through; formulas, too, stay text."""

    def shape(page: Page) -> list[tuple[str, tuple[str, ...]]]:
        parts = [Header(page)._repr_mimebundle_(), section_of(page)._repr_mimebundle_()]
        return [element for part in parts for element in Shape(markdown2html(part["text/markdown"])).elements]

    headings_have_ids = {"id", "class", "href"}  # made from their text, so not part of the shape
    assert [e for e in shape(example([payload])) if not headings_have_ids & set(e[1])] == [
        e for e in shape(HARMLESS) if not headings_have_ids & set(e[1])
    ]


def test_control_markdown_without_escapes_lets_a_script_through() -> None:
    assert "script" in {name for name, _ in Shape(markdown2html(f"- {PAYLOADS[0]}")).elements}


def test_an_anchor_is_only_a_name() -> None:
    with pytest.raises(ValueError, match="not an anchor"):
        Section('x" onclick="y', "t", ())


# --- the same content everywhere -------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["text/html", "text/markdown", "text/plain"])
def test_every_form_carries_every_number(kind: str) -> None:
    shown = section_of(example(NUMBERS))._repr_mimebundle_()[kind]

    assert [number for number in NUMBERS if number.lstrip("$") not in shown] == []


@pytest.mark.browser
def test_what_is_folded_is_closed_on_a_screen_and_open_on_paper(tmp_path: Path) -> None:
    section = Section("gap", "Why", (Fold("Parts", (Text("What stands behind it"),)),))
    document = page_html(Page("Elif", "", Pairs(()), (section,), "", "en"), CSS, "")
    (tmp_path / "page.html").write_text(document, encoding="utf-8")

    with open_page((tmp_path / "page.html").as_uri()) as page:
        inside = page.get_by_text("What stands behind it")
        assert not inside.is_visible()
        page.emulate_media(media="print")
        assert inside.is_visible()
        page.emulate_media(media="screen")
        page.get_by_text("Parts").click()
        assert inside.is_visible()


def test_a_notebook_displays_a_section_in_three_forms_and_a_figure_as_data() -> None:
    formatter = DisplayFormatter()
    section, drawn = HARMLESS.sections
    shown, _ = formatter.format(section)
    chart, _ = formatter.format(drawn)

    assert set(shown) == {"text/html", "text/markdown", "text/plain"}
    assert set(chart) == {PLOTLY_MIME, "text/plain"}
    assert chart["text/plain"] == "metin"


def test_a_path_or_an_address_is_not_opened(tmp_path: Any) -> None:
    """IPython's HTML() and Markdown() read the file and show it; a section shows its name."""
    (tmp_path / "secret.html").write_text("ANOTHER REP", encoding="utf-8")
    shown, _ = DisplayFormatter().format(Section("a", str(tmp_path / "secret.html"), ()))

    assert "ANOTHER REP" not in str(shown)
    assert "secret.html" in shown["text/html"]


def test_the_header_brings_the_style_sheet_once_and_sections_bring_none() -> None:
    assert Header(HARMLESS, CSS)._repr_mimebundle_()["text/html"].count("<style>") == 1
    assert "<style>" not in Header(HARMLESS)._repr_mimebundle_()["text/html"]
    assert "<style>" not in section_of(HARMLESS)._repr_mimebundle_()["text/html"]


def test_the_last_output_can_be_recognised() -> None:
    assert END._repr_mimebundle_()["text/html"] == '<div id="salescoach-end" hidden></div>'


# --- the document ----------------------------------------------------------------------------------


def test_the_document_says_its_language_and_its_title() -> None:
    document = page_html(example(["Işık"], "tr"), CSS, "plotly.min.js")

    assert '<html class="sc-document" lang="tr">' in document
    assert "<title>Işık</title>" in document
    assert document.count("<main ") == document.count("<h1 ") == 1


def outside(markup: str) -> list[str]:
    """Addresses that a browser would fetch from elsewhere."""
    shape_free = re.sub(r"<script>Plotly\.newPlot\(.*?\);</script>", "", markup, flags=re.DOTALL)
    return re.findall(r"(?:https?:)?//[\w.-]+|@import|url\(", shape_free)


def test_nothing_is_loaded_but_plotly_from_beside_the_page() -> None:
    document = page_html(HARMLESS, CSS, "plotly.min.js")

    assert outside(document) == []
    assert re.findall(r'(?:src|href)="([^"]*)"', document) == ["plotly.min.js"]


def test_a_page_without_a_figure_loads_nothing() -> None:
    words_only = Page("t", "s", Pairs(()), (section_of(HARMLESS),), "f", "en")

    assert "<script" not in page_html(words_only, CSS, "plotly.min.js")


def test_plotly_from_elsewhere_is_refused() -> None:
    with pytest.raises(ValueError, match="relative path"):
        page_html(HARMLESS, CSS, "https://cdn.example.org/plotly.min.js")


def test_every_section_and_figure_has_a_name_for_those_who_do_not_see_it() -> None:
    document = page_html(example(["metin"]), CSS, "plotly.min.js")

    assert 'aria-labelledby="numbers-title"' in document
    assert '<h2 id="numbers-title"' in document
    assert re.search(r'<div class="sc-plot" id="figure-2" role="img" aria-label="metin">', document)


def test_a_figure_without_plotly_is_its_description() -> None:
    drawn = render.figure_html({"data": [], "layout": {}}, "figure-1", "Kapanan: ₺1,9 Mn")

    assert '<p class="sc-instead">Kapanan: ₺1,9 Mn</p>' in drawn


def test_a_tables_headings_are_headings() -> None:
    drawn = render.block_html(Table("Six", (Column("Metric"), Column("Value")), [(Cell("Win rate"), Cell("42%"))]))

    assert re.findall(r'<th [^>]*scope="(\w+)"[^>]*>([^<]*)', drawn) == [
        ("col", "Metric"), ("col", "Value"), ("row", "Win rate"),
    ]  # fmt: skip
    assert "<caption>Six</caption>" in drawn


def test_a_row_that_does_not_fit_its_table_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="Row 1 has 1 cells; the table has 2 columns"):
        Table("", (Column("a"), Column("b")), [(Cell("x"),)])


def test_an_empty_list_says_so() -> None:
    assert "Henüz bir söz yok." in render.block_html(Bullets((), empty="Henüz bir söz yok."))


# --- the style sheet ---------------------------------------------------------------------------------


def test_the_style_sheet_loads_nothing() -> None:
    assert not re.search(r"url\(|@import|https?:", CSS)


def test_every_class_of_a_page_has_a_rule() -> None:
    document = page_html(HARMLESS, CSS, "plotly.min.js")
    used = {name for names in re.findall(r'class="([^"]*)"', document) for name in names.split()}

    assert {name for name in used if f".{name}" not in CSS} == set()
    assert {"sc-cell-grey", "sc-cell-na", "sc-muted", "sc-strong", "sc-note", "sc-plain"} <= used


def rules(css: str) -> Iterator[tuple[str, str]]:
    """Selector and declarations of every innermost rule."""
    for found in re.finditer(r"([^{};]+)\{([^{}]*)\}", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)):
        yield found[1].strip(), found[2]


def test_every_rule_is_below_a_class_of_ours() -> None:
    """So the sheet can live inside JupyterLab and Voila without touching them."""
    stray = [
        one
        for selector, _ in rules(CSS)
        if not selector.startswith("@")
        for one in re.split(r",(?![^(]*\))", selector)
        if ".sc-" not in one
    ]

    assert stray == []


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2's ratio.

    >>> round(contrast("#000000", "#ffffff"))
    21
    """
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def themes() -> list[dict[str, str]]:
    """Colours by name, of the light page, the dark page and JupyterLab's dark theme."""
    found = [dict(re.findall(r"--sc-(\w+): (#\w{6})", body)) for _, body in rules(CSS)]
    light, *dark = [colours for colours in found if colours]
    return [light, *({**light, "paper": "#111111", **colours} for colours in dark)]


@pytest.mark.parametrize("colours", themes(), ids=["light", "JupyterLab dark", "dark"])
def test_text_can_be_read_on_every_ground(colours: dict[str, str]) -> None:
    for text in ("ink", "muted"):
        for ground in ("paper", "soft"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    assert contrast(colours["accent"], colours["paper"]) >= 3


@pytest.mark.parametrize("ground", ["#ffffff", "#111111", "#171b20"])
def test_what_a_figure_draws_can_be_seen_on_every_ground(ground: str) -> None:
    """Where no style sheet reaches it, its greys stand on white and on dark."""
    for colour in (charts.ACCENT, charts.GREY, charts.INK):
        assert contrast(colour, ground) >= 3


def test_a_figures_words_can_be_read_on_white() -> None:
    assert contrast(charts.INK, "#ffffff") >= 4.5


# --- the exported notebook ---------------------------------------------------------------------------


def exported(cells: list[Any], *, language: str = "tr", plotly_js: str = "") -> str:
    exporter = HTMLExporter(
        template_name="salescoach",
        extra_template_basedirs=[str(resources.templates("report", "nbconvert"))],
        extra_template_paths=[str(resources.templates("report"))],
        exclude_input=True,
        language_code=language,
    )
    given = {"metadata": {"name": "Şükrü & <b>Işık</b>"}, "plotly_js": plotly_js, "footer": "<i>2025</i>"}
    body, _ = exporter.from_notebook_node(nbformat.from_dict(new_notebook(cells=cells)), resources=given)
    return str(body)


def cell(*outputs: Any) -> Any:
    return new_code_cell("secret_source()", outputs=list(outputs), execution_count=1)


def shown(part: Any) -> Any:
    return new_output("execute_result", data=dict(part._repr_mimebundle_()), execution_count=1)


def test_an_exported_notebook_is_a_document_with_the_style_and_without_code() -> None:
    document = exported([cell(shown(Header(HARMLESS))), cell(shown(section_of(HARMLESS))), cell(shown(END))])

    assert re.search(r'<html class="sc-document" lang="tr">', document)
    assert "<title>Şükrü &amp; &lt;b&gt;Işık&lt;/b&gt;</title>" in document
    assert document.count("<main ") == document.count("<h1 ") == document.count("<h2 ") == 1
    assert ".sc-sheet" in document
    assert "secret_source" not in document
    assert "&lt;i&gt;2025&lt;/i&gt;" in document
    assert "salescoach-end" in document


def test_an_exported_notebook_loads_plotly_only_when_asked_and_nothing_else() -> None:
    cells = [cell(shown(section_of(HARMLESS)))]

    assert "<script" not in exported(cells)
    assert re.findall(r'src="([^"]*)"', exported(cells, plotly_js="plotly.min.js")) == ["plotly.min.js"]
    assert outside(exported(cells, plotly_js="plotly.min.js")) == []


def test_control_the_stock_template_goes_to_the_network() -> None:
    body, _ = HTMLExporter(template_name="lab").from_notebook_node(nbformat.from_dict(new_notebook()))

    assert outside(body)


def test_trouble_in_an_exported_notebook_is_seen_as_text() -> None:
    banner = new_markdown_cell("BANNER", metadata={"tags": ["papermill-error-cell-tag"]})
    trace = new_output(
        "error", ename="E", evalue="", traceback=["\x1b[31mValueError\x1b[0m: <script>alert(1)</script>"]
    )
    document = exported([banner, cell(trace)])

    assert "ValueError: &lt;script&gt;alert(1)&lt;/script&gt;" in document
    assert 'role="alert"' in document
    assert "BANNER" not in document


@pytest.mark.parametrize("kind", ["text/plain", "text/markdown"])
def test_text_outputs_of_an_exported_notebook_stay_text(kind: str) -> None:
    document = exported([cell(new_output("display_data", data={kind: PAYLOADS[0]}))])

    assert "script" not in {name for name, _ in Shape(document).elements}
