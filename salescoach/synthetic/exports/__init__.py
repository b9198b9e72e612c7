"""The organisation as the export of each supported CRM would hold it: that CRM's files, headings and traps, no more.

``exported`` gives the files of one form; what a form cannot hold is not in them, so that importing them again
shows what is lost on that road, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from salescoach.errors import UsageError
from salescoach.synthetic.exports import (
    dynamics,
    espocrm,
    frappe,
    hubspot,
    krayin,
    odoo,
    pipedrive,
    salesforce,
    zoho,
)
from salescoach.synthetic.exports.cells import File
from salescoach.synthetic.exports.view import View

__all__ = ["FORMS", "Form", "View", "exported"]


@dataclass(frozen=True)
class Form:
    """How one CRM writes its files: which they are, and what separates their cells."""

    files: Callable[[View], dict[str, File]]
    separator: str = ","
    encoding: str = "utf-8"


_FORMS = {
    "salesforce": Form(salesforce.files),
    "salesforce_report": Form(salesforce.report),
    "hubspot": Form(hubspot.files),
    "pipedrive": Form(pipedrive.files),
    "zoho": Form(zoho.files),
    "dynamics": Form(dynamics.files, ";"),
    "odoo": Form(odoo.files),
    "espocrm": Form(espocrm.files, ";"),
    "frappe": Form(frappe.files),
    "krayin": Form(krayin.files),
}

FORMS = ("canonical", *_FORMS)
"""Names of the forms in which an organisation can be written."""


def exported(form: str, view: View) -> tuple[Form, dict[str, File]]:
    """The files of a form, by name. UsageError for a form that is none."""
    if form not in _FORMS:
        raise UsageError.unknown("export form", form, FORMS)
    return _FORMS[form], _FORMS[form].files(view)
