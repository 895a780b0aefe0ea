"""A PDF's own DOI and title are told from those it cites."""

from dl_lit.core.model import Reference
from dl_lit.pdf.document import DocumentText, Line, PageText
from dl_lit.pdf.frontmatter import own_doi, own_title


def document(*rows: tuple[str, float, float], metadata: dict[str, str] | None = None) -> DocumentText:
    """One page of (text, height, size)."""
    lines = tuple(Line(text, 1, 50.0, 400.0, y, y + size, size) for text, y, size in rows)
    return DocumentText(1, (PageText(1, 600.0, 800.0, lines),), metadata or {})


def test_the_doi_of_the_first_page_is_its_own_unless_it_is_cited():
    page = document(("https://doi.org/10.1000/own", 780, 8), ("see doi:10.1000/cited.work", 400, 10))
    assert own_doi(page, [Reference(position=1, raw="", doi="10.1000/cited.work")]) == "10.1000/own"


def test_a_cited_doi_that_a_lines_end_cut_off_is_not_its_own():
    page = document(("see doi:10.1000/cited", 400, 10))
    assert own_doi(page, [Reference(position=1, raw="", doi="10.1000/cited.work")]) is None


def test_the_metadatas_doi_comes_first():
    page = document(("doi:10.1000/printed", 780, 8), metadata={"Subject": "Journal of X, doi:10.1000/META"})
    assert own_doi(page, []) == "10.1000/meta"


def test_the_largest_type_is_the_title_where_the_metadata_say_nothing():
    page = document(
        ("Research Article", 770, 20),
        ("On the Reading of", 700, 18),
        ("Many Bibliographies", 680, 18),
        ("A. Author", 650, 11),
        metadata={"Title": "Microsoft Word - paper.doc"},
    )
    assert own_title(page) == "On the Reading of Many Bibliographies"


def test_the_metadatas_title_counts_where_it_is_printed():
    page = document(
        ("On Reading: A Study", 700, 12), ("JOURNAL OF IT ALL", 760, 20), metadata={"Title": "On Reading: A Study"}
    )
    assert own_title(page) == "On Reading: A Study"


def test_nothing_is_made_up():
    assert own_title(DocumentText(0)) is None
    assert own_doi(DocumentText(0), []) is None
