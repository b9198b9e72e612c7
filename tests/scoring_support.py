"""Leads whose truth is known, and files of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from salescoach.leadlab.reading import LeadFile, names
from salescoach.scoring.declaration import Declaration
from salescoach.scoring.leads import Leads, prepare

BANK_MD5 = "f6cb2c1256ffe2836b36df321f46e92c"
SALVIRT_MD5 = "d69418f14ef72d0668b3c79a03fd43b2"


def simulated(n: int, seed: int = 0, *, signal: float = 1.0) -> pd.DataFrame:
    """*n* leads: two numbers and two texts that speak in proportion to *signal*, and the outcome as yes or no."""
    random = np.random.default_rng(seed)
    visits, budget = random.poisson(3, n).astype(float), random.normal(50, 15, n)
    source = random.choice(["web", "fair", "referral"], n)
    size = random.choice(["small", "large"], n)
    log_odds = -0.5 + signal * (0.4 * (visits - 3) + 0.8 * (source == "referral") - 0.6 * (size == "small"))
    won = random.random(n) < 1 / (1 + np.exp(-log_odds))
    return pd.DataFrame(
        {"visits": visits, "budget": budget, "source": source, "size": size, "won": np.where(won, "yes", "no")}
    )


def lead_file(table: pd.DataFrame, declaration: Declaration) -> LeadFile:
    """*table* as if it had been read from a file; its outcome column becomes texts, its texts categories."""
    outcome = table[declaration.outcome].to_numpy(dtype=object)
    typed = table.drop(columns=[declaration.outcome])
    texts = [
        name for name in typed if not (pd.api.types.is_numeric_dtype(typed[name]) or typed[name].dtype.kind == "M")
    ]
    typed = typed.astype(dict.fromkeys(texts, "category"))
    return LeadFile("leads.csv", "", typed, outcome, declaration, ())


def ready(table: pd.DataFrame, declaration: Declaration | None = None) -> Leads:
    """*table*, whose outcome is the column ``won``, ready for a model."""
    file = lead_file(table, declaration or Declaration("won"))
    return prepare(file.table, file.outcome, file.declaration, names()).leads


def written(table: pd.DataFrame, path: Path) -> Path:
    """*table* as a CSV file."""
    table.to_csv(path, index=False)
    return path
