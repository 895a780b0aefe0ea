"""A PDF's own DOI, title, authors and year are told from those it cites."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.model import Name, Reference
from dl_lit.pdf.document import DocumentText, Line, Link, PageText, Section
from dl_lit.pdf.frontmatter import front_matter
from dl_lit.pdf.frontmatter.identity import own_arxiv_id, own_doi
from dl_lit.pdf.frontmatter.title import own_title


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
    found = front_matter(DocumentText(0))
    assert (found.doi, found.title, found.authors, found.year, found.arxiv_id) == (None, None, (), None, None)


def test_a_doi_in_the_foot_is_its_own_even_where_an_entry_beside_it_swallowed_it():
    page = document(("A. Author: A title. 2010.", 300, 9), ("doi:10.1000/own", 30, 8))
    assert own_doi(page, [Reference(position=1, raw="A. Author: A title. doi:10.1000/own", doi="10.1000/own")]) == (
        "10.1000/own"
    )


def test_a_doi_that_only_a_references_text_has_is_cited():
    page = document(("A. Author: A title. https://doi.org/10.1000/cited", 300, 9))
    assert own_doi(page, [Reference(position=1, raw="A. Author: A title. https://doi.org/10.1000/cited")]) is None


def test_what_stands_in_the_list_of_references_is_not_asked():
    page = document(("On the Reading of Lists", 700, 18), ("A. Author: A title. doi:10.1000/cited", 300, 9))
    assert front_matter(page).doi == "10.1000/cited"
    assert front_matter(page, sections=[Section((page.pages[0].lines[1],))]).doi is None


def test_a_crossmark_link_names_the_own_doi():
    lines = document(("See doi:10.1000/other and doi:10.1000/other", 400, 10)).pages[0].lines
    link = Link("https://crossmark.crossref.org/dialog/?doi=10.1000/own&domain=pdf", 40, 600, 60, 620)
    assert own_doi(DocumentText(1, (PageText(1, 600, 800, lines, (link,)),)), []) == "10.1000/own"


def test_the_doi_of_the_works_own_citation_on_the_last_page_is_found():
    last = PageText(
        3,
        600,
        800,
        (
            Line("Cite this article as: Author et al.: A title.", 3, 50, 400, 200, 210, 8),
            Line("Journal 2010 5:3. doi:10.1000/own", 3, 50, 400, 190, 200, 8),
        ),
    )
    pages = (document(("A title of a kind", 700, 18)).pages[0], PageText(2, 600, 800), last)
    assert own_doi(DocumentText(3, pages), []) == "10.1000/own"


def test_the_stamp_of_arxiv_gives_id_doi_and_year():
    page = document(("arXiv:2105.12345v2 [cs.DL] 3 Jun 2021", 400, 20), ("On the Reading of Lists", 700, 18))
    found = front_matter(page)
    assert (found.arxiv_id, found.doi, found.year) == ("2105.12345", "10.48550/arxiv.2105.12345", 2021)


def test_a_cited_arxiv_id_is_not_its_own():
    page = document(("as others did (arXiv:2105.12345)", 400, 10))
    assert own_arxiv_id(page) is None


def test_the_packets_title_and_authors_count_where_they_are_printed():
    page = document(
        ("Reading at Scale", 700, 14),
        ("Ada Müller, B. Doe", 670, 11),
        metadata={"xmp:title": "Reading at Scale", "xmp:creators": "Ada Müller\nB. Doe", "Title": "paper_final.docx"},
    )
    found = front_matter(page)
    assert found.title == "Reading at Scale"
    assert found.authors == (Name(family="Müller", given="Ada"), Name(family="Doe", given="B."))


def test_a_title_of_one_word_counts_where_it_is_printed_large():
    rows = (
        ("Econometrics.jl", 700, 20),
        ("Ada Lovelace", 670, 12),
        *((f"Body line {n}", 600 - n, 9) for n in range(9)),
    )
    assert own_title(document(*rows, metadata={"Title": "Econometrics.jl"})) == "Econometrics.jl"


def test_the_journals_name_is_no_title():
    page = document(
        ("The Open Reading Journal, 2016, 10, 214-226", 770, 8),
        ("The Open Reading Journal", 740, 20),
        ("Lists and How to Read Them", 640, 16),
    )
    assert own_title(page) == "Lists and How to Read Them"


def knuth(given: str, family: str) -> Name:
    return Name(family=family, given=given)


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        (["Donald E. Knuth"], ["Donald E.|Knuth"]),
        (["Donald Knuth1,2, Tony Hoare*, and Ada Lovelace3†"], ["Donald|Knuth", "Tony|Hoare", "Ada|Lovelace"]),
        (["By Donald Knuth and Tony Hoare"], ["Donald|Knuth", "Tony|Hoare"]),
        (["Donald Knuth, PhD; Tony Hoare, MD, MPH; Prof. Ada King"], ["Donald|Knuth", "Tony|Hoare", "Ada|King"]),
        (["Lukas Lambert, PhDa,∗ , Lenka Nová, MDb"], ["Lukas|Lambert", "Lenka|Nová"]),
        (["Ada Lovelace", "ICTEAM, UCLouvain"], ["Ada|Lovelace"]),
        (["Ada Lovelace and Tony", "Hoare"], ["Ada|Lovelace", "Tony|Hoare"]),
        (["Jean-Luc Picard, Thomas L.", "Griffiths1, Fernando Pérez"], ["Jean-Luc|Picard", "Thomas L.|Griffiths",
                                                                        "Fernando|Pérez"]),
        (["Ludwig van Beethoven & María José de la Cruz"], ["Ludwig|van Beethoven", "María José|de la Cruz"]),
        (["B. A. Bonsing, H. C. van Santvoort"], ["B. A.|Bonsing", "H. C.|van Santvoort"]),
        (["María PACHE-DURÁN1 0000-0002-6670-5818", "Ana RUIZ2 0000-0002-4924-0908"],
         ["María|Pache-Durán", "Ana|Ruiz"]),
        (["Вера Примерова, Глеб Образцов"], ["Вера|Примерова", "Глеб|Образцов"]),
        (["Ada Lovelace", "University of London, ada@ox.ac.uk"], ["Ada|Lovelace"]),
        (["Department of Physics, New University"], []),
        (["A protocol of a trial", "Ada Lovelace, Tony Hoare"], ["Ada|Lovelace", "Tony|Hoare"]),
    ],
)  # fmt: skip
def test_the_names_under_the_title_are_the_authors(printed, names):
    rows = [(row, 670 - 13 * at, 11.0) for at, row in enumerate(printed)]
    page = document(
        ("On the Reading of Many Bibliographies", 700, 18), *rows, ("Abstract", 400, 10), ("Max Muster", 380, 11)
    )
    found = [f"{name.given}|{name.family}" for name in front_matter(page).authors]
    assert found == names


def test_authors_in_columns_are_one_each():
    rows = [("Ada Lovelace", 60), ("Tony Hoare", 250), ("Donald E. Knuth", 440)]
    under = [("Dept. of Lists", 60), ("University of Trees", 250), ("Institute of Heaps", 440)]
    lines = (
        Line("On the Reading of Many Bibliographies", 1, 100, 500, 700, 718, 18),
        *(Line(text, 1, x, x + 100, 660, 671, 11) for text, x in rows),
        *(Line(text, 1, x, x + 100, 648, 657, 9) for text, x in under),
    )
    found = front_matter(DocumentText(1, (PageText(1, 600, 800, lines),))).authors
    assert [name.family for name in found] == ["Lovelace", "Hoare", "Knuth"]


def test_the_works_own_line_of_citation_does_not_make_its_title_a_journals():
    page = document(
        ("Reading Very Many Lists", 700, 17),
        ("Ada Lovelace", 670, 12),
        ("Lovelace, (2018). Reading Very Many Lists. Journal of Lists, 1(3), 13.", 50, 8),
    )
    found = front_matter(page)
    assert (found.title, found.year) == ("Reading Very Many Lists", 2018)


def test_a_second_title_in_another_language_is_not_part_of_the_first():
    page = document(
        ("Compromiso con la divulgación", 700, 17),
        ("de información responsable", 680, 17),
        ("The commitment on the dissemination", 636, 17),
        ("of responsible information", 616, 17),
    )
    assert own_title(page) == "Compromiso con la divulgación de información responsable"


def test_a_label_that_is_spaced_out_is_no_title():
    page = document(("S TUD Y P RO TOCO L", 760, 22), ("Reading Very Many Lists", 700, 17))
    assert own_title(page) == "Reading Very Many Lists"


def test_an_author_of_the_metadata_who_is_not_printed_is_none():
    page = document(("On the Reading of Lists", 700, 18), ("Ada Lovelace", 670, 11), metadata={"Author": "Type Setter"})
    assert front_matter(page).authors == (knuth("Ada", "Lovelace"),)


def test_authors_reversed_in_the_metadata_are_read():
    page = document(
        ("On the Reading of Lists", 700, 18),
        ("von A. Lovelace und T. Hoare", 670, 11),
        metadata={"Author": "Lovelace, Ada; Hoare, Tony"},
    )
    assert front_matter(page).authors == (knuth("Ada", "Lovelace"), knuth("Tony", "Hoare"))


@pytest.mark.parametrize(
    ("rows", "metadata", "year"),
    [
        ([("Submitted: 12 March 2019", 500, 8), ("Published: 11 January 2020", 490, 8)], {}, 2020),
        ([("© 2017 The Authors", 30, 8)], {"CreationDate": "D:20190101000000Z"}, 2017),
        ([("Journal of Lists 12(3), 2015, 5–9", 780, 8)], {}, 2015),
        ([("How to cite: Lovelace (2018). On lists.", 400, 8)], {}, 2018),
        ([("studies published between 2008 and 2012 were read", 400, 10)], {}, None),
        ([("as Foo (2007) said in 2006", 400, 10)], {}, None),
        ([], {"xmp:date": "2016-05-04", "CreationDate": "D:20160601"}, 2016),
        ([], {"Subject": "Journal of Lists, 2014, doi:10.1000/2013.5"}, 2014),
        ([("doi:10.1000/j.lists.2012.05.003", 780, 8)], {}, 2012),
        ([("Published: 11 January 2035", 490, 8)], {"CreationDate": "D:20190101"}, None),
        ([], {"CreationDate": "D:20190101"}, None),
        ([("https://doi.org/10.1590/abc, 5(2)", 780, 8)], {}, None),
        ([("June 2011", 600, 12)], {"CreationDate": "D:20110701"}, 2011),
    ],
)
def test_the_year_is_what_most_witnesses_say(rows, metadata, year):
    page = document(("On the Reading of Lists", 700, 18), *rows, metadata=metadata)
    assert front_matter(page).year == year


@given(
    st.lists(st.tuples(st.text(max_size=60), st.floats(0, 800), st.floats(1, 30)), max_size=12),
    st.dictionaries(
        st.sampled_from(["Title", "Author", "Subject", "xmp:creators", "xmp:date", "CreationDate"]), st.text()
    ),
)
def test_whatever_is_printed_is_no_error(rows, metadata):
    found = front_matter(document(*rows, metadata=metadata))
    assert found.year is None or 1500 <= found.year <= 2099
    assert all(name.family for name in found.authors)
