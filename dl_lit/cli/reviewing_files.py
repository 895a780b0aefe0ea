"""The part of `dl-lit review` that is about files in quarantine: showing them, deciding on them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import click

from db.held_files import HeldFile
from dl_lit.app.deciding.reviewing_files import FileReview
from dl_lit.cli.paragraphs import tell, tell_field
from dl_lit.cli.printing import heading, line, size
from dl_lit.core.errors import BadInput, FetchError

FileAction = Literal["keep", "refuse", "skip"]

_ID = re.compile(r"w?([1-9]\d{0,17})", re.IGNORECASE | re.ASCII)
_HELP = (
    ("k", "keep: the file is the work; it goes into the library"),
    ("r", "refuse: it is not; it is removed and never taken again, other locations are tried"),
    ("s", "skip: leave it for another time"),
    ("q", "quit; what was decided stays decided"),
)


def work_id_of(name: int | str) -> int:
    """The number of a work: 34, "34", "w34". Raises `BadInput`."""
    match = _ID.fullmatch(str(name))
    if match is None:
        raise BadInput(f"{name!r} is no work's id: 34, or w34")
    return int(match[1])


def decide(review: FileReview, work_id: int, action: FileAction) -> str:
    """Decide on the file of one work; what came of it, in one line. Raises `BadInput`."""
    held = review.one(work_id)
    if action == "skip":
        return f"w{work_id}: its file is left as it is"
    try:
        if action == "keep":
            return f"w{work_id}: its file is in the library now: {review.accept(held).path}"
        goes_on = review.refuse(held)
    except FetchError as error:
        raise BadInput(f"w{work_id}: the library's disk refuses ({error})") from error
    then = "other locations are tried" if goes_on else "it has failed as wrong-work"
    return f"w{work_id}: its file goes, and is not taken again; {then}"


def tell_file(held: HeldFile, path: Path, *, place: str = "") -> None:
    """Print one file with the work it may be, and what is known of the two."""
    work, facts = held.work, held.facts
    people = ", ".join(person.sort_key for person in (work.authors or work.editors)[:3])
    heading(f"w{held.work_id}{place}")
    tell(f"{people or '?'} ({work.year or 'n. d.'}): {work.title}")
    tell_field("doi", work.doi)
    tell_field("file", path)
    tell_field(
        "of", f"{facts.page_count} pages, {size(facts.size_bytes)}, {facts.location.version or 'version unknown'}"
    )
    tell_field("from", facts.final_url)
    tell_field("page", facts.landing_url)
    tell_field("likeness", f"{facts.proof.score:.2f} of 1")
    for evidence in facts.proof.evidence:
        tell(f"- {evidence}")


def print_files(review: FileReview, waiting: Sequence[HeldFile]) -> None:
    """Print the files that wait, for people."""
    for held in waiting:
        tell_file(held, review.path(held))
        line()


def plain_file(review: FileReview, held: HeldFile) -> dict[str, Any]:
    """A file that waits, for programs."""
    facts = held.facts
    return {
        "work": held.work_id,
        "id": f"w{held.work_id}",
        "title": held.work.title,
        "doi": held.work.doi,
        "path": str(review.path(held)),
        "sha256": facts.sha256,
        "page_count": facts.page_count,
        "score": facts.proof.score,
        "evidence": facts.proof.evidence,
        "url": facts.final_url,
        "landing_url": facts.landing_url,
        "version": facts.proof.version or facts.location.version,
        "at": held.at,
    }


class FileSession:
    """One person going through the files in quarantine. Every decision is carried out at once."""

    def __init__(self, review: FileReview, waiting: Sequence[HeldFile]) -> None:
        """Nothing is asked before `run`."""
        self._review = review
        self._waiting = tuple(waiting)

    def run(self) -> None:
        """Ask about each until all are decided or skipped, or the person quits."""
        for number, held in enumerate(self._waiting, start=1):
            line()
            tell_file(held, self._review.path(held), place=f"  (file {number} of {len(self._waiting)})")
            if not self._ask(held):
                return

    def _ask(self, held: HeldFile) -> bool:
        words: dict[str, FileAction] = {"k": "keep", "keep": "keep", "r": "refuse", "refuse": "refuse"}
        while True:
            try:
                question = f"w{held.work_id}: [k]eep, [r]efuse, [s]kip, [q]uit, ?"
                answer = (
                    str(click.prompt(question, default="", show_default=False, prompt_suffix=" > ")).strip().lower()
                )
            except click.Abort:
                line()
                return False
            if answer in {"q", "quit", "s", "skip"}:
                return answer.startswith("s")
            if answer in words:
                try:
                    tell(decide(self._review, held.work_id, words[answer]))
                except BadInput as error:
                    tell(str(error))
                return True
            for keys, what in _HELP:
                line(f"  {keys:<8} {what}")
