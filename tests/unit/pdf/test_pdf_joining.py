"""Lines become running text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.pdf.joining import join


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["Fast Kronecker prod-", "uct kernels"], "Fast Kronecker product kernels"),
        (["Effec\u00ad", "tive programming"], "Effective programming"),
        (["Vassbakk-", "Svindland K."], "Vassbakk-Svindland K."),
        (["a self-", "organising map"], "a self-organising map"),
        (["pp. 85–", "100"], "pp. 85–100"),
        (["pp. 85-", "100"], "pp. 85-100"),
        (["see https://doi.", "org/10.1000/abc"], "see https://doi.org/10.1000/abc"),
        (["doi: 10.1016/S1138-", "4891(10)70019-4."], "doi: 10.1016/S1138-4891(10)70019-4."),
        (["https://doi.org/10.1016/j.jclepro.", "2011.08.021"], "https://doi.org/10.1016/j.jclepro.2011.08.021"),
        (["https://example.org/a/", "b/c Accessed"], "https://example.org/a/b/c Accessed"),
        (["https://example.org/a.", "Accessed 2019"], "https://example.org/a. Accessed 2019"),
        (["One", "two"], "One two"),
        ([], ""),
    ],
)
def test_lines_are_joined_as_they_were_before_they_were_broken(lines, text):
    assert join(lines) == text


@given(st.lists(st.text(alphabet="ab -\u00ad./:1", max_size=20), max_size=6))
def test_joining_invents_nothing(lines):
    letters = [c for c in join(lines) if c.isalnum()]
    assert letters == [c for c in "".join(lines) if c.isalnum()]
