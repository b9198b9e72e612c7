"""Development, training, recognition, the customers' voice, improvement, and people's rights."""

from __future__ import annotations

from salescoach.store.migrations.shapes import (
    choice,
    day,
    entry_table,
    flag,
    moment,
    number,
    refers,
    text,
    unique,
    whole,
)

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """New tables only."""
    entry_table(
        "consent",
        text("purpose"), moment("given_at"), moment("withdrawn_at", empty=True),
    )  # fmt: skip
    entry_table(
        "decision",
        text("adjustment", 500), text("reason", 500), day("review_on"), text("expected_effect", 500),
        text("metric_id", empty=True), text("outcome", 500),
    )  # fmt: skip
    entry_table(
        "development_plan",
        text("motivation", None), text("target_role", empty=True), whole("target_level", empty=True),
        day("horizon", empty=True), moment("signed_rep_at", empty=True), moment("signed_manager_at", empty=True),
    )  # fmt: skip
    entry_table(
        "improvement_cycle",
        text("title", 500), text("plan", None), text("do", None), text("check", None), text("act", None),
        text("metric_id", empty=True), text("team_id", empty=True), choice("status", "plan do check act closed"),
    )  # fmt: skip
    entry_table(
        "intervention",
        text("driver"), text("metric_id"), day("start"), text("hypothesis", 500), number("expected_effect"),
        choice("selection_reason", "lowest_metric own_request all random"), day("end", empty=True),
        day("selection_window_start", empty=True), day("selection_window_end", empty=True),
    )  # fmt: skip
    entry_table(
        "interview_note",
        choice("kind", "win loss customer"), moment("occurred_at"), text("text", None), text("deal_id", empty=True),
    )  # fmt: skip
    entry_table(
        "mentor_pair",
        text("mentor_id"), day("valid_from"), day("valid_to", empty=True), text("competency_id", empty=True),
    )  # fmt: skip
    entry_table(
        "notice",
        text("notice_version"), moment("delivered_at"), moment("acknowledged_at", empty=True),
        unique("rep_id", "notice_version"),
    )  # fmt: skip
    entry_table(
        "objection",
        text("number_ref"), text("text", None), day("due"), text("number_author", empty=True),
        choice("status", "raised acknowledged upheld partly declined closed"), text("answer", None),
        text("examined_by", empty=True), text("recomputed_run_id", empty=True), text("note", 500),
    )  # fmt: skip
    entry_table(
        "recognition",
        text("reason", 500), text("evidence_refs", None), text("badge_id", empty=True), flag("public"),
    )  # fmt: skip
    entry_table(
        "request",
        text("to_department"), text("ask", 500), text("deal_id", empty=True), day("due", empty=True),
        choice("status", "open answered declined"), text("answer", 500), moment("answered_at", empty=True),
    )  # fmt: skip
    entry_table(
        "survey_answer",
        text("survey_id"), moment("answered_at"), number("score", empty=True), text("comment", None),
        text("account_id", empty=True), text("deal_id", empty=True), text("channel", empty=True),
    )  # fmt: skip
    entry_table(
        "training_completion",
        text("course_id"), moment("assigned_at"), choice("status", "assigned started completed cancelled"),
        day("due", empty=True), moment("completed_at", empty=True), number("hours", empty=True),
        number("grade", empty=True), day("expires", empty=True), unique("rep_id", "course_id", "assigned_at"),
    )  # fmt: skip
    entry_table(
        "experiment_card",
        refers("cycle_id", "improvement_cycle"), text("hypothesis", 500), text("metric_id"),
        number("expected_effect"), day("start"), day("look_on"), text("result", 500),
        choice("verdict", "open keep change stop"),
    )  # fmt: skip
    entry_table(
        "plan_step",
        refers("plan_id", "development_plan"), text("competency_id"), text("action", 500),
        choice("kind", "experience exposure education"), day("due", empty=True),
        choice("status", "open in_progress done dropped"), text("evidence", 500),
    )  # fmt: skip
    entry_table(
        "theme_code",
        text("theme"), refers("survey_answer_id", "survey_answer", empty=True),
        refers("interview_note_id", "interview_note", empty=True), text("quote", 500),
    )  # fmt: skip
