"""One prefix of an object store: whole objects in and out, put only where none is. The only importer of obstore.

What a store refuses is a `StoreTrouble` in our words: obstore's repeat addresses, answers and what was sent.
https://developmentseed.org/obstore/latest/ (0.12, read 2026-11-23).
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import obstore
from obstore import exceptions
from obstore.store import AzureStore, GCSStore, S3Store

from dl_lit.core.errors import DlLitError, NeedsConfiguration
from dl_lit.core.object_address import ObjectPlace

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

CONNECT_S = 5.0
"""How long a connection may take to come about."""

LOOKED = ".incoming/look"
"""What the objects are called by which it is found out whether a store takes any."""

_RETRIES = 3
_RETRY_S = 30.0
_BLOCK = 1 << 20
_STATUS = re.compile(r"\b(?:status(?: code)?|code):? ?\(?([45]\d\d)\b|\b([45]\d\d) [A-Z][a-z]")
_SLOW = re.compile(r"timed out|kind: Timeout|TimedOut")
_UNREACHED = re.compile(
    r"kind: Connect|dns error|error sending request|connection (?:closed|refused|reset)", re.IGNORECASE
)
_NO_KEYS = re.compile(r"metadata endpoint|MissingAccount|credential|token", re.IGNORECASE)


class StoreTrouble(DlLitError):
    """An object store did not do what was asked of it; the message names the store and the kind of failure only."""


class Bucket:
    """The objects below one prefix; paths are relative to it. Thread-safe."""

    def __init__(self, store: ObjectStore, name: str) -> None:
        """`store` is obstore's; `name` is what messages call it."""
        self._store = store
        self.name = name

    def put_new(self, path: str, content: Path | bytes) -> bool:
        """Put a whole object where none is, in one step that others see whole or not at all; False: one is there.

        It may be our own: an answer can get lost after the object came to be. Whoever needs to know looks at it.
        """
        with self._trouble():
            try:
                obstore.put(self._store, path, content, mode="create", use_multipart=False)
            except (exceptions.AlreadyExistsError, exceptions.PreconditionError):
                return False
        return True

    def put(self, path: str, content: Path | bytes) -> None:
        """Put a whole object, in the place of any that is there."""
        with self._trouble():
            obstore.put(self._store, path, content, use_multipart=False)

    def get(self, path: str) -> bytes | None:
        """A small object; None where there is none."""
        with self._trouble():
            try:
                return bytes(obstore.get(self._store, path).bytes())
            except FileNotFoundError:
                return None

    def fetch(self, path: str, into: Path) -> str | None:
        """Write an object to the new local file `into`; its SHA-256, None where there is no such object.

        Raises `OSError` for what the local disk refuses; what came in part is removed.
        """
        done = False
        try:
            with self._trouble():
                try:
                    answer = obstore.get(self._store, path)
                except FileNotFoundError:
                    return None
                digest = hashlib.sha256()
                with _new_file(into) as file:
                    for block in answer.stream(min_chunk_size=_BLOCK):
                        digest.update(block)
                        file.write(block)
                done = True
                return digest.hexdigest()
        finally:
            if not done:
                into.unlink(missing_ok=True)

    def sha256(self, path: str) -> str | None:
        """The SHA-256 of an object, which is read for that; None where there is none."""
        with self._trouble():
            try:
                answer = obstore.get(self._store, path)
            except FileNotFoundError:
                return None
            digest = hashlib.sha256()
            for block in answer.stream(min_chunk_size=_BLOCK):
                digest.update(block)
            return digest.hexdigest()

    def size(self, path: str) -> int | None:
        """The size of an object in bytes; None where there is none."""
        with self._trouble():
            try:
                return obstore.head(self._store, path)["size"]
            except FileNotFoundError:
                return None

    def sizes(self, under: str = "") -> Iterator[tuple[str, int]]:
        """Path and size of every object, or of those below `under`, in the order of their paths."""
        return ((path, size) for path, size, _ in self.listed(under))

    def listed(self, under: str = "") -> Iterator[tuple[str, int, float]]:
        """The same with when each was put (epoch seconds, by the store's clock)."""
        with self._trouble():
            found = [
                (one["path"], one["size"], one["last_modified"].timestamp())
                for lot in obstore.list(self._store, prefix=under or None)
                for one in lot
            ]
        yield from sorted(found)

    def remove(self, path: str) -> None:
        """Remove an object; none there is as well."""
        with self._trouble(), suppress(FileNotFoundError):
            obstore.delete(self._store, path)

    def look(self) -> None:
        """Put and remove a small object; raises `StoreTrouble` where the store does not let us, or does not answer."""
        path = f"{LOOKED}-{secrets.token_hex(4)}"
        self.put(path, b"dl_lit looks whether it can write here")
        self.remove(path)

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        try:
            yield
        except (exceptions.BaseError, FileNotFoundError, ValueError, PermissionError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # the local disk's
            raise StoreTrouble(f"{self.name} {_told(error)}") from None  # its text repeats addresses and answers


def open_bucket(
    place: ObjectPlace, *, timeout_s: float, is_patient: bool = True, env: Mapping[str, str] | None = None
) -> Bucket:
    """The place on its store, with the rights that the environment gives; nothing is asked yet.

    `is_patient`: what fails in passing is tried again, three times within half a minute.

    Raises `NeedsConfiguration` where the environment lacks what the store needs to be found.
    """
    env = os.environ if env is None else env
    client: ClientConfig = {
        "connect_timeout": timedelta(seconds=CONNECT_S),
        "timeout": timedelta(seconds=timeout_s),
        "read_timeout": timedelta(seconds=min(timeout_s, 30.0)),
        "allow_http": any(env.get(name, "").startswith("http://") for name in _ENDPOINTS),
    }
    # A put is repeated too: it is whole or nothing, and one that did come to be is known again by its content.
    retry: RetryConfig = {
        "max_retries": _RETRIES if is_patient else 0,
        "retry_timeout": timedelta(seconds=_RETRY_S),
    }
    prefix = place.prefix or None
    store: ObjectStore
    try:
        match place.scheme:
            case "s3":
                store = S3Store(place.bucket, prefix=prefix, client_options=client, retry_config=retry)
            case "gs":
                store = GCSStore(place.bucket, prefix=prefix, client_options=client, retry_config=retry)
            case _:
                store = AzureStore(place.bucket, prefix=prefix, client_options=client, retry_config=retry)
    except (exceptions.BaseError, ValueError, OSError) as error:
        raise NeedsConfiguration(f"{place} {_told(error)}: docs/object-store.md lists the variables") from None
    return Bucket(store, str(place))


_ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT", "GOOGLE_BASE_URL", "AZURE_STORAGE_ENDPOINT")


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """A new local file that is on the disk when it is whole."""
    with path.open("xb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _told(error: BaseException) -> str:
    """What kind of failure it was."""
    text = str(error)
    if isinstance(error, exceptions.PermissionDeniedError):
        return "does not let us: permission denied"
    if isinstance(error, exceptions.UnauthenticatedError):
        return "does not know us: the keys are wrong or have run out"
    if isinstance(error, FileNotFoundError):
        return "is not there: no such bucket"
    if _SLOW.search(text):
        return "does not answer in time"
    if match := _STATUS.search(text):
        status = match[1] or match[2]
        return "is not there: no such bucket" if status == "404" else f"does not work (HTTP {status})"
    if _NO_KEYS.search(text):
        return "cannot be used: no keys or account in the environment"
    if _UNREACHED.search(text):
        return "cannot be reached"
    return "does not work"
