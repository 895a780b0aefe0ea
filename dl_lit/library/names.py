"""What a work's file is called: {author}_{year}_{short title}.pdf, safe on every file system. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from anyascii import anyascii

from dl_lit.core.model import Work

MAX_NAME_BYTES = 200
_TITLE_CHARS = 80
_AUTHOR_CHARS = 40
_UNSAFE = re.compile(r"[^A-Za-z0-9]+")
_MARKUP = re.compile(r"<[^<>]{0,80}>")
_MAIN_TITLE = re.compile(r"\s*(.{8,}?)(?:\s*[:?!]\s|\s[–—]\s)", re.DOTALL)
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)  # names Windows keeps for itself


def base_name(work: Work) -> str:
    """The name without its ending; the same for the same work always."""
    people = work.authors or work.editors
    author = _folded(people[0].sort_key if people else "", _AUTHOR_CHARS) or "Anonymous"
    year = str(work.year) if work.year is not None and 0 < work.year < 10_000 else "undated"
    title = _folded(_short(work.title), _TITLE_CHARS) or "Untitled"
    name = f"{author}_{year}_{title}"
    return f"x{name}" if _RESERVED.fullmatch(author) else name


def candidates(work: Work, sha256: str) -> Iterator[str]:
    """File names to try in order: plain, with the work's own suffix, and with the content's as well.

    The suffixes come from what the work and the file are, so they are the same in whatever order works arrive.
    """
    base, ending = base_name(work), ".pdf"
    for suffix in ("", f"_{identity_suffix(work)}", f"_{identity_suffix(work)}-{sha256[:12]}"):
        room = MAX_NAME_BYTES - len(suffix) - len(ending)
        yield f"{base[:room].rstrip('-_')}{suffix}{ending}"


def identity_suffix(work: Work) -> str:
    """Eight characters that tell this work from another of the same author, year and short title."""
    identity = (
        (work.doi and f"doi:{work.doi.lower()}")
        or (work.openalex_id and f"openalex:{work.openalex_id}")
        or (work.arxiv_id and f"arxiv:{work.arxiv_id}")
        or (work.pmid and f"pmid:{work.pmid}")
        or (work.isbn and f"isbn:{work.isbn}")
        or f"title:{_folded(work.title, 1_000).lower()}|{work.year}|{work.container_title}|{work.volume}|{work.pages}"
    )
    return hashlib.sha256(identity.encode()).hexdigest()[:8]


def _short(title: str) -> str:
    """The main title: up to a colon or dash, if enough stands before it."""
    title = _MARKUP.sub("", title)
    main = _MAIN_TITLE.match(title)
    return main[1] if main else title


def _folded(text: str, limit: int) -> str:
    """Letters and digits of ASCII with hyphens between, at most `limit`, cut between words where that is possible."""
    words = _UNSAFE.sub("-", anyascii(text.replace("'", "").replace("’", ""))).strip("-")
    if len(words) <= limit:
        return words
    cut = words[: limit + 1].rpartition("-")[0]
    return (cut if len(cut) > limit // 2 else words[:limit]).strip("-")
