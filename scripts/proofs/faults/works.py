"""A bibliography small enough to be run a thousand times, for which every service of the replica is asked."""

from __future__ import annotations

from typing import Any

from dl_lit.core.model import Name, Reference, WorkType

_TYPES = {
    "journal-article": WorkType.ARTICLE_JOURNAL,
    "proceedings-article": WorkType.PAPER_CONFERENCE,
    "book": WorkType.BOOK,
    "dissertation": WorkType.THESIS,
    "posted-content": WorkType.ARTICLE,
}
_PLACES = ("gravel", "cusps", "kelp", "lapwings", "estuaries", "groynes", "shingle", "lagoons", "marshes", "spits")


def _made(number: int, what: str, **more: Any) -> dict[str, Any]:
    place = _PLACES[number % len(_PLACES)]
    return {
        "title": f"{what} of the {place} along coast {number}",
        "authors": [{"family": f"Author{number}", "given": "Ada"}],
        "year": 1990 + number,
        "container": "Journal of Shores",
        "type": "journal-article",
        "volume": str(number + 1),
        "pages": f"{10 * number + 1}-{10 * number + 9}",
        **more,
    }


RECORDS: tuple[dict[str, Any], ...] = (
    _made(0, "A survey", doi="10.5555/shore.0", oa="gold", host="publisher-0"),
    _made(1, "The ecology", doi="10.5555/shore.1", oa="green", host="repository-0"),
    _made(2, "Sediments", doi="10.48550/arxiv.2001.00002", type="posted-content", oa="green", host="arxiv"),
    _made(3, "Waves", doi="10.5555/shore.3", pmid="31000003", pmcid="PMC7000003", oa="green", host="pmc"),
    _made(4, "Measurements", doi="10.5281/zenodo.1234504", type="posted-content", oa="green", host="repository-0"),
    _made(5, "Photographs", doi="10.6084/m9.figshare.7654305", type="posted-content", oa="green", host="repository-0"),
    _made(6, "Perceptions", doi="10.31234/osf.io/abcd6", type="posted-content", oa="gold", host="publisher-1"),
    _made(7, "Names", doi="10.18653/v1/P19-1007", type="proceedings-article", oa="gold", host="publisher-0"),
    _made(8, "Genomes", doi="10.1101/2020.01.01.000008", type="posted-content", oa="closed", year=2020),
    _made(9, "A history", type="book", isbn="9780306406157", oa="gold", host="publisher-1", publisher="Strand Press"),
    _made(10, "Tides and gravity", container="Physical Review D", doi="10.5555/shore.10", oa="closed"),
    _made(11, "Une étude", type="dissertation", language="fr", oa="green", host="repository-0"),
    _made(12, "A theory", oa="gold", host="publisher-1"),
    _made(13, "An atlas", doi="10.1400/20013", oa="closed"),
    _made(14, "Erosion", doi="10.5555/shore.14", oa="closed"),
    _made(15, "A closed book", type="book", isbn="9780198526636", oa="closed", publisher="Strand Press"),
    _made(16, "Currents", doi="10.5555/shore.16", pmid="31000016", pmcid="PMC7000016", oa="gold", host="publisher-1"),
)
"""The works; what stands in none of them is decided by the replica's seed."""

_WITHOUT_ITS_DOI = frozenset({0, 12, 14})  # they are searched for


def reference(number: int) -> Reference:
    """The entry that prints work `number`, each with the identifier that leads to the service it is there for."""
    made = RECORDS[number]
    (author,) = made["authors"]
    doi = None if number in _WITHOUT_ITS_DOI else made.get("doi")
    printed = f" https://doi.org/{doi}" if doi else ""
    return Reference(
        position=number + 1,
        raw=f"{author['family']}, A. ({made['year']}). {made['title']}. {made['container']}.{printed}",
        type=_TYPES[made["type"]],
        title=made["title"],
        authors=(Name(family=author["family"], given="A."),),
        year=made["year"],
        container_title=None if made["type"] == "book" else made["container"],
        volume=made["volume"] if made["type"] == "journal-article" else None,
        pages=made["pages"] if made["type"] == "journal-article" else None,
        doi=doi,
        pmid=made.get("pmid"),
        isbn=made.get("isbn"),
    )


def _strangers(first: int) -> tuple[Reference, ...]:
    """Entries of works that nobody has: their honest end is no match."""
    return (
        Reference(
            position=first,
            raw="Nobody, N. (2001). On what was never written. Journal of Shores. https://doi.org/10.5555/none.1",
            type=WorkType.ARTICLE_JOURNAL,
            title="On what was never written",
            authors=(Name(family="Nobody", given="N."),),
            year=2001,
            container_title="Journal of Shores",
            doi="10.5555/none.1",
        ),
        Reference(
            position=first + 1,
            raw="Strand Office (2015). Shore report. http://127.0.1.1/gone/14.pdf",
            type=WorkType.WEBPAGE,
            title="Shore report",
            authors=(Name(literal="Strand Office"),),
            year=2015,
            url="http://127.0.1.1/gone/14.pdf",
        ),
    )


def bibliography() -> tuple[Reference, ...]:
    """All entries in printed order."""
    known = tuple(reference(number) for number in range(len(RECORDS)))
    return (*known, *_strangers(len(known) + 1))
