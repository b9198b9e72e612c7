"""Text never becomes code: what salescoach.safe_html lets through and what it refuses."""

from __future__ import annotations

import ast
import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment

import salescoach
from salescoach import safe_html
from salescoach.safe_html import SafeHtml, call, join, script_file, style, tag, text

PAYLOADS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "<img src=x onerror=alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<!--<script>alert(1)//-->",
    "<math><mtext><style></math><img src onerror=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "]]><script>alert(1)</script>",
)


class Shape(HTMLParser):
    """The elements and attributes that a browser would see, apart from all text."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.words: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_stays_text(payload: str) -> None:
    shape = Shape(tag("p", payload, aria_label=payload))

    assert shape.elements == [("p", ("aria-label",))]
    assert "".join(shape.words) == payload


def test_control_naive_markup_lets_a_script_through() -> None:
    """The check above can see a script: the naive way has one."""
    assert ("script", ()) in Shape(f"<p>{PAYLOADS[0]}</p>").elements


def test_an_ordinary_string_operation_loses_the_seal() -> None:
    """Markup with text glued to it is text again, so it is escaped once too often rather than once too seldom."""
    glued = text("a") + "<script>"

    assert tag("p", glued) == "<p>a&lt;script&gt;</p>"


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "data:text/html,x", "https://example.org",
     "//example.org", "\\\\example.org", "file:///etc/passwd", "/etc/passwd", "a b", "x\n", ""],
)  # fmt: skip
def test_a_link_leads_nowhere_but_to_a_relative_path_or_an_anchor(address: str) -> None:
    with pytest.raises(ValueError, match="relative path"):
        tag("a", "x", href=address)


def test_relative_paths_and_anchors_are_links() -> None:
    assert tag("a", "x", href="../tr/Elif_Işık-r1.html") == '<a href="../tr/Elif_Işık-r1.html">x</a>'


@pytest.mark.parametrize("name", ["script", "style", "iframe", "img", "form", "object", "svg", "p onclick=x", "P"])
def test_elements_that_run_load_or_send_do_not_exist(name: str) -> None:
    with pytest.raises(ValueError, match="no element"):
        tag(name, "x")


@pytest.mark.parametrize("name", ["onclick", "style", "srcdoc", "src", "action", "http_equiv", "x onclick", "data-"])
def test_attributes_that_run_or_load_do_not_exist(name: str) -> None:
    with pytest.raises(ValueError, match="no attribute"):
        tag("p", "x", **{name: "y"})


def test_what_looks_like_a_path_or_an_address_is_text() -> None:
    """IPython's HTML() would read the file; nothing here does."""
    assert text("/etc/hostname") == "/etc/hostname"
    assert text("https://example.org") == "https://example.org"


def test_signs_that_cannot_be_shown_leave_a_trace() -> None:
    """NUL, an escape sequence, a reversed reading direction, half a surrogate: visible, and writable as UTF-8."""
    shown = text("a\x00b\x1b[31mc\u202ed\ud800")

    assert shown == "a\ufffdb\ufffd[31mc\ufffdd\ufffd"
    assert shown.encode("utf-8")


def test_only_text_is_shown() -> None:
    """A number reaches the page written in the reader's language, never as Python writes it."""
    with pytest.raises(TypeError, match=r"1\.5"):
        text(1.5)  # type: ignore[arg-type]


@pytest.mark.parametrize("payload", [*PAYLOADS, "\u2028\u2029", "\ud800"])
def test_json_in_a_script_cannot_leave_it(payload: str) -> None:
    script = call("Plotly.newPlot", "figure-1", {"text": payload})

    assert Shape(script).elements == [("script", ())]
    inside = script.removeprefix('<script>Plotly.newPlot("figure-1",').removesuffix(");</script>")
    assert json.loads(inside) == {"text": payload}


def test_a_script_gets_no_number_that_json_does_not_have() -> None:
    with pytest.raises(ValueError, match="JSON"):
        call("draw", [float("nan")])


@pytest.mark.parametrize("function", ["alert(1);x", "a b", "", "x.", "</script>"])
def test_a_script_calls_only_a_name(function: str) -> None:
    with pytest.raises(ValueError, match="name of a function"):
        call(function)


@pytest.mark.parametrize("css", ["</style><script>", "a{background:url(x)}", "@IMPORT 'x'", "<!--"])
def test_a_style_sheet_loads_nothing_and_ends_nothing(css: str) -> None:
    with pytest.raises(ValueError, match="style sheet"):
        style(css)


def test_a_script_file_lies_beside_the_page() -> None:
    assert script_file("plotly.min.js") == '<script src="plotly.min.js"></script>'
    with pytest.raises(ValueError, match="relative path"):
        script_file("https://cdn.example.org/plotly.min.js")


def test_jinja_knows_markup_from_text() -> None:
    template = Environment(autoescape=True).from_string("{{ made }}{{ given }}")

    assert template.render(made=tag("br"), given="<br>") == "<br>&lt;br&gt;"


def test_a_group_is_one_part() -> None:
    assert join(["a", None, ["<", [tag("br")]]], ", ") == "a, &lt;<br>"


def test_nobody_else_makes_markup() -> None:
    """Only this module calls SafeHtml: everywhere else a string is text."""
    package = Path(salescoach.__file__).parent
    makers = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == SafeHtml.__name__
    }

    assert makers == {Path(safe_html.__file__).name}
