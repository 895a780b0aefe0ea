"""What both kinds of library do with a file that came: finish it, describe it, give it the first name that is free."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dl_lit.core.errors import FetchError
from dl_lit.core.items import Downloaded
from dl_lit.core.model import Location, Work
from dl_lit.core.ports import Fetched
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.reasons import Reason
from dl_lit.library.disk import flush, sha256_of
from dl_lit.library.names import Naming

QUARANTINE = "quarantine"
"""Where what a person has to look at first is put."""

SUPERSEDED = "superseded"
"""Where files are kept that better ones came for."""

REMEMBERED = 1_000
"""Files placed last, whose rows may not be committed yet."""

FindSame = Callable[[str], str | None]
"""From a SHA-256 to the path of a file of the library that has it."""

OwnerOf = Callable[[str], int | None]
"""From a path in the library to the work whose row speaks of the file there; None where no row does."""

Annotate = Callable[[Path, Work], bool]
"""Writes into an unfinished file what work it is; False where it was left as it was."""


def finished(
    fetched: Fetched,
    work: Work,
    location: Location,
    page_count: int,
    *,
    proof: Proof,
    landing_url: str | None,
    technique: str | None,
    annotate: Annotate | None,
) -> Downloaded:
    """The facts of the file, now that it is on the disk as it will stay; `path` is the folder it belongs to.

    What a person may refuse stays as it came: by that it is known again. Raises `OSError`.
    """
    is_held = proof.verdict is Verdict.NEEDS_REVIEW
    sha256, size_bytes = fetched.sha256, fetched.size_bytes
    if not is_held and annotate is not None and annotate(fetched.path, work):
        sha256, size_bytes = sha256_of(fetched.path), fetched.path.stat().st_size
    flush(fetched.path)
    return Downloaded(
        path=f"{QUARANTINE}/" if is_held else "",
        sha256=sha256,
        size_bytes=size_bytes,
        page_count=page_count,
        location=location,
        final_url=fetched.final_url,
        proof=proof,
        landing_url=landing_url,
        technique=technique,
        fetched_sha256=fetched.sha256 if sha256 != fetched.sha256 else None,
    )


def released(held: Downloaded, part: Path, work: Work, proof: Proof, annotate: Annotate | None) -> Downloaded:
    """The facts of `part`, a copy of a held file that belongs into the library now. Raises `OSError`."""
    facts = replace(held, path="", proof=proof)
    if annotate is not None and annotate(part, work):
        sha256, size_bytes = sha256_of(part), part.stat().st_size
        facts = replace(facts, sha256=sha256, size_bytes=size_bytes, fetched_sha256=held.sha256)
    flush(part)
    return facts


def first_free(naming: Naming, work: Work, facts: Downloaded, put: Callable[[Downloaded], bool]) -> Downloaded:
    """Put the file under the first name that is its own; `facts.path` is the folder, `put` says if the name was free.

    Raises `FetchError` where all of them are taken.
    """
    name = ""
    for name in naming.candidates(work, facts.sha256):
        named = replace(facts, path=facts.path + name)
        if put(named):
            return named
    raise FetchError(Reason.WRITE_ERROR, f"every name for the file is taken: {name}")
