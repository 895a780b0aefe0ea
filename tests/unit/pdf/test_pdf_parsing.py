"""Entries of the common styles are read field by field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.model import Reference, WorkType
from dl_lit.pdf.parsing import parse_entry
from dl_lit.pdf.splitting import Entry


def parsed(text: str, *uris: str) -> Reference:
    return parse_entry(Entry(text, page=1, uris=uris), 1)


def test_apa():
    reference = parsed(
        "Clark, H. H., & Wilkes-Gibbs, D. (1986). Referring as a collaborative process. Cognition, 22(1), 1–39. "
        "https://doi.org/10.1016/0010-0277(86)90010-7"
    )
    assert [name.family for name in reference.authors] == ["Clark", "Wilkes-Gibbs"]
    assert reference.authors[0].given == "H. H."
    assert reference.year == 1986
    assert reference.title == "Referring as a collaborative process"
    assert reference.container_title == "Cognition"
    assert (reference.volume, reference.issue, reference.pages) == ("22", "1", "1-39")
    assert reference.doi == "10.1016/0010-0277(86)90010-7"
    assert reference.type is WorkType.ARTICLE_JOURNAL
    assert reference.url is None
    assert reference.confidence > 0.8


def test_vancouver():
    reference = parsed(
        "Andreopoulou E, Sparano JA. Chemotherapy in patients with metastatic breast cancer: an overview. "
        "Curr Breast Cancer Rep 2013;5:42–50. PMID: 23440080"
    )
    assert reference.title == "Chemotherapy in patients with metastatic breast cancer: an overview"
    assert reference.container_title == "Curr Breast Cancer Rep"
    assert (reference.year, reference.volume, reference.pages) == (2013, "5", "42-50")
    assert reference.pmid == "23440080"


def test_ieee():
    reference = parsed(
        "D. P. Kingma and J. Ba, “Adam: A method for stochastic optimization,” in Proc. Int. Conf. Learning "
        "Representations, 2015, pp. 1–15, arXiv:1412.6980."
    )
    assert reference.title == "Adam: A method for stochastic optimization"
    assert reference.type is WorkType.PAPER_CONFERENCE
    assert (reference.year, reference.pages, reference.arxiv_id) == (2015, "1-15", "1412.6980")


def test_plain_bibtex_style():
    reference = parsed(
        "Charles F. Van Loan. The ubiquitous Kronecker product. Journal of Computational and Applied Mathematics, "
        "123(1-2):85–100, 2000."
    )
    assert reference.authors[0].family == "Van Loan"
    assert reference.title == "The ubiquitous Kronecker product"
    assert reference.container_title == "Journal of Computational and Applied Mathematics"
    assert (reference.year, reference.volume, reference.issue, reference.pages) == (2000, "123", "1-2", "85-100")


def test_abnt():
    reference = parsed(
        "NAVARRO, A.; ALCARAZ, F. J. La divulgación de información sobre responsabilidad corporativa. "
        "Revista de Contabilidad, v. 13, n. 2, p. 285-314, 2010."
    )
    assert reference.title == "La divulgación de información sobre responsabilidad corporativa"
    assert (reference.volume, reference.issue, reference.pages, reference.year) == ("13", "2", "285-314", 2010)


def test_german_chapter_with_editors():
    reference = parsed(
        "Beck, Ulrich (1983): Jenseits von Stand und Klasse? In: Kreckel, Reinhard (Hrsg.): Soziale Ungleichheiten. "
        "Göttingen: Schwartz, S. 35–74."
    )
    assert reference.title == "Jenseits von Stand und Klasse?"
    assert [name.family for name in reference.editors] == ["Kreckel"]
    assert reference.container_title == "Soziale Ungleichheiten"
    assert reference.publisher == "Schwartz"
    assert reference.pages == "35-74"
    assert reference.type is WorkType.CHAPTER


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("Doe, J. (1998a). A title of a work. A Journal, 3, 4–5.", 1998),
        ("Doe, J. (n.d.). A title of a work. A Press.", None),
        ("Doe, J. (in press). A title of a work. A Journal.", None),
        ("Doe J. Health in the years 1990–1999. Lancet 2003;361:12–9.", 2003),
        ("J. Doe, “Survey 1914,” Proc. X, pp. 1950–1961, 2011.", 2011),
    ],
)
def test_the_year_is_the_works_own(text, year):
    assert parsed(text).year == year


def test_a_link_gives_the_doi_that_is_not_printed():
    reference = parsed("Doe J. A title of a work. J Foo 2003;1:2–3.", "https://doi.org/10.1000/XYZ")
    assert reference.doi == "10.1000/xyz"


def test_a_link_completes_the_doi_that_was_cut():
    reference = parsed("Doe J. Title of it. doi: 10.1000/abc.", "https://doi.org/10.1000/abc.def-7")
    assert reference.doi == "10.1000/abc.def-7"


def test_a_spaced_doi_is_put_together():
    assert parsed("Doe J. Title. https://doi. org/10.1000 /abc").doi == "10.1000/abc"


def test_isbn_and_url_are_found():
    reference = parsed("Doe, J. (2001). A book of things. Some Press. ISBN 0-306-40615-2. https://example.org/book.")
    assert reference.isbn == "9780306406157"
    assert reference.url == "https://example.org/book"
    assert reference.type is WorkType.BOOK


@given(st.text(max_size=400))
def test_any_text_makes_a_reference(text):
    reference = parsed(text)
    assert 0.0 <= reference.confidence <= 1.0
    assert reference.raw == text


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (
            (
                "Wright, Sewell. 1968–78. Evolution and the Genetics of Populations. 4 vols. Chicago: University of "
                "Chicago Press."
            ),
            "Evolution and the Genetics of Populations",
        ),
        ("Doe, John (7th Aug. 2017).Webpage.", "Webpage"),
        (
            (
                "Hanna N, Johnson D, Temin S, et al. Systemic therapy for stage IV non-small-cell lung cancer "
                "[published correction appears in J Clin Oncol. 2019 Feb 10;37(5):443]. J Clin Oncol. 2017;35(30):3484."
            ),
            "Systemic therapy for stage IV non-small-cell lung cancer",
        ),
        (
            (
                "Петров, А. В. Экономика региона / А. В. Петров, С. С. Сидоров // Вопросы экономики. – 2010. – № 3. – "
                "С. 45–56."
            ),
            "Экономика региона",
        ),
        ("Kowalski J., Historia literatury, przeł. A. Nowak, Warszawa: PWN 1999.", "Historia literatury"),
        (
            "Nowak A., Problemy teorii, [w:] Studia filozoficzne, red. J. Kowalski, Kraków 2001, s. 12–34.",
            "Problemy teorii",
        ),
        (
            "Foucault, Michel. Discipline and Punish, trans. Alan Sheridan. New York: Vintage, 1977.",
            "Discipline and Punish",
        ),
        (
            (
                "Ayuso, M. D.; Martínez, V. Gobierno electrónico: contenidos y organización en los portales "
                "institucionales. Revista General de Información y Documentación, v. 16, n. 1, p. 31-45, 2006."
            ),
            "Gobierno electrónico: contenidos y organización en los portales institucionales",
        ),
    ],
)
def test_what_stands_around_a_title_is_no_part_of_it(text, title):
    assert parsed(text).title == title


def test_a_title_is_no_given_name():
    reference = parsed(
        "Ayuso, M. D.; Martínez, V. Gobierno electrónico: contenidos y organización en los portales institucionales. "
        "Revista General de Información y Documentación, v. 16, n. 1, p. 31-45, 2006."
    )
    assert [(name.family, name.given) for name in reference.authors] == [("Ayuso", "M. D."), ("Martínez", "V.")]


def test_a_body_in_capitals_is_no_person():
    reference = parsed("ASSOCIAÇÃO BRASILEIRA DE NORMAS TÉCNICAS. NBR 6023: Informação e documentação. Rio, 2002.")
    assert [name.literal for name in reference.authors] == ["ASSOCIAÇÃO BRASILEIRA DE NORMAS TÉCNICAS"]
