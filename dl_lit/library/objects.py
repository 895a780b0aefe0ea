"""The library as objects on a store, into which files come whole or not at all.

A file is streamed to a local folder first, where it is checked. To place it: flush it to the disk, put its receipt, put
it under its name by a request that the store refuses where an object of that name is. The receipt goes when the work's
row is committed; after a crash `recover` finds by the receipts what was placed and not written down.

Names and quarantine are those of the folder. There are no links: each name is an object of its own.
"""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dl_lit.core.clock import Clock
from dl_lit.core.errors import FetchError
from dl_lit.core.items import Downloaded
from dl_lit.core.model import Location, Work
from dl_lit.core.ports import Fetched
from dl_lit.core.proof import Proof
from dl_lit.core.reasons import Reason
from dl_lit.library.buckets import Bucket, StoreTrouble
from dl_lit.library.disk import PAUSE_S, disk
from dl_lit.library.holder import Holder
from dl_lit.library.incoming import INCOMING, Incoming
from dl_lit.library.names import Naming
from dl_lit.library.placing import SUPERSEDED, Annotate, OwnerOf, finished, first_free, released
from dl_lit.library.receipts import Receipt, encode, is_receipt, read_receipt, receipt_name

LOOK_S = 15.0
"""How often a store that failed is asked whether it works again."""


class ObjectLibrary:
    """Keeps the files below one prefix of a store. Thread-safe, and safe beside other processes and hosts.

    Whatever store or local disk refuse is a `FetchError` write-error or disk-full that costs no attempt.
    """

    def __init__(
        self,
        bucket: Bucket,
        probe: Bucket,
        folder: Path,
        clock: Clock,
        *,
        naming: Naming | None = None,
        owner_of: OwnerOf | None = None,
        annotate: Annotate | None = None,
        holder: Holder | None = None,
    ) -> None:
        """`folder` is the local one that files are streamed to; `probe` is the same prefix, asked with little patience.

        `owner_of` says whose a file is, `annotate` writes into files, `holder` is whose unfinished things are.
        """
        self._bucket = bucket
        self._probe = probe
        self._folder = folder / INCOMING
        self._clock = clock
        self._naming = naming or Naming()
        self._owner_of = owner_of or (lambda _path: None)
        self._annotate = annotate
        self._holder = holder or Holder.here()
        self._unfinished = Incoming(self._folder, self._holder, clock)
        self._receipts: dict[int, set[str]] = {}  # that are ours to clear
        self._left: deque[str] = deque()  # receipts that are needed no more
        self._lock = threading.Lock()
        self._trouble: str | None = None
        self._look_at = float("-inf")  # monotonic: the next look, while there is trouble; at first at once
        with disk(folder):
            self._folder.mkdir(parents=True, exist_ok=True)

    def trouble(self) -> str | None:
        """Why no file can be put here now, in a few words; None where it can.

        The store is asked at first, and then only while it is known to fail.
        """
        if not self._folder.is_dir():
            return f"the folder {self._folder}, where files are received, is not there"
        with self._lock:
            if self._clock.monotonic() < self._look_at:
                return self._trouble
            try:
                self._probe.look()
            except StoreTrouble as error:
                self._trouble, self._look_at = f"the library {error}", self._clock.monotonic() + LOOK_S
                return self._trouble
            self._trouble, self._look_at = None, float("inf")
        self._remove_left()
        return None

    def incoming(self, work_id: int) -> Path:
        """A new empty local file for the unfinished download of a work."""
        return self._unfinished.new(work_id)

    def discard(self, path: Path) -> None:
        """Remove an unfinished file, if it is still there; where the disk refuses, as soon as it takes files again."""
        self._unfinished.discard(path)

    def place(
        self,
        work_id: int,
        work: Work,
        fetched: Fetched,
        location: Location,
        page_count: int,
        *,
        proof: Proof,
        landing_url: str | None = None,
        technique: str | None = None,
    ) -> Downloaded:
        """Put the file under its name, whole, and leave a receipt until `clear`.

        The same content under the name of the same work is taken over, not doubled; another file is never overwritten.
        """
        with disk(), self._store():
            facts = finished(
                fetched,
                work,
                location,
                page_count,
                proof=proof,
                landing_url=landing_url,
                technique=technique,
                annotate=self._annotate,
            )
            placed = first_free(self._naming, work, facts, lambda one: self._placed(work_id, fetched.path, one))
        self.discard(fetched.path)
        return placed

    def release(self, work_id: int, work: Work, held: Downloaded, proof: Proof) -> Downloaded:
        """Give a file of the quarantine its name in the library as well, with a receipt until `clear`.

        Raises `FetchError` where the file is not there as `held` says.
        """
        part = self.incoming(work_id)
        try:
            with disk(), self._store():
                part.unlink()
                if self._bucket.fetch(held.path, part) != held.sha256:
                    raise FetchError(Reason.WRITE_ERROR, f"{held.path} is not there any more as it was put there")
                facts = released(held, part, work, proof, self._annotate)
                return first_free(self._naming, work, facts, lambda one: self._placed(work_id, part, one))
        finally:
            self.discard(part)

    def remove(self, path: str) -> None:
        """Remove a file of the library that no row speaks of any more; none there is as well."""
        with self._store():
            self._bucket.remove(path)

    def supersede(self, path: str) -> str | None:
        """Put a file, in whose place a better one came, apart in `superseded/`; its path there, None if it was gone."""
        part = self.incoming(0)
        try:
            with disk(), self._store():
                part.unlink()
                sha256 = self._bucket.fetch(path, part)
                if sha256 is None:
                    return None
                stem, suffix = Path(path).stem, Path(path).suffix
                for number in itertools.count(1):
                    name = f"{SUPERSEDED}/{stem}{f'-{number}' if number > 1 else ''}{suffix}"
                    if self._bucket.put_new(name, part) or self._bucket.sha256(name) == sha256:
                        self._bucket.remove(path)
                        return name
        finally:
            self.discard(part)
        raise AssertionError("numbers do not end")

    def clear(self, work_id: int) -> None:
        """Remove the receipt: the row is committed. What the store refuses goes when it works again."""
        self._left.extend(self._receipts.pop(work_id, {self._receipt_of(work_id)}))
        self._remove_left()

    def recover(self) -> list[tuple[int, Downloaded]]:
        """After a start: what is in place but may lack its row. All other unfinished things are removed.

        What others have in hand is left to them, as in a folder. Where the store cannot be reached nothing is
        recovered, which `trouble` tells; the receipts wait for the next start.
        """
        adopted = []
        with disk(self._folder):
            self._unfinished.sweep()
        with suppress(FetchError), self._store():
            now = self._clock.time()
            for name, _, put_at in list(self._bucket.listed(INCOMING)):
                receipt = self._receipt_at(name)
                by = receipt.by if receipt is not None else None
                if by is not None and by != self._holder and by.keeps(now - put_at):
                    continue
                if receipt is not None and self._holds(receipt.facts):
                    self._receipts.setdefault(receipt.work_id, set()).add(name)
                    adopted.append((receipt.work_id, receipt.facts))
                else:
                    self._bucket.remove(name)
        return adopted

    def _remove_left(self) -> None:
        """Remove the receipts that are needed no more, as many as the store lets us."""
        with suppress(FetchError, IndexError):
            while True:
                name = self._left.popleft()
                try:
                    with self._store():
                        self._bucket.remove(name)
                except FetchError:
                    self._left.append(name)
                    raise

    def _placed(self, work_id: int, part: Path, facts: Downloaded) -> bool:
        """Put the file under its name; False where another file has it.

        Our own put may find its object there: the answer to it got lost, and it was repeated.
        """
        size = self._bucket.size(facts.path)
        if size is not None and not self._is_own(work_id, facts):
            return False
        name = self._receipt_of(work_id)
        self._receipts.setdefault(work_id, set()).add(name)
        self._bucket.put(name, encode(facts, self._clock.now(), self._holder))
        return size is not None or self._bucket.put_new(facts.path, part) or self._is_own(work_id, facts)

    def _is_own(self, work_id: int, facts: Downloaded) -> bool:
        """Whether the object there is this very file, and no other work's, by receipts and rows in this order."""
        if not self._holds(facts):
            return False
        receipts = [self._receipt_at(name) for name, _ in list(self._bucket.sizes(INCOMING))]
        promised = {one.work_id for one in receipts if one and one.facts.path == facts.path}
        return not promised - {work_id} and self._owner_of(facts.path) in {None, work_id}

    def _holds(self, facts: Downloaded) -> bool:
        """Whether the object is there with the content that the facts name."""
        return self._bucket.size(facts.path) == facts.size_bytes and self._bucket.sha256(facts.path) == facts.sha256

    def _receipt_of(self, work_id: int) -> str:
        return f"{INCOMING}/{receipt_name(work_id, self._holder)}"

    def _receipt_at(self, name: str) -> Receipt | None:
        short = name.rpartition("/")[2]
        content = self._bucket.get(name) if is_receipt(short) else None
        return read_receipt(short, content) if content is not None else None

    @contextmanager
    def _store(self) -> Iterator[None]:
        """Say what the store refuses in our words, and remember that it did."""
        try:
            yield
        except StoreTrouble as error:
            with self._lock:
                self._trouble, self._look_at = f"the library {error}", self._clock.monotonic() + LOOK_S
            raise FetchError(Reason.WRITE_ERROR, str(error), after=PAUSE_S, costs_attempt=False) from error
