"""Lists of references are found in documents of many shapes and languages."""

import pytest
import typst

from dl_lit.core.errors import PdfError
from dl_lit.core.model import Bibliography
from dl_lit.core.reasons import Reason
from dl_lit.pdf.bibliography import read_bibliography
from dl_lit.pdf.engine import open_document

AUTHORS = ("Knuth", "Dijkstra", "Hoare", "Liskov", "Lamport", "Hopper", "Turing", "Backus")


def entries(count: int, *, labelled: bool, first: int = 0) -> str:
    """Entries as typst paragraphs."""
    return "\n\n".join(
        (f"[{n + 1}] " if labelled else "")
        + f"{AUTHORS[(first + n) % 8]}, A. B. ({1960 + first + n}). A treatise on the subject number {n} and on what "
        f"follows from it for the practice of the trade. Journal of Treatises, {n + 3}({n + 1}), {n + 10}–{n + 29}."
        for n in range(count)
    )


@pytest.fixture
def read(tmp_path):
    """Compile a typst source and read its bibliography."""

    def read(source: str) -> Bibliography:
        path = tmp_path / "document.pdf"
        path.write_bytes(bytes(typst.compile(source.encode())))
        with open_document(path, max_bytes=10_000_000) as pdf:
            return read_bibliography(pdf.read())

    return read


@pytest.mark.parametrize(
    "heading",
    [
        "References",
        "7. References",
        "R E F E R E N C E S",
        "Literaturverzeichnis",
        "Références bibliographiques",
        "Bibliografía",
        "Referências",
        "Riferimenti bibliografici",
        "Literatuur",
        "Список литературы",
    ],
)
def test_a_list_is_found_by_its_heading(read, heading):
    source = f"= An essay\n#lorem(150)\n\n= {heading}\n#set par(hanging-indent: 1.5em)\n{entries(8, labelled=False)}"
    found = read(source)
    assert [reference.authors[0].family for reference in found.references] == list(AUTHORS)
    assert [reference.year for reference in found.references] == list(range(1960, 1968))
    assert found.expected_references is None


def test_the_lists_of_all_chapters_are_read_in_order(read):
    chapters = [
        f"= Chapter {c}\n#lorem(200)\n\n== References\n{entries(4, labelled=True, first=4 * c)}" for c in range(2)
    ]
    found = read("\n#pagebreak()\n".join(chapters))
    assert [reference.position for reference in found.references] == list(range(1, 9))
    assert [reference.authors[0].family for reference in found.references] == list(AUTHORS)
    assert found.expected_references == 8


@pytest.mark.parametrize("ending", ["Appendix", "Acknowledgements", "About the authors", "Anhang", "A Further Matter"])
def test_a_list_ends_where_something_else_begins(read, ending):
    found = read(f"= Essay\n#lorem(90)\n= References\n{entries(5, labelled=True)}\n= {ending}\n#lorem(120)")
    assert len(found.references) == 5
    assert "Lorem" not in found.references[-1].raw


def test_two_columns(read):
    source = f"#set page(columns: 2)\n= Essay\n#lorem(500)\n= References\n{entries(8, labelled=True)}"
    found = read(source)
    assert [reference.label for reference in found.references] == [f"[{n}]" for n in range(1, 9)]
    assert [reference.authors[0].family for reference in found.references] == list(AUTHORS)


def test_numbered_entries_at_the_end_need_no_heading(read):
    found = read(f"= Essay\n#lorem(400)\n\n{entries(8, labelled=True)}")
    assert len(found.references) == 8


def test_a_heading_without_a_list_is_none(read):
    with pytest.raises(PdfError) as caught:
        read("= References\n#lorem(300)\n= Literature\n#lorem(300)")
    assert caught.value.reason is Reason.NO_REFERENCES_FOUND


def test_references_say_under_which_heading_they_stand(read):
    """As it is printed."""
    found = read(f"= Text\n{'Words of the text. ' * 60}\n\n= Works Cited\n{entries(6, labelled=False)}")
    assert {one.section for one in found.references} == {"Works Cited"}
