"""Fields are found again in the lines they were read from."""

from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.model import Name, Reference
from dl_lit.pdf.document import Line
from dl_lit.pdf.picture.trace import Skeleton, field_spans


def lines(*texts: str) -> list[Line]:
    return [Line(text, 1, 50, 300, 700 - 12 * n, 710 - 12 * n, 10) for n, text in enumerate(texts)]


def printed(reference: Reference, *texts: str) -> dict[str, list[str]]:
    """What of the lines was taken for each field."""
    found: dict[str, list[str]] = {}
    for one in field_spans(reference, lines(*texts)):
        found.setdefault(one.field, []).append(texts[one.span.line][one.span.start : one.span.end])
    return found


def test_every_field_is_found_across_hyphens_and_lines():
    reference = Reference(
        position=1,
        raw="",
        authors=(Name(family="Müller", given="K. H."), Name(family="de la Cruz", given="A.")),
        title="Breaking paragraphs into lines",
        container_title="Software: Practice",
        year=1981,
        volume="11",
        issue="2",
        pages="1119-1184",
        doi="10.1002/spe.4380111102",
    )
    assert printed(
        reference,
        "[1] Müller, K. H. and de la Cruz, A. (1981). Break\u00ad",
        "ing paragraphs into lines. Software: Practice 11(2),",
        "1119–1184. https://doi.org/10.1002/",
        "spe.4380111102",
    ) == {
        "authors": ["Müller, K. H. and de la Cruz, A"],
        "year": ["1981"],
        "title": ["Break", "ing paragraphs into lines"],
        "container_title": ["Software: Practice"],
        "volume": ["11"],
        "issue": ["2"],
        "pages": ["1119–1184"],
        "doi": ["10.1002", "spe.4380111102"],
    }


def test_a_number_is_not_found_inside_another():
    reference = Reference(position=1, raw="", year=1998, volume="9", title="On the 19980 lines")
    found = printed(reference, "Doe. On the 19980 lines. J. 9, 1998a.")
    assert found["year"] == ["1998"]
    assert found["volume"] == ["9"]


def test_a_short_name_is_not_found_inside_a_word():
    found = printed(Reference(position=1, raw="", authors=(Name(family="Li"),)), "Lisbon lists by Li.")
    assert found == {"authors": ["Li"]}


def test_shortened_pages_are_found_by_their_first():
    assert printed(Reference(position=1, raw="", pages="123-128"), "J. 4, 123-8.")["pages"] == ["123"]


def test_what_is_not_printed_is_left_out():
    assert printed(Reference(position=1, raw="", doi="10.1/x", title="Elsewhere"), "Nothing of it.") == {}


@given(st.lists(st.text(max_size=40), max_size=6), st.text(max_size=60))
def test_spans_lie_in_their_lines(texts: list[str], title: str):
    """Whatever is printed, and whatever was read."""
    reference = Reference(position=1, raw="", title=title, pages=title, authors=(Name(family=title, given=title),))
    for one in field_spans(reference, lines(*texts)):
        assert 0 <= one.span.start < one.span.end <= len(texts[one.span.line])


@given(st.text(min_size=1, max_size=60))
def test_a_line_is_found_in_itself(text: str):
    skeleton = Skeleton.of(lines(text))
    assert skeleton.letters == "" or skeleton.find(text) == (0, len(skeleton.letters) - 1)
