"""The sentence that tells people how complete a bibliography was read."""

from dl_lit.core.coverage_text import coverage_percent, coverage_sentence
from dl_lit.core.model import Coverage


def test_what_is_missing_is_named():
    coverage = Coverage(
        found=57,
        expected=60,
        missing_labels=("12", "13", "14"),
        markers=60,
        unanswered_markers=("[12]", "Foo (1999)", "Bar et al., 2001"),
        score=0.95,
    )
    assert coverage_sentence(coverage) == (
        "57 references of 60 expected; missing 12, 13, 14; "
        "2 markers in the text without entry: Foo (1999); Bar et al., 2001; coverage 95 %"
    )


def test_a_whole_list_needs_few_words():
    assert coverage_sentence(Coverage(found=1, expected=1, score=1.0)) == "1 reference; coverage 100 %"
    assert coverage_sentence(Coverage(found=30, expected=None)) == "30 references"


def test_a_long_gap_is_cut_short():
    missing = tuple(str(number) for number in range(1, 31))
    said = coverage_sentence(Coverage(found=0, expected=30, missing_labels=missing, score=0.0))
    assert said.startswith("0 references of 30 expected; missing 1, 2, 3,")
    assert ", 12, and 18 more;" in said


def test_entries_as_many_as_expected_do_not_hide_the_missing_ones():
    """Two works under one label, and two labels without work."""
    coverage = Coverage(found=23, expected=23, missing_labels=("8", "9"), score=0.913)
    assert coverage_sentence(coverage) == "23 references of 23 expected; missing 8, 9; coverage 91 %"


def test_a_hundred_per_cent_means_that_nothing_is_missing():
    assert [coverage_percent(score) for score in (0, 0.966, 0.995, 0.9999, 1)] == [0, 97, 99, 99, 100]
