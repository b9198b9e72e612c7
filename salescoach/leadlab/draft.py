"""A declaration to be completed by the analyst, written from what is seen in a file of leads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from salescoach.scoring.movement import ROWS

if TYPE_CHECKING:
    from salescoach.leadlab.study import Study

_HEAD = """# What is known about the columns of {file}.
# known_at: "created" (known when the lead was created), "event" (by an event before the snapshot),
#           "after_outcome" (only afterwards: never used), "unknown" (nobody has said yet: not trained on).
# answer:   "accept" or "drop" a column whose alarm rang, with a reason; the model card prints it.
"""


def draft(study: Study) -> str:
    """The declaration as TOML; every feature is "unknown" until somebody says otherwise."""
    said = study.source.declaration
    lines = [_HEAD.format(file=study.source.file), "[leads]", f"outcome = {_text(said.outcome)}"]
    values = study.prepared.outcome_values
    lines += [f"{side} = {json.dumps(list(values[side]), ensure_ascii=False)}" for side in ("won", "lost")]
    if said.time:
        lines.append(f"time = {_text(said.time)}")
    elif study.moved.by == ROWS and not said.row_order:
        lines.append("# row_order = true  # columns differ between the first rows and the last: is their order time?")
    if said.row_order:
        lines.append("row_order = true")
    lines.append('known_at = "unknown"')
    rang: dict[str, list[str]] = {}
    for alarm in study.column_alarms:
        rang.setdefault(alarm.column, []).append(f"{alarm.rule} {alarm.figure:.3g}")
    late = {d.column for d in study.prepared.dropped if d.reason == "dated_later"}
    asked = {alarm.column for alarm in study.unanswered} - set(study.prepared.leads.features) - late
    for name in [*study.prepared.leads.features, *sorted(asked), *sorted(late)]:
        lines += ["", f"[columns.{_text(str(name))}]"]
        lines.append(f'known_at = "{"after_outcome" if name in late else "unknown"}"')
        if name in rang and name not in late:
            lines += [f"# alarm: {', '.join(rang[name])}", '# answer = "drop"', '# reason = ""']
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
