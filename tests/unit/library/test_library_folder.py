"""The library on a real disk."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import threading
from pathlib import Path

import pytest

from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import DatabaseUnusable, FetchError
from dl_lit.core.model import HostType, Location, Name, Version, Work
from dl_lit.core.naming import NameTemplate
from dl_lit.core.ports import Fetched
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.reasons import Reason
from dl_lit.library.folder import FolderLibrary
from dl_lit.library.holder import host_mark
from dl_lit.library.names import Naming
from tests.fakes.engine import VERIFIED

WORK = Work(title="Attention Is All You Need", authors=(Name("Vaswani"),), year=2017, doi="10.1/a")
OTHER = Work(title="Attention Is All You Need", authors=(Name("Vaswani"),), year=2017, doi="10.1/b")
PLACE = Location(url="http://x/1", version=Version.ACCEPTED, host_type=HostType.REPOSITORY, licence="cc-by")
NAME = "Vaswani_2017_Attention-Is-All-You-Need.pdf"


@pytest.fixture
def library(tmp_path: Path) -> FolderLibrary:
    return FolderLibrary(tmp_path / "library", SystemClock())


def fetched(library: FolderLibrary, work_id: int, content: bytes) -> Fetched:
    path = library.incoming(work_id)
    path.write_bytes(content)
    return Fetched(
        path=path,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        final_url="http://x/final",
        content_type="application/pdf",
    )


def place(library: FolderLibrary, work_id: int, content: bytes, work: Work = WORK):
    return library.place(work_id, work, fetched(library, work_id, content), PLACE, 12, proof=VERIFIED)


def files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_a_file_gets_its_name_and_leaves_a_receipt_until_its_row_is_committed(library, tmp_path) -> None:
    facts = place(library, 7, b"%PDF-1")
    root = tmp_path / "library"
    assert facts.path == NAME
    assert (root / NAME).read_bytes() == b"%PDF-1"
    assert (facts.page_count, facts.location, facts.final_url) == (12, PLACE, "http://x/final")
    assert files(root) == {NAME, ".incoming/work-7.receipt.json"}
    library.clear(7)
    library.clear(7)
    assert files(root) == {NAME}


def test_where_nobody_says_what_is_there_nothing_is_promised(tmp_path: Path) -> None:
    """The database is away: another host fetches the work, and finds no receipt of ours that nobody clears."""

    def away(_sha256: str) -> str:
        raise DatabaseUnusable("away")

    library = FolderLibrary(tmp_path / "library", SystemClock(), find_same=away)
    with pytest.raises(DatabaseUnusable):
        place(library, 7, b"%PDF-1")
    assert not list((tmp_path / "library").rglob("*.receipt.json"))


def test_a_disk_that_refuses_the_name_leaves_no_promise(library, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_paths: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("dl_lit.library.folder.move_without_overwriting", full)
    with pytest.raises(FetchError):
        place(library, 7, b"%PDF-1")
    assert not list((tmp_path / "library").rglob("*.receipt.json"))


def test_another_work_of_the_same_name_gets_its_own_suffix(library, tmp_path) -> None:
    first, second = place(library, 1, b"%PDF-1"), place(library, 2, b"%PDF-2", OTHER)
    assert first.path != second.path
    assert (tmp_path / "library" / first.path).read_bytes() == b"%PDF-1"
    assert (tmp_path / "library" / second.path).read_bytes() == b"%PDF-2"


def test_the_suffix_does_not_depend_on_the_order(tmp_path) -> None:
    paths = []
    for order in ((WORK, OTHER), (OTHER, WORK)):
        library = FolderLibrary(tmp_path / str(len(paths)), SystemClock())
        paths.append({work.doi: place(library, n, work.doi.encode(), work).path for n, work in enumerate(order)})
    assert paths[0]["10.1/b"] != NAME
    assert paths[1]["10.1/a"] != NAME
    assert {len(set(one.values())) for one in paths} == {2}


def test_the_same_content_again_is_taken_over_not_doubled(library, tmp_path) -> None:
    assert place(library, 1, b"%PDF-1").path == place(library, 1, b"%PDF-1").path
    library.clear(1)
    assert files(tmp_path / "library") == {NAME}


def test_a_new_file_of_the_same_work_never_overwrites(library, tmp_path) -> None:
    paths = [place(library, 1, content).path for content in (b"%PDF-1", b"%PDF-2", b"%PDF-3")]
    assert len(set(paths)) == 3
    assert [(tmp_path / "library" / path).read_bytes() for path in paths] == [b"%PDF-1", b"%PDF-2", b"%PDF-3"]
    (tmp_path / "library" / paths[2]).write_bytes(b"someone else's")
    with pytest.raises(FetchError) as raised:
        place(library, 1, b"%PDF-3")
    assert raised.value.reason is Reason.WRITE_ERROR


def test_threads_after_the_same_name_all_keep_their_content(library, tmp_path) -> None:
    placed, start = {}, threading.Barrier(8)

    def work(number: int) -> None:
        content = b"%PDF" + bytes([number])
        one = fetched(library, number, content)
        start.wait(10)
        facts = library.place(number, Work(title="T", doi=f"10.1/{number}"), one, PLACE, 1, proof=VERIFIED)
        placed[content] = facts.path

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(set(placed.values())) == 8
    assert all((tmp_path / "library" / path).read_bytes() == content for content, path in placed.items())
    assert sorted(work_id for work_id, _ in library.recover()) == list(range(8))


def test_after_a_crash_what_is_in_place_is_adopted_and_the_rest_swept(library, tmp_path) -> None:
    facts = place(library, 1, b"%PDF-1")
    gone = place(library, 2, b"%PDF-2", OTHER)
    root = tmp_path / "library"
    (root / gone.path).unlink()
    changed = place(library, 3, b"%PDF-3", Work(title="Three"))
    (root / changed.path).write_bytes(b"%PDF-x")
    library.incoming(4)
    (root / ".incoming" / "work-5.receipt.json").write_text('{"placed_at": "20')
    (root / ".incoming" / "work-6.receipt.tmp").write_text("{")
    (root / ".incoming" / "work-x.receipt.json").write_text("{}")
    again = FolderLibrary(root, SystemClock())
    assert again.recover() == [(1, facts)]
    assert files(root) == {NAME, changed.path, ".incoming/work-1.receipt.json"}
    again.clear(1)
    assert again.recover() == []


def test_a_receipt_cannot_lead_out_of_the_library(library, tmp_path) -> None:
    place(library, 1, b"%PDF-1")
    victim = tmp_path / "victim"
    victim.touch()
    receipt = tmp_path / "library" / ".incoming" / "work-1.receipt.json"
    receipt.write_text(receipt.read_text().replace(NAME, "../victim"))
    assert library.recover() == []
    assert victim.exists()


def test_without_hard_links_files_are_placed_all_the_same(library, tmp_path, monkeypatch) -> None:
    """FAT and some network file systems have none."""

    def no_links(_source: object, _target: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", no_links)
    place(library, 1, b"%PDF-1")
    assert place(library, 1, b"%PDF-1").path == NAME
    other = place(library, 2, b"%PDF-2", OTHER)
    root = tmp_path / "library"
    assert files(root) >= {NAME, other.path}
    library.clear(2)
    (root / other.path).write_bytes(b"")
    (root / ".incoming" / "work-2.receipt.json").write_text(
        (root / ".incoming" / "work-1.receipt.json").read_text().replace(NAME, other.path)
    )
    assert [work_id for work_id, _ in library.recover()] == [1]
    assert not (root / other.path).exists(), "the empty place-holder of a crash goes"


def test_a_link_that_fails_for_another_reason_is_told(library, monkeypatch) -> None:
    def full(_source: object, _target: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    one = fetched(library, 1, b"%PDF-1")
    monkeypatch.setattr(os, "link", full)
    with pytest.raises(FetchError) as raised:
        library.place(1, WORK, one, PLACE, 1, proof=VERIFIED)
    assert (raised.value.reason, raised.value.costs_attempt, raised.value.after) == (Reason.DISK_FULL, False, 60.0)


def test_a_lost_mount_is_a_write_error_and_never_made_anew(library, tmp_path) -> None:
    one = fetched(library, 1, b"%PDF-1")
    shutil.rmtree(tmp_path / "library")
    for act in (lambda: library.incoming(2), lambda: library.place(1, WORK, one, PLACE, 1, proof=VERIFIED)):
        with pytest.raises(FetchError) as raised:
            act()
        assert raised.value.reason is Reason.WRITE_ERROR
    library.discard(one.path)
    library.clear(1)
    assert not (tmp_path / "library").exists()


def test_files_are_readable_as_the_umask_says(library, tmp_path) -> None:
    mask = os.umask(0)
    os.umask(mask)
    facts = place(library, 1, b"%PDF-1")
    assert (tmp_path / "library" / facts.path).stat().st_mode & 0o777 == 0o666 & ~mask


DOUBTFUL = Proof(verdict=Verdict.NEEDS_REVIEW, score=0.6)


def test_a_doubtful_file_waits_in_quarantine_until_it_is_released(library, tmp_path) -> None:
    root = tmp_path / "library"
    held = library.place(7, WORK, fetched(library, 7, b"%PDF-1"), PLACE, 3, proof=DOUBTFUL)
    assert held.path == f"quarantine/{NAME}"
    assert held.is_in_quarantine
    library.clear(7)
    facts = library.release(7, WORK, held, VERIFIED)
    assert (facts.path, facts.proof, facts.sha256) == (NAME, VERIFIED, held.sha256)
    assert files(root) == {NAME, held.path, ".incoming/work-7.receipt.json"}, "both names until the row is committed"
    again = FolderLibrary(root, SystemClock())
    assert again.recover() == [(7, facts)]
    library.clear(7)
    library.remove(held.path)
    library.remove(held.path)
    assert files(root) == {NAME}
    with pytest.raises(FetchError, match="is not there any more"):
        library.release(7, WORK, held, VERIFIED)


def test_what_a_better_file_replaced_is_put_apart(library, tmp_path) -> None:
    for number in (1, 2):
        assert place(library, number, f"%PDF-{number}".encode()).path == NAME
        ending = "" if number == 1 else "-2"
        assert library.supersede(NAME) == f"superseded/{NAME.removesuffix('.pdf')}{ending}.pdf"
    assert library.supersede(NAME) is None
    assert len([path for path in files(tmp_path / "library") if path.startswith("superseded/")]) == 2


@pytest.mark.parametrize("committed", [True, False])
def test_the_same_content_for_two_works_is_stored_once(tmp_path, *, committed: bool) -> None:
    root = tmp_path / "library"
    known: dict[str, str] = {}
    library = FolderLibrary(root, SystemClock(), find_same=known.get)
    first = place(library, 1, b"%PDF-1")
    if committed:
        known[first.sha256] = first.path
        library = FolderLibrary(root, SystemClock(), find_same=known.get)
    second = place(library, 2, b"%PDF-1", Work(title="Another title", doi="10.1/z"))
    assert first.path != second.path
    assert (root / first.path).samefile(root / second.path)
    assert not list((root / ".incoming").glob("*.part"))


@pytest.mark.parametrize("committed", [True, False])
def test_two_works_of_one_name_and_one_content_get_a_name_each(tmp_path, *, committed: bool) -> None:
    owners: dict[str, int] = {}
    library = FolderLibrary(tmp_path, SystemClock(), owner_of=owners.get)
    first = place(library, 1, b"%PDF-1")
    if committed:
        owners[first.path] = 1
        library.clear(1)
    second = place(library, 2, b"%PDF-1", OTHER)
    assert first.path != second.path
    assert place(library, 1, b"%PDF-1").path == first.path


def test_a_file_that_was_changed_is_not_linked_to(tmp_path) -> None:
    library = FolderLibrary(tmp_path, SystemClock())
    first = place(library, 1, b"%PDF-1")
    (tmp_path / first.path).write_bytes(b"%PDF-2")
    second = place(library, 2, b"%PDF-1", Work(title="Another title", doi="10.1/z"))
    assert (tmp_path / second.path).read_bytes() == b"%PDF-1"


def test_a_template_with_folders_makes_them(tmp_path) -> None:
    naming = Naming(template=NameTemplate.parse("{journal}/{year}/{author}"))
    library = FolderLibrary(tmp_path, SystemClock(), naming=naming)
    work = Work(title="T", authors=(Name("A"),), year=1999, container_title="J. Sea")
    facts = place(library, 1, b"%PDF-1", work)
    assert facts.path == "J-Sea/1999/A.pdf"
    assert FolderLibrary(tmp_path, SystemClock()).recover() == [(1, facts)]


def test_what_is_written_into_the_file_is_in_its_checksum(tmp_path) -> None:
    def annotate(path: Path, work: Work) -> bool:
        path.write_bytes(path.read_bytes() + work.title.encode())
        return True

    library = FolderLibrary(tmp_path, SystemClock(), annotate=annotate)
    facts = place(library, 1, b"%PDF-1")
    content = b"%PDF-1" + WORK.title.encode()
    assert (facts.sha256, facts.size_bytes) == (hashlib.sha256(content).hexdigest(), len(content))
    assert (tmp_path / facts.path).read_bytes() == content


def test_a_library_that_is_known_to_have_files_is_not_made_anew(tmp_path) -> None:
    root = tmp_path / "mnt" / "library"
    library = FolderLibrary(root, SystemClock(), is_new=False)
    assert "not mounted?" in library.trouble()
    assert not root.exists()
    with pytest.raises(FetchError, match="write-error"):
        library.incoming(1)
    assert library.recover() == []
    (root / ".incoming").mkdir(parents=True)
    assert library.trouble() is None


def test_what_is_missing_with_its_mount_is_not_gone(library, tmp_path) -> None:
    facts = place(library, 1, b"%PDF-1")
    (tmp_path / "library").rename(tmp_path / "away")
    for act in (library.remove, library.supersede):
        with pytest.raises(FetchError, match="is not there"):
            act(facts.path)


def test_the_quarantine_holds_files_as_they_came_and_the_library_says_what_they_are(tmp_path) -> None:
    def annotate(path: Path, work: Work) -> bool:
        path.write_bytes(path.read_bytes() + work.title.encode())
        return True

    library = FolderLibrary(tmp_path, SystemClock(), annotate=annotate)
    held = library.place(1, WORK, fetched(library, 1, b"%PDF-1"), PLACE, 3, proof=DOUBTFUL)
    assert (held.sha256, held.fetched_sha256) == (hashlib.sha256(b"%PDF-1").hexdigest(), None)
    kept = library.release(1, WORK, held, VERIFIED)
    assert (tmp_path / kept.path).read_bytes() == b"%PDF-1" + WORK.title.encode()
    assert kept.sha256 == hashlib.sha256((tmp_path / kept.path).read_bytes()).hexdigest()
    assert kept.fetched_sha256 == held.sha256
    assert (tmp_path / held.path).read_bytes() == b"%PDF-1"


def test_a_start_leaves_the_unfinished_files_of_others_alone(tmp_path) -> None:
    library = FolderLibrary(tmp_path, SystemClock())
    library.incoming(1)
    others = tmp_path / ".incoming" / f"work-2-{os.getppid()}-{host_mark()}000000.part"
    dead = tmp_path / ".incoming" / f"work-2-999999999-{host_mark()}000000.part"
    for path in (others, dead):
        path.write_bytes(b"%PDF")
    library.recover()
    assert list((tmp_path / ".incoming").iterdir()) == [others]


def test_an_unfinished_file_that_could_not_be_removed_goes_when_the_disk_takes_files_again(tmp_path: Path) -> None:
    """A disk that was remounted read-only used to keep such files until the next start."""
    library = FolderLibrary(tmp_path / "library", SystemClock())
    part = library.incoming(1)
    part.unlink()
    part.mkdir()  # what cannot be unlinked
    library.discard(part)
    part.rmdir()
    part.touch()
    other = library.incoming(2)
    assert [one.name for one in (tmp_path / "library" / ".incoming").iterdir()] == [other.name]


def test_a_disk_that_refuses_the_library_itself_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of a flush knows no path."""

    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FetchError, match=f"No space left on device: {tmp_path / 'library'}"):
        FolderLibrary(tmp_path / "library", SystemClock())


def test_an_unfinished_file_whose_disk_was_away_goes_when_the_disk_is_back(tmp_path: Path) -> None:
    library = FolderLibrary(tmp_path / "library", SystemClock())
    part = library.incoming(1)
    (tmp_path / "library").rename(tmp_path / "away")
    (tmp_path / "library").mkdir()
    library.discard(part)
    (tmp_path / "library").rmdir()
    (tmp_path / "away").rename(tmp_path / "library")
    other = library.incoming(2)
    assert [one.name for one in (tmp_path / "library" / ".incoming").iterdir()] == [other.name]
