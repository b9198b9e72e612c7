"""How facts are written in one language: values with their units, findings as sentences, reasons."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from salescoach.diagnosis.findings import Finding, Line, Shown
from salescoach.metrics import LEVEL
from salescoach.metrics.verdicts import in_reach
from salescoach.words import Words

FEWEST_SHOWN = 5
FEWEST_PLAIN = 20


@dataclass(frozen=True)
class Wording:
    """Writes values and findings with *words*, amounts in *currency*."""

    words: Words
    currency: str

    def value(self, value: float, unit: str) -> str:
        """A known value with its unit; shares without decimals, amounts short."""
        language = self.words.language
        if unit == "share":
            return language.percent(value)
        if unit == "change":
            return language.change(value)
        if unit == "money":
            return language.money_short(value, self.currency)
        if unit == "days":
            return language.days(value)
        if unit in ("ratio", "times"):
            return language.ratio(value)
        if unit == "p":
            return language.number(value, 2 if value >= 0.01 else 3)
        return language.number(value)

    def amount(self, value: float) -> str:
        """A sum of amounts; what nobody recorded is said to be so, it is no zero."""
        return self.value(value, "money") if math.isfinite(value) else self.words("label.not_recorded")

    def shown(self, shown: Shown) -> str:
        """A slot of a finding."""
        if shown.unit == "metric":
            return self.words(f"metric.{shown.value}.name")
        if isinstance(shown.value, str):
            return str(shown.value)
        return self.amount(shown.value) if shown.unit == "money" else self.value(shown.value, shown.unit)

    def driver(self, driver: str, stage: str = "") -> str:
        """Name of a driver of bookings; a stage is named as the organisation names it."""
        if driver.startswith("stage_"):
            return self.words("review.driver.stage", stage=stage or driver.removeprefix("stage_"))
        return self.words(f"review.driver.{driver}")

    @property
    def level(self) -> str:
        """Coverage of the intervals, written."""
        return self.words.language.percent(LEVEL)

    def range(self, low: float, high: float, unit: str) -> str:
        """An interval; empty when the metric has none."""
        if not (math.isfinite(low) and math.isfinite(high)):
            return ""
        return self.words.language.range(self.lower(low, unit), self.value(high, unit))

    def lower(self, low: float, unit: str) -> str:
        """Lower end of an interval: days are named once, at its upper end."""
        return self.words.language.number(low) if unit == "days" else self.value(low, unit)

    def observations(self, counts: Iterable[int]) -> list[str]:
        """Numbers of observations, as a chart says them below its points."""
        return [f"{self.words('label.n')} {self.words.language.number(count)}" for count in counts]

    def finding(self, finding: Finding) -> str:
        """The sentence of a finding, its slots filled; the slots that its text has decide which."""
        slots = self.slots(finding)
        return self.words(finding.key, **{name: slots[name] for name in self.words.slots(finding.key)})

    def slots(self, finding: Finding) -> dict[str, str]:
        """The values of a finding, written."""
        slots = {name: self.shown(shown) for name, shown in finding.slots.items()}
        if "driver" in slots:
            slots["topic"] = self.driver(slots["driver"], slots["stage"])
            slots["observation"] = self._observation(slots)
            slots["level"] = self.level
        low = finding.slots.get("low")
        return slots | {"low": self.lower(float(low.value), low.unit)} if low else slots

    def _observation(self, slots: dict[str, str]) -> str:
        """What was counted, beside what peers would have had: the evidence of a sentence about a driver."""
        key = f"review.observed.{slots['family']}"
        return self.words(key, **{name: slots[name] for name in self.words.slots(key)})

    def counts(self, line: Line) -> str:
        """What may be shown of a value with too few observations: its counts."""
        if line.metric_id == "win_rate_count":
            return self.words("counts.won_of_closed", won=int(line.now.numerator), closed=line.now.n)
        return self.words("brief.counts.n", n=line.now.n)

    def verdict(self, line: Line) -> str:
        """Outcome of the comparison with the peers, in words; empty for a metric that has none."""
        comparison = line.comparison
        if comparison is None or not line.year.known:
            return ""
        if comparison.verdict == "not_compared":
            few = comparison.peers_n < FEWEST_SHOWN
            return self.words("verdict.not_compared_few_peers" if few else "verdict.not_compared")
        if comparison.verdict == "too_early" and comparison.needed > 0:
            if in_reach(comparison.needed, line.year.n):
                return self.words("verdict.too_early_k", k=self.words.language.number(comparison.needed))
            return self.words("verdict.out_of_reach")
        return self.words(f"verdict.{comparison.verdict}")
