"""A seeded sales organisation with known truth, for the demo, the tests and the method notebooks.

``organisation`` makes it in memory, ``write`` puts it on disk, in the canonical CSV form or a CRM's.
"""

from __future__ import annotations

from salescoach.synthetic.build import SyntheticOrganisation, organisation
from salescoach.synthetic.exports import FORMS
from salescoach.synthetic.parameters import PRESETS, Driver, Parameters, Plants
from salescoach.synthetic.write import write

__all__ = ["FORMS", "PRESETS", "Driver", "Parameters", "Plants", "SyntheticOrganisation", "organisation", "write"]
