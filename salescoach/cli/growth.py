"""Scorecards, plan, training, recognition and the bonus simulator from a shell: JSON out, for programs to read.

Whoever has the shell speaks as coach; ``--as-rep`` is for a rep who sits beside and speaks for themself.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from salescoach.cli.common import DAY, print_json
from salescoach.cli.record_access import home_of, workspace_argument

if TYPE_CHECKING:
    from salescoach.meetings import Desk
    from salescoach.store.models import Observation

_rep = click.option("--rep", required=True, metavar="REP_ID", help="About whom.")
_as_rep = click.option("--as-rep", is_flag=True, help="The rep sits beside and speaks: self-score, signature, consent.")


@contextmanager
def _desk(workspace: Path, rep: str, *, as_rep: bool = False) -> Iterator[Desk]:
    """The rep's desk, for whoever has the shell."""
    from salescoach.errors import UsageError
    from salescoach.known import data_at
    from salescoach.meetings import Desk, open_record
    from salescoach.store import Principal, principal_of

    home, words = home_of(workspace, None)
    sellers = data_at(home).sellers
    if rep not in sellers:
        raise UsageError.unknown("rep", rep, sellers)
    principal = principal_of(home.database_url)
    if as_rep and principal.is_owner:
        principal = Principal.owner(principal.person, beside=rep)
    with open_record(home, principal) as record:
        yield Desk(home, record, rep, words)


def _day(given: datetime | None, otherwise: date) -> date:
    return given.date() if given else otherwise


def _plain(value: Any) -> Any:
    """What JSON can hold: days and exact amounts as text, a number that is not there as null."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float) and value != value:  # not a number
        return None
    return str(value) if isinstance(value, date | Decimal) else value


@click.command(short_help="Fill in a scorecard, or show those of a rep and how far those who score agree.")
@workspace_argument
@_rep
@click.option(
    "--kind", default="call", show_default=True, help="call, discovery, demo, negotiation, visit, role_play, deal."
)
@click.option("--form", help="Form of the library, such as discovery. Without it: show what was observed.")
@click.option("--about", help="Deal, or name of the call; the same for both who score it.")
@click.option("--day", **DAY, help="Day of what was observed. Default: today.")
@click.option("--points", "points", multiple=True, metavar="ITEM=1..5|na", help="Once for each item.")
@click.option(
    "--quote", "quotes", multiple=True, metavar="ITEM=TEXT", help="What was said or done; needed for 1 and 5."
)
@click.option("--correct", type=int, metavar="ID", help="Put an observation that you saved right; the first one stays.")
@_as_rep
def scorecard(
    workspace: Path, rep: str, kind: str, form: str | None, about: str | None, day: datetime | None,
    points: tuple[str, ...], quotes: tuple[str, ...], correct: int | None, as_rep: bool,
) -> None:  # fmt: skip
    """Keep one observation with all its items, or print what was observed by competency, and the agreement of raters.

    \b
    Example:
      salescoach record scorecard our-team --rep R07 --form discovery --about D17 \\
        --points effect=5 --quote "effect=Asked what a day of delay costs" --points summary=na
    """
    from salescoach import observing
    from salescoach.coaching import scorecards
    from salescoach.errors import UsageError
    from salescoach.growth_plan import Growth
    from salescoach.known import data_at
    from salescoach.report.remarks import remark_text
    from salescoach.report.wording import Wording

    with _desk(workspace, rep, as_rep=as_rep) as desk:
        if form is None and correct is None:
            seen = observing.everything(desk)
            found = observing.agreement(desk.record)
            print_json(_plain({
                "observations": len(seen),
                "profile": {skill: asdict(score) for skill, score in scorecards.profile(seen, rep).items()},
                "own_less_others": {skill: asdict(score) for skill, score in scorecards.self_gap(seen, rep).items()},
                "agreement": [asdict(pair) for pair in found.pairs] if found else [],
                "rater_effect": {name: asdict(one) for name, one in found.severities.items()} if found else {},
            }))  # fmt: skip
            return
        said = dict(_pair(one, "--quote") for one in quotes)
        answers = {
            item: _answer(given, said.get(item, "")) for item, given in (_pair(one, "--points") for one in points)
        }
        if correct is not None:
            kept, lacks = observing.correct(desk, _saved(desk, correct), answers)
        elif not about or form is None:
            raise UsageError("What was looked at? Give --about with a deal or the name of the call.")
        else:
            deals = set(data_at(desk.home).deals["deal_id"])
            subject = observing.Subject("deal" if about in deals else "activity", about)
            kept, lacks = observing.keep(desk, kind, form, _day(day, Growth(desk).today), subject, answers)
        if kept is None:
            wording = Wording(desk.words, desk.home.organisation.currency)
            raise UsageError("Nothing was saved. " + " ".join(remark_text(one, wording) for one in lacks))
        print_json(
            {"observation": kept.id, "form": kept.template_id, "version": kept.template_version, "self": kept.is_self}
        )


def _saved(desk: Desk, number: int) -> Observation:
    """A form that whoever speaks here filled in; UsageError naming those that there are."""
    from salescoach import observing
    from salescoach.errors import UsageError

    known = {one.id: one for one in observing.correctable(desk)}
    if number not in known:
        raise UsageError.unknown("observation of yours", str(number), [str(one) for one in known])
    return known[number]


def _pair(given: str, option: str) -> tuple[str, str]:
    from salescoach.errors import UsageError

    name, sign, value = given.partition("=")
    if not sign:
        raise UsageError(f"{option} '{given}' is not ITEM=VALUE.")
    return name.strip(), value.strip()


def _answer(given: str, quote: str) -> Any:
    from salescoach.coaching.scorecards import Answer
    from salescoach.errors import UsageError

    if given.lower() == "na":
        return Answer(na=True, evidence=quote)
    if given not in ("1", "2", "3", "4", "5"):
        raise UsageError(f"'{given}' are no points: give 1 to 5, or na for what could not be observed.")
    return Answer(int(given), evidence=quote)


@click.command(short_help="A rep beside the role: gaps, readiness, plan and steps.")
@workspace_argument
@_rep
@click.option("--role", help="Role to compare with. Default: that of the plan, else the rep's own.")
@click.option("--sign", is_flag=True, help="Sign the plan, as coach or, with --as-rep, as the rep.")
@_as_rep
def plan(workspace: Path, rep: str, role: str | None, sign: bool, as_rep: bool) -> None:
    """Print the competency matrix with its verdicts, readiness, the plan with its steps, and courses for the gaps.

    \b
    Example:
      salescoach record plan our-team --rep R07 --role AM
    """
    from salescoach.errors import UsageError
    from salescoach.growth_plan import Growth
    from salescoach.store.service.growth import sign_plan

    with _desk(workspace, rep, as_rep=as_rep) as desk:
        growth = Growth(desk)
        current = growth.plan
        if sign and current is None:
            raise UsageError("There is no plan yet. Begin one first.")
        if sign and current is not None:
            current = sign_plan(desk.record, current, "rep" if as_rep else "coach")
        wanted = role or (current.target_role if current else None) or growth.role or "AE"
        matrix = growth.matrix(wanted)
        print_json(_plain({
            "role": wanted, "ready": asdict(matrix.ready), "gaps": [asdict(gap) for gap in matrix.gaps],
            "aim": current.motivation if current else None,
            "signed": [side for side, moment in (
                ("rep", current and current.signed_rep_at), ("coach", current and current.signed_manager_at)
            ) if moment],
            "steps": [
                {"id": step.id, "kind": step.kind, "competency": step.competency_id, "text": step.action,
                 "due": step.due, "status": step.status, "proof": step.evidence}
                for step in (growth.steps(current) if current else ())
            ],
            "courses": growth.offered(matrix),
        }))  # fmt: skip


@click.command(short_help="Assign a training, or mark one as completed.")
@workspace_argument
@_rep
@click.option("--assign", metavar="COURSE", help="Course of the catalogue.")
@click.option("--due", **DAY, help="Complete until.")
@click.option("--complete", type=int, metavar="ID", help="Training that was completed.")
@click.option("--day", **DAY, help="Day on which it was completed. Default: today.")
def training(
    workspace: Path, rep: str, assign: str | None, due: datetime | None, complete: int | None, day: datetime | None
) -> None:
    """Print a rep's trainings with the days on which they are taken up again and what is seen of their effect.

    \b
    Example:
      salescoach record training our-team --rep R07 --assign product --due 2026-01-30
    """
    from salescoach.growth_plan import Growth
    from salescoach.report.remarks import remark_text
    from salescoach.report.wording import Wording

    with _desk(workspace, rep) as desk:
        growth = Growth(desk)
        if assign:
            growth.assign(assign, due.date() if due else None)
        if complete is not None:
            growth.complete(complete, day.date() if day else None)
        wording = Wording(desk.words, desk.home.organisation.currency)
        print_json(_plain([
            {"id": one.entry.id, "course": one.entry.course_id, "status": one.entry.status, "due": one.entry.due,
             "again": one.again, "effect": remark_text(one.effect, wording) if one.effect else None}
            for one in growth.trainings()
        ]))  # fmt: skip


@click.command(short_help="What there is reason to recognise; give it, and write a certificate.")
@workspace_argument
@_rep
@click.option("--give", "badge", metavar="REASON", help="Reason of the library, such as good_question.")
@click.option("--words", "text", help="What was done, in your words.")
@click.option("--evidence", multiple=True, metavar="REF", help="Such as observation:4.")
@click.option("--certificate", "number", type=int, metavar="ID", help="Recognition whose certificate is written.")
@click.option("--into", type=click.Path(path_type=Path), help="File of the certificate: .html or .pdf.")
@click.option("--show", type=int, metavar="ID", help="Put it on the wall; only the rep may, with --as-rep.")
@click.option("--hide", type=int, metavar="ID", help="Take it off the wall; only the rep may, with --as-rep.")
@_as_rep
def recognition(
    workspace: Path, rep: str, badge: str | None, text: str | None, evidence: tuple[str, ...], number: int | None,
    into: Path | None, show: int | None, hide: int | None, as_rep: bool,
) -> None:  # fmt: skip
    """Print facts behind the gate of a signal, and what was given. Results that chance could give have no certificate.

    \b
    Example:
      salescoach record recognition our-team --rep R07 --give good_question \\
        --words "Asked what a day of delay costs." --evidence observation:4
    """
    from salescoach import recognising
    from salescoach.errors import UsageError, WorkspaceError
    from salescoach.store.models import Recognition
    from salescoach.store.service import growth as service

    with _desk(workspace, rep, as_rep=as_rep) as desk:
        if badge:
            recognising.give(desk, badge, text or "", evidence, key=uuid.uuid4().hex)
        for wanted, act in ((show, service.show), (hide, service.hide)):
            if wanted is not None:
                act(desk.record, desk.record.get(Recognition, wanted))
        if number is not None:
            if into is None:
                raise UsageError("Where to? Give --into with a file that ends in .html or .pdf.")
            made = recognising.certificate(desk, desk.record.get(Recognition, number), into.suffix.removeprefix("."))
            try:
                with into.open("xb") as file:
                    file.write(made.data)
            except OSError as problem:
                raise WorkspaceError(f"The certificate cannot be written to {into}: {problem.strerror}.") from None
        print_json(_plain({
            "facts": [{"reason": fact.item.id, "kind": fact.found.kind, "said": recognising.said(desk, fact),
                       "evidence": fact.refs}
                      for fact in recognising.facts(desk)],
            "given": [{"id": one.id, "badge": one.badge_id, "reason": one.reason, "evidence": one.evidence_refs,
                       "public": one.public}
                      for one in desk.record.entries(Recognition, rep)],
        }))  # fmt: skip


def _exact(name: str, summary: str, default: str | None = None) -> Callable[[Any], Any]:
    """An option that takes an exact amount."""
    return click.option(f"--{name}", required=default is None, default=default, metavar="NUMBER", help=summary)


@click.command(short_help="What a bonus plan would pay. A simulation, never payroll.")
@_exact("target", "Bonus at 100 % of quota.")
@_exact("quota", "Quota of the period.")
@_exact("credited", "Credited sales.")
@_exact("threshold", "Share of quota below which nothing is paid, such as 0.5.", "0")
@click.option("--accelerator", multiple=True, metavar="FROM=TIMES", help="Such as 1=1.5, in rising order.")
@click.option("--cap", metavar="NUMBER", help="Most that is paid, as a multiple of the target.")
def bonus(
    target: str, quota: str, credited: str, threshold: str, accelerator: tuple[str, ...], cap: str | None
) -> None:
    """Work out a payout to the cent, band by band, with the payout curve. Needs no workspace, and keeps nothing.

    \b
    Example:
      salescoach record bonus --target 10000 --quota 100000 --credited 110000 --threshold 0.5 --accelerator 1=1.5
    """
    from salescoach.coaching import bonus as rules

    steps = tuple(
        rules.Accelerator(_decimal(above), _decimal(times))
        for above, times in (_pair(one, "--accelerator") for one in accelerator)
    )
    given = rules.BonusPlan(
        _decimal(target), _decimal(threshold), accelerators=steps, cap=_decimal(cap) if cap is not None else None
    )
    found = rules.payout(given, _decimal(credited), _decimal(quota))
    shares = [Decimal(step) / 10 for step in range(0, 21)]
    print_json(_plain({
        "simulation": True, "paid": found.paid, "before_cap": found.before_cap, "attainment": found.attainment,
        "bands": [asdict(band) for band in found.bands], "remarks": [one.key for one in found.remarks],
        "curve": rules.curve(given, _decimal(quota), shares),
    }))  # fmt: skip


def _decimal(text: str) -> Decimal:
    from decimal import InvalidOperation

    from salescoach.errors import UsageError

    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite():
        raise UsageError(f"'{text}' is not a number. Write it as 1250.50.")
    return value


COMMANDS = (scorecard, plan, training, recognition, bonus)
