"""The model that comes with dl_lit, on strings of many styles."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dl_lit.pdf.fields.labels import Label
from dl_lit.pdf.fields.tagger import MODEL, Tagger, default_tagger

A, E, T, C, B, S = Label.AUTHOR, Label.EDITOR, Label.TITLE, Label.CONTAINER, Label.BOOKTITLE, Label.SERIES
P, L, D, V, J, G = Label.PUBLISHER, Label.PLACE, Label.DATE, Label.VOLUME, Label.ISSUE, Label.PAGES


def parts(string):
    """What the tagger finds, by label; punctuation at the ends left off."""
    (tagged,) = default_tagger().tag([string])
    return {span.label: string[span.start : span.end].strip(' .,;:()“”"«»') for span in tagged.spans}


@pytest.mark.parametrize(
    ("string", "expected"),
    [
        (
            (
                "[12] Knuth, D. E. (1984). Literate programming. The Computer Journal, 27(2), 97–111. "
                "https://doi.org/10.1093/comjnl/27.2.97"
            ),
            {A: "Knuth, D. E", D: "1984", T: "Literate programming", C: "The Computer Journal", V: "27", J: "2"}
            | {G: "97–111", Label.DOI: "10.1093/comjnl/27.2.97"},
        ),
        (
            "D. J. Gross, F. Wilczek, Phys. Rev. Lett. 30, 1343 (1973).",
            {A: "D. J. Gross, F. Wilczek", C: "Phys. Rev. Lett", V: "30", G: "1343", D: "1973"},
        ),
        (
            "Watson JD, Crick FH. Molecular structure of nucleic acids. Nature. 1953;171(4356):737-8.",
            {A: "Watson JD, Crick FH", T: "Molecular structure of nucleic acids", C: "Nature", D: "1953", V: "171"}
            | {J: "4356", G: "737-8"},
        ),
        (
            (
                "S. Hochreiter and J. Schmidhuber, “Long short-term memory,” Neural Computation, vol. 9, no. 8, "
                "pp. 1735–1780, 1997."
            ),
            {A: "S. Hochreiter and J. Schmidhuber", T: "Long short-term memory", C: "Neural Computation", V: "9"}
            | {J: "8", G: "1735–1780", D: "1997"},
        ),
        (
            "Müller, Hans: Die Geschichte der Stadt Köln. Köln: Böhlau, 1999.",
            {A: "Müller, Hans", T: "Die Geschichte der Stadt Köln", L: "Köln", P: "Böhlau", D: "1999"},
        ),
        (
            "Dupont, Jean, « La mémoire des lieux », Revue d'histoire moderne, vol. 12, 1987, p. 45-67.",
            {
                A: "Dupont, Jean",
                T: "La mémoire des lieux",
                C: "Revue d'histoire moderne",
                V: "12",
                D: "1987",
                G: "45-67",
            },
        ),
        (
            "Иванов И. И. История русской литературы. М.: Наука, 1985.",
            {A: "Иванов И. И", T: "История русской литературы", P: "Наука", D: "1985"},
        ),
        (
            (
                "R. Morris, Scatter storage techniques, in: A. Smith (Ed.), Proceedings of the Conference on Files, "
                "Springer, Berlin, 1968, pp. 38–44."
            ),
            {A: "R. Morris", T: "Scatter storage techniques", E: "A. Smith", P: "Springer", L: "Berlin", D: "1968"}
            | {B: "Proceedings of the Conference on Files", G: "38–44"},
        ),
    ],
)
def test_finds_the_parts_of_usual_strings(string, expected):
    """Numbers, names and titles of well-made entries come out whole in the styles and languages that are usual."""
    found = parts(string)
    assert {label: found.get(label) for label in expected} == expected


def test_is_surer_of_a_plain_string_than_of_a_torn_one():
    """The confidence of an entry says how plain it was."""
    plain, torn = default_tagger().tag(
        [
            "Knuth, D. E. (1984). Literate programming. The Computer Journal, 27(2), 97–111.",
            "19 a b Literate the Journal in Smith Paris Nature 12 Programming ; Knuth 3",
        ]
    )
    assert plain.confidence > 0.5 > torn.confidence
    assert all(0 <= span.confidence <= 1 for tagged in (plain, torn) for span in tagged.spans)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=120), max_size=6))
def test_any_strings_give_ordered_spans_in_their_own_order(strings):
    """Whatever the strings are, each gets spans in order, within it, not overlapping, and never an error."""
    tagged = default_tagger().tag(strings)
    assert len(tagged) == len(strings)
    for string, one in zip(strings, tagged, strict=True):
        position = 0
        for span in one.spans:
            assert position <= span.start < span.end <= len(string)
            position = span.end


def test_company_changes_no_answer():
    """A string is tagged the same alone and among others, in whatever order."""
    strings = [
        f"Author{n}, A. ({1980 + n}). {'A long title ' * n}. Journal of Things, {n}, 1–{n + 9}." for n in range(9)
    ]
    alone = [default_tagger().tag([string])[0] for string in strings]
    together = default_tagger().tag(strings[::-1])[::-1]
    assert [[(s.label, s.start, s.end) for s in one.spans] for one in together] == [
        [(s.label, s.start, s.end) for s in one.spans] for one in alone
    ]


def test_a_file_that_is_no_model_is_refused(tmp_path):
    """A damaged or foreign file is a ValueError, a missing one an OSError."""
    (tmp_path / "foreign").write_bytes(b"PK\x03\x04")
    with pytest.raises(ValueError, match="no model"):
        Tagger(tmp_path / "foreign")
    (tmp_path / "cut").write_bytes(MODEL.read_bytes()[:100_000])
    with pytest.raises(ValueError):  # noqa: PT011 - numpy's own words
        Tagger(tmp_path / "cut")
    with pytest.raises(OSError):  # noqa: PT011 - the system's own words
        Tagger(tmp_path / "missing")


def test_the_model_is_small():
    """All files of this model together stay below 10 MB."""
    assert sum(path.stat().st_size for path in MODEL.parent.glob("fields.*")) < 10_000_000
