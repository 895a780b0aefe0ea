"""PDFs are read in child processes, and whatever a PDF does stays there."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import typst
from pypdf import PdfReader, PdfWriter

from dl_lit.core.errors import PdfError
from dl_lit.core.reasons import Reason
from dl_lit.pdf.children import STOPPED
from dl_lit.pdf.reader import ChildChecker, ChildPages, ChildReader

ROOT = Path(__file__).parents[2]

PAPER = """
#set document(title: "On reading bibliographies")
#set page(paper: "a4", numbering: "1")
= On reading bibliographies
#lorem(120)

https://doi.org/10.5555/own.paper
#pagebreak()
= References
#set par(hanging-indent: 1.5em, spacing: 0.65em)

[1] Clark, H. H., & Wilkes-Gibbs, D. (1986). Referring as a collaborative process. Cognition, 22(1), 1–39.
https:\\//doi.org/10.1016/0010-0277(86)90010-7

[2] Knuth, D. E. (1984). Literate programming. The Computer Journal, 27(2), 97–111.
#link("https://doi.org/10.1093/comjnl/27.2.97")[Crossref]

[4] World Health Organization. (2018). Global status report on alcohol and health. Geneva: WHO Press.

= Appendix
#lorem(60)
"""


def compiled(source: str) -> bytes:
    return bytes(typst.compile(source.encode()))


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("papers") / "paper.pdf"
    path.write_bytes(compiled(PAPER))
    return path


@pytest.fixture(scope="module")
def reader() -> Iterator[ChildReader]:
    with ChildReader(1, timeout_s=60) as reader:
        yield reader


def stream_pdf(content: bytes, *, pages: int = 1) -> bytes:
    """A PDF made by hand whose pages all show the same compressed content stream."""
    packed = zlib.compress(content, 9)
    kids = " ".join(f"{n + 5} 0 R" for n in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed) + packed + b"\nendstream",
        *(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R"
            b" /Resources << /Font << /F 3 0 R >> >> >>"
            for _ in range(pages)
        ),
    ]
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(out)


def slow_pdf() -> bytes:
    """A PDF of some kilobytes that keeps PDFium busy for minutes."""
    return stream_pdf(b"BT /F 1 Tf (aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) Tj ET\n" * 150_000, pages=60)


def greedy_pdf() -> bytes:
    """A PDF of some kilobytes that wants gigabytes."""
    return stream_pdf(b"BT /F 1 Tf (aaaaaaaa) Tj ET\n" * 600_000)


def failure(reader: ChildReader, path: Path) -> Reason:
    with pytest.raises(PdfError) as caught:
        reader.read(path)
    return caught.value.reason


def test_a_bibliography_is_read(reader, paper):
    bibliography = reader.read(paper)
    assert bibliography.page_count == 2
    assert bibliography.title == "On reading bibliographies"
    assert bibliography.doi == "10.5555/own.paper"
    assert bibliography.expected_references == 4
    assert [reference.label for reference in bibliography.references] == ["[1]", "[2]", "[4]"]
    assert [reference.position for reference in bibliography.references] == [1, 2, 3]
    assert {reference.page for reference in bibliography.references} == {2}
    first, second, third = bibliography.references
    assert (first.title, first.year, first.doi) == (
        "Referring as a collaborative process",
        1986,
        "10.1016/0010-0277(86)90010-7",
    )
    assert second.doi == "10.1093/comjnl/27.2.97"
    assert third.authors[0].literal == "World Health Organization"
    assert "Lorem" not in third.raw


def test_the_checker_gives_pages_and_first_text(paper):
    with ChildChecker(1) as checker:
        facts = checker.check(paper)
    assert facts.page_count == 2
    assert "On reading bibliographies" in facts.first_text


def test_single_pages_are_read_and_split_off(paper, tmp_path):
    """Their texts and their PDF come back from the child, which may write no file."""
    part = tmp_path / "part.pdf"
    with ChildPages(1) as pages:
        (text,) = pages.texts(paper, [2, 9])
        pages.split(paper, [2], part)
        assert pages.texts(part, [1, 2]) == (replace(text, page=1),)
        with pytest.raises(PdfError) as raised:
            pages.split(paper, [3], tmp_path / "none.pdf")
        with pytest.raises(OSError, match=r"none/part\.pdf"):
            pages.split(paper, [2], tmp_path / "none" / "part.pdf")
    assert text.text.startswith("References\n[1] Clark, H. H.")
    assert raised.value.reason is Reason.DAMAGED_PDF
    assert sorted(tmp_path.iterdir()) == [part]


def test_a_file_name_of_any_bytes_is_read(reader, paper, tmp_path):
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/n\xe4me \xff.pdf"))
    odd.write_bytes(paper.read_bytes())
    assert len(reader.read(odd).references) == 3


def test_files_that_are_no_readable_pdf_have_their_reasons(reader, tmp_path):
    (tmp_path / "empty.pdf").write_bytes(b"")
    (tmp_path / "page.pdf").write_bytes(b"<!doctype html><p>Not found")
    (tmp_path / "damaged.pdf").write_bytes(b"%PDF-1.7\nnothing more")
    assert failure(reader, tmp_path / "empty.pdf") is Reason.EMPTY_FILE
    assert failure(reader, tmp_path / "page.pdf") is Reason.NOT_A_PDF
    assert failure(reader, tmp_path / "damaged.pdf") is Reason.DAMAGED_PDF
    assert failure(reader, tmp_path / "gone.pdf") is Reason.VANISHED
    assert failure(reader, tmp_path) is Reason.UNREADABLE_FILE


def test_a_fifo_is_not_waited_for(reader, tmp_path):
    os.mkfifo(tmp_path / "fifo.pdf")
    assert failure(reader, tmp_path / "fifo.pdf") is Reason.UNREADABLE_FILE


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_unreadable(reader, paper, tmp_path):
    locked = tmp_path / "locked.pdf"
    locked.write_bytes(paper.read_bytes())
    locked.chmod(0)
    assert failure(reader, locked) is Reason.UNREADABLE_FILE


def test_a_user_password_is_needed_an_owner_password_is_not(reader, paper, tmp_path):
    for name, user in (("user.pdf", "secret"), ("owner.pdf", "")):
        writer = PdfWriter(clone_from=PdfReader(paper))
        writer.encrypt(user_password=user, owner_password="owner", algorithm="RC4-128")
        writer.write(tmp_path / name)
    assert failure(reader, tmp_path / "user.pdf") is Reason.ENCRYPTED_PDF
    assert len(reader.read(tmp_path / "owner.pdf").references) == 3


def test_a_scan_has_no_text_layer(reader, tmp_path):
    picture = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='9' height='9'/></svg>"
    (tmp_path / "scan.pdf").write_bytes(compiled(f'#image(bytes("{picture}"), format: "svg", width: 100%)'))
    assert failure(reader, tmp_path / "scan.pdf") is Reason.NO_TEXT_LAYER


def test_a_text_without_references_says_so(reader, tmp_path):
    (tmp_path / "essay.pdf").write_bytes(compiled("= An essay\n#lorem(400)"))
    assert failure(reader, tmp_path / "essay.pdf") is Reason.NO_REFERENCES_FOUND


def test_text_without_unicode_meaning_is_garbled(reader, tmp_path):
    (tmp_path / "garbled.pdf").write_bytes(
        stream_pdf(b"BT /F 10 Tf 50 700 Td " + b"(xkcd qwrt zpsd fghj klmn bvcx) Tj 0 -12 Td " * 40 + b"ET")
    )
    assert failure(reader, tmp_path / "garbled.pdf") is Reason.GARBLED_TEXT


def test_what_is_too_large_is_not_read(paper):
    with ChildReader(1, max_bytes=1_000) as reader:
        assert failure(reader, paper) is Reason.TOO_LARGE
    with ChildReader(1, max_pages=1) as reader:
        assert failure(reader, paper) is Reason.TOO_LARGE


def test_a_pdf_that_takes_too_long_is_given_up_and_the_next_one_is_read(paper, tmp_path):
    (tmp_path / "slow.pdf").write_bytes(slow_pdf())
    with ChildReader(1, timeout_s=2.0) as reader:
        assert len(reader.read(paper).references) == 3
        (before,) = reader.pids()
        assert failure(reader, tmp_path / "slow.pdf") is Reason.PARSE_TIMEOUT
        assert not psutil.pid_exists(before)
        assert len(reader.read(paper).references) == 3


def test_a_pdf_that_wants_too_much_memory_is_given_up(paper, tmp_path):
    (tmp_path / "greedy.pdf").write_bytes(greedy_pdf())
    with ChildReader(1, memory_bytes=250 << 20, timeout_s=60) as reader:
        assert failure(reader, tmp_path / "greedy.pdf") is Reason.PARSE_MEMORY
        assert len(reader.read(paper).references) == 3


@pytest.fixture(scope="module")
def large() -> bytearray:
    """More memory than children may have in the tests that follow: Linux counts it towards theirs."""
    return bytearray(b"x") * (200 << 20)


def test_want_of_memory_and_a_crash_are_told_apart_however_large_our_own_process_is(large, tmp_path):
    (tmp_path / "greedy.pdf").write_bytes(greedy_pdf())
    (tmp_path / "slow.pdf").write_bytes(slow_pdf())
    with ChildReader(1, memory_bytes=250 << 20, timeout_s=60) as reader:
        assert failure(reader, tmp_path / "greedy.pdf") is Reason.PARSE_MEMORY
    for victim in (lambda pid: pid, at_work):
        with ChildReader(1, memory_bytes=250 << 20, timeout_s=60) as reader:
            killer = threading.Thread(target=lambda: os.kill(victim(awaited(reader.pids)[0]), signal.SIGSEGV))  # noqa: B023
            killer.start()
            assert failure(reader, tmp_path / "slow.pdf") is Reason.PARSER_CRASHED
            killer.join()
    assert large


def test_a_child_that_is_counted_apart_does_its_work_and_leaves_nobody(large, paper):
    with ChildReader(1, memory_bytes=250 << 20, timeout_s=60) as reader:
        assert len(reader.read(paper).references) == 3
        worker = psutil.Process(at_work(reader.pids()[0]))
    worker.wait(timeout=10)
    assert large


def test_a_child_that_dies_between_two_jobs_is_replaced(paper):
    with ChildReader(1) as reader:
        reader.read(paper)
        (pid,) = reader.pids()
        os.kill(pid, signal.SIGKILL)
        assert len(reader.read(paper).references) == 3
        assert reader.pids() != [pid]


def test_a_child_that_is_killed_within_a_job_is_a_crash(tmp_path):
    (tmp_path / "slow.pdf").write_bytes(slow_pdf())
    with ChildReader(1, timeout_s=60) as reader:
        killer = threading.Thread(target=lambda: os.kill(awaited(reader.pids)[0], signal.SIGSEGV))
        killer.start()
        assert failure(reader, tmp_path / "slow.pdf") is Reason.PARSER_CRASHED
        killer.join()


def test_children_are_renewed_after_their_share_of_jobs(paper):
    with ChildReader(1, max_jobs=2) as reader:
        pids = []
        for _ in range(3):
            reader.read(paper)
            pids += reader.pids()
        assert len(set(pids)) == 2


def test_as_many_children_work_as_are_allowed_and_no_more(paper):
    with ChildReader(2) as reader:
        threads = [threading.Thread(target=reader.read, args=(paper,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert 1 <= len(reader.pids()) <= 2


def test_a_patient_job_waits_for_the_child_that_is_busy_before_another_is_started(paper):
    with ChildChecker(2, timeout_s=60, patience_s=60.0) as checker:
        threads = [threading.Thread(target=checker.check, args=(paper,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(checker.pids()) == 1


def test_kill_ends_a_call_that_waits(tmp_path):
    (tmp_path / "slow.pdf").write_bytes(slow_pdf())
    reader = ChildReader(1, timeout_s=100)
    caught: list[PdfError] = []

    def read() -> None:
        try:
            reader.read(tmp_path / "slow.pdf")
        except PdfError as error:
            caught.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    pids = awaited(reader.pids)
    began = time.monotonic()
    reader.kill()
    for thread in threads:
        thread.join()
    assert time.monotonic() - began < 50, "the time-out is 100"
    assert [(error.reason, error.detail) for error in caught] == [(Reason.PARSER_CRASHED, STOPPED)] * 2
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert failure(reader, tmp_path / "slow.pdf") is Reason.PARSER_CRASHED


def test_children_outlive_the_thread_that_started_them(paper):
    with ChildReader(1) as reader:
        thread = threading.Thread(target=reader.read, args=(paper,))
        thread.start()
        thread.join()
        before = reader.pids()
        reader.read(paper)
        assert reader.pids() == before


def test_a_child_heeds_no_signal_of_the_terminal(paper):
    with ChildReader(1) as reader:
        reader.read(paper)
        (pid,) = reader.pids()
        os.kill(pid, signal.SIGINT)
        os.kill(pid, signal.SIGTERM)
        reader.read(paper)
        assert reader.pids() == [pid]


def test_children_die_with_their_parent_even_in_the_middle_of_a_job(tmp_path):
    (tmp_path / "slow.pdf").write_bytes(slow_pdf())
    program = textwrap.dedent(
        """
        import sys, threading
        from pathlib import Path
        from dl_lit.pdf.reader import ChildReader
        reader = ChildReader(1, timeout_s=100)
        threading.Thread(target=reader.read, args=(Path(sys.argv[1]),), daemon=True).start()
        while not reader.pids():
            pass
        print(reader.pids()[0], flush=True)
        threading.Event().wait(100)
        """
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "slow.pdf")], stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        awaited(lambda: sum(one.cpu_times().user for one in (child, *child.children())) > 0.3)
        all_of_it = (child, *child.children())
        parent.kill()
    for one in all_of_it:
        one.wait(timeout=10)
        assert not one.is_running()


def test_children_know_nothing_of_our_environment(paper, monkeypatch):
    monkeypatch.setenv("DL_LIT_SECRET", "x")
    with ChildReader(1) as reader:
        reader.read(paper)
        (pid,) = reader.pids()
        assert "DL_LIT_SECRET" not in psutil.Process(pid).environ()


def at_work(pid: int) -> int:
    """The process that works for the child of this number, counted apart from it."""
    return awaited(psutil.Process(pid).children)[0].pid


def awaited(condition, seconds: float = 30.0):
    """What `condition` gives once it is true."""
    deadline = time.monotonic() + seconds
    wake = threading.Event()
    while time.monotonic() < deadline:
        if found := condition():
            return found
        wake.wait(0.01)
    raise AssertionError("it did not happen in time")


def test_idle_children_are_let_go_and_started_again_when_needed(paper):
    with ChildReader(2) as reader:
        reader.read(paper)
        (first,) = reader.pids()
        reader.keep(1)
        assert reader.pids() == [first]
        reader.keep(0)
        assert (reader.pids(), psutil.pid_exists(first)) == ([], False)
        assert reader.read(paper).references
