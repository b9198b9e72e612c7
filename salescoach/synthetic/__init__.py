"""A seeded sales organisation with known truth, for the demo, the tests and the method notebooks.

``organisation`` makes it in memory, ``write`` puts it on disk in the canonical CSV form.
"""

from __future__ import annotations

from salescoach.synthetic.build import SyntheticOrganisation, organisation
from salescoach.synthetic.parameters import Parameters
from salescoach.synthetic.plants import Driver, Plants, Programme
from salescoach.synthetic.presets import PRESETS
from salescoach.synthetic.write import write

__all__ = ["PRESETS", "Driver", "Parameters", "Plants", "Programme", "SyntheticOrganisation", "organisation", "write"]
