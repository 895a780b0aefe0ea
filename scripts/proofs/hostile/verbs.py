"""All else that a child is asked to do with a file: look what it is, draw it, take pages out, write into it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from proofs.hostile.reading import OUTCOMES
from structlog.testing import capture_logs

from dl_lit.core.errors import PdfError
from dl_lit.core.model import Name, Work
from dl_lit.core.reasons import Reason
from dl_lit.pdf.picture.order import PictureOrder
from dl_lit.pdf.reader import ChildChecker, ChildPages, ChildReader

_WORK = Work(title="A title\u202e of some length", authors=(Name(family="Aa", given="B."),), doi="10.1000/x")
_PAGES = (1, 2, 40)
_EXPECTED = OUTCOMES | {Reason.TRUNCATED}  # of a downloaded file


def all_done(paths: Sequence[Path], folder: Path, *, timeout_s: float) -> tuple[int, list[str]]:
    """How often something was asked of these files, and what came of it that must not."""
    folder.mkdir(parents=True, exist_ok=True)
    failures: list[str] = []
    tried = 0
    with (
        capture_logs(),  # standard output is the report's
        ChildReader(1, timeout_s=timeout_s) as reader,
        ChildChecker(1, timeout_s=timeout_s) as checker,
        ChildPages(1, timeout_s=timeout_s) as pages,
    ):
        copy, part = folder / "copy.pdf", folder / "part.pdf"
        asked: dict[str, Callable[[], object]] = {
            "check": lambda: checker.check(copy),
            "picture": lambda: reader.picture(copy, PictureOrder(pages=((1, 1),), most=1), lambda _: None),
            "texts": lambda: pages.texts(copy, _PAGES),
            "split": lambda: pages.split(copy, _PAGES[:1], part),
            "annotate": lambda: checker.annotate(copy, _WORK),
            "check again": lambda: checker.check(copy),
        }
        for path in paths:
            shutil.copyfile(path, copy)
            before = copy.read_bytes()
            for verb, ask in asked.items():
                tried += 1
                try:
                    ask()
                except PdfError as error:
                    if error.reason not in _EXPECTED:
                        failures.append(f"{path}: {verb}: {error.reason.value} ({error.detail})")
                except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
                    failures.append(f"{path}: {verb}: untyped: {error!r}"[:300])
            if not copy.read_bytes().startswith(before):
                failures.append(f"{path}: annotate: lost: the file is another than it was")
        copy.unlink(missing_ok=True)
        part.unlink(missing_ok=True)
    return tried, failures
