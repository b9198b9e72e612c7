"""The import page: say where the export lies, look at what would happen, import it, read what was found.

Nothing is written before the person has seen the preview and asks for the import. What is typed here is an
order to the importer, which checks it again; the page holds no data of its own.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from salescoach.app.frame import Frame
from salescoach.app.import_sections import imported_sections, preview_sections
from salescoach.app.parts import Notice, close, html_widget, labelled
from salescoach.crm.importer import Choices, import_export, preview_export
from salescoach.crm.owners import FILE, read_owners, write_owners
from salescoach.crm.preview import Preview
from salescoach.crm.saved_mapping import FOLDER, forms
from salescoach.errors import InputError, SalesCoachError, UsageError, WorkspaceError
from salescoach.quality import open_quality, write_quality
from salescoach.report.page import Section
from salescoach.review import requested_language
from salescoach.workspace import Workspace

_MARKS = {",": "comma", ";": "semicolon", "|": "bar", "\t": "tab"}
_ASKED = {
    "separator": "separator", "encoding": "encoding", "decimal": "decimal", "date_order": "order", "as_of": "as_of",
}  # fmt: skip
"""What the importer may have to ask: the label of the control that answers it."""
_ACCEPTED = ".csv,.tsv,.txt,.xlsx,.zip,.gz"


def import_app(workspace: str | Path = "", language: str = "") -> ImportApp | Notice:
    """The page on *workspace* (default: ``SALESCOACH_WORKSPACE``), in *language* or the one of its address."""
    try:
        home = Workspace.open(workspace or os.environ.get("SALESCOACH_WORKSPACE", ""))
        return ImportApp(home, requested_language(language, home))
    except SalesCoachError as error:
        return Notice([widgets.Label(value=str(error))])


def _told(action: Callable[..., None]) -> Callable[..., None]:
    """Show an error that a person can put right beside the form instead of losing it in a log."""

    @wraps(action)
    def run(self: ImportApp, *args: Any) -> None:
        self._say(self._words("imports.working"))
        try:
            action(self, *args)
        except InputError as error:
            self._say(self._asked(error) if error.asks else str(error), problem=True)
        except SalesCoachError as error:
            self._say(str(error), problem=True)

    return run


class ImportApp(Frame):
    """What is found on the left, what is asked on the right."""

    def __init__(self, workspace: Workspace, language: str) -> None:
        super().__init__(language)
        self.workspace = workspace
        self._uploads = tempfile.TemporaryDirectory(prefix="salescoach-import-")
        self._preview: Preview | None = None
        self._owner_choices: dict[str, widgets.Dropdown] = {}
        self._build()
        self._put_beside(self._form)
        self._draw()

    # --- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        self._tongue.observe(self._speak, names="value")
        self._form = widgets.VBox()
        self._form.add_class("sc-app-asked-first")
        self._source = widgets.Text()
        self._files = widgets.FileUpload(multiple=True, accept=_ACCEPTED)
        self._crm = widgets.Dropdown()
        self._columns = widgets.Textarea(rows=2)
        self._separator, self._decimal, self._order = widgets.Dropdown(), widgets.Dropdown(), widgets.Dropdown()
        self._encoding = widgets.Text()
        self._as_of = widgets.DatePicker()
        self._save_as = widgets.Text()
        self._look = widgets.Button(button_style="primary")
        self._look.on_click(self._show_preview)
        self._do = widgets.Button(disabled=True)
        self._do.on_click(self._import)
        self._owners = widgets.VBox()
        self._keep_owners = widgets.Button()
        self._keep_owners.on_click(self._save_owners)
        self._status = widgets.Label()
        self._status.add_class("sc-app-status")

    def _draw(self) -> None:
        """Everything in the chosen language; the form keeps what was typed."""
        words = self._words
        self._choose_from(words, [])
        self._offer(self._crm, [(words("imports.detect"), ""), *self._forms()])
        undecided = (words("imports.from_file"), "")  # None would show an empty box
        self._offer(
            self._separator, [undecided, *((words(f"imports.mark.{name}"), mark) for mark, name in _MARKS.items())]
        )
        self._offer(self._decimal, [undecided, (words("imports.mark.comma"), ","), (words("imports.mark.point"), ".")])
        self._offer(self._order, [undecided, (words("imports.dmy"), "dmy"), (words("imports.mdy"), "mdy")])
        self._source.placeholder = words("imports.placeholder.source")
        self._columns.placeholder = words("imports.placeholder.columns")
        self._encoding.placeholder = words("imports.placeholder.encoding")
        self._save_as.placeholder = words("imports.placeholder.save_as")
        self._files.description = words("imports.choose")
        self._look.description, self._do.description = words("imports.preview"), words("imports.do")
        self._keep_owners.description = words("imports.owners.save")
        choices = [
            labelled(words("imports.separator"), self._separator),
            labelled(words("imports.encoding"), self._encoding),
            labelled(words("imports.decimal"), self._decimal),
            labelled(words("imports.order"), self._order),
            labelled(words("imports.as_of"), self._as_of),
            labelled(words("imports.columns"), self._columns),
            labelled(words("imports.save_as"), self._save_as),
        ]
        self._more = widgets.Accordion([widgets.VBox(choices)], titles=(words("imports.more"),))
        self._form.children = [
            html_widget(words("imports.title"), words("imports.lead"), language=self._tongue.value),
            labelled(words("imports.files"), self._files),
            labelled(words("imports.source"), self._source),
            labelled(words("imports.crm"), self._crm),
            self._look,
            self._do,
            self._status,
            self._owners,
            self._more,
        ]
        self._show(self._found())

    def _forms(self) -> list[tuple[str, str]]:
        own, ours = forms(self.workspace.path / FOLDER)
        return [(form.name, form.name) for form in own] + [(form.preset.title, form.name) for form in ours]

    @staticmethod
    def _offer(control: widgets.Dropdown, options: list[tuple[str, Any]]) -> None:
        """New words for the same choices: what was chosen stays chosen."""
        chosen = control.value
        control.options = options
        control.value = chosen if any(value == chosen for _, value in options) else options[0][1]

    # --- showing -------------------------------------------------------------------------------

    def _found(self, as_of: date | None = None) -> tuple[Section, ...]:
        """The quality report of the newest data, or of those of *as_of*; nothing before the first import."""
        try:
            report = open_quality(self.workspace, self._tongue.value, as_of)
        except WorkspaceError:
            return ()
        return report.sections

    def _show(self, sections: tuple[Section, ...]) -> None:
        old = self._page.children
        self._page.children = [html_widget(section, language=self._tongue.value) for section in sections]
        close(old)

    def _say(self, text: str, *, problem: bool = False) -> None:
        self._status.value = text
        (self._status.add_class if problem else self._status.remove_class)("sc-app-problem")

    def _asked(self, error: InputError) -> str:
        """What the files leave open, in the words of the form, whose further choices are opened for it."""
        self._more.selected_index = 0
        row = self._words("imports.place.row", row=error.row) if error.row else ""
        place = ", ".join(part for part in (error.file, row, error.column) if part)
        control = self._words(f"imports.{_ASKED[error.asks]}")
        if not error.example:
            return self._words("imports.asked.bare", place=place, control=control)
        return self._words("imports.asked.example", place=place, control=control, example=error.example)

    def _speak(self, _change: Any) -> None:
        self._draw()
        if self._preview is not None:
            self._show(preview_sections(self._preview, self._words))
            self._ask_owners(self._preview)
        self._say("")

    # --- doing ---------------------------------------------------------------------------------

    def _order_given(self) -> tuple[str, dict[str, Any]]:
        """Where the export lies and how to read it, as the importer takes it."""
        source = self._source.value.strip()
        if self._files.value:
            source = str(self._unpacked())
        if not source:
            raise UsageError(self._words("imports.nothing"))
        lines = [line.strip() for line in self._columns.value.splitlines() if line.strip()]
        return source, {
            "crm": self._crm.value or None,
            "as_of": self._as_of.value,
            "columns": lines,
            "choices": Choices(
                separator=self._separator.value or None,
                encoding=self._encoding.value.strip() or None,
                decimal=self._decimal.value or None,
                date_order=self._order.value or None,
            ),
        }

    def _unpacked(self) -> Path:
        """A private folder with the files that were handed over; it ends with the page."""
        folder = Path(tempfile.mkdtemp(dir=self._uploads.name))
        for number, file in enumerate(self._files.value):
            name = Path(str(file["name"])).name or f"file-{number}"  # a name only, whatever the browser says
            (folder / name).write_bytes(bytes(file["content"]))
        return folder

    @_told
    def _show_preview(self, _button: Any) -> None:
        source, given = self._order_given()
        self._preview = preview_export(source, self.workspace, **given)
        self._show(preview_sections(self._preview, self._words))
        self._ask_owners(self._preview)
        self._do.disabled = False
        self._do.button_style = "success"
        self._say(self._words("imports.looked"))

    @_told
    def _import(self, _button: Any) -> None:
        source, given = self._order_given()
        report = import_export(source, self.workspace, **given, save_as=self._save_as.value.strip() or None)
        write_quality(self.workspace, report.as_of)
        self._preview = None
        self._do.disabled, self._do.button_style = True, ""
        self._show((*imported_sections(report, self._words), *self._found(report.as_of)))
        day = self._words.language.date(report.as_of)
        self._say(self._words("imports.unchanged" if report.unchanged else "imports.done", day=day))

    def _ask_owners(self, preview: Preview) -> None:
        """One choice of a person for each owner that nobody matched."""
        words = self._words
        reps = preview.judged.export.tables["rep"].accepted
        people = sorted(
            zip(reps["full_name"], reps["rep_id"], strict=True), key=lambda pair: words.language.sort_key(pair[0])
        )
        self._owner_choices = {}
        rows: list[widgets.Widget] = []
        for owner in preview.owners:
            likely = [(name, rep) for rep, name in owner.candidates]
            rest = [(name, rep) for name, rep in people if (name, rep) not in likely]
            choice = widgets.Dropdown(options=[(words("imports.owners.nobody"), ""), *likely, *rest])
            self._owner_choices[owner.owner] = choice
            rows.append(labelled(words.plural("imports.owners.rows", owner.rows, owner=owner.owner), choice))
        title = html_widget(words("imports.owners.title"), words("imports.owners.lead"), language=self._tongue.value)
        self._owners.children = [title, *rows, self._keep_owners] if rows else []

    @_told
    def _save_owners(self, _button: Any) -> None:
        folder = self.workspace.path / FOLDER
        chosen = {owner: str(choice.value) for owner, choice in self._owner_choices.items() if choice.value}
        unmatched = self._preview.owners if self._preview else ()
        known = read_owners(folder / FILE) | chosen
        write_owners(folder, known, unmatched, self.workspace.organisation.language)
        self._show_preview(None)
        self._say(self._words("imports.owners.saved"))
