"""The links of a page's body that say of themselves that they are the text, and the choice among several."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import unquote

from dl_lit.core.identifiers import find_dois
from dl_lit.core.model import Work
from dl_lit.landing.address import is_elsewhere, is_other_format, is_pdf_address, is_wrong_part, split
from dl_lit.landing.candidate import Candidate
from dl_lit.landing.embeds import in_viewer
from dl_lit.landing.identity import Shown, names_work, page_dois
from dl_lit.landing.sheet import Anchor, Sheet, row_text
from dl_lit.landing.words import Says, says

TECHNIQUE = "anchor"
_SHORT = 60  # characters: a longer text is no label
_FILE = re.compile(
    r"download|bitstream|/files?/|attachment|getfile|get_?pdf|showpdf|viewpdf|/asset|viewcontent|at_download|retrieve"
    r"|datastream|/fulltext|\bdocument\b",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(r"\.pdf\b", re.IGNORECASE)
_FILES_HEADING = re.compile(
    r"\b(?:files?|downloads?|full[\s-]?text|documents?|access|attachments?|pdf|dateien?|volltext|dokumente?|fichiers?"
    r"|texte int[ée]gral|archivos?|ficheiros?|arquivos?|texto completo|bestanden|pliki|soubory|файлы?)\b",
    re.IGNORECASE,
)
_VERSIONS = (
    (
        re.compile(
            r"published version|publisher.?s version|version of record|verlagsversion|version publi"
            r"|versi[oó]n publicada",
            re.IGNORECASE,
        ),
        0.3,
    ),
    (re.compile(r"submitted version|preprint|pre-print|version soumise", re.IGNORECASE), -0.3),
)
_VERSION = re.compile(
    r"\b(?:accepted|submitted|published|final|author.?s?) (?:accepted )?(?:version|manuscript)\b|version of record"
    r"|post-?print\b",
    re.IGNORECASE,
)
_LIKELY = 4  # so many files one work may have on its page: languages, versions; more are a list of works
_UNCERTAIN = 2  # likewise where the page does not say what it shows


def links(sheet: Sheet, work: Work) -> Iterator[Candidate]:
    """The links of the page's body that promise a PDF, in the page's order, each with how much speaks for it."""
    dois = page_dois(sheet)
    for anchor in sheet.anchors:
        if is_elsewhere(anchor.url):
            continue
        inner = in_viewer(anchor.url)
        url = inner or anchor.url
        score = _score(anchor, url, work)
        if score > 0.0 and not _is_another_doi(url, work, dois):
            yield Candidate(url, TECHNIQUE, anchor=anchor, score=score)


def _score(anchor: Anchor, url: str, work: Work) -> float:
    """How much speaks for a link; 0 where it does not promise the text."""
    label = anchor.text or anchor.names
    promise = says(label, work.title)
    is_pdf = is_pdf_address(url)
    is_typed = anchor.type == "application/pdf"
    has_file_name = _FILE_NAME.search(anchor.text) is not None
    if has_file_name and (promise is not Says.NO or _is_name_only(anchor.text)):
        promise = (
            Says.NO if is_wrong_part("https://file/" + anchor.text.split("(")[0].strip(), work.title) else Says.PDF
        )
    is_named = names_work(anchor.text, work)
    if promise is Says.NO and not is_named:
        return 0.0
    if is_wrong_part(url, work.title) or (is_other_format(url) and promise is not Says.PDF):
        return 0.0
    is_label = len(anchor.text) <= _SHORT or is_named or has_file_name
    if not is_label and promise in {Says.NOTHING, Says.OPEN}:
        return 0.0
    score = float(max(promise, 0)) + 2.0 * is_pdf + 1.0 * is_typed + 0.5 * ("pdf" in anchor.names) + 2.0 * is_named
    score += sum(weight for pattern, weight in _VERSIONS if pattern.search(anchor.text))
    if is_pdf or is_typed:
        is_welcome = promise is not Says.NOTHING or is_named or "pdf" in anchor.names.split()
        return score if is_welcome or _FILES_HEADING.search(anchor.heading) else 0.0
    is_file = _FILE.search(f"{split(url).path}?{split(url).query}") is not None
    if promise is Says.PDF and len(anchor.text) <= _SHORT:
        return score if is_file or has_file_name or len(anchor.text) <= 30 else 0.0
    is_version = _VERSION.search(anchor.text) is not None and len(anchor.text) <= _SHORT
    return score if promise is Says.TEXT and (is_file or is_version) else 0.0


def _is_name_only(text: str) -> bool:
    """Whether a text is a file's name, with its size perhaps."""
    return len(text.split("(", maxsplit=1)[0].split()) <= 8


def _is_another_doi(url: str, work: Work, dois: frozenset[str]) -> bool:
    """Whether the address carries the DOI of another work than this one and than the page's."""
    known = {doi.lower() for doi in (work.doi, *dois) if doi}
    carried = [doi.lower().removesuffix(".pdf").removesuffix("/pdf") for doi in find_dois(unquote(url)[:1_000])]
    if not known or not carried:
        return False
    return not any(one.startswith(doi) or doi.startswith(one) for one in carried for doi in known)


def chosen(candidates: Iterable[Candidate], work: Work, page: Shown) -> list[Candidate]:
    """Of several links of a page's body those that are the work's, the best first; none where they are a list's.

    What stands with the work's own title or DOI is preferred; a link out of a table of contents needs that.
    """
    every = list(candidates)
    sure = [one for one in every if one.anchor is None]
    loose = [one for one in every if one.anchor is not None]
    if len({_bare(one.url) for one in loose}) > 1:
        own = [one for one in loose if _stands_with_work(one, work)]
    else:
        own = [one for one in loose if one.anchor is not None and one.anchor.region and _stands_with_work(one, work)]
    left = own or [one for one in loose if one.anchor is not None and one.anchor.region is None]
    return sure + _best(left, _LIKELY if page is Shown.SAME or own else _UNCERTAIN)


def _best(candidates: Sequence[Candidate], limit: int) -> list[Candidate]:
    """The best ones; none where more than `limit` are equally good."""
    ordered = sorted(candidates, key=lambda one: -one.score)
    if len({_bare(one.url) for one in ordered}) <= limit:
        return ordered
    top = [one for one in ordered if one.score >= ordered[0].score - 0.01]
    return top if len({_bare(one.url) for one in top}) <= limit else []


def _stands_with_work(candidate: Candidate, work: Work) -> bool:
    """Whether the link, its address or the entry it stands in names the work."""
    anchor = candidate.anchor
    if anchor is None or (work.doi and work.doi.lower() in unquote(candidate.url).lower()):
        return True
    return names_work(f"{anchor.text} {row_text(anchor.node)}", work)


def _bare(url: str) -> str:
    return url.split("?", maxsplit=1)[0] if url.lower().split("?")[0].endswith(".pdf") else url
