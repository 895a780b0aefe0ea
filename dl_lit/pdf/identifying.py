"""Identifiers and addresses of an entry: printed, broken over lines, or on the links that lie on it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dl_lit.core.addresses import dois_of_addresses
from dl_lit.core.identifiers import arxiv_id_of_doi, find_arxiv_ids, find_dois, find_isbns, find_pmids
from dl_lit.core.values import dataclass

_URL = re.compile(r"(?:https?://|ftp://|www\.)[^\s<>\"“”]+?(?=,(?:19|20)\d\d\b|[\s<>\"“”]|$)", re.IGNORECASE)
_URL_SPACED = re.compile(r"(https?)\s*:\s*/\s*/\s*", re.IGNORECASE)
_DOI_SPACED = re.compile(r"\b(10\s?\.\s?\d{4,9})\s*/\s*(?=\S)")
_FOOTNOTE_MARKS = str.maketrans("", "", "*†‡§¶")
_BROKEN_NAME = re.compile(r"(?<=[a-zà-ÿ])- (?=[A-ZÀ-Þ][a-zà-ÿ])")
# Where a correction of the work is: its journal and numbers are not the work's.
_CORRECTED = re.compile(
    r"\s*\[(?:(?:the |a )?(?:published|author) )?(?:correction|erratum|errata|corrigendum|retract\w+|comment)s?\b"
    r"[^\[\]]{0,20}\b(?:in|appears?|published)\b[^\[\]]{4,120}\]",
    re.IGNORECASE,
)
_RESOLVER_SPACED = re.compile(r"doi\.\s?org\s?/\s*", re.IGNORECASE)
_DOI_NAMED = re.compile(
    r"(?:https?://(?:dx\.)?doi\.org/|\bdoi\s*[:.]?\s*(?:https?://(?:dx\.)?doi\.org/)?)\s*10\.\d{4,9}/\S+|"
    r"\b10\.\d{4,9}/\S+",
    re.IGNORECASE,
)
_NOTES = re.compile(
    r"\[?\s*(?:PubMed|Medline|CrossRef|Google Scholar|Cross Ref|PMC free article|Web of Science|Full Text|ISI|CAS|"
    r"PMC|Article|DOI)\s*\]|\bPMC(?:ID)?:?\s*(?:PMC)?\d{4,9}|\bPMID:?\s*\d{4,9}|"
    r"\[(?:cited|accessed)[^\]]{0,40}\]|\[(?:Online|Internet)\]\.?",
    re.IGNORECASE,
)
_ADDRESS_WORDS = re.compile(
    r"(?:\b(?:URL|Available(?: from| at| online| in)*|Retrieved(?: \w+ \d{1,2},? \d{4},?)? from|Disponível em|"
    r"Disponible en|Disponibile su|Online verfügbar unter|Verfügbar unter|doi|DOI|http|https|"
    r"accessed \w+)\s*:?\s*)+[.,:]*\s*$",
    re.IGNORECASE,
)
_RESOLVERS = re.compile(
    r"//(?:dx\.)?doi\.org/|//arxiv\.org/|//(?:www\.)?ncbi\.nlm\.nih\.gov/pubmed/|//pubmed\.", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Identifiers:
    """What names a work beyond doubt; `None` where it is not there."""

    doi: str | None
    arxiv_id: str | None
    pmid: str | None
    isbn: str | None
    url: str | None

    @property
    def surest(self) -> str | None:
        """One that a catalogue knows."""
        return self.doi or self.arxiv_id or self.pmid


def mended(raw: str) -> str:
    """The text with the spaces that line breaks left in addresses taken out, and without notes of its corrections."""
    spaced = _URL_SPACED.sub(r"\1://", " ".join(raw.split()))
    spaced = _CORRECTED.sub("", _BROKEN_NAME.sub("-", spaced))
    spaced = _RESOLVER_SPACED.sub("doi.org/", spaced)
    return _DOI_SPACED.sub(lambda match: match.group(1).replace(" ", "") + "/", spaced)


def identifiers(text: str, uris: Sequence[str]) -> Identifiers:
    """The identifiers in `text`, an entry that is mended, and in the targets of its links."""
    linked = " ".join(uris)
    dois = find_dois(text)
    linked_dois = dois_of_addresses(uris)
    # A printed DOI that a link continues was cut at a line's end; the link has it whole.
    doi = dois[0] if dois else None
    if linked_dois and (doi is None or doi not in linked_dois):
        whole = next(
            (other for other in linked_dois if doi is None or other.startswith(doi) or doi.startswith(other)), None
        )
        doi = whole or doi or linked_dois[0]
    arxiv_ids = find_arxiv_ids(text) or find_arxiv_ids(linked)
    arxiv_id = arxiv_ids[0] if arxiv_ids else next(filter(None, map(arxiv_id_of_doi, dois + linked_dois)), None)
    pmids = find_pmids(text) or find_pmids(linked)
    isbns = find_isbns(text)
    return Identifiers(doi, arxiv_id, pmids[0] if pmids else None, isbns[0] if isbns else None, _url(text, uris))


def _url(text: str, uris: Sequence[str]) -> str | None:
    """The first address that is not merely a resolver of an identifier."""
    printed = [match.group().rstrip(".,;:)]}'’>") for match in _URL.finditer(text)]
    for candidate in (*_completed(printed, uris), *uris):
        if candidate.lower().startswith(("http://", "https://", "ftp://", "www.")) and not _RESOLVERS.search(candidate):
            return candidate
    return None


def _completed(printed: Sequence[str], uris: Sequence[str]) -> list[str]:
    """Printed addresses, each replaced by the link that begins with it."""
    return [next((uri for uri in uris if uri.startswith(address)), address) for address in printed]


def without_addresses(text: str) -> str:
    """The entry without identifiers, addresses and a service's link words, for the rules to read."""
    bare = _DOI_NAMED.sub(" ", text)
    bare = _URL.sub(" ", bare)
    bare = _NOTES.sub(" ", bare)
    bare = re.sub(r"\s+", " ", bare.translate(_FOOTNOTE_MARKS)).strip()
    bare = _ADDRESS_WORDS.sub("", bare).strip()
    return re.sub(r"\s+([.,;:])", r"\1", bare)
