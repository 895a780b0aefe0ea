"""The sentence that tells people how complete a bibliography was read."""

from dl_lit.core.coverage_text import coverage_sentence
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
        "2 markers in the text without entry: Foo (1999); Bar et al., 2001; coverage 0.95"
    )


def test_a_whole_list_needs_few_words():
    assert coverage_sentence(Coverage(found=1, expected=1, score=1.0)) == "1 reference; coverage 1.00"
    assert coverage_sentence(Coverage(found=30, expected=None)) == "30 references"


def test_a_long_gap_is_cut_short():
    missing = tuple(str(number) for number in range(1, 31))
    said = coverage_sentence(Coverage(found=0, expected=30, missing_labels=missing, score=0.0))
    assert said.startswith("0 references of 30 expected; missing 1, 2, 3,")
    assert ", 12, and 18 more;" in said
