"""An evaluation as text for the terminal, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from salescoach.report.lead_words import drift_text
from salescoach.scoring import facts
from salescoach.scoring.evaluation import Figures
from salescoach.words import Words

if TYPE_CHECKING:
    from salescoach.leadlab.study import Study


def study_text(study: Study, words: Words) -> str:
    """Verdict, ladder, alarms and the columns left out, a line each."""
    evaluation = study.evaluation
    verdict, champion = f"leads.verdict.{evaluation.verdict}", words(f"leads.model.{evaluation.champion}")
    slots: dict[str, str | int] = {"model": champion, "n": evaluation.judged, "won": evaluation.won}
    lines = [
        words(verdict, **{name: slots[name] for name in words.slots(verdict)}),
        words(f"leads.split.{evaluation.split.kind}"),
        "",
        *ladder_lines(evaluation.ladder, words),
    ]
    if evaluation.contrast:
        lines += ["", words("leads.random_split"), *ladder_lines([evaluation.contrast], words)[1:]]
    if warning := drift_text(facts.movement_facts(study.moved), words):
        lines += ["", warning]
    if study.alarms:
        lines += ["", words("leads.alarms.title")]
        lines += [
            f"  {words('leads.alarms.line', column=a.column or words('leads.whole_model'), rule=_rule(a.rule, words))}"
            for a in study.alarms
        ]
    if study.dropped:
        lines += ["", words("leads.dropped_title")]
        lines += [f"  {d.column}: {words(f'leads.dropped.{d.reason}')}" for d in study.dropped]
    return "\n".join(lines)


def _rule(rule: str, words: Words) -> str:
    return words(f"leads.rule.{rule}")


def ladder_lines(ladder: Sequence[Figures], words: Words) -> list[str]:
    """A heading and a line per rung."""
    language = words.language
    names = [words(f"leads.model.{f.model}") if words.has(f"leads.model.{f.model}") else f.model for f in ladder]
    width = max(len(name) for name in names)
    heading = f"{'':{width}}  {'AUC':>5} {'':13} {'Brier':>6} {'ECE':>6} {words('leads.column.lift'):>8}"
    lines = [heading]
    for name, f in zip(names, ladder, strict=True):
        auc = language.range(language.number(f.auc.low, 3), language.number(f.auc.high, 3))
        lines.append(
            f"{name:{width}}  {language.number(f.auc.value, 3):>5} {auc:>13} {language.number(f.brier.value, 4):>6} "
            f"{language.number(f.ece, 4):>6} {language.number(f.lift_10.value, 2):>8}"
        )
    return lines
