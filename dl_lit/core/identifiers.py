"""Identifiers of works: found in running text, brought to one form, checked.

`normalise_x` takes text that should be one identifier (a resolver's address, a prefix such as "doi:" and stray
punctuation are allowed) and gives its one form, or `None` when it is none. `find_x` gives all identifiers of running
text, in order, each once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

# https://www.crossref.org/blog/dois-and-matching-regular-expressions/ (read 2026-11-22), widened: any character but
# white space, quotation marks, angle brackets and controls may stand in a suffix.
_DOI_SUFFIX = r"[^\s\"“”„«»‹›<>{}|\\^`\x00-\x1f\x7f\u200b-\u200f\u2028\u2029\ufeff\ufffd]{1,400}"
_DOI = re.compile(rf"(?<![\d.])10\.\d{{4,9}}(?:\.\d+)*(?:/|%2[fF]){_DOI_SUFFIX}")
# Old Wiley DOIs hold angle brackets: 10.1002/(SICI)1097-0258(19980815)17:15/16<1661::AID-SIM968>3.0.CO;2-2
_DOI_ANGLES = re.compile(r"(?<![\d.])10\.\d{4,9}(?:\.\d+)*/[^\s\"<>]{1,200}<[^\s<>]{1,40}>[^\s\"<>]{1,60}")
_RESOLVER_QUERY = re.compile(r"[?#].*$", re.DOTALL)
_TRAILING = ".,;:!?'’‘*…·\u2010\u2013\u2014-"
_PAIRS = {")": "(", "]": "[", "}": "{", ">": "<"}
# What is glued to the end of a DOI in print and in addresses, never a part of it.
_DOI_TAIL = re.compile(
    r"(?:/(?:full(?:text)?|abstract|epdf|pdf|html|summary|meta)|\.pdf|/-/dcsupplemental.*|"
    r"[\[(](?:pmid|pubmed|doi|accessed|medline|crossref|google|pmc|web)\b.*|"
    r"[.,;]?(?:pmid:?\d*|pmcid:?.*|accessed.*|retrieved.*|available.*|https?:.*|doi:.*|arxiv:.*|url:.*|isbn:?.*)|[,;]10\.\d{4}.*)$",
    re.IGNORECASE,
)
# The American Chemical Society's older DOIs have "+" for one of their check characters: 10.1021/jf060181+
_ENDS_WITH_PLUS = re.compile(r"10\.1021/[a-z]{2}[0-9a-z]{6,7}\+", re.IGNORECASE)

_ARXIV_ARCHIVES = (
    r"astro-ph|cond-mat|gr-qc|hep-(?:ex|lat|ph|th)|math-ph|nucl-(?:ex|th)|quant-ph|physics|math|nlin|cs|q-bio|q-fin|stat|"
    r"acc-phys|adap-org|alg-geom|ao-sci|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|dg-ga|funct-an|mtrl-th|patt-sol|"
    r"plasm-ph|q-alg|solv-int|supr-con|eess|econ"
)
# https://info.arxiv.org/help/arxiv_identifier.html (read 2026-11-22)
_ARXIV_NEW = r"\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}"
_ARXIV_OLD = rf"(?:{_ARXIV_ARCHIVES})(?:\.[A-Z]{{2}})?/\d{{2}}(?:0[1-9]|1[0-2])\d{{3}}"
_ARXIV_WHOLE = re.compile(
    rf"(?:https?://)?(?:(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html|format)/)?(?:arxiv\s*:\s*)?({_ARXIV_NEW}|{_ARXIV_OLD})(?:v\d+)?"
    rf"(?:\.pdf)?(?:\s*\[[\w.\-]+\])?",
    re.IGNORECASE,
)
_ARXIV_IN_TEXT = re.compile(
    rf"(?:arxiv(?:\.org)?(?:\s*(?:preprint|e-print|eprint))?(?:\s*[:,]?\s*arxiv)?\s*[:/,]?\s*(?:(?:abs|pdf|html)/)?|10\.48550/arxiv\.|\babs/)"
    rf"({_ARXIV_NEW}|{_ARXIV_OLD})(?!\d)"
    rf"|(?<![\w/.])((?:{_ARXIV_ARCHIVES})(?:\.[A-Z]{{2}})?/\d{{7}})(?!\d)"
    rf"|(?<![\w/.])({_ARXIV_NEW})(?=(?:v\d+)?\s*\[(?:{_ARXIV_ARCHIVES})(?:\.[A-Z]{{2}})?\])",
    re.IGNORECASE,
)
_ARXIV_DOI = re.compile(rf"10\.48550/arxiv\.({_ARXIV_NEW}|{_ARXIV_OLD})(?:v\d+)?", re.IGNORECASE)

_PMID_WHOLE = re.compile(
    r"(?:(?:https?://)?(?:www\.)?(?:ncbi\.nlm\.nih\.gov/pubmed/|pubmed\.ncbi\.nlm\.nih\.gov/)|(?:pmid|pubmed)\s*:?\s*)?([1-9]\d{0,8})/?",
    re.IGNORECASE,
)
_PMID_IN_TEXT = re.compile(
    r"(?:\bpmid\b|\bpubmed\s*id\b|ncbi\.nlm\.nih\.gov/pubmed/|pubmed\.ncbi\.nlm\.nih\.gov/)\s*[:.]?\s*([1-9]\d{3,8})(?!\d)",
    re.IGNORECASE,
)
_PMCID = re.compile(
    r"(?:(?:https?://)?[\w.]*(?:ncbi\.nlm\.nih\.gov|europepmc\.org)/(?:pmc/)?articles?/)?"
    r"(?:pmcid\s*:?\s*)?pmc\s*:?\s*([1-9]\d{0,8})/?",
    re.IGNORECASE,
)
_PMCID_IN_TEXT = re.compile(r"\bPMC\s?([1-9]\d{3,8})(?!\d)", re.IGNORECASE)

_ISBN_RUN = re.compile(
    r"(?<![\d\-/.])(?:97[89][\s\-\u2010-\u2013]?)?\d(?:[\s\-\u2010-\u2013]?\d){8}[\s\-\u2010-\u2013]?[\dXx](?![\d])"
)
_ISBN_CUE = re.compile(r"isbn(?:[\s\-]?1[03])?(?:\s*\([^)]{1,20}\))?\s*[:#]?\s*", re.IGNORECASE)

_OPENALEX = re.compile(r"(?:(?:https?://)?(?:api\.|explore\.)?openalex\.org/(?:works/)?)?([Ww][1-9]\d{2,11})/?")


def normalise_doi(text: str | None) -> str | None:
    """The DOI in `text`: lower case, without resolver, percent-decoded, clipped of punctuation; `None` if none."""
    if not text:
        return None
    candidate = unquote(text.strip()) if "%" in text else text.strip()
    match = _DOI_ANGLES.search(candidate) or _DOI.search(candidate)
    return _clip_doi(match.group(), from_address="doi.org/" in candidate[: match.start()].lower()) if match else None


def find_dois(text: str) -> list[str]:
    """All DOIs of `text`, normalised, in order, each once."""
    found: list[str | None] = []
    taken_to = 0
    for match in sorted([*_DOI.finditer(text), *_DOI_ANGLES.finditer(text)], key=lambda m: (m.start(), -m.end())):
        if match.start() < taken_to:
            continue
        taken_to = match.end()
        before = text[max(0, match.start() - 20) : match.start()].lower()
        printed = match.group()
        found.append(_clip_doi(unquote(printed) if "%" in printed else printed, from_address="doi.org/" in before))
    return _each_once(found)


def _clip_doi(doi: str, *, from_address: bool) -> str | None:
    """Cut what is not the DOI's own off its end; `None` when nothing is left of the suffix."""
    doi = doi.split(maxsplit=1)[0]  # what was percent-encoded may hold spaces
    if from_address or re.search(r"[?#](?:utm_|casa_|via|ref|journalcode|src)", doi, re.IGNORECASE):
        doi = _RESOLVER_QUERY.sub("", doi)
    previous = ""
    while doi != previous:
        previous = doi
        shorter = _DOI_TAIL.sub("", doi)
        doi = (shorter if "/" in shorter else doi).rstrip(_TRAILING)
        last = doi[-1:]
        if last in _PAIRS and doi.count(last) > doi.count(_PAIRS[last]):
            doi = doi[:-1]
        doi = doi.rstrip("([{/&=~<" if _ENDS_WITH_PLUS.fullmatch(doi) else "([{/&=+~<")
    prefix, _, suffix = doi.lower().partition("/")
    if not suffix or not any(character.isalnum() for character in suffix):
        return None
    return f"{prefix}/{suffix}"


def normalise_arxiv_id(text: str | None) -> str | None:
    """The arXiv identifier, version dropped ("1706.03762", "hep-th/9901001"); `None` if `text` is none."""
    if not text:
        return None
    stripped = text.strip().rstrip(".,;")
    if doi := _ARXIV_DOI.search(stripped):
        return _arxiv_form(doi.group(1))
    match = _ARXIV_WHOLE.fullmatch(stripped)
    return _arxiv_form(match.group(1)) if match else None


def find_arxiv_ids(text: str) -> list[str]:
    """All arXiv identifiers of `text` that are named as such, version dropped, in order, each once."""
    return _each_once(_arxiv_form(next(filter(None, match.groups()))) for match in _ARXIV_IN_TEXT.finditer(text))


def _arxiv_form(identifier: str) -> str:
    """Old-style identifiers: archive in lower case, the subject class ("math.GT/…") dropped, as arXiv itself does."""
    archive, slash, number = identifier.partition("/")
    return f"{archive.split('.')[0].lower()}/{number}" if slash else archive


def arxiv_id_of_doi(doi: str | None) -> str | None:
    """The arXiv identifier that a DOI of arXiv's own (10.48550/arxiv.…) stands for; `None` for other DOIs."""
    match = _ARXIV_DOI.fullmatch((doi or "").strip())
    return _arxiv_form(match.group(1)) if match else None


def doi_of_arxiv_id(arxiv_id: str) -> str:
    """The DOI arXiv registers at DataCite for `arxiv_id`."""
    return f"10.48550/arxiv.{arxiv_id.lower()}"


def normalise_pmid(text: str | int | None) -> str | None:
    """The PubMed identifier's digits; `None` if `text` is none."""
    match = _PMID_WHOLE.fullmatch(str(text).strip().rstrip(".,;")) if text is not None else None
    return match.group(1) if match else None


def find_pmids(text: str) -> list[str]:
    """All PubMed identifiers of `text` that are named as such ("PMID: 123", PubMed addresses), in order, each once."""
    return _each_once(match.group(1) for match in _PMID_IN_TEXT.finditer(text))


def normalise_pmcid(text: str | None) -> str | None:
    """The PubMed Central identifier as "PMC123"; `None` if `text` is none."""
    match = _PMCID.fullmatch(text.strip().rstrip(".,;")) if text else None
    return f"PMC{match.group(1)}" if match else None


def find_pmcids(text: str) -> list[str]:
    """All PubMed Central identifiers of `text` as "PMC123", in order, each once."""
    return _each_once(f"PMC{match.group(1)}" for match in _PMCID_IN_TEXT.finditer(text))


def normalise_isbn(text: str | None) -> str | None:
    """The ISBN as 13 digits (ten-digit ones converted); `None` if the check digit is wrong or `text` is none."""
    if not text:
        return None
    digits = re.sub(r"[\s\-\u2010-\u2015]", "", _ISBN_CUE.sub("", text.strip(), count=1)).rstrip(".,;").upper()
    if re.fullmatch(r"[0-9]{9}[0-9X]", digits):
        weighted = sum((10 - i) * (10 if c == "X" else int(c)) for i, c in enumerate(digits))
        return None if weighted % 11 else _with_check_digit("978" + digits[:9])
    if re.fullmatch(r"97[89][0-9]{10}", digits) and _with_check_digit(digits[:12]) == digits:
        return digits
    return None


def find_isbns(text: str) -> list[str]:
    """All valid ISBNs of `text` as 13 digits, in order, each once; ten-digit ones only where "ISBN" stands before."""
    found: list[str | None] = []
    for match in _ISBN_RUN.finditer(text):
        bare = re.sub(r"\D", "", match.group())
        has_cue = "isbn" in text[max(0, match.start() - 40) : match.start()].lower()
        if has_cue or (len(bare) == 13 and bare.startswith(("978", "979"))):
            found.append(normalise_isbn(match.group()))
    return _each_once(found)


def _with_check_digit(first_twelve: str) -> str:
    """EAN-13: https://www.isbn-international.org/content/isbn-users-manual (read 2026-11-22)."""
    weighted = sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(first_twelve))
    return f"{first_twelve}{-weighted % 10}"


def normalise_openalex_id(text: str | None) -> str | None:
    """The OpenAlex identifier of a work as "W123"; `None` if `text` is none."""
    match = _OPENALEX.fullmatch(text.strip()) if text else None
    return match.group(1).upper() if match else None


def _each_once(found: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(item for item in found if item))
