"""A seeded sales organisation with known truth, for the demo, the tests and the method notebooks.

``organisation`` makes it in memory, ``write`` puts it on disk, in the canonical CSV form or a CRM's; ``write_parquet``
makes one too large for memory.
"""

from __future__ import annotations

from salescoach.synthetic.build import SyntheticOrganisation, organisation
from salescoach.synthetic.dialect import DIALECTS
from salescoach.synthetic.exports import FORMS
from salescoach.synthetic.parameters import Parameters
from salescoach.synthetic.parquet import write_parquet
from salescoach.synthetic.plants import Driver, Plants, Programme
from salescoach.synthetic.presets import PRESETS
from salescoach.synthetic.write import write

__all__ = [
    "DIALECTS",
    "FORMS",
    "PRESETS",
    "Driver",
    "Parameters",
    "Plants",
    "Programme",
    "SyntheticOrganisation",
    "organisation",
    "write",
    "write_parquet",
]
