"""Tables on a terminal: they fit, words stay whole, and what matters least is left out first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dl_lit.cli.tables import laid_out

HEADERS = ("host", "for", "requests", "last (UTC)")
ROWS = (
    ("api.crossref.org", "crossref, files, unpaywall and a few more", "12", "2026-11-23 04:16"),
    ("arxiv.org", "files", "3", "2026-11-23 04:17"),
)
RIGHT = (2,)


def test_where_there_is_room_each_row_is_a_line() -> None:
    assert laid_out(HEADERS, ROWS, right=RIGHT, room=100).lines == (
        "host              for                                        requests  last (UTC)",
        "api.crossref.org  crossref, files, unpaywall and a few more        12  2026-11-23 04:16",
        "arxiv.org         files                                             3  2026-11-23 04:17",
    )


def test_without_a_bound_nothing_is_left_out_or_goes_on_below() -> None:
    found = laid_out(HEADERS, [("x" * 100, "a b " * 40, "1", "-")], least=("for",))
    assert (len(found.lines), found.left_out) == (2, ())


def test_running_text_goes_on_below_at_a_space() -> None:
    assert laid_out(HEADERS, ROWS, right=RIGHT, room=80, least=("for",)).lines == (
        "host              for                                 requests  last (UTC)",
        "api.crossref.org  crossref, files, unpaywall and a          12  2026-11-23 04:16",
        "                  few more",
        "arxiv.org         files                                      3  2026-11-23 04:17",
    )


def test_what_matters_least_is_left_out_first_and_named() -> None:
    found = laid_out(HEADERS, ROWS, right=RIGHT, room=60, least=("for", "requests"))
    assert found.left_out == ("for",)
    assert found.lines[1] == "api.crossref.org        12  2026-11-23 04:16"


def test_a_word_that_is_too_long_is_cut_and_not_broken() -> None:
    lines = laid_out(("name", "n"), [("a" * 60, "7")], right=(1,), room=30).lines
    assert lines == ("name                         n", "a" * 26 + "…  7")


WORDS = st.lists(st.text("abc-.,", max_size=12), max_size=6).map(" ".join)


@given(
    st.integers(1, 5).flatmap(lambda n: st.lists(st.lists(WORDS, min_size=n, max_size=n), min_size=1, max_size=5)),
    st.integers(48, 120),
    st.data(),
)
def test_every_line_fits_and_every_word_is_whole_or_marked(
    rows: list[list[str]], room: int, data: st.DataObject
) -> None:
    headers = [f"h{n}" for n in range(len(rows[0]))]
    least = data.draw(st.lists(st.sampled_from(headers), unique=True, max_size=len(headers) - 1))
    found = laid_out(headers, rows, room=room, least=least)
    assert all(len(line) <= room for line in found.lines)
    words = {word for row in (headers, *rows) for cell in row for word in cell.split()}
    shown = {word for line in found.lines for word in line.split()}
    assert all(word in words or word.endswith("…") for word in shown)
    assert list(found.left_out) == [header for header in headers if header in least[: len(found.left_out)]]
