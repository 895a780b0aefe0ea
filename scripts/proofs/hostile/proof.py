"""Broken, encrypted, scanned and malicious PDFs, each read as the daemon reads them: one typed outcome for each.

    scripts/prove hostile [--files DIR]... [--workers 2] [--timeout 30] [--step 1] [--json]

Every file below the folders is read by a child process; without `--files` it is the demo's broken papers and rubbish
made here from its sound ones. The proof fails when a reader ended in anything but a bibliography or one of the reasons
a file may be given, when a file took longer or more memory than allowed, when a sound paper could not be read right
after a file, or when a child outlived its reader.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import threading
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Self

import click
import psutil

from dl_lit.core.errors import PdfError
from dl_lit.core.reasons import Reason
from dl_lit.pdf.reader import MEMORY_BYTES, ChildReader

_ROOT = Path(__file__).resolve().parents[3]
_SAMPLES = _ROOT / "dl_lit" / "demo" / "samples"
_BROKEN = _ROOT / "dl_lit" / "demo" / "broken"
_OUTCOMES = frozenset(
    {
        "read",
        *(Reason.NOT_A_PDF, Reason.EMPTY_FILE, Reason.DAMAGED_PDF, Reason.ENCRYPTED_PDF, Reason.NO_TEXT_LAYER),
        *(Reason.GARBLED_TEXT, Reason.NO_REFERENCES_FOUND, Reason.TOO_LARGE, Reason.PARSE_TIMEOUT),
        *(Reason.PARSE_MEMORY, Reason.UNREADABLE_FILE),
    }
)
_GRACE_S = 5.0  # beyond the time limit: to kill a child and start another
_SOUND_EVERY = 50  # files after which a sound paper has to be readable
_LOOK_EVERY_S = 0.02  # at the children's memory


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one file."""

    path: str
    outcome: str  # "read" or a reason
    detail: str
    seconds: float
    peak_mb: int  # of the child's memory while it had this file; what was between two looks is not seen


@click.command()
@click.option(
    "--files", "folders", type=click.Path(path_type=Path, exists=True), multiple=True, help="Folders of PDFs."
)
@click.option("--workers", default=2, show_default=True, help="Files read at the same time.")
@click.option("--timeout", "timeout_s", default=30.0, show_default=True, help="Seconds a file may take.")
@click.option("--step", default=1, show_default=True, help="Read every n-th file only.")
@click.option("--json", "as_json", is_flag=True)
def command(*, folders: tuple[Path, ...], workers: int, timeout_s: float, step: int, as_json: bool) -> None:
    """Read hostile files and prove that each ends in one typed outcome, within its limits."""
    with tempfile.TemporaryDirectory() as scratch:
        if not folders:
            made = Path(scratch)
            make_rubbish(made, random.Random(1))
            folders = (_BROKEN, made)
        paths = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())[::step]
        if not paths:
            raise click.UsageError(f"no file in {', '.join(map(str, folders))}: nothing would be proven")
        began = time.monotonic()
        outcomes = outcomes_of(paths, workers=workers, timeout_s=timeout_s, sound=_sound_paper())
        report = summary(outcomes, timeout_s=timeout_s, seconds=time.monotonic() - began)
    if as_json:
        click.echo(json.dumps(report, indent=1, ensure_ascii=False))
    else:
        _tell(report)
    sys.exit(1 if report["failures"] else 0)


def outcomes_of(paths: Sequence[Path], *, workers: int, timeout_s: float, sound: Path) -> list[Outcome]:
    """What comes of each file, in order; raises `AssertionError` when a sound paper cannot be read in between."""
    readers: SimpleQueue[ChildReader] = SimpleQueue()
    with ExitStack() as stack, ThreadPoolExecutor(workers) as pool:
        for _ in range(workers):
            readers.put(stack.enter_context(ChildReader(1, timeout_s=timeout_s)))

        def outcome(numbered: tuple[int, Path]) -> Outcome:
            number, path = numbered
            reader = readers.get()
            try:
                if number % _SOUND_EVERY == 0 and not reader.read(sound).references:
                    raise AssertionError(f"the sound paper had no references before {path}")
                return _outcome(reader, path)
            finally:
                readers.put(reader)

        return list(pool.map(outcome, enumerate(paths, start=1)))


def _outcome(reader: ChildReader, path: Path) -> Outcome:
    began = time.monotonic()
    with _MemoryWatch(reader) as watch:
        try:
            reader.read(path)
            found, detail = "read", ""
        except PdfError as error:
            found, detail = error.reason.value, error.detail
    return Outcome(str(path), found, detail, round(time.monotonic() - began, 3), watch.peak_bytes >> 20)


class _MemoryWatch:
    """Looks at a reader's child until it is left: the most memory it had."""

    def __init__(self, reader: ChildReader) -> None:
        self._reader = reader
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.peak_bytes = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._look_once()

    def _look(self) -> None:
        while not self._done.wait(_LOOK_EVERY_S):
            self._look_once()

    def _look_once(self) -> None:
        for pid in self._reader.pids():
            with suppress(psutil.Error):
                self.peak_bytes = max(self.peak_bytes, psutil.Process(pid).memory_info().rss)


def summary(outcomes: Sequence[Outcome], *, timeout_s: float, seconds: float) -> dict[str, object]:
    """The figures, and under "failures" what must not be."""
    failures = [
        f"{each.path}: {complaint}"
        for each in outcomes
        for complaint in (
            None if each.outcome in _OUTCOMES else f"{each.outcome} ({each.detail})",
            None if each.seconds <= timeout_s + _GRACE_S else f"took {each.seconds} s",
            None if each.peak_mb <= MEMORY_BYTES >> 20 else f"had {each.peak_mb} MB",
        )
        if complaint
    ]
    orphans = [child.pid for child in psutil.Process().children(recursive=True) if "dl_lit.pdf.child" in _words(child)]
    failures += [f"child {pid} outlived its reader" for pid in orphans]
    return {
        "schema": "dl-lit/proof-hostile/1",
        "files": len(outcomes),
        "outcomes": dict(Counter(each.outcome for each in outcomes).most_common()),
        "seconds": round(seconds, 1),
        "peak_mb": max((each.peak_mb for each in outcomes), default=0),
        "most_memory": [asdict(each) for each in sorted(outcomes, key=lambda each: -each.peak_mb)[:5]],
        "slowest": [asdict(each) for each in sorted(outcomes, key=lambda each: -each.seconds)[:5]],
        "failures": failures,
    }


def _words(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return []


def _tell(report: dict[str, object]) -> None:
    click.echo(f"{report['files']} files in {report['seconds']} s, peak {report['peak_mb']} MB")
    for key in ("outcomes", "most_memory", "slowest", "failures"):
        click.echo(f"{key}: {json.dumps(report[key], indent=1, ensure_ascii=False)}")


def _sound_paper() -> Path:
    return min(_SAMPLES.glob("*.pdf"))


def make_rubbish(folder: Path, chance: random.Random) -> None:
    """Write files that are nearly PDFs into `folder`: cut, flipped, looped, nested, inflated, endless."""
    for name, data in _rubbish(_sound_paper().read_bytes(), chance):
        (folder / f"{name}.pdf").write_bytes(data)


def _rubbish(sound: bytes, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    yield "empty", b""
    yield "noise", chance.randbytes(20_000)
    yield "head", b"%PDF-1.7\n" + chance.randbytes(20_000)
    for number in range(6):
        yield f"cut-{number}", sound[: chance.randrange(20, len(sound))]
    for number in range(12):
        flipped = bytearray(sound)
        for _ in range(4**number % 5_000 + 1):
            flipped[chance.randrange(len(flipped))] = chance.randrange(256)
        yield f"flipped-{number}", bytes(flipped)
    yield "page-loop", _pdf(b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 9999999 >>")
    yield "many-pages", _pdf(b"<< /Type /Pages /Kids [" + b"4 0 R " * 50_000 + b"] /Count 50000 >>")
    yield "nested", _pdf(b"<< /Type /Pages /Kids [4 0 R] /Count 1 /X " + b"[" * 100_000 + b"]" * 100_000 + b" >>")
    yield "huge-page", _pdf(_ONE_PAGE, box=b"0 0 1e30 1e30")
    yield "inflated", _pdf(_ONE_PAGE, content=b"q Q\n" * 20_000_000)
    yield "endless-text", _pdf(_ONE_PAGE, content=b"BT /F 1 Tf (aaaaaaaa) Tj ET\n" * 600_000)
    yield "one-place", _pdf(_ONE_PAGE, content=b"BT /F 9 Tf 9 9 Td (References 2001) Tj ET\n" * 3_000)


_ONE_PAGE = b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>"


def _pdf(pages: bytes, *, content: bytes = b"BT /F 9 Tf 9 9 Td (x) Tj ET", box: bytes = b"0 0 600 800") -> bytes:
    packed = zlib.compress(content, 9)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        pages,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [" + box + b"] /Contents 5 0 R"
        b" /Resources << /Font << /F 3 0 R >> >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed) + packed + b"\nendstream",
    ]
    out = bytearray(b"%PDF-1.4\n")
    for number, body in enumerate(objects, start=1):
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    return bytes(out) + b"trailer << /Size 6 /Root 1 0 R >>\n%%EOF"
