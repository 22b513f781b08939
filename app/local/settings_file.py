"""The settings file: read whole, written atomically, never overwritten when it cannot be understood.

It may hold a database password inside a URL, so it is readable by its owner only. A URL without a password works too:
libpq then asks its own password file.
"""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import platformdirs

from app.domain.errors import Misconfigured
from app.local import toml_text
from app.local.settings import Settings

FILE_NAME = "settings.toml"
DIRECTORY_VARIABLE = "RUNDESK_CONFIG_DIR"
"""Environment variable that moves the settings directory, for tests and portable installations."""


def settings_directory(environment: Mapping[str, str]) -> Path:
    """Return the directory of the settings file; it may not exist yet."""
    chosen = environment.get(DIRECTORY_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    return platformdirs.user_config_path("rundesk", appauthor=False)


class SettingsFile:
    """Reads and changes ``settings.toml``. A missing file means defaults; a damaged one is an error that keeps it."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / FILE_NAME

    def read(self) -> Settings:
        """Return the settings.

        Raises:
            Misconfigured: the file cannot be read, is not TOML, or holds a value that cannot be used.
        """
        try:
            document = tomllib.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Settings()
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise self._damaged(str(error)) from error
        try:
            return Settings.from_document(document)
        except Misconfigured as error:
            raise self._damaged(error.message) from error

    def update(self, change: Callable[[Settings], Settings]) -> Settings:
        """Read again, apply the change, write, and return the result; a file that cannot be read stays as it is.

        Reading again first keeps what another Rundesk wrote meanwhile.
        """
        changed = change(self.read())
        self._write(toml_text.dump(changed.as_document()))
        return changed

    def _write(self, text: str) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # mkstemp creates the file with mode 0600; replacing within one directory is atomic.
            handle, temporary = tempfile.mkstemp(dir=self.path.parent, prefix=FILE_NAME)
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            Path(temporary).replace(self.path)
        except OSError as error:
            Path(temporary).unlink(missing_ok=True)
            raise self._unwritable(error) from error

    def _damaged(self, detail: str) -> Misconfigured:
        return Misconfigured(
            "settings.damaged",
            f"The settings file {self.path} cannot be used and was left as it is. {detail.rstrip('.')}. "
            "Correct it, or move it away to start with defaults.",
            path=str(self.path),
            detail=detail,
        )

    def _unwritable(self, error: OSError) -> Misconfigured:
        reason = error.strerror or str(error)
        return Misconfigured(
            "settings.unwritable",
            f"The settings could not be saved to {self.path}: {reason}. Nothing was changed.",
            path=str(self.path),
        )
