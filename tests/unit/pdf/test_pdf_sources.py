"""What programs read and write is no reference: records of BibTeX, numbers and dates at a prompt."""

import pytest

from dl_lit.pdf.document import Line
from dl_lit.pdf.lines.loose import loose_lists
from dl_lit.pdf.lines.model import Label
from dl_lit.pdf.sources import is_console, records
from dl_lit.pdf.splitting import cut_list, split_entries


def lines(*texts: str) -> list[Line]:
    """Texts one under the other."""
    return [Line(text, 1, 50, 50 + 4 * len(text), 700 - 12 * i, 710 - 12 * i, 10.0) for i, text in enumerate(texts)]


def test_the_source_of_an_entry_below_it_is_left_out():
    printed = lines(
        "ABREU, X. Y. Exemplo de citação no texto. [S.l.: s.n.], 1999.",
        "@book{Abreu1999,",
        "author={X. Y. Abreu},",
        "title={Exemplo de cita{\\c c}\\~ao no texto},",
        "year={1999}}",
        "BRAAMS, J. Babel, a multilingual package. [S.l.], 2008.",
        "@manual{babel, author={Johannes Braams}, title={Babel}, year={2008}}",
        "KNUTH, D. E. The TeXbook. Reading, MA: Addison-Wesley, 1984.",
    )
    assert records(printed) == {1, 2, 3, 4, 6}
    assert [entry.text.split(",")[0] for entry in split_entries(printed)] == ["ABREU", "BRAAMS", "KNUTH"]
    assert len(cut_list(printed).left_out) == 5


def test_a_record_that_never_ends_is_none():
    assert records(lines("@book{open,", *["Knuth, D. E. (1984). Literate programming."] * 60)) == set()


def test_a_record_that_the_end_of_the_list_cuts_off_is_one():
    assert records(lines("Knuth, D. E. (1984). Literate programming.", "@BOOK{knuth,", "author = {Knuth},")) == {1, 2}


@pytest.mark.parametrize(
    "text",
    [
        '[1] "2004-01-05 GMT"',
        '[5] "2004-01-24 GMT" "2004-02-08 GMT"',
        "R> index(z2)",
        ">>> print(1999)",
        "2004-03-05 -1.2086102 1.4237978 -0.8161448",
        "2004-01-05 2004-01-14 2004-01-19 2004-01-25",
    ],
)
def test_what_a_program_prints(text):
    assert is_console(text)


@pytest.mark.parametrize(
    "text",
    [
        '[1] "Semantic Web", W3C. 2004.',
        "[1] Knuth, D. E. (1984). Literate programming.",
        "12.5 1999, pp. 3.4",
        "2004-01-05",
        "J. 27.2 (1984), pp. 97–111.",
    ],
)
def test_what_entries_print_is_no_console(text):
    assert not is_console(text)


def test_a_stretch_of_what_a_program_prints_is_no_list():
    output = lines(
        '[1] "2004-01-05 GMT"',
        "R> end(z1)",
        '[2] "2004-02-24 GMT"',
        "2004-03-05 -1.2086102 1.4237978 -0.8161448",
        '[3] "2004-01-24 GMT" "2004-02-08 GMT" "2004-02-12 GMT" "2004-02-13 GMT"',
        "2004-01-05 2004-01-14 2004-01-19 2004-01-25",
    )
    assert loose_lists(output, [Label.REFERENCE] * len(output), []) == []
