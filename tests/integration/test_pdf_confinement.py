"""A child that parses PDFs can do nothing else: what it tries is refused by the kernel, one layer at a time."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from dl_lit.core.errors import PdfError
from dl_lit.core.reasons import Reason
from dl_lit.pdf.confinement.landlock import version
from dl_lit.pdf.confinement.places import readable
from dl_lit.pdf.confinement.syscalls import MACHINES
from dl_lit.pdf.opening import content_of, opened, size_of
from dl_lit.pdf.reader import ChildChecker

ROOT = Path(__file__).parents[2]
FILTERS = os.uname().machine in MACHINES
EVERYTHING = {"network", "reading other files", "writing", "other processes", "programs"}
needs_landlock = pytest.mark.skipif(version() < 1, reason="this kernel has no Landlock")
needs_filters = pytest.mark.skipif(not FILTERS, reason="no filter for this processor")


@pytest.fixture(scope="module")
def checker() -> Iterator[ChildChecker]:
    with ChildChecker(1) as checker:
        yield checker


def tried(code: str, *arguments: str) -> list[str]:
    """What a process of its own prints."""
    program = "import ctypes, errno, os, signal, socket, sys, threading\nfrom pathlib import Path\n" + textwrap.dedent(
        code
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
        cwd="/",
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    return done.stdout.split()


def test_a_child_is_told_of_what_it_can_do_by_trying(checker: ChildChecker) -> None:
    """What is in force is what the kernel has; and with both layers nothing of all that works."""
    found = checker.confinement()
    assert found.layers.no_new_privileges
    assert found.layers.landlock == version()
    assert found.layers.filters_calls == FILTERS
    if FILTERS and version():
        assert (set(found.refused), found.allowed) == (EVERYTHING, ())


def test_a_childs_kernel_status_says_the_same(checker: ChildChecker) -> None:
    found = checker.confinement()
    (pid,) = checker.pids()
    if apart := psutil.Process(pid).children():  # where the tests' process is large, it works for the one we started
        pid = apart[0].pid
    status = dict(
        line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line
    )
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == ("2" if found.layers.filters_calls else status["Seccomp"])
    assert psutil.Process(pid).num_threads() == 1  # none was there before, which would be as free as ever


@needs_filters
def test_the_filter_alone_leaves_threads_and_reading(tmp_path: Path) -> None:
    """Each line is a way out that is refused, or a way to work that is not."""
    victim = tmp_path / "victim"
    victim.write_text("x")
    said = tried(
        """
        from dl_lit.pdf.confinement import _no_new_privileges
        from dl_lit.pdf.confinement.seccomp import filter_calls
        print(_no_new_privileges() and filter_calls())
        victim, libc = Path(sys.argv[1]), ctypes.CDLL(None, use_errno=True)
        for attempt in (
            lambda: socket.socket(),
            lambda: socket.socket(socket.AF_UNIX),
            lambda: socket.socketpair(),
            lambda: victim.open("r+"),
            lambda: victim.open("a"),
            lambda: victim.with_name("new").open("x"),
            lambda: victim.unlink(),
            lambda: victim.rename(victim.with_name("other")),
            lambda: victim.chmod(0o777),
            lambda: os.utime(victim),
            lambda: os.truncate(victim, 0),
            lambda: victim.with_name("folder").mkdir(),
            lambda: victim.with_name("link").symlink_to("/"),
            lambda: os.fork(),
            lambda: os.execv(sys.executable, [sys.executable, "-c", ""]),
            lambda: os.posix_spawn(sys.executable, [sys.executable, "-c", ""], {}),
            lambda: os.kill(os.getppid(), 0),
            lambda: os.kill(os.getpid(), 0),
            lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 10),
        ):
            try:
                attempt()
                print("done")
            except OSError as error:
                print(errno.errorcode[error.errno])
        print(libc.ptrace(16, os.getppid(), None, None), errno.errorcode[ctypes.get_errno()])
        thread = threading.Thread(target=lambda: print(victim.read_text()))
        thread.start()
        thread.join()
        signal.raise_signal(signal.SIGCHLD)
        """,
        str(victim),
    )
    assert said == ["True", *["EPERM"] * 19, "-1", "EPERM", "x"]
    assert [one.name for one in tmp_path.iterdir()] == ["victim"]


@needs_landlock
def test_landlock_alone_leaves_what_is_named_and_what_is_open(tmp_path: Path) -> None:
    """Links do not lead out of what may be read, also not those of the kernel to files that are open."""
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    (inside / "file").write_text("mine")
    outside.write_text("other")
    (inside / "link").symlink_to(outside)
    said = tried(
        """
        from dl_lit.pdf.confinement import _no_new_privileges
        from dl_lit.pdf.confinement.landlock import allow_reading_only
        inside, outside = map(Path, sys.argv[1:])
        file = outside.open("rb")
        _no_new_privileges() and print(allow_reading_only([inside, Path("/nowhere")]) > 0)
        for attempt in (
            lambda: (inside / "file").read_text(),
            lambda: file.read().decode(),
            lambda: outside.read_text(),
            lambda: (inside / "link").read_text(),
            lambda: Path(f"/proc/self/fd/{file.fileno()}").read_text(),
            lambda: os.listdir("/"),
            lambda: (inside / "file").write_text("theirs"),
            lambda: (inside / "file").unlink(),
            lambda: os.execv(sys.executable, ["python"]),
        ):
            try:
                print(attempt())
            except OSError as error:
                print(errno.errorcode[error.errno])
        """,
        str(inside),
        str(outside),
    )
    assert said == ["True", "mine", "other", *["EACCES"] * 7]


def test_nothing_of_peoples_own_may_be_read() -> None:
    """Neither a home nor the checkout itself, which may hold a library, nor what is above them."""
    places = set(readable([]))
    assert ROOT / "dl_lit" in places
    assert not places & {ROOT, *ROOT.parents, Path.home()}


def test_what_is_opened_is_a_regular_file_read_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "one.pdf"
    path.write_bytes(b"0123456789")
    with opened(path) as file:
        assert (content_of(file), content_of(file, 3), size_of(file)) == (b"0123456789", b"012", 10)
    os.mkfifo(tmp_path / "fifo")
    for odd, reason in (("fifo", Reason.UNREADABLE_FILE), (".", Reason.UNREADABLE_FILE), ("none", Reason.VANISHED)):
        with pytest.raises(PdfError) as raised, opened(tmp_path / odd):
            pass
        assert raised.value.reason is reason
