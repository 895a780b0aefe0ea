"""The token of the control surface: the one that was set, else one made once and kept where only its owner reads."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from dl_lit.core.errors import NeedsConfiguration
from dl_lit.settings import Settings

_BYTES = 32


def token_file(settings: Settings) -> Path:
    """Where the token is kept that was made."""
    return settings.state_folder / "serve-token"


def token_of(settings: Settings) -> str:
    """The token. Raises `NeedsConfiguration` where none is set and none can be kept."""
    if settings.serve.token:
        return settings.serve.token
    file = token_file(settings)
    try:
        return _kept(file) or _made(file)
    except OSError as error:
        raise NeedsConfiguration(
            f"cannot keep a token in {file} ({error.strerror}): set one (serve.token, DL_LIT_SERVE_TOKEN)"
        ) from error


def _kept(file: Path) -> str | None:
    try:
        return file.read_text(encoding="ascii").strip() or None
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def _made(file: Path) -> str:
    """Another process may make one at the same time: the first one holds."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        rest = secrets.token_urlsafe(_BYTES).encode() + b"\n"
        while rest:  # a disk that fills up takes the beginning: half a token is none
            rest = rest[os.write(number, rest) :]
        os.fsync(number)
        if file.exists() and _kept(file) is None:
            file.unlink()  # empty, or no text
        with suppress(FileExistsError):
            os.link(draft, file)
    finally:
        os.close(number)
        draft.unlink(missing_ok=True)
    return _kept(file) or ""
