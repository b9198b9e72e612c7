"""Open the page about methods: imported data, diagnosis and words meet here. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from salescoach.bill import bill
from salescoach.coaching.four_quarters import LINES
from salescoach.coaching.worked import ledger
from salescoach.diagnosis.methods import judgements, mix_model, picture, placebo
from salescoach.diagnosis.news import power
from salescoach.known import data_at, diagnosis_of, reviewed_period, snapshot_at
from salescoach.report.methods import MethodsFacts, MethodsPage
from salescoach.report.page import END, End, Figure, Header, Page, Section, page_html
from salescoach.resources import load_words, page_style
from salescoach.review import opened, requested_day, requested_language, requested_parameter
from salescoach.workspace import Workspace


@dataclass(frozen=True)
class OpenMethods:
    """How each judgement is made, part by part as a notebook shows it, or whole as a page."""

    facts: MethodsFacts
    written: MethodsPage

    @cached_property
    def page(self) -> Page:
        """The whole document."""
        return self.written.page()

    @property
    def header(self) -> Header:
        """Whose data, and which period."""
        return Header(self.page, page_style())

    @property
    def alike(self) -> Section:
        """Whether people differ at all."""
        return self.written.alike()

    @property
    def shrinkage(self) -> Section:
        """How much of what is seen is kept."""
        return self.written.shrinkage()

    @property
    def shrinkage_figure(self) -> Figure:
        """The same for a few nameless people."""
        return self.written.shrinkage_figure()

    @property
    def mix(self) -> Section:
        """The mix model and its calibration."""
        return self.written.mix()

    @property
    def mix_figure(self) -> Figure:
        """The calibration as a chart."""
        return self.written.mix_figure()

    @property
    def gates(self) -> Section:
        """Rule of thumb and gates side by side."""
        return self.written.gates()

    @property
    def effect(self) -> Section:
        """What fails when one asks whether coaching worked."""
        return self.written.effect()

    @property
    def alerts(self) -> Section:
        """What the alerts would see, and what they would not."""
        return self.written.alerts()

    @property
    def sources(self) -> Section:
        """The bill of materials."""
        return self.written.about()

    @property
    def end(self) -> End:
        """Marks a page that was made to its last line."""
        return END

    def html(self, plotly_src: str = "plotly.min.js") -> str:
        """The whole page; *plotly_src* is the relative path of plotly.js."""
        return page_html(self.page, page_style(), plotly_src)


def open_methods(
    workspace: str | Path | Workspace = "", period: str = "", as_of: str | date = "", language: str = ""
) -> OpenMethods:
    """The methods at work on the data of *period*, as known at the end of *as_of*, in *language*.

    Empty parameters are those of :func:`salescoach.review.open_review`; so are the errors.
    """
    home = opened(workspace)
    day = requested_day(as_of)
    snapshot, data = snapshot_at(home, day), data_at(home, day)
    span = reviewed_period(data, requested_parameter("period", period))
    words = load_words(requested_language(language, home))
    found = diagnosis_of(home, span, day)
    driver, stage, drawn = picture(found)
    auc, calibration = mix_model(data, found.span)
    facts = MethodsFacts(
        judgements(found),
        driver,
        stage,
        drawn,
        auc,
        calibration,
        placebo(data, found.span),
        ledger(data).programmes,
        data.currency,
        power(data),
    )
    sources = bill(snapshot, LINES, {"period": span.label, "as_of": data.as_of.isoformat()})
    language_of = words.language
    written = MethodsPage(
        facts, words, home.organisation.name, language_of.period(span.label), language_of.date(data.as_of), sources
    )
    return OpenMethods(facts, written)
