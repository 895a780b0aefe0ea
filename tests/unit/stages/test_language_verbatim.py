"""What a model quotes counts only if it stands in print, letter by letter, in one run."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dl_lit.core.language import PageText
from stages.language.folding import Folded, fold
from stages.language.verbatim import FEWEST_LETTERS, Print

ENTRY = "[3] A. Lindqvist, Sorting of gravel by spring tides on steep beaches, J. Coast. Stud. 41, 113–129 (2009)."
NEXT = "[4] M. Oyelaran, How rivers carry their stones to the sea, Riv. Lett. 7, 12–19 (2011)."


def in_print(*texts: str) -> Print:
    return Print([PageText(n, text) for n, text in enumerate(texts, 1)])


@pytest.mark.parametrize(
    ("printed", "quotation"),
    [
        (ENTRY, ENTRY),
        (ENTRY.replace(" gravel", "\ngra-\nvel"), ENTRY),  # broken within a word, at a line's end
        (ENTRY.replace(" gravel", " gra\u00ad\nvel"), ENTRY),  # a soft hyphen
        (ENTRY.replace("–", "-").replace(" ", "  \n"), ENTRY),  # dashes, white space
        (ENTRY.upper(), ENTRY),  # small capitals are set as capitals
        ("Fiﬀty-ﬁve eﬃcient waﬄes were eaten, Oslo 1990.", "Fiffty-five efficient waffles were eaten, Oslo 1990."),
        ("J. M¨uller and ´E. Dup´ere, Sur les marées, 1990.", "J. Müller and É. Dupére, Sur les marées, 1990."),
        ("Łukasz Żółw: Fale i wydmy. Wrocław 1998.", "Lukasz Zolw: Fale i wydmy. Wroclaw 1998."),
        ("„Dünen und Wind“, Göttingen: Steinverlag 2004", '"Dünen und Wind", Göttingen: Steinverlag 2004'),
        ("王小明, 李华. 北方海岸砾石的分选研究[J]. 海岸学报, 2015",
         "王小明，李华．北方海岸砾石的分选研究［J］．海岸学报，2015"),
    ],
)  # fmt: skip
def test_what_is_only_set_differently_stands_in_print(printed: str, quotation: str) -> None:
    assert in_print(f"Some text before.\n{printed}\nSome text behind.").find(quotation) is not None


@pytest.mark.parametrize(
    "quotation",
    [
        ENTRY.replace("2009", "2008"),
        ENTRY.replace("gravel", "travel"),
        ENTRY.replace("A. Lindqvist", "A. Lindqvist, M. Oyelaran"),
        ENTRY.replace(" on steep beaches", ""),  # nothing is left out within
        ENTRY[:-1] + " doi:10.5555/12345",
        f"{ENTRY[:20]}{NEXT[20:]}",  # the head of one and the tail of the other
        f"{NEXT} {ENTRY}",  # in another order than they are printed
        ENTRY[9:60],  # begins within a word
        "[3] A. Lindq",  # too short to be no accident
        "Г. Иванов, Выветривание памятников, 1994",
        "",
        " \n– ",
    ],
)
def test_what_differs_in_a_letter_does_not(quotation: str) -> None:
    assert in_print(f"References\n{ENTRY}\n{NEXT}").find(quotation) is None


def test_marks_tell_words_of_other_scripts_apart() -> None:
    """In Devanagari a vowel is a mark; only accents may be left out."""
    printed = in_print("दीपक शर्मा, समुद्र की लहरें और पत्थर, दिल्ली १९९८")
    assert printed.find("दीपक शर्मा, समुद्र की लहरें और पत्थर, दिल्ली १९९८") is not None
    assert printed.find("दपक शरम, समदर क लहर और पतथर, दलल १९९८") is None


def test_an_entry_goes_on_over_a_page_and_its_running_heads() -> None:
    """Running heads are known by standing at the edge of several pages; their figures may differ."""
    head, foot = "Journal of Coasts {}", "Downloaded by a reader on a day of {}"
    pages = [f"{head.format(10)}\nText of the first page.\n{foot.format(1)}",
             f"{head.format(11)}\nReferences\n{ENTRY[:60]}\n{foot.format(2)}\n11",
             f"{head.format(12)}\n{ENTRY[60:].strip()}\n{NEXT}\n{foot.format(3)}\n12"]  # fmt: skip
    found = in_print(*pages).find(ENTRY)
    assert found is not None
    assert (found.page, found.raw) == (2, ENTRY)


def test_an_entry_does_not_go_on_over_what_stands_on_one_page_only() -> None:
    """What is between must be known to be no part of the list: no entry is made of two others' parts."""
    between = "A note at the foot of the page."
    assert in_print(f"{ENTRY[:60]}\n{between}", ENTRY[60:]).find(ENTRY) is None
    assert in_print(f"{ENTRY[:60]}", f"{between}\n{ENTRY[60:]}").find(ENTRY) is None


def test_an_entry_does_not_go_on_over_pages_that_are_not_known() -> None:
    first, second = PageText(3, ENTRY[:60]), PageText(4, ENTRY[60:])
    assert Print([second, first]).find(ENTRY) is not None
    assert Print([first, PageText(5, ENTRY[60:])]).find(ENTRY) is None
    assert Print([first, PageText(4, "", is_image=True), PageText(5, ENTRY[60:])]).find(ENTRY) is None


def test_columns_beside_each_other_are_read_one_after_the_other() -> None:
    left = [
        "[3] A. Lindqvist, Sorting of gravel",
        "by spring tides on steep beaches, J.",
        "Coast. Stud. 41, 113–129 (2009).",
    ]
    right = [
        "[4] M. Oyelaran, How rivers carry",
        "their stones to the sea, Riv. Lett.",
        "7, 12–19 (2011), with many maps.",
    ]
    printed = in_print("\n".join(f"{one:<45}{other}" for one, other in zip(left, right, strict=True)))
    assert printed.find(ENTRY) is not None
    assert printed.find(" ".join(right)) is not None
    assert printed.find(f"{left[0]} {right[0]}") is None


def test_a_label_before_a_wide_gap_is_no_column() -> None:
    printed = in_print(
        "\n".join(f"[{n}]      Author {n}, A title of some length, Oslo {1990 + n}." for n in range(1, 9))
    )
    assert printed.find("[3] Author 3, A title of some length, Oslo 1993.") is not None


def test_a_quotation_is_found_on_the_page_that_is_named() -> None:
    printed = in_print(f"{ENTRY}\nmore", f"text\n{ENTRY}", "nothing")
    assert [found.page for page in (1, 2, 3, None) if (found := printed.find(ENTRY, page))] == [1, 2, 1, 1]


def test_what_is_printed_is_kept_not_what_is_quoted() -> None:
    """Hyphens at line ends go, unless the quotation has them; accents and capitals are those of the print."""
    printed = in_print("MÜLLER, J.: The multi-\nagent under-\nstanding of dunes, Oslo 1990.")
    found = printed.find("Muller J. The multi-agent understanding of dunes Oslo 1990")
    assert found is not None
    assert found.raw == "MÜLLER, J.: The multi-agent understanding of dunes, Oslo 1990."


def test_what_stands_before_is_told_for_the_label() -> None:
    found = in_print(f"end of another.\n{ENTRY}").find(ENTRY[4:])
    assert found is not None
    assert found.before.endswith("another.\n[3] ")


def test_a_page_of_digits_alone_is_no_trouble() -> None:
    assert in_print("12", "", "13").find(ENTRY) is None
    assert Print([]).find(ENTRY) is None
    assert Print([PageText(7, "", is_image=True)]).is_image(7)
    assert not Print([]).is_image(7)


words = st.text(st.sampled_from("abcdeXYZäöéßł0123456789"), min_size=1, max_size=9)
texts = st.lists(words, min_size=8, max_size=40)


@given(texts, st.randoms(use_true_random=False))
def test_every_run_of_printed_words_is_found_however_it_is_set(printed: list[str], chance: object) -> None:
    """Line ends, double spaces, composed and decomposed accents, other case and other quotation marks do not matter."""
    rng = chance
    page = ""
    for word in printed:
        shown = unicodedata.normalize(rng.choice(["NFC", "NFD"]), word)  # type: ignore[attr-defined]
        page += shown + rng.choice([" ", "\n", "  ", ", ", " – ", ".\n"])  # type: ignore[attr-defined]
    begin = rng.randrange(0, len(printed) - 6)  # type: ignore[attr-defined]
    run = printed[begin : begin + 6]
    assume(len(fold(" ".join(run))) >= FEWEST_LETTERS)
    found = in_print(page).find(rng.choice(["“{}”", "{}", "({})"]).format(" ".join(run)))  # type: ignore[attr-defined]
    assert found is not None
    assert fold(" ".join(run)) == fold(found.raw)


@given(st.lists(texts.map(" ".join), min_size=1, max_size=3), st.text(max_size=80))
def test_nothing_is_found_whose_letters_are_not_printed_in_one_run(pages: list[str], quotation: str) -> None:
    found = in_print(*pages).find(quotation)
    if found is not None:
        assert fold(quotation) in fold("\n".join(pages))
        assert fold(quotation) == fold(found.raw)


@given(texts, st.data())
def test_a_changed_letter_is_found_out(printed: list[str], data: st.DataObject) -> None:
    """Whatever else a model changes, a letter or figure of its own is noticed."""
    quotation = " ".join(printed)
    at = data.draw(st.sampled_from([n for n, one in enumerate(quotation) if one.isalnum()]))
    other = data.draw(st.sampled_from("qwpmrut"))
    lie = quotation[:at] + other + quotation[at + 1 :]
    found = in_print(quotation).find(lie)
    assert found is None


@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    folded = Folded.of(text)
    assert folded.letters == fold(text)
    assert list(folded.places) == sorted(folded.places)
    assert len(folded.places) == len(folded.letters)


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_text_is_folded_as_all_other_is(text: str) -> None:
    assert fold(text) == fold(text + "é")[:-1]
    assert Folded.of(text).places == Folded.of(text + "é").places[:-1]
