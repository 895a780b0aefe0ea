"""The library as a folder of PDFs, into which files come whole and durably or not at all.

It may be shared by several hosts (NFS, SMB): unfinished files and receipts say which process of which host holds them.

A file is streamed to `.incoming/work-<id>-<random>.part`. To place it: flush it to the disk, write its receipt, link it
to its final name (which fails rather than overwrite), flush the folder. The receipt goes when the work's row is
committed; after a crash `recover` finds by the receipts what was placed and not written down.

What a person has to look at first is placed in `quarantine/`, by the same steps. Content that is in the
library already, for another work, is not stored again: the new name is one more link to it.
"""

from __future__ import annotations

import itertools
import os
import shutil
import threading
from collections import OrderedDict
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
from dl_lit.library.disk import NO_LINKS, PAUSE_S, disk, flush, holds, link_or_copy, move_without_overwriting
from dl_lit.library.holder import Holder
from dl_lit.library.incoming import INCOMING, Incoming
from dl_lit.library.names import Naming
from dl_lit.library.placing import REMEMBERED, SUPERSEDED, Annotate, FindSame, OwnerOf, finished, first_free, released
from dl_lit.library.receipts import Receipt, encode, receipt_path, receipts_in


class FolderLibrary:
    """Keeps the files in `root`. Thread-safe, and safe beside other processes and hosts that use the folder.

    Whatever the disk refuses is a `FetchError` disk-full or write-error that costs no attempt.
    """

    def __init__(
        self,
        root: Path,
        clock: Clock,
        *,
        naming: Naming | None = None,
        find_same: FindSame | None = None,
        owner_of: OwnerOf | None = None,
        annotate: Annotate | None = None,
        is_new: bool = True,
        holder: Holder | None = None,
    ) -> None:
        """Make the folder where it is missing and may be: unless `is_new`, a missing one is a lost mount.

        After that it is never made again. `find_same` says where the same content is, `owner_of` whose a file is,
        `annotate` writes into files, `holder` is whose unfinished things are.
        """
        self._root = root
        self._incoming = root / INCOMING
        self._clock = clock
        self._naming = naming or Naming()
        self._find_same = find_same or (lambda _sha256: None)
        self._owner_of = owner_of or (lambda _path: None)
        self._annotate = annotate
        self._placed_lately: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()
        self._holder = holder or Holder.here()
        self._receipts: dict[int, set[Path]] = {}  # that are ours to clear
        self._unfinished = Incoming(self._incoming, self._holder, clock)
        if is_new:
            with disk(root):
                made = [one for one in (self._incoming, *self._incoming.parents) if not one.exists()]
                self._incoming.mkdir(parents=True, exist_ok=True)
                for one in made:
                    with suppress(PermissionError):  # of somebody else, and there long since
                        flush(one.parent)

    def trouble(self) -> str | None:
        """Why no file can be put here now, in a few words; None where it can."""
        if not self._incoming.is_dir():
            return f"the library {self._root} is not there (not mounted?)"
        return None if os.access(self._incoming, os.W_OK) else f"the library {self._root} cannot be written to"

    def incoming(self, work_id: int) -> Path:
        """A new empty file for the unfinished download of a work."""
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
        """Move the file into the library under its name, durably, and leave a receipt until `clear`.

        The same content under the name of the same work is taken over, not doubled; another file is never overwritten.
        """
        with disk():
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
            return first_free(self._naming, work, facts, lambda one: self._placed(work_id, fetched.path, one))

    def release(self, work_id: int, work: Work, held: Downloaded, proof: Proof) -> Downloaded:
        """Give a file of the quarantine its name in the library as well, with a receipt until `clear`.

        The name in quarantine goes by `remove`, when the row is committed. Raises `FetchError` where the file is not
        there as `held` says.
        """
        source = self._root / held.path
        with disk():
            if not holds(source, held):
                raise FetchError(Reason.WRITE_ERROR, f"{held.path} is not there any more as it was put there")
            part = self.incoming(work_id)
            try:
                if self._annotate is None:
                    part.unlink()
                    link_or_copy(source, part)
                else:
                    shutil.copyfile(source, part)
                facts = released(held, part, work, proof, self._annotate)
                return first_free(self._naming, work, facts, lambda one: self._placed(work_id, part, one))
            finally:
                self.discard(part)

    def remove(self, path: str) -> None:
        """Remove a file of the library that no row speaks of any more; none there is as well.

        Raises `FetchError` where the library itself is not there.
        """
        with self._here():
            place = self._root / path
            with suppress(FileNotFoundError):
                place.unlink()
                flush(place.parent)  # or it may come back, and no row speaks of it

    def supersede(self, path: str) -> str | None:
        """Put a file, in whose place a better one came, apart in `superseded/`; its path there, None if it was gone."""
        with self._here():
            source = self._root / path
            if not source.is_file():
                return None
            stem, suffix = Path(path).stem, Path(path).suffix
            for number in itertools.count(1):
                name = f"{SUPERSEDED}/{stem}{f'-{number}' if number > 1 else ''}{suffix}"
                self._make_folder(name)
                with suppress(FileExistsError):
                    move_without_overwriting(source, self._root / name)
                    flush((self._root / name).parent)
                    return name
        raise AssertionError("numbers do not end")

    def clear(self, work_id: int) -> None:
        """Remove the receipt: the row is committed."""
        for path in self._receipts.pop(work_id, {receipt_path(self._incoming, work_id)}):
            with suppress(OSError):
                path.unlink()

    def recover(self) -> list[tuple[int, Downloaded]]:
        """After a start: what is in place but may lack its row. All other unfinished things are removed.

        What others have in hand is left to them: processes of this host that live, and those of other hosts until their
        things are so old that they must be dead. The receipts of what is returned stay until `clear`.
        """
        adopted = []
        with disk(self._root):
            for path, receipt in receipts_in(self._incoming):
                if self._is_anothers(path, receipt):
                    continue
                if receipt is not None and holds(self._root / receipt.facts.path, receipt.facts):
                    self._receipts.setdefault(receipt.work_id, set()).add(path)
                    adopted.append((receipt.work_id, receipt.facts))
                    continue
                if receipt is not None:
                    self._remove_placeholder(self._root / receipt.facts.path)
                path.unlink(missing_ok=True)
            self._unfinished.sweep()
        return adopted

    def _is_anothers(self, path: Path, receipt: Receipt | None) -> bool:
        """Whether a receipt is of a process that may still commit its row."""
        by = receipt.by if receipt is not None else None
        return by is not None and by != self._holder and by.keeps(self._unfinished.age_s(path))

    def _placed(self, work_id: int, part: Path, facts: Downloaded) -> bool:
        """Put the file under its name; False where another file has it.

        No lock: of two works after one name the second finds it taken, and its receipt is written anew.
        """
        final = self._root / facts.path
        if final.exists() and not self._is_own(work_id, final, facts):
            return False
        same = self._same_elsewhere(facts)  # asked before anything is promised: there may be no answer
        self._make_folder(facts.path)
        self._write_receipt(work_id, facts)
        try:
            if same is None or not self._is_linked(same, final):
                move_without_overwriting(part, final)
        except FileExistsError:
            if not self._is_own(work_id, final, facts):
                return False
        except OSError:
            if not final.exists():
                self.clear(work_id)  # nothing is there, and others may fetch it: nobody would clear it then
            raise
        part.unlink(missing_ok=True)
        flush(final.parent)
        with self._lock:
            self._placed_lately[facts.sha256] = facts.path
            while len(self._placed_lately) > REMEMBERED:
                self._placed_lately.popitem(last=False)
        return True

    def _is_own(self, work_id: int, final: Path, facts: Downloaded) -> bool:
        """Whether the file there is this very file, and no other work's: two works may have one content and one name.

        Whose it is the receipts say, until they are cleared, and then the rows: asked for in this order.
        """
        if not holds(final, facts):
            return False
        promised = {one.work_id for _, one in receipts_in(self._incoming) if one and one.facts.path == facts.path}
        return not promised - {work_id} and self._owner_of(facts.path) in {None, work_id}

    def _same_elsewhere(self, facts: Downloaded) -> Path | None:
        """Where the library has the same content under another name."""
        with self._lock:
            known = self._placed_lately.get(facts.sha256)
        same = known or self._find_same(facts.sha256)
        if same is None or same == facts.path or not holds(self._root / same, facts):
            return None
        return self._root / same

    @staticmethod
    def _is_linked(same: Path, final: Path) -> bool:
        """Whether a file of the library has been given this name too.

        `FileExistsError` where the name is taken. Where there are no links each name has a file of its own.
        """
        try:
            os.link(same, final)
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            return False
        return True

    @contextmanager
    def _here(self) -> Iterator[None]:
        """The disk, if the library is on it: a file that is missing with its mount is not gone."""
        if not self._incoming.is_dir():
            raise FetchError(Reason.WRITE_ERROR, self.trouble() or "", after=PAUSE_S, costs_attempt=False)
        with disk():
            yield

    def _make_folder(self, path: str) -> None:
        """Make the folders on the way to `path`; the library itself is not made again."""
        place = self._root
        for name in Path(path).parts[:-1]:
            above, place = place, place / name
            with suppress(FileExistsError):
                place.mkdir()
                flush(above)

    def _write_receipt(self, work_id: int, facts: Downloaded) -> None:
        path = self._receipt_of(work_id)
        unfinished = path.with_suffix(".tmp")
        with unfinished.open("wb") as file:
            file.write(encode(facts, self._clock.now(), self._holder))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        flush(self._incoming)

    def _receipt_of(self, work_id: int) -> Path:
        """Where our receipt of the work goes: beside that of another process which lost the work to us and lives."""
        ours = self._receipts.setdefault(work_id, set())
        path = receipt_path(self._incoming, work_id)
        if path not in ours and path.exists():
            known = dict(receipts_in(self._incoming)).get(path)
            if self._is_anothers(path, known):
                path = receipt_path(self._incoming, work_id, self._holder)
        ours.add(path)
        return path

    def _remove_placeholder(self, final: Path) -> None:
        """An empty file of that name is what a crash leaves where links do not exist."""
        with suppress(OSError):
            if final.is_file() and final.stat().st_size == 0:
                final.unlink()
