"""The notebooks are thin pages, and the review notebook is the same under papermill, in JupyterLab and in Voila."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
import papermill
import pytest
from browser import external_requests, open_page, wait_end
from nbclient import NotebookClient

from salescoach import resources
from salescoach.leadlab.registry import Registry
from salescoach.report.page import PLOTLY_MIME
from salescoach.resources import load_words
from salescoach.review import requested_language
from salescoach.runs import run_reviews
from salescoach.runs.demo import build_demo
from salescoach.server import Server
from salescoach.workspace import Workspace

NOTEBOOKS = sorted(resources.notebooks().glob("*.ipynb"))
REVIEW = "rep_review.ipynb"
REP, PERIOD = "R003", "2025Q4"
MOST_LINES = 40
FORBIDDEN = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.If, ast.Try, ast.With)
ORDER = (
    "promised", "numbers", "findings", "figure-1", "figure-2", "gap", "deals", "questions", "changed", "figure-3",
    "feedback", "about",
)  # fmt: skip


# Thin


def weight(cells: Sequence[str]) -> list[str]:
    """What is too much for a notebook in these cells of code."""
    lines = sum(len(cell.splitlines()) for cell in cells)
    found = [f"{lines} lines"] if lines > MOST_LINES else []
    for node in ast.walk(ast.parse("\n".join(cells))):
        if isinstance(node, FORBIDDEN):
            found.append(type(node).__name__)
        elif isinstance(node, (ast.Import, ast.ImportFrom)) and ast.unparse(node) != "import salescoach as sc":
            found.append(ast.unparse(node))
    return found


def code_cells(path: Path) -> list[Any]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_stored_without_outputs(path: Path):
    assert all(not cell.outputs and cell.execution_count is None for cell in code_cells(path))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_thin(path: Path):
    assert weight([cell.source for cell in code_cells(path)]) == []


@pytest.mark.parametrize(
    "cell", ["def f(): ...", "class A: ...", "for i in []: ...", "if 1: ...", "import pandas", "x\n" * 41]
)
def test_a_fat_notebook_is_seen(cell: str):
    assert len(weight(["import salescoach as sc", cell])) == 1


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_the_first_cell_holds_the_parameters(path: Path):
    assert ["parameters" in cell.metadata.get("tags", ()) for cell in code_cells(path)][:2] == [True, False]


# Under papermill


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return build_demo(tmp_path_factory.mktemp("notebooks") / "demo", reps=12, months=30)


@pytest.fixture(scope="module")
def reports(home: Workspace) -> dict[str, str]:
    """The review of one rep as HTML, by language."""
    result = run_reviews(home, period=PERIOD, languages=["tr", "en"], reps=[REP])
    assert result.ok == 2, [report.reason for report in result.reports]
    return {report.language: Path(str(report.html)).read_text(encoding="utf-8") for report in result.reports}


@pytest.fixture(params=["tr", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def visible(page: str) -> str:
    """The text of a page."""
    return re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<(script|style)\b.*?</\1>", " ", page))


def number_rows(page: str) -> list[list[ElementTree.Element]]:
    """The cells of each row of the numbers."""
    section = re.search(r'(?s)<section[^>]*\bid="numbers".*?</section>', page)
    assert section is not None
    return [list(row) for row in ElementTree.fromstring(section[0]).findall(".//tbody/tr")]


def text_of(cell: ElementTree.Element) -> str:
    return "".join(cell.itertext()).strip()


def test_the_report_has_its_parts_in_the_order_of_the_meeting(reports: dict[str, str], language: str):
    places = [reports[language].find(f'id="{part}"') for part in ORDER]

    assert -1 not in places
    assert places == sorted(places)


def test_the_report_draws_its_charts(reports: dict[str, str], language: str):
    assert reports[language].count("Plotly.newPlot(") == 3


def test_the_report_says_its_language(reports: dict[str, str], language: str):
    assert re.search(rf'<html\b[^>]* lang="{language}"', reports[language])


def test_every_heading_is_in_the_language_of_the_report(reports: dict[str, str], language: str):
    words = load_words(language)
    parts = ("promised", "numbers", "findings", "gap", "deals", "questions", "feedback")

    assert [part for part in parts if f">{words(f'review.{part}.title')}</h2>" not in reports[language]] == []


def test_every_number_has_its_n_and_its_interval_or_a_reason(reports: dict[str, str], language: str):
    """A value that was counted, not estimated, says so in place of an interval."""
    counted = load_words(language)("brief.numbers.exact")
    rows = number_rows(reports[language])
    bare = []
    for metric, value, interval, n, *_ in rows:
        reason = "sc-cell-na" in value.attrib["class"] and text_of(value) not in ("", "–")
        known = re.search(r"\d.*–.*\d", text_of(interval)) or text_of(interval) == counted
        if not (text_of(n).isdigit() and (reason or (re.search(r"\d", text_of(value)) and known))):
            bare.append(text_of(metric))

    assert len(rows) == 6
    assert bare == []


def test_the_last_four_quarters_carry_n_and_interval_too(reports: dict[str, str], language: str):
    years = [text_of(row[4]) for row in number_rows(reports[language])]

    assert any(year != "–" for year in years)
    assert [year for year in years if year != "–" and not re.search(r"\d[^–]*–[^–]*\d[^–]*\bn \d+", year)] == []


def test_no_slot_is_left_open_and_no_key_is_shown(reports: dict[str, str], language: str):
    assert re.findall(r"\{[a-z_]+\}", reports[language]) == []
    assert re.findall(r"\b(?:review|brief|metric|na|label|verdict|counts)\.[a-z_]+", visible(reports[language])) == []


# In JupyterLab, and in Voila


def test_without_parameters_it_shows_somebody_and_ends(home: Workspace, monkeypatch: pytest.MonkeyPatch):
    """As JupyterLab runs it: each cell shows one thing, the last one the end."""
    monkeypatch.setenv("SALESCOACH_WORKSPACE", str(home.path))
    notebook = nbformat.read(resources.notebooks(REVIEW), as_version=4)
    NotebookClient(notebook, timeout=120).execute()
    shown = [[output.output_type for output in cell.outputs] for cell in notebook.cells[1:]]
    kinds = [set(cell.outputs[0].data) for cell in notebook.cells[1:]]

    assert shown == [["execute_result"]] * len(shown)
    assert sum(PLOTLY_MIME in kind for kind in kinds) == 3
    assert all("text/html" in kind or PLOTLY_MIME in kind for kind in kinds)
    assert "salescoach-end" in notebook.cells[-1].outputs[0].data["text/html"]


def test_a_page_speaks_as_its_address_says_else_as_its_server_else_as_the_organisation(
    home: Workspace, monkeypatch: pytest.MonkeyPatch
):
    other = {"tr": "en", "en": "tr"}[home.organisation.language]
    spoken = [requested_language("", home)]
    monkeypatch.setenv("SALESCOACH_LANGUAGE", other)
    spoken.append(requested_language("", home))
    monkeypatch.setenv("QUERY_STRING", f"language={home.organisation.language}")
    spoken.append(requested_language("", home))

    assert spoken == [home.organisation.language, other, home.organisation.language]


@pytest.mark.browser
def test_in_voila_it_follows_the_address(home: Workspace):
    with (
        Server(home, apps=[REVIEW], language="tr") as server,
        open_page(server.link(REVIEW, rep=REP, period=PERIOD, language="en")) as page,
    ):
        wait_end(page)
        page.wait_for_function("document.querySelectorAll('.js-plotly-plot svg.main-svg .trace').length >= 3")
        plots = page.evaluate("Array.from(document.querySelectorAll('.js-plotly-plot'), plot => plot.data.length)")
        text = page.inner_text("main")

        assert len(plots) == 3
        assert all(plots)
        assert load_words("en")("review.numbers.title") in text
        assert load_words("en").language.period(PERIOD) in text
        assert external_requests(page) == []


# The analyst's notebook

DECLARED = """[leads]
outcome = "y"
row_order = true
known_at = "created"

[columns.duration]
known_at = "after_outcome"
"""


@pytest.mark.parametrize(("language", "source"), [("tr", "bank"), ("en", "demo")])
def test_the_lead_lab_runs_under_papermill(
    language: str, source: str, home: Workspace, shared_data: Path, tmp_path: Path
):
    """On every tenth row of a file that it has never seen, with a declaration, and on a workspace: to a model, its
    reasons and its card, which is kept where a folder was named."""
    given: dict[str, str] = {"leads": str(home.path), "language": language}
    if source == "bank":
        (tmp_path / "bank.toml").write_text(DECLARED, encoding="utf-8")
        given |= {"leads": part_of_bank(shared_data, tmp_path), "declaration": str(tmp_path / "bank.toml")}
        given |= {"models": str(tmp_path / "models")}
    shown = lead_lab(given, tmp_path)
    words = load_words(language)
    parts = {part: text for part in ("columns", "drift", "reasons", "card") if (text := section(shown, part))}

    assert sum(PLOTLY_MIME in data for data in shown) == 7
    assert "salescoach-end" in shown[-1]["text/html"]
    assert parts.keys() == {"columns", "drift", "reasons", "card"}
    assert words("leads.card.limit_drift") in parts["card"]
    assert parts["reasons"].count(words("lead_pages.examples.for")) >= 1
    if source == "bank":
        assert f'duration</span> <span class="sc-detail">{words("leads.dropped.after_outcome")}' in parts["columns"]
        assert "euribor3m" in parts["drift"]  # the warning names what has moved
        assert Registry(tmp_path / "models").current() in section(shown, "model")
    else:
        assert words("lead_pages.made.forgotten") in section(shown, "model")


def test_without_a_declaration_the_lead_lab_warns_of_the_leak_and_makes_no_model(shared_data: Path, tmp_path: Path):
    """And of rows that stand in an order; nothing is kept although a folder was named."""
    leads, models = part_of_bank(shared_data, tmp_path, every=25), tmp_path / "models"
    shown = lead_lab({"leads": leads, "outcome": "y", "models": str(models), "language": "en"}, tmp_path)
    words = load_words("en")

    assert words("lead_pages.made.unanswered", columns="duration") in section(shown, "model")
    assert words("leads.rule.drop_strongest") in section(shown, "columns")
    assert "If that order is time" in section(shown, "drift")
    assert words("lead_pages.made.none") in section(shown, "card")
    assert not models.exists()


def part_of_bank(shared_data: Path, folder: Path, every: int = 10) -> str:
    """One of *every* rows, in their order."""
    lines = (shared_data / "bank_marketing" / "bank-additional-full.csv").read_text(encoding="utf-8").splitlines()
    (folder / "bank.csv").write_text("\n".join([lines[0], *lines[1::every]]), encoding="utf-8")
    return str(folder / "bank.csv")


def lead_lab(given: dict[str, str], folder: Path) -> list[Any]:
    """What each cell of the analyst's notebook shows."""
    done = papermill.execute_notebook(
        str(resources.notebooks("lead_scoring.ipynb")), str(folder / "out.ipynb"), given, progress_bar=False
    )
    return [cell.outputs[0].data for cell in done.cells if cell.cell_type == "code" and cell.outputs]


def section(shown: Sequence[Any], part: str) -> str:
    """The section *part*; empty when there is none."""
    return next((data["text/html"] for data in shown if f'id="{part}"' in data.get("text/html", "")), "")


# The other pages


PAGES = {
    "team_review.ipynb": "team.title",
    "methods.ipynb": "methods.title",
    "metric_lab.ipynb": "metric_lab.subtitle",
}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_runs_in_both_languages(home: Workspace, language: str, name: str):
    notebook = nbformat.read(resources.notebooks(name), as_version=4)
    notebook.cells[0].source = f"{notebook.cells[0].source}\nworkspace, language = {str(home.path)!r}, {language!r}"
    NotebookClient(notebook, timeout=120).execute()
    shown = "".join(str(output.data) for cell in notebook.cells[1:] for output in cell.outputs)

    assert "salescoach-end" in notebook.cells[-1].outputs[0].data["text/html"]
    assert load_words(language)(PAGES[name]) in shown
    assert (
        re.findall(r"\{[a-z_]+\}", "".join(o.data.get("text/html", "") for c in notebook.cells for o in c.outputs))
        == []
    )
