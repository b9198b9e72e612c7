"""What is true of everybody in a period, worked out once: each report of a run needs it and none may differ.

Kept in the workspace as JSON, in a file named by all that it follows from: the data, the day, the settings, the
period, the program. Other data or another definition have another name, so a kept file is never stale; one that is
missing, cut short or unreadable is worked out again and gives the same. Only a run writes; a page only reads.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from salescoach.calendar import Period
from salescoach.coaching.four_quarters import Yearly, yearly
from salescoach.coaching.worked import Ledger, ledger
from salescoach.crm.folder import write_whole
from salescoach.diagnosis.alerts import Alert
from salescoach.diagnosis.deal_risk import Lift, deal_review
from salescoach.diagnosis.diagnose import RepDiagnosis, diagnose
from salescoach.diagnosis.news import news
from salescoach.errors import WorkspaceError
from salescoach.provenance import code_hash, versions
from salescoach.tables.data import SalesData

if TYPE_CHECKING:
    from salescoach.crm.snapshot import Snapshot
    from salescoach.workspace import Organisation

FOLDER = "standing"
MOST_KEPT = 8
_DECIDES = ("numpy", "pandas", "scipy", "python")

T = TypeVar("T")


@dataclass(frozen=True)
class Standing:
    """Everybody, on the same footing: diagnoses, the metrics of four quarters by id, deals' signs, alerts, coaching."""

    diagnoses: Mapping[str, RepDiagnosis]
    yearly: Mapping[str, Mapping[str, Yearly]]
    lifts: Mapping[str, Lift]
    signs: Mapping[str, tuple[str, ...]]
    alerts: Mapping[str, tuple[Alert, ...]]
    ledger: Ledger

    @classmethod
    def of(cls, data: SalesData, period: Period) -> Standing:
        """Worked out from *data*."""
        deals = deal_review(data)
        signs = {deal.deal_id: deal.rules for deal in deals.deals}
        return cls(
            diagnose(data, period).reps, yearly(data, period), deals.lifts, signs, news(data), ledger(data)
        )  # fmt: skip


def standing_name(
    snapshots: tuple[Snapshot, ...], day: str, organisation: Organisation, period: Period, record: str = ""
) -> str:
    """Name of the standing that follows from these: the *snapshots* that count, oldest first, and the rest.

    *day* is the last day that is known, in ISO form, *record* a hash of the coaching that counts. The code of the
    program stands for every definition in it.
    """
    parts = {
        "snapshots": [[one.snapshot_id, one.content_hash] for one in snapshots],
        "as_of": day,
        "record": record,
        "organisation": asdict(organisation),
        "period": [period.label, period.start.isoformat(), period.end.isoformat()],
        "code": code_hash(),
        "versions": {name: versions()[name] for name in _DECIDES},
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def kept(folder: Path, name: str) -> Standing | None:
    """The standing *name* as a run left it in the workspace *folder*; None when none can be read whole."""
    try:
        found = json.loads(_file(folder, name).read_text(encoding="utf-8"))
        return restored(Standing, found)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(folder: Path, name: str, standing: Standing) -> None:
    """Leave *standing* for the processes of a run; the newest :data:`MOST_KEPT` stay.

    A disk that refuses costs time, not a report: each process then works it out for itself.
    """
    with suppress(WorkspaceError, OSError):
        write_whole(_file(folder, name), json.dumps(plain(standing)).encode())
        files = sorted(_file(folder, name).parent.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        for old in files[:-MOST_KEPT]:
            old.unlink(missing_ok=True)


def _file(folder: Path, name: str) -> Path:
    return folder / FOLDER / f"{name}.json"


# --- frozen values as JSON, and back; never pickle --------------------------------------------------


def plain(value: Any) -> Any:
    """A value made of dataclasses, mappings by text, sequences and numbers, as JSON has them.

    >>> plain(Lift(1.5, np.float64(1.0), 2.0, 40, 20))["low"]
    1.0
    """
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    return value.item() if isinstance(value, np.generic) else value


def restored(kind: type[T], value: Any) -> T:
    """The value of type *kind* of which :func:`plain` made *value*; TypeError, ValueError or KeyError if it is not one.

    >>> restored(Lift, plain(Lift(1.5, 1.0, 2.0, 40, 20))).grey
    True
    """
    made: T = _restored(kind, value)
    return made


def _restored(kind: Any, value: Any) -> Any:
    origin, inside = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return None if value is None else _restored(next(one for one in inside if one is not type(None)), value)
    if origin is tuple:
        return tuple(_restored(inside[0], one) for one in value)
    if origin is not None and origin is not Literal and issubclass(origin, Mapping):
        return {name: _restored(inside[1], one) for name, one in dict(value).items()}
    if isinstance(kind, type) and is_dataclass(kind):
        return kind(**{name: _restored(hint, value[name]) for name, hint in _hints(kind).items()})
    if kind in (str, int, bool, float) and not isinstance(value, (int, float) if kind is float else kind):
        raise TypeError(f"{value!r} is no {kind.__name__}.")
    if kind is date:
        return date.fromisoformat(value)
    return float(value) if kind is float else value


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    hints = get_type_hints(kind)
    return {one.name: hints[one.name] for one in fields(kind)}
