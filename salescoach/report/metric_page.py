"""A metric as a page, and the list of all of them: made from the registry, so that they cannot say anything else."""

from __future__ import annotations

from salescoach.metrics import METRICS
from salescoach.metrics.contract import Metric
from salescoach.report.page import Cell, Column, Page, Pairs, Section, Table, Text
from salescoach.words import Words


def metric_page(metric_id: str, words: Words) -> Page:
    """The page of one metric; KeyError for one that is not in the registry."""
    metric = METRICS[metric_id]
    return Page(
        title=words(f"metric.{metric_id}.name"),
        subtitle=words("metrics.subtitle"),
        header=Pairs(((words("metrics.field.id"), metric_id), (words("metrics.field.version"), str(metric.version)))),
        sections=metric_sections(metric, words),
        footer=words("metrics.footer"),
        language=words.language.code,
    )


def metric_sections(metric: Metric, words: Words) -> tuple[Section, ...]:
    """What a metric says, its facts, and the rules an analyst checks it by."""
    said = f"metric.{metric.metric_id}"
    rules = {
        name: getattr(metric, name) for name in ("population", "time", "exclusions", "null_rule", "source")
    } | {"counted": metric.value}  # fmt: skip
    order = ("population", "time", "counted", "exclusions", "null_rule", "source")
    return (
        Section("definition", words("metrics.section.definition"), (Text(words(f"{said}.definition")),)),
        Section("facts", words("metrics.section.facts"), (_facts(metric, words),)),
        Section(
            "rules", words("metrics.section.rules"),
            (Pairs(tuple((words(f"metrics.field.{name}"), rules[name]) for name in order)),),
            lead=words("metrics.section.rules_lead"),
        ),
    )  # fmt: skip


def _facts(metric: Metric, words: Words) -> Pairs:
    level = words.language.percent(metric.level) if metric.estimate else words("metrics.exact")
    facts = {
        "formula": words(f"metric.{metric.metric_id}.formula"),
        "unit": words(f"metrics.unit.{metric.unit}"),
        "better": words(f"metrics.better.{metric.better}"),
        "minimum": words.language.number(metric.min_n),
        "interval": level,
        "tables": ", ".join(metric.tables) or "–",
    }
    return Pairs(tuple((words(f"metrics.field.{name}"), fact) for name, fact in facts.items()))


def index_section(words: Words) -> Section:
    """All metrics, theme by theme as the registry has them."""
    columns = tuple(
        Column(words(key)) for key in ("label.metric", "metrics.field.id", "metrics.field.unit", "metrics.field.better")
    )
    rows = tuple(
        (
            Cell(words(f"metric.{name}.name")), Cell(name), Cell(words(f"metrics.unit.{metric.unit}")),
            Cell(words(f"metrics.better.{metric.better}")),
        )
        for name, metric in METRICS.items()
    )  # fmt: skip
    return Section("index", words("metrics.index"), (Table(words("metrics.title"), columns, rows),))


def metric_handbook(words: Words) -> str:
    """Every metric as one Markdown document: what ``docs/metrics.md`` holds."""
    from salescoach.report.markdown import written

    parts = [f"# {words('metrics.title')}\n", f"{words('metrics.subtitle')}\n", written(index_section(words))]
    for name, metric in METRICS.items():
        definition, facts, rules = metric_sections(metric, words)
        blocks = (*definition.blocks, *facts.blocks, *rules.blocks)
        parts.append(written(Section(f"m-{name.replace('_', '-')}", words(f"metric.{name}.name"), blocks)))
    parts.append(f"{words('metrics.footer')}\n")
    return "\n".join(parts)
