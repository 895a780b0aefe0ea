"""Which pages of a scan are looked at, and which are read."""

from hypothesis import given
from hypothesis import strategies as st

from dl_lit.pdf.ocr.recogniser import SeenLine
from dl_lit.pdf.ocr.scouting import ALL_OF, looks_like_references, pages_with_references


def seen(*texts: str) -> list[SeenLine]:
    return [SeenLine(text, 0, 20 * n, 500, 20 * n + 15, 15, 90) for n, text in enumerate(texts)]


class Book:
    """Pages of which some hold references; counts the glances."""

    def __init__(self, references: set[int], patience: int = 10_000) -> None:
        self.references = references
        self.patience = patience
        self.glances: list[int] = []

    def glance(self, page: int) -> bool | None:
        if len(self.glances) == self.patience:
            return None
        self.glances.append(page)
        return page in self.references


def test_a_short_scan_is_read_whole_without_a_glance():
    book = Book(set())
    assert pages_with_references(ALL_OF, book.glance) == list(range(ALL_OF))
    assert book.glances == []


def test_the_list_at_the_end_is_found_with_the_page_it_may_begin_on():
    book = Book(set(range(480, 496)))
    assert pages_with_references(500, book.glance) == list(range(479, 496))
    assert len(book.glances) < 30, "the rest of the book is left alone"


def test_pages_between_that_do_not_look_like_it_are_few_and_do_not_end_the_list():
    book = Book({90, 91, 94, 95})
    assert pages_with_references(100, book.glance) == [89, 90, 91, 93, 94, 95]


def test_what_is_not_in_the_last_third_is_looked_for_before():
    book = Book({20, 21})
    assert pages_with_references(100, book.glance) == [19, 20, 21]


def test_when_time_is_up_what_was_found_is_kept():
    assert pages_with_references(100, Book({97, 98}, patience=3).glance) == [96, 97, 98]


def test_where_no_page_looks_like_it_the_last_ones_are_read():
    assert pages_with_references(100, Book({1}, patience=3).glance) == [96, 97, 98, 99]


@given(st.integers(0, 300), st.sets(st.integers(0, 299)))
def test_pages_are_of_the_document_and_in_order(count: int, references: set[int]):
    pages = pages_with_references(count, Book(references).glance)
    assert pages == sorted(set(pages))
    assert all(0 <= page < count for page in pages)


def test_a_heading_or_many_marks_make_a_page_of_references():
    assert looks_like_references(seen("chapter end", "References", "something"))
    assert looks_like_references(
        seen(
            "Knuth, D. E. (1984). Literate",
            "programming. The Computer",
            "Journal 27(2), 97-111.",
            "Hoare, C. A. R. 1969.",
        )
    )
    assert not looks_like_references(
        seen(
            "It was a dark night and the",
            "rain fell in torrents except",
            "at occasional intervals when",
            "it was checked by wind.",
        )
    )
    assert not looks_like_references([])
