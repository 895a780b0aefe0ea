"""What holds of every list: nothing raises, and every line is in one entry or left out."""

from hypothesis import given, settings
from hypothesis import strategies as st

from dl_lit.pdf.document import Line
from dl_lit.pdf.splitting import cut_list, split_entries

TEXTS = st.one_of(
    st.text(alphabet="[]()1234567890.,;: -–•ABCabcäЖж年『』\u00ad\"'/&+", min_size=1, max_size=80),
    st.sampled_from(
        (
            "[1] Knuth, D. E. (1984). Literate programming.",
            "2. Dijkstra E. Goto. Comm ACM 1968;11:147-8.",
            "a) C. Li, Nature 2018, 57, 1; b) E. Xu, Science 2019, 5, 29.",
            "ibid. 3, 4 (1991); 5, 6 (1992)",
            "Journal, 27(2), 97–111.",
            "This is an open access article",
        )
    ),
)
LINES = st.lists(
    st.builds(
        lambda text, page, column, x0, y0, size: Line(text, page, x0, x0 + 200, y0, y0 + size, size, column=column),
        TEXTS,
        st.integers(1, 3),
        st.integers(0, 1),
        st.floats(-50, 600),
        st.floats(-50, 900),
        st.floats(1, 30),
    ),
    max_size=25,
)


@given(LINES)
@settings(deadline=None)
def test_every_line_is_in_one_entry_or_left_out(lines):
    found = cut_list(lines)
    taken = [id(line) for entry in found.entries for line in entry.lines] + [id(line) for line in found.left_out]
    assert sorted(taken) == sorted(map(id, lines))


@given(LINES)
@settings(deadline=None)
def test_works_keep_to_the_order_of_the_lines(lines):
    places = {id(line): at for at, line in enumerate(lines)}
    firsts = [places[id(work.lines[0])] for work in split_entries(lines)]
    assert firsts == sorted(firsts)
