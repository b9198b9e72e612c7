"""One folder per organisation: its settings, snapshots, reviews, models and coaching record.

A workspace is written whole or not at all, is readable by its owner only, and never lies inside the
package. This module checks settings and knows where things are; it never opens the coaching database
and never changes a setting that a person wrote.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from salescoach.crm.folder import publish
from salescoach.crm.organisation import ALLOWED, Organisation
from salescoach.crm.quality import Quality, Setting
from salescoach.errors import WorkspaceError
from salescoach.resources import load_words

if TYPE_CHECKING:
    from salescoach.crm.snapshot import Snapshot

__all__ = ["SETTINGS", "Organisation", "Workspace"]

SETTINGS = "salescoach.toml"
FOLDERS = ("snapshots", "reviews", "models")


@dataclass(frozen=True)
class Workspace:
    """The folder of one organisation. Get one from :meth:`open`, :meth:`create` or :meth:`at`."""

    path: Path
    organisation: Organisation
    store_url: str = ""
    quality: Mapping[str, Setting] = field(default_factory=dict)

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Workspace:
        """The workspace at *path*; WorkspaceError when there is none or a setting is wrong."""
        folder = Path(path).expanduser().absolute()
        file = folder / SETTINGS
        try:
            text = file.read_text(encoding="utf-8")
            values = tomllib.loads(text)
        except (FileNotFoundError, NotADirectoryError):
            raise WorkspaceError(
                f"{folder}: there is no workspace here ({SETTINGS} is missing). "
                f"Make one with: salescoach import EXPORT_FOLDER --into {folder}"
            ) from None
        except OSError as error:
            raise WorkspaceError(f"{file}: cannot be read ({error.strerror}).") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise WorkspaceError(
                f"{file}: is not a settings file in TOML ({error}). Correct the line it names."
            ) from None
        try:
            return cls(folder, *_settings(values, default_name=folder.name))
        except WorkspaceError as error:
            raise WorkspaceError(f"{file}: {error}") from None

    @classmethod
    def at(cls, path: str | os.PathLike[str], **settings: str | int) -> Workspace:
        """The workspace at *path*, or a new one that is not written until :meth:`write`.

        So an import that is refused leaves no empty workspace behind. *settings* are those of
        :class:`Organisation`; for a workspace that is there already they must say the same as its file.
        WorkspaceError also when the folder holds something else.
        """
        folder = Path(path).expanduser().absolute()
        if (folder / SETTINGS).exists():
            workspace = cls.open(folder)
            for key, value in settings.items():
                _known("organisation", key, ALLOWED)
                there = getattr(workspace.organisation, key)
                if there != value:
                    raise WorkspaceError(f"{folder / SETTINGS}: says {key} = {there}, not {value}. Change it there.")
            return workspace
        _check_vacant(folder)
        return cls(folder, *_settings({"organisation": settings}, default_name=folder.name))

    @classmethod
    def create(cls, path: str | os.PathLike[str], **settings: str | int) -> Workspace:
        """Write a new workspace, whole or not at all; WorkspaceError when there is one already."""
        folder = Path(path).expanduser().absolute()
        if (folder / SETTINGS).exists():
            raise WorkspaceError(f"{folder}: is a workspace already. Open it, or choose another folder.")
        return cls.at(folder, **settings).write()

    def write(self) -> Workspace:
        """Make the folder if it is not there yet. Atomic: other processes see all of it or nothing."""
        if (self.path / SETTINGS).is_file():
            return self
        staging = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}.new")
        try:
            staging.mkdir(mode=0o700)
            for name in FOLDERS:
                (staging / name).mkdir(mode=0o700)
            file = staging / SETTINGS
            file.touch(mode=0o600)
            file.write_text(_as_toml(self.organisation, self.store_url), encoding="utf-8")
            publish(staging, self.path)
        except OSError as error:
            raise _unwritable(self.path, error) from None
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        return self

    @property
    def database_url(self) -> str:
        """Where the coaching record is: SQLAlchemy's form of address; SALESCOACH_DATABASE overrides the settings."""
        return (
            os.environ.get("SALESCOACH_DATABASE")
            or self.store_url
            or "sqlite:///" + quote(str(self.path / "coaching.db"))
        )

    @property
    def snapshots(self) -> Path:
        """Folder of the imported snapshots, one folder each, never changed."""
        return self.path / "snapshots"

    @property
    def reviews(self) -> Path:
        """Folder of the prepared reviews: PERIOD/LANGUAGE/."""
        return self.path / "reviews"

    @property
    def models(self) -> Path:
        """Folder of the scoring models."""
        return self.path / "models"

    def snapshot(self, as_of: date | None = None) -> Snapshot:
        """The newest snapshot, or the newest whose data are not later than *as_of*.

        Of two exports of the same day the one imported later counts. WorkspaceError with a hint when
        there is none.
        """
        history = self.history()
        early = [snapshot for snapshot in history if as_of is None or snapshot.as_of <= as_of]
        if not early:
            oldest = history[0].as_of
            raise WorkspaceError(f"{self.path}: no data as of {as_of} or before; the earliest are as of {oldest}.")
        return early[-1]

    def history(self) -> tuple[Snapshot, ...]:
        """The snapshots in time, one for each day of data; WorkspaceError with a hint when there is none.

        Of two exports of the same day the one imported later counts.
        """
        from salescoach.crm.snapshot import Snapshot

        folders = sorted(self.snapshots.glob("[!.]*/manifest.json")) if self.snapshots.is_dir() else []
        found = [Snapshot.open(manifest.parent) for manifest in folders]
        if not found:
            raise WorkspaceError(
                f"{self.path}: nothing has been imported yet. "
                f"Do it with: salescoach import EXPORT_FOLDER --into {self.path}"
            )
        found.sort(key=lambda snapshot: (snapshot.as_of, snapshot.manifest["taken_at"], snapshot.snapshot_id))
        return tuple({snapshot.as_of: snapshot for snapshot in found}.values())


def _check_vacant(folder: Path) -> None:
    if folder.resolve().is_relative_to(Path(__file__).resolve().parent):
        raise WorkspaceError(f"{folder}: lies inside the program. People's data stay out of it: choose another folder.")
    try:
        if folder.is_dir():
            if any(folder.iterdir()):
                raise WorkspaceError(f"{folder}: is a folder with other things in it. Choose a new or an empty folder.")
        elif folder.exists():
            raise WorkspaceError(f"{folder}: is a file. Choose a new or an empty folder.")
    except OSError as error:
        raise _unwritable(folder, error) from None
    if not folder.parent.is_dir():
        raise WorkspaceError(f"{folder}: its parent folder does not exist. Make {folder.parent} first.")
    if not os.access(folder.parent, os.W_OK | os.X_OK):
        raise WorkspaceError(f"{folder}: {folder.parent} may not be written. Choose a folder that is yours.")


def _unwritable(folder: Path, error: OSError) -> WorkspaceError:
    return WorkspaceError(
        f"{folder}: cannot be written ({error.strerror}). Nothing was changed; choose another folder."
    )


def _known(section: str, key: str, keys: Mapping[str, object]) -> None:
    if key not in keys:
        raise WorkspaceError(f"[{section}] {key}: there is no such setting; there are {', '.join(keys)}.")


def _settings(values: Mapping[str, Any], *, default_name: str) -> tuple[Organisation, str, dict[str, Setting]]:
    for section, entries in values.items():
        if section not in ("organisation", "store", "quality") or not isinstance(entries, Mapping):
            raise WorkspaceError(f"{section}: there is no such section; there are [organisation], [store], [quality].")
    organisation = values.get("organisation", {})
    store = values.get("store", {})
    for key in organisation:
        _known("organisation", key, ALLOWED)
    for key in store:
        _known("store", key, {"url": ""})
    url = store.get("url", "")
    if not isinstance(url, str) or not re.match(r"(sqlite|postgresql)(\+\w+)?://.", url or "sqlite://x"):
        # the value may hold a password, so it is not repeated
        raise WorkspaceError(
            '[store] url: allowed is a database address such as "postgresql+psycopg://user@host/name".'
        )
    quality = dict(values.get("quality", {}))
    Quality.of(quality)
    return Organisation(**{"name": default_name, **organisation}), url, quality


def _as_toml(organisation: Organisation, store_url: str) -> str:
    words = load_words(organisation.language)
    lines = [f"# {words('workspace.settings.title')}", "", "[organisation]"]
    for key, value in asdict(organisation).items():
        lines += [f"# {words(f'workspace.settings.{key}')}", f"{key} = {json.dumps(value, ensure_ascii=False)}"]
    address = f"url = {json.dumps(store_url)}" if store_url else '# url = "postgresql+psycopg://user@host/name"'
    return "\n".join([*lines, "", "[store]", f"# {words('workspace.settings.url')}", address, ""])
