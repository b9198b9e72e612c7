"""The data-quality rules: which there are, what each does to a row, and what an organisation may set otherwise.

Levels: R reject the row, Q set it aside until somebody decides, F use it and count the fault, V use it without
the value, M merge it, B refuse the whole export. What a rule looks for stands in the modules named ``checks``;
what it says, in ``templates/words/*/import.toml``. Settings come from ``[quality]`` of ``salescoach.toml``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from salescoach.errors import WorkspaceError

Setting = str | int | float

LEVELS = {"reject": "R", "quarantine": "Q", "flag": "F", "value": "V", "block": "B", "off": ""}
"""How a level is written in the settings."""


@dataclass(frozen=True)
class Rule:
    """``level`` usual, ``may`` those it can be set to: a level that would let broken rows into figures is none."""

    level: str
    may: tuple[str, ...]


_ANY = ("reject", "quarantine", "flag", "off")
_OUT = ("reject", "quarantine")
_CELL = ("reject", "quarantine", "value")
_FIXED = ()

RULES: Mapping[str, Rule] = {
    "P1": Rule("R", _FIXED),
    "P2": Rule("Q", _CELL),
    "P3": Rule("V", _CELL),
    "P4": Rule("Q", _CELL),
    "P5": Rule("F", _ANY),
    "P6": Rule("V", _CELL),
    "P9": Rule("Q", _OUT),
    "D1": Rule("B", _FIXED),
    "D2": Rule("B", _FIXED),
    "D3": Rule("R", _OUT),
    "D4": Rule("M", _FIXED),
    "D5": Rule("Q", _OUT),
    "D6": Rule("F", _ANY),
    "D7": Rule("M", _FIXED),
    "D8": Rule("Q", _OUT),
    "D9": Rule("F", _ANY),
    "D10": Rule("Q", _CELL),
    "D11": Rule("Q", _ANY),
    "D12": Rule("Q", _ANY),
    "D13": Rule("Q", _ANY),
    "D14": Rule("Q", ("reject", "quarantine", "flag")),
    "D15": Rule("Q", _ANY),
    "D16": Rule("F", _ANY),
    "D17": Rule("F", _ANY),
    "D18": Rule("Q", _ANY),
    "D19": Rule("F", _ANY),
    "D20": Rule("Q", _OUT),
    "D21": Rule("F", ("reject", "quarantine", "flag")),
    "D22": Rule("Q", _ANY),
    "D23": Rule("F", _ANY),
    "D24": Rule("F", _ANY),
    "D25": Rule("F", _ANY),
    "D26": Rule("V", _CELL),
    "D27": Rule("V", _CELL),
    "D28": Rule("R", _CELL),
    "D29": Rule("Q", _ANY),
    "D30": Rule("F", ("flag", "off")),
    "D31": Rule("V", ("reject", "quarantine", "value", "flag", "off")),
    "D32": Rule("B", ("block", "reject", "quarantine")),
    "D33": Rule("B", ("block", "reject", "quarantine")),
    "D34": Rule("Q", _OUT),
    "D35": Rule("F", ("flag", "off")),
    "D36": Rule("F", _ANY),
    "D37": Rule("F", ("flag", "off")),
    "D38": Rule("F", _ANY),
}

THRESHOLDS: Mapping[str, float] = {
    "twin_days": 2,  # D6: created at most so many days apart
    "split_tolerance": 0.0001,  # D15: revenue splits sum to 1, give or take
    "rejected_share": 0.01,  # D30
    "quarantined_share": 0.05,  # D30
    "system_share": 0.5,  # D37: more of a person's activities are automatic
    "fresh_days": 31,  # an export whose newest event is older when it is imported: every page says so
    "stale_days": 90,  # D38: an open deal without any sign of life for longer
}


@dataclass(frozen=True)
class Quality:
    """The rules as one organisation has set them. Make one with :meth:`of`."""

    levels: Mapping[str, str]
    thresholds: Mapping[str, float]

    @classmethod
    def of(cls, settings: Mapping[str, Setting]) -> Quality:
        """The usual rules with *settings*; WorkspaceError, naming what there is, for a setting that makes no sense.

        >>> Quality.of({"D16": "quarantine"}).level("D16")
        'Q'
        >>> Quality.of({"D16": "value"})
        Traceback (most recent call last):
        salescoach.errors.WorkspaceError: [quality] D16 = "value": allowed is reject, quarantine, flag, off.
        """
        levels: dict[str, str] = {}
        thresholds = dict(THRESHOLDS)
        for key, value in settings.items():
            said = f"[quality] {key} = {json.dumps(value, ensure_ascii=False, default=str)}"
            if key in THRESHOLDS:
                if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
                    raise WorkspaceError(f"{said}: allowed is a number from 0.")
                if key.endswith("_share") and value > 1:
                    raise WorkspaceError(f"{said}: allowed is a share from 0 to 1.")
                thresholds[key] = float(value)
            elif key not in RULES:
                known = ", ".join((*RULES, *THRESHOLDS))
                raise WorkspaceError(f"[quality] {key}: there is no such rule or threshold; there are {known}.")
            elif not RULES[key].may:
                raise WorkspaceError(f"[quality] {key}: this rule is always applied as it is. Remove the line.")
            elif value not in RULES[key].may:
                raise WorkspaceError(f"{said}: allowed is {', '.join(RULES[key].may)}.")
            else:
                levels[key] = LEVELS[str(value)]
        return cls(levels, thresholds)

    def level(self, rule: str, usual: str | None = None) -> str:
        """What the rule does; *usual* where it depends on the field.

        A row without a value that it must have cannot be used: there R stays R, unless it is to be set aside.
        """
        usual = RULES[rule].level if usual is None else usual
        chosen = self.levels.get(rule, usual)
        return "R" if usual == "R" and rule in _REQUIRED and chosen not in ("R", "Q") else chosen


_REQUIRED = ("P2", "P3", "P4", "D10")
