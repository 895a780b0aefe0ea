"""The line model sees what it was taught to see, and only where references can be."""

from __future__ import annotations

import hashlib
import json
import time

import pytest

from dl_lit.pdf.document import Line
from dl_lit.pdf.lines.counting import counted_end
from dl_lit.pdf.lines.facts import LineFacts, line_facts
from dl_lit.pdf.lines.features import FEATURES_VERSION, features
from dl_lit.pdf.lines.footnotes import cites_in_full, note_mark
from dl_lit.pdf.lines.model import MODEL_FILE, Label, line_model
from dl_lit.pdf.lines.stretches import stretches
from tests.fakes.effort import within

ENTRY = "[{n}] D. E. Knuth, The art of programming, J. Comput. {n}, 10-20 ({y})."
PROSE = "It has been shown that this is what they were looking for when we met them."


def test_the_model_is_the_one_its_description_speaks_of():
    about = json.loads(MODEL_FILE.with_suffix(".json").read_text())
    assert about["sha256"] == hashlib.sha256(MODEL_FILE.read_bytes()).hexdigest()
    assert about["features"] == FEATURES_VERSION
    assert all(source["licence"] for source in about["sources"])


def test_the_model_labels_headings_references_and_the_rest():
    texts = [PROSE] * 30 + ["References"] + [ENTRY.format(n=n, y=1980 + n) for n in range(1, 12)] + [PROSE] * 30
    lines = [Line(t, 1 + n // 50, 50, 400, 780 - 12 * (n % 50), 790 - 12 * (n % 50), 10) for n, t in enumerate(texts)]
    labels = line_model().labels(lines)
    assert labels[30] is Label.HEADING
    assert set(labels[31:42]) == {Label.REFERENCE}
    assert set(labels[:30]) | set(labels[42:]) == {Label.OTHER}


def test_text_without_signs_is_not_looked_at():
    assert stretches([PROSE] * 2_000) == []


def test_a_heading_and_dense_signs_are_looked_at():
    texts = [PROSE] * 200 + [ENTRY.format(n=n, y=1980 + n) for n in range(1, 12)] + [PROSE] * 200
    ((start, end),) = stretches(texts)
    assert start <= 200
    assert 211 <= end < 260
    ((start, end),) = stretches([PROSE] * 200 + ["References"] + [PROSE] * 200)
    assert start <= 200 < end


def test_facts_tell_pages_blocks_and_type():
    lines = [
        Line("A heading", 1, 50, 100, 700, 714, 14.0, bold=True),
        Line("Text.", 1, 50, 100, 680, 690, 10.0),
        Line("More.", 1, 50, 100, 668, 678, 10.0),
        Line("Next.", 2, 50, 100, 700, 710, 10.0),
    ]
    assert line_facts(lines) == [
        LineFacts("A heading", opens_page=True, opens_block=True, bold=True),
        LineFacts("Text.", opens_block=True, size_step=-1),
        LineFacts("More."),
        LineFacts("Next.", opens_page=True, opens_block=True),
    ]


def test_the_same_signs_in_other_languages_give_the_same_features():
    english, german, russian = (
        set(features([LineFacts(text)])[0])
        for text in (
            "Weber, M. (1922), in: Schmidt, K. (ed.), Handbook, pp. 10–20.",
            "Weber, M. (1922), in: Schmidt, K. (Hrsg.), Handbuch, S. 10–20.",
            "Вебер, М. (1922), в кн.: Шмидт, К. (ред.), Пособие, с. 10–20.",
        )
    )
    assert {"year", "yr", "auth", "pages", "editor"} <= english & german & russian


@pytest.mark.parametrize(
    "text",
    ["A. " * 1300, "Aa, A., " * 500, "(" * 4000, "1 " * 2000, "“" * 4000, "1990 (" * 700, "Aa: " * 900, "的" * 4000],
)
def test_no_line_takes_long(text):
    began = time.process_time()
    features([LineFacts(text)] * 3)
    cites_in_full(text)
    stretches([text] * 3)
    assert time.process_time() - began < within(3.0)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("1Karl Popper, The Logic", "1"),
        ("12 Vgl. Weber", "12"),
        ("3. See Pound", "3"),
        ("[4] Ibid.", "4"),
        ("* The author thanks", "*"),
        ("10.1093/mind/LIX.236", None),
        ("Weber, Max", None),
    ],
)
def test_notes_begin_with_their_marks(text, mark):
    assert note_mark(Line(text, 1, 50, 100, 50, 60, 8.0)) == mark


@pytest.mark.parametrize(
    ("text", "cites"),
    [
        ("Vgl. Niklas Luhmann, Soziale Systeme, Frankfurt am Main 1984, S. 12.", True),
        ("See Roscoe Pound, “The Scope of Jurisprudence,” Harvard Law Review 24 (1911): 591–619.", True),
        ("Ibid., 34.", False),
        ("This was not known in 1960 to all who were there.", False),
        ("Weber, Economy, 12.", False),
    ],
)
def test_a_citation_in_full_is_told_from_comment(text, cites):
    assert cites_in_full(text) is cites


def test_a_list_goes_on_as_long_as_its_labels_count_on():
    texts = [(f"[{n}] Ann Author. The guide to package number {n}.", "Comes with the program.") for n in range(1, 9)]
    printed = [
        Line(text, 1, 50 + 15 * row, 400, 700 - 24 * number - 12 * row, 710 - 24 * number - 12 * row, 10.0)
        for number, pair in enumerate(texts)
        for row, text in enumerate(pair)
    ]
    after = Line("Here begins the text of another chapter.", 1, 50, 400, 400, 410, 10.0)
    assert counted_end([*printed, after], 8, 17) == 16
    assert counted_end([*printed, after], 2, 17) == 2  # too few labels to say how they count
    assert counted_end([after, *printed], 1, 17) == 1
