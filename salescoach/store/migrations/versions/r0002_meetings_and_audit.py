"""One-on-ones, goals, feedback, observations, scopes; versions and a chained audit in place of the log of changes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
import sqlalchemy.orm
from alembic import op

from salescoach.store.migrations.shapes import (
    append_only,
    choice,
    day,
    entry_table,
    flag,
    moment,
    number,
    refers,
    rule,
    text,
    unique,
    whole,
)
from salescoach.store.models.control import AUDIT
from salescoach.store.models.entry import Moment
from salescoach.store.service.audit import START, link, token_of

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """What stood in notes, actions and the log of changes is carried over."""
    notes, actions, changes = (_rows(table) for table in ("note", "action_item", "change"))
    for table in ("note", "action_item", "change"):
        op.drop_table(table)
    _control_tables()
    _entry_tables()
    _carry_over(notes, actions)
    _chain(changes, {"note": notes, "action_item": actions})
    append_only("audit")


def _control_tables() -> None:
    op.create_table(
        "person",
        text("person_id"), text("token", 32),
        sa.PrimaryKeyConstraint("person_id", name="pk_person"),
        sa.UniqueConstraint("token", name="uq_person_token"),
    )  # fmt: skip
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        moment("at"), text("who", 32), text("act", 20), text("kind", 40), whole("entry_id"),
        whole("version"), text("subject", 32), text("reason", 64), text("chain", 64),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
    )  # fmt: skip
    op.create_table(
        "audit_reason",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        text("rep_id"), text("salt", 32), text("text", None),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_reason"),
    )  # fmt: skip
    op.create_table(
        "earlier_version",
        text("kind", 40),
        sa.Column("entry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        text("rep_id"), text("content", None),
        sa.PrimaryKeyConstraint("kind", "entry_id", "version", name="pk_earlier_version"),
    )  # fmt: skip
    op.create_table(
        "view_log",
        text("viewer_id"), text("rep_id"), text("page"), day("day"), moment("first_at"),
        sa.PrimaryKeyConstraint("viewer_id", "rep_id", "page", "day", name="pk_view_log"),
    )  # fmt: skip
    op.create_table(
        "tombstone",
        text("token", 32), moment("erased_at"),
        sa.PrimaryKeyConstraint("token", name="pk_tombstone"),
    )  # fmt: skip


def _entry_tables() -> None:
    entry_table(
        "access_scope",
        choice("level", "coach manager executive analyst hr admin"), choice("subject_kind", "rep team org"),
        text("subject_id"), day("valid_from"), day("valid_to", empty=True),
    )  # fmt: skip
    entry_table(
        "draft",
        text("form"), text("text", None),
    )  # fmt: skip
    entry_table(
        "goal",
        text("text", 500), choice("kind", "outcome behaviour"), number("target"), day("due"),
        text("metric_id", empty=True), text("unit", empty=True), number("baseline", empty=True),
        number("baseline_low", empty=True), number("baseline_high", empty=True), whole("baseline_n", empty=True),
        day("start", empty=True), choice("direction", "up down"), text("review_on", None),
        refers("pair_id", "goal", empty=True), refers("parent_id", "goal", empty=True), text("team_id", empty=True),
        text("template_id", empty=True), choice("status", "draft proposed signed met missed dropped"),
        text("reason", 500, empty=True), moment("accepted_rep_at", empty=True),
        moment("accepted_coach_at", empty=True),
    )  # fmt: skip
    entry_table(
        "one_on_one",
        choice("kind", "weekly pipeline skill forecast career new_hire_30 new_hire_60 new_hire_90 recovery group"),
        text("coach_id"), whole("number"), choice("status", "planned held cancelled missed"),
        moment("planned_at", empty=True), moment("held_at", empty=True), number("duration_s", empty=True),
        text("brief_run_id", empty=True), choice("evidence_kind", "metric observation deal survey", empty=True),
        text("evidence_ref", empty=True), text("skill_commitment", 500), text("deal_id", empty=True),
        text("deal_step", 500), whole("rating", empty=True), moment("signed_rep_at", empty=True),
        moment("signed_coach_at", empty=True), unique("rep_id", "number"),
    )  # fmt: skip
    entry_table(
        "agenda_item",
        refers("one_on_one_id", "one_on_one"), choice("by", "rep manager"), whole("place"), text("text", 500),
        text("outcome", 500), unique("one_on_one_id", "by", "place"),
        rule("place", "place >= 1 AND (\"by\" = 'rep' AND place <= 3 OR \"by\" = 'manager' AND place = 1)"),
    )  # fmt: skip
    entry_table(
        "feedback",
        choice("kind", "strength development suggestion"), text("text", None), text("evidence_refs", None),
        moment("about_event_at", empty=True), refers("one_on_one_id", "one_on_one", empty=True),
        text("reply_text", None), moment("reply_at", empty=True),
        choice("dispute_status", "none open upheld declined"), text("dispute_text", None), text("decision_text", 500),
        text("decided_by", empty=True),
    )  # fmt: skip
    entry_table(
        "key_step",
        refers("goal_id", "goal"), whole("place"), text("text", 500), text("metric_id", empty=True),
        number("target", empty=True), day("due", empty=True), choice("status", "open done dropped"),
    )  # fmt: skip
    entry_table(
        "observation",
        text("template_id"), whole("template_version"), text("observer_id"), moment("occurred_at"), flag("is_self"),
        choice("kind", "call discovery demo negotiation visit roleplay deal other"),
        text("subject_activity_id", empty=True), text("subject_deal_id", empty=True),
        refers("one_on_one_id", "one_on_one", empty=True),
    )  # fmt: skip
    entry_table(
        "private_note",
        text("text", None), refers("one_on_one_id", "one_on_one", empty=True),
    )  # fmt: skip
    entry_table(
        "shared_note",
        refers("one_on_one_id", "one_on_one"), text("text", None), unique("one_on_one_id"),
    )  # fmt: skip
    entry_table(
        "shown_number",
        refers("one_on_one_id", "one_on_one"), text("metric_id"), number("value", empty=True), whole("n"),
        number("low", empty=True), number("high", empty=True), text("na_reason", empty=True),
        text("run_id", empty=True), unique("one_on_one_id", "metric_id"),
    )  # fmt: skip
    entry_table(
        "answer",
        refers("observation_id", "observation"), text("item_id"), text("competency_id"), number("value", empty=True),
        flag("na"), text("evidence", 500), unique("observation_id", "item_id"),
    )  # fmt: skip
    entry_table(
        "note",
        text("period"), day("period_start"), text("text", None), unique("rep_id", "period"),
    )  # fmt: skip
    entry_table(
        "action_item",
        text("period"), day("period_start"), text("text", 500), text("owner_id"),
        refers("one_on_one_id", "one_on_one", empty=True), refers("carried_from", "one_on_one", empty=True),
        day("due", empty=True), choice("status", "open in_progress done dropped"), text("reason", 500, empty=True),
        text("template_id", empty=True), text("metric_id", empty=True), number("expected_effect", empty=True),
        moment("closed_at", empty=True), rule("dropped_has_reason", "status <> 'dropped' OR reason IS NOT NULL"),
        rule("closed_at", "(closed_at IS NOT NULL) = (status IN ('done', 'dropped'))"),
    )  # fmt: skip


def _rows(table: str) -> list[dict[str, Any]]:
    found = sa.Table(table, sa.MetaData(), autoload_with=op.get_bind())
    return [dict(row) for row in op.get_bind().execute(sa.select(found)).mappings()]


def _carry_over(notes: list[dict[str, Any]], actions: list[dict[str, Any]]) -> None:
    """The same ids, versions and moments; the first author of a note was not written down, the last one was."""
    for row in notes:
        row |= {
            "id": row.pop("note_id"), "key": f"note {row['period']}"[:200], "created_at": row["updated_at"],
            "changed_by": row["author"], "changed_at": row.pop("updated_at"),
        }  # fmt: skip
    for row in actions:
        row |= {
            "id": row.pop("action_id"), "owner_id": row["rep_id"], "created_at": row["raised_at"],
            "changed_by": row["author"], "changed_at": row.pop("raised_at"),
        }  # fmt: skip
    for table, rows in (("note", notes), ("action_item", actions)):
        if rows:
            op.bulk_insert(sa.Table(table, sa.MetaData(), autoload_with=op.get_bind()), rows)


def _chain(changes: list[dict[str, Any]], rows: dict[str, list[dict[str, Any]]]) -> None:
    """The log of changes becomes the beginning of the audit."""
    bind, before = sqlalchemy.orm.Session(op.get_bind()), START
    people = {(kind, row["id"]): row["rep_id"] for kind, them in rows.items() for row in them}
    for seq, change in enumerate(changes, 1):
        kind = "note" if change["kind"] == "note_saved" else "action_item"
        line = {
            "seq": seq,
            "at": Moment().process_result_value(change["at"], bind.get_bind().dialect),
            "who": token_of(bind, change["who"]),
            "act": "added" if change["version"] == 1 else "changed",
            "kind": kind,
            "entry_id": change["subject_id"],
            "version": change["version"],
            "subject": token_of(bind, people[kind, change["subject_id"]]),
            "reason": "",
        }
        before = link(before, line)
        bind.execute(sa.insert(AUDIT).values(**line, chain=before))
    bind.flush()
