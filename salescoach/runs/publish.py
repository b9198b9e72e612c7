"""From an executed notebook to the files that people open. Decides nothing about whether it is good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from salescoach.calendar import Period
from salescoach.report_files import before_stem
from salescoach.resources import load_words
from salescoach.runs import html
from salescoach.runs.engine import Outcome
from salescoach.runs.folder import PeriodFolder
from salescoach.runs.notebooks import notebook_text
from salescoach.runs.plan import Report
from salescoach.runs.record import Entry, sha256
from salescoach.safe_html import printable


def written(report: Report, outcome: Outcome, period: Period, as_of: date) -> dict[str, str]:
    """What *outcome* gives to read: path, relative to the period's folder, and content of each file.

    A good report is ``NAME.ipynb`` and ``NAME.html``, a failed one ``NAME.failed.ipynb`` alone.
    """
    if outcome.notebook is None:
        return {}
    here = f"{report.language}/{report.stem}"
    status = "failed" if outcome.failure else "ok"
    outcome.notebook.metadata["salescoach"] = {"status": status, "key": report.key}
    if outcome.failure:
        return {f"{here}.failed.ipynb": notebook_text(outcome.notebook)}
    words = load_words(report.language)
    page = html.page(
        outcome.notebook,
        language=report.language,
        title=f"{printable(report.person.name)} · {words.language.period(period.label)}",
        footer=words("notice.footer", date=words.language.date(as_of)),
    )
    return {f"{here}.ipynb": notebook_text(outcome.notebook), f"{here}.html": page}


def publish_report(folder: PeriodFolder, report: Report, contents: Mapping[str, str]) -> Mapping[str, str]:
    """Lay out *contents*; path and sha256 of each file.

    What failed lies beside the last good report, which stays, and goes away with the next good one.
    """
    staged = [(folder.stage(content), folder.inside(name)) for name, content in contents.items()]
    for path, target in staged:
        folder.publish(path, target)
    here = f"{report.language}/{report.stem}"
    if f"{here}.html" in contents:
        folder.inside(f"{here}.failed.ipynb").unlink(missing_ok=True)
    return {name: sha256(content) for name, content in contents.items()}


def keep_report(folder: PeriodFolder, entry: Entry | None, run_id: str) -> tuple[str, ...]:
    """Copy the report of *entry* beside itself, before that of *run_id* takes its place; the paths of the copies."""
    kept = []
    for name in entry.files if entry else ():
        path = folder.inside(name)
        if path.is_file():
            copy = path.with_name(before_stem(path.stem, run_id) + path.suffix)
            kept.append(str(copy.relative_to(folder.path)))
            folder.write(path.read_bytes(), kept[-1])
    return tuple(kept)


def publish_plotly(folder: PeriodFolder, languages: Sequence[str]) -> None:
    """Lay one plotly.js, the installed one, beside the pages of each of the *languages*."""
    script = html.plotly_js()
    for code in languages:
        path = folder.inside(code, html.PLOTLY_JS)
        if not path.is_file() or path.read_bytes() != script:
            folder.write(script, code, html.PLOTLY_JS)
