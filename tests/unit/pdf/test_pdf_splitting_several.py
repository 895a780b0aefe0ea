"""Entries that hold several works are cut into them, and only where that is sure."""

import pytest

from dl_lit.core.model import Name, Reference
from dl_lit.pdf.document import Line
from dl_lit.pdf.splitting import Entry, inherit, split_entries
from dl_lit.pdf.splitting.several import several_works


def works(text: str, label: str = "[12]") -> list[tuple[str | None, str, str]]:
    """Label, text and what it leaves out of every work of an entry."""
    return [(one.label, one.text, one.follows) for one in several_works(Entry(text, 1, label, 12))]


def test_works_behind_letters():
    assert works(
        "(a) Becke, A. D. J. Chem. Phys. 1993, 98, 5648. (b) Perdew, J. P.; Burke, K. Phys. Rev. Lett. 1996, 77, 3865."
    ) == [
        ("[12](a)", "Becke, A. D. J. Chem. Phys. 1993, 98, 5648.", ""),
        ("[12](b)", "Perdew, J. P.; Burke, K. Phys. Rev. Lett. 1996, 77, 3865.", ""),
    ]


def test_letters_without_an_opening_bracket():
    found = works(
        "a) C. Li, D. Wu, Nature 2018, 57, 1; b) E. Xu, Science 2019, 5, 29; c) F. Yi, Angew. Chem. 2020, 3, 4."
    )
    assert [label for label, _, _ in found] == ["[12](a)", "[12](b)", "[12](c)"]
    assert found[1][1] == "E. Xu, Science 2019, 5, 29"


def test_works_with_their_own_names_behind_semicolons():
    found = works(
        "B. Aubert et al., Phys. Rev. Lett. 97, 112002 (2006); M. Davier, S. Eidelman, and A. Hoecker, Eur. Phys. J. C "
        "31, 503 (2003); Rafelski J. and Müller B., Phys. Rev. Lett., 48 (1982) 1066."
    )
    assert [text.split(",")[0] for _, text, _ in found] == [
        "B. Aubert et al.",
        "M. Davier",
        "Rafelski J. and Müller B.",
    ]
    assert {label for label, _, _ in found} == {"[12]"}


def test_what_the_style_leaves_out_is_told():
    found = works("A. Author, Phys. Rev. 1, 2 (1990); ibid. 3, 4 (1991); Phys. Lett. B 5, 6 (1992); 7, 8 (1993).")
    assert [follows for _, _, follows in found] == ["", "place", "authors", "place"]


def test_works_share_what_is_printed_once():
    entries = several_works(Entry("A. Author, Phys. Rev. 1, 2 (1990); ibid. 3, 4 (1991)", 1, "[1]", 1))
    author = (Name(family="Author", given="A."),)
    first = Reference(position=1, raw=entries[0].text, authors=author, container_title="Phys. Rev.", year=1990)
    second = Reference(position=2, raw=entries[1].text, title="ibid", year=1991)
    found = inherit([first, second], entries)
    assert found[1].authors == author
    assert (found[1].title, found[1].container_title, found[1].year) == (None, "Phys. Rev.", 1991)


@pytest.mark.parametrize(
    "text",
    [
        "J. Smith, Of 1984; or, A. Huxley reconsidered, Oxford University Press, 2001.",
        "Smith J, Jones K. A title; another half of it. J Things. 2005;353(9):123-30.",
        "Smith J; Jones K; Brown L. The title. Journal of Titles 2003, 5, 7.",
        "A. Author, Phys. Rev. 1, 2 (1990), and references therein; see also the discussion below.",
        "B. Aubert et al., Phys. Rev. D 72, 9 (2005), [Erratum; ibid. D 72, 099901 (2005)].",
        "A. Abe, Zh. Eksp. Teor. Fiz. 52, 93 (1967); Sov. Phys. JETP 25, 60 (1967).",
        "C. Li, Angew. Chem. Int. Ed. 2018, 57, 6390; Angew. Chem. 2018, 130, 6498.",
        "World Health Organization. Report on (a) malaria and (b) dengue. Geneva: WHO; 2001.",
        "Smith J. Vitamin C: an update. New York: Wiley; 1999. p. 12.",
    ],
)
def test_one_work_stays_one(text):
    assert [found for _, found, _ in works(text)] == [text]


def test_an_entry_without_a_label_is_left_alone():
    rows = [
        Line(
            "Author, A. B. (1990). One thing. J. Things, 1, 2; Writer, C. (1991). Other. J. Th., 3, 4.",
            1,
            50,
            300,
            y,
            y + 9,
            9,
        )
        for y in (700, 680)
    ]
    assert len(split_entries(rows)) == 2


def test_links_go_to_the_work_that_prints_them():
    entry = Entry(
        "A. Author, Phys. Rev. 1, 2 (1990), doi:10.1103/a; B. Writer, Phys. Rev. 3, 4 (1991), doi:10.1103/b",
        1,
        "[1]",
        1,
        ("https://doi.org/10.1103/a", "https://doi.org/10.1103/b"),
    )
    assert [one.uris for one in several_works(entry)] == [
        ("https://doi.org/10.1103/a",),
        ("https://doi.org/10.1103/b",),
    ]
