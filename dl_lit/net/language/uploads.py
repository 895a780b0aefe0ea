"""Files at the provider's: written down, sent, named, deleted, struck out, in this order, so that none is forgotten.

What cannot be deleted now stands in the book, and is deleted by `clean_up`, at the latest at the next start. An upload
whose answer never came is looked for among the provider's files, where it is shown under our id.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import structlog

from dl_lit.core.backoff import delay_s
from dl_lit.core.clock import Clock
from dl_lit.core.language import ModelError, RemoteBook, RemoteFile, RemoteLeft, Trouble
from dl_lit.net.language.backend import FileBackend
from dl_lit.net.language.endpoints import Endpoints
from dl_lit.net.language.place import CallLimits, ModelPlace
from dl_lit.net.language.refusing import error_of, refusal
from dl_lit.net.language.wire import Incoming, NotSent, Outgoing, Wire

MAX_FILE_BYTES = 50_000_000
"""Gemini reads PDFs of up to 50 MB: https://ai.google.dev/gemini-api/docs/document-processing (read 2026-11-23)."""

SHOWN_AS = "dl_lit-"
"""How the names begin under which our files are shown at the provider's; our id follows."""

_UPLOAD_TRIES = 50  # however often it is too much: the upload's time ends that
_DELETE_TRIES = 5
_DELETE_REST_S = 5.0  # between two of them, at most
_SETTLED_S = 300.0  # an upload that is not listed by then never came to be
_PAGES = 100  # of a provider's list of files
_LONGEST_POLL_S = 5.0
_POLL_GROWTH = 1.5
_GONE = frozenset({404, 410})
_LONGEST_NAME = 2_000  # characters
_LEFT_KEPT = 1_000

log = structlog.get_logger(__name__)


class RemoteFiles:
    """The files of this process at one model's addresses, and what earlier processes left there. Thread-safe."""

    def __init__(
        self,
        place: ModelPlace,
        limits: CallLimits,
        backend: FileBackend | None,
        *,
        wire: Wire,
        endpoints: Endpoints,
        book: RemoteBook,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        """`backend` None: the provider takes no files."""
        self._place = place
        self._limits = limits
        self._backend = backend
        self._wire = wire
        self._endpoints = endpoints
        self._book = book
        self._clock = clock
        self._rng = rng
        self._lock = threading.Lock()
        self._ids: dict[RemoteFile, str] = {}  # uploaded and not yet deleted
        self._left: dict[str, RemoteLeft] = {}  # what this process could not delete, by id
        self._rests_until = 0.0  # monotonic: the provider takes no uploads before

    @property
    def held(self) -> int:
        """Files uploaded and not yet deleted."""
        with self._lock:
            return len(self._ids)

    def upload(self, file: Path, *, timeout_s: float) -> RemoteFile:
        """Send a PDF and wait until it can be asked about; raises `ModelError`.

        Sent again here only where it was too much: after other troubles the whole section is done again (`Sections`).
        """
        backend = self._takes_files()
        try:
            if file.stat().st_size > MAX_FILE_BYTES:
                raise ModelError(Trouble.BAD_REQUEST, f"over {MAX_FILE_BYTES} bytes")
            content = file.read_bytes()
        except OSError as error:
            raise ModelError(Trouble.BAD_REQUEST, f"the file cannot be read: {error.strerror or error}") from error
        ends_at = self._clock.monotonic() + timeout_s
        attempt = 1
        while True:
            try:
                return self._uploaded(backend, content, ends_at)
            except ModelError as error:
                rest_s = max(error.after or 0.0, delay_s(attempt, self._rng, base_s=self._limits.try_again_s))
                is_over = error.trouble is not Trouble.RATE_LIMITED or rest_s >= ends_at - self._clock.monotonic()
                if is_over or attempt == _UPLOAD_TRIES:
                    raise
                if self._wire.stopping.wait(rest_s):
                    raise ModelError(Trouble.STOPPING) from error
                attempt += 1

    def delete(self, file: RemoteFile) -> None:
        """Remove it, now or when `clean_up` is called; raises nothing."""
        with self._lock:
            id_ = self._ids.get(file)
        if self._backend is None or not self._is_ours(file):
            return
        if self._deleted(self._backend, file, is_this_process_s=id_ is not None):
            with self._lock:
                self._ids.pop(file, None)
                if id_ is not None:
                    self._left.pop(id_, None)
            if id_ is not None:
                self._book.gone(id_)
            self._settle_one(self._backend)
        elif id_ is not None:
            self._keep_for_later(RemoteLeft(id_, file.provider, file.base_url, self._clock.time(), file))

    def clean_up(self) -> int:
        """Delete what earlier processes left and what this one could not delete; how many files that were."""
        if self._backend is None:
            return 0
        with self._lock:
            ours = list(self._left.values())
        deleted = 0
        for left in [*ours, *self._book.left()]:
            if self._wire.stopping.is_set() and left not in ours:
                break  # the next start has time for what earlier processes left
            if left.provider is self._place.provider and self._endpoints.knows(left.base_url):
                deleted += self._cleaned(self._backend, left)
        return deleted

    def _settle_one(self, backend: FileBackend) -> None:
        """Try the oldest of what could not be deleted once more, where some time has passed."""
        with self._lock:
            left = next(iter(self._left.values()), None)
            if left is None or self._clock.time() - left.begun_at <= _SETTLED_S or self._wire.stopping.is_set():
                return
            self._left[left.id] = self._left.pop(left.id)  # another one's turn comes next
        self._cleaned(backend, left)

    def _cleaned(self, backend: FileBackend, left: RemoteLeft) -> int:
        """How many files were deleted for one entry of the book; it is struck out where none can be left."""
        age_s = self._clock.time() - left.begun_at
        if left.file is not None:
            with self._lock:
                is_this_process_s = left.file in self._ids
            is_gone = self._deleted(backend, left.file, is_this_process_s=is_this_process_s)
            deleted = int(is_gone)
        else:
            try:
                deleted = self._sought(backend, left)
            except ModelError as error:
                log.info("remote_files_not_listed", says=str(error))
                deleted, is_gone = 0, False
            else:
                is_gone = deleted > 0 or age_s > _SETTLED_S
        if is_gone or age_s > backend.keeps_s:
            self._book.gone(left.id)
            with self._lock:
                self._left.pop(left.id, None)
                if left.file is not None:
                    self._ids.pop(left.file, None)
        return deleted

    def _takes_files(self) -> FileBackend:
        if self._backend is None:
            raise ModelError(Trouble.BAD_REQUEST, f"{self._place.provider.value} is given texts, not files")
        return self._backend

    def _is_ours(self, file: RemoteFile) -> bool:
        return file.provider is self._place.provider and self._endpoints.knows(file.base_url)

    def _uploaded(self, backend: FileBackend, content: bytes, ends_at: float) -> RemoteFile:
        rest_s = self._rests_until - self._clock.monotonic()
        if rest_s > max(0.0, ends_at - self._clock.monotonic()):
            raise NotSent(Trouble.RATE_LIMITED, "no uploads are taken now", after=rest_s)
        if self._wire.stopping.wait(max(0.0, rest_s)):
            raise ModelError(Trouble.STOPPING)
        base_url = self._endpoints.for_files()
        try:
            id_ = self._book.begin(self._place.provider, base_url)
        except OSError as error:
            raise ModelError(Trouble.BAD_REQUEST, "uploads cannot be written down, so nothing is sent") from error
        left = RemoteLeft(id_, self._place.provider, base_url, self._clock.time(), None)
        try:
            name, uri = self._named(backend, base_url, id_, content, ends_at)
        except NotSent:
            self._book.gone(id_)
            raise
        except ModelError:
            self._seek(backend, left)
            raise
        file = RemoteFile(self._place.provider, base_url, name, uri)
        self._book.named(id_, file)
        with self._lock:
            self._ids[file] = id_
        try:
            self._wait_for(backend, file, ends_at)
        except ModelError:
            self.delete(file)
            raise
        return file

    def _named(self, backend: FileBackend, base_url: str, id_: str, content: bytes, ends_at: float) -> tuple[str, str]:
        """Name and address of the file once it is there; raises `NotSent` where none can have come of it."""
        first = backend.uploads(base_url, content, f"{SHOWN_AS}{id_}")
        if not backend.opens_only():
            return _nameable(backend.uploaded(self._step(first, ends_at)))
        try:
            further = backend.goes_on(base_url, self._step(first, ends_at), content)
        except ModelError as error:
            raise NotSent(error.trouble, error.detail, after=error.after) from error
        return _nameable(backend.uploaded(self._step(further, ends_at)))

    def _step(self, outgoing: Outgoing, ends_at: float) -> Incoming:
        """The answer to one request of an upload; raises `ModelError`, `NotSent` where it was refused for good."""
        left_s = ends_at - self._clock.monotonic()
        if left_s <= 0:
            raise NotSent(Trouble.TIMEOUT, "no time is left for the upload")
        incoming = self._wire.send(outgoing, timeout_s=left_s)
        if 200 <= incoming.status < 300:
            return incoming
        error = self._refusal(incoming)
        if error.trouble is Trouble.OVERLOADED:
            raise error
        if error.trouble is Trouble.RATE_LIMITED and error.after is not None:
            self._rests_until = max(self._rests_until, self._clock.monotonic() + error.after)
        raise NotSent(error.trouble, error.detail, after=error.after)

    def _wait_for(self, backend: FileBackend, file: RemoteFile, ends_at: float) -> None:
        """Wait until it can be asked about."""
        poll_s, troubles = self._limits.poll_s, 0
        while (look := backend.looks(file.base_url, file.name)) is not None:
            try:
                incoming = self._step(look, ends_at)
            except ModelError as error:
                troubles += 1
                if not error.trouble.may_pass or error.trouble is Trouble.TIMEOUT or troubles > self._limits.tries:
                    raise
            else:
                troubles = 0
                if backend.is_ready(incoming):
                    return
            left_s = ends_at - self._clock.monotonic()
            if self._wire.stopping.wait(min(poll_s, max(0.0, left_s))):
                raise ModelError(Trouble.STOPPING)
            poll_s = min(_LONGEST_POLL_S, poll_s * _POLL_GROWTH)

    def _seek(self, backend: FileBackend, left: RemoteLeft) -> None:
        """Delete what may have come of an upload whose answer never came."""
        try:
            is_gone = self._sought(backend, left) > 0
        except ModelError:
            is_gone = False
        if is_gone:
            self._book.gone(left.id)
        else:
            self._keep_for_later(left)

    def _sought(self, backend: FileBackend, left: RemoteLeft) -> int:
        """How many files stand under our id in the provider's list and were deleted; raises `ModelError`."""
        shown_as = f"{SHOWN_AS}{left.id}"
        found = [name for name, shown in self._listed(backend, left.base_url) if shown == shown_as]
        for name in found:
            if not self._deleted(backend, RemoteFile(left.provider, left.base_url, name), is_this_process_s=True):
                raise ModelError(Trouble.OVERLOADED, "a file was found and not deleted")
        return len(found)

    def _listed(self, backend: FileBackend, base_url: str) -> Iterator[tuple[str, str]]:
        after = ""
        for _ in range(_PAGES):
            outgoing = backend.lists(base_url, after)
            incoming = self._tried(outgoing)
            if incoming is None or incoming.status != 200 or not isinstance(incoming.value, dict):
                raise ModelError(Trouble.DOWN, "the provider does not list its files")
            page, after = backend.listed(incoming)
            yield from ((one.name, one.shown_as) for one in page if _is_plain(one.name))
            if not after or not _is_plain(after):
                return

    def _deleted(self, backend: FileBackend, file: RemoteFile, *, is_this_process_s: bool) -> bool:
        """Whether it is gone, after some tries.

        Gemini answers 403 for what is not there as for what is another's: it is believed to be gone where it was ours.
        """
        incoming = self._tried(backend.deletes(file.base_url, file.name))
        if incoming is None:
            return False
        is_gone = (200 <= incoming.status < 300 and _is_theirs(incoming)) or incoming.status in _GONE
        if incoming.status == 403 and is_this_process_s:
            is_gone = "not exist" in str(error_of(incoming.value).get("message", "")).lower()
        if not is_gone:
            log.info("remote_file_not_deleted", says=self._wire.told(str(self._refusal(incoming))))
        return is_gone

    def _tried(self, outgoing: Outgoing) -> Incoming | None:
        """The answer to a request that may be made again and again, even while everything stops; None: none came."""
        incoming: Incoming | None = None
        for attempt in range(1, _DELETE_TRIES + 1):
            after: float | None = None
            try:
                incoming = self._wire.send(outgoing, timeout_s=self._limits.delete_timeout_s, is_last=True)
            except ModelError as error:
                if not error.trouble.may_pass:
                    return None
            else:
                if _is_theirs(incoming):
                    return incoming
                after = self._refusal(incoming).after
            if attempt < _DELETE_TRIES:
                rest_s = max(after or 0.0, delay_s(attempt, self._rng, base_s=self._limits.try_again_s))
                self._wire.stopping.wait(min(_DELETE_REST_S, rest_s))
        return incoming

    def _refusal(self, incoming: Incoming) -> ModelError:
        error = refusal(incoming.status, incoming.headers, error_of(incoming.value), self._clock.time())
        return ModelError(error.trouble, self._wire.told(error.detail), after=error.after)

    def _keep_for_later(self, left: RemoteLeft) -> None:
        with self._lock:
            self._left[left.id] = left
            while len(self._left) > _LEFT_KEPT:
                del self._left[next(iter(self._left))]  # it stands in the book


def _nameable(named: tuple[str, str]) -> tuple[str, str]:
    """Name and address of a file, if they are of a kind that can be written down and asked for."""
    if not all(_is_plain(one) for one in named):
        raise ModelError(Trouble.BAD_ANSWER, "the upload's answer names a file as none is named")
    return named


def _is_plain(name: str) -> bool:
    return name.isascii() and name.isprintable() and len(name) <= _LONGEST_NAME


def _is_theirs(incoming: Incoming) -> bool:
    """Whether it is the provider's own last word: no error that may pass, and no page that a proxy put in its place."""
    if incoming.status >= 500 or incoming.status in {408, 409, 429}:
        return False
    return incoming.status == 204 or incoming.status >= 300 or isinstance(incoming.value, dict)
