"""Reading with a language model beside: our reading stands, what is added stands in print, the notes say the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from dl_lit.core.errors import PdfError
from dl_lit.core.items import SourceItem
from dl_lit.core.job import Claim, Snooze
from dl_lit.core.language import InOrder, LanguageModel, ModelError, Pages, Provider, Question, Sections, Task, Trouble
from dl_lit.core.model import Bibliography, Coverage, ListSpan, Name, Reference, StageName
from dl_lit.core.ports import BibliographyReader, PdfFacts
from dl_lit.core.reasons import Reason
from stages.extraction import ExtractionStage
from stages.language.doubts import Bounds
from stages.language.entries import take_apart
from stages.language.prompts import of_entries
from stages.language.reader import LanguageReader
from tests.fakes.bibliography_reader import FakeReader
from tests.fakes.language import (
    Answering,
    FakeModel,
    FakePages,
    FakeSections,
    OneByOne,
    asked_of,
    fields,
    quoted,
    section,
)
from tests.fakes.pdf_checker import FakeChecker

SUBJECTS = ("gravel", "dunes", "rivers", "glaciers", "monuments", "kelp", "lapwings", "cusps")


def printed(n: int) -> str:
    work = f"Author{'abcdefgh'[n - 1]}, X. On the {SUBJECTS[n - 1]} of northern shores"
    return f"[{n}] {work}. J. Stones {n}, {n}0-{n}9 ({1990 + n})."


def said(n: int, page: int, **changes: Any) -> dict[str, Any]:
    """What an honest model says of the n-th entry."""
    told = {
        "type": "article-journal", "label": f"[{n}]", "authors": [(f"Author{'abcdefgh'[n - 1]}", "X.")],
        "title": f"On the {SUBJECTS[n - 1]} of northern shores", "container_title": "J. Stones", "year": 1990 + n,
        "volume": str(n), "pages": f"{n}0-{n}9",
    }  # fmt: skip
    return quoted(page, changes.pop("verbatim", printed(n)), **{**told, **changes})


def ours(n: int, page: int, **changes: Any) -> Reference:
    reference = Reference(
        position=n, raw=printed(n).partition(" ")[2], label=f"[{n}]", page=page, section="References", confidence=0.9,
        authors=(Name(family=f"Author{'abcdefgh'[n - 1]}", given="X."),), year=1990 + n,
        title=f"On the {SUBJECTS[n - 1]} of northern shores",
    )  # fmt: skip
    return replace(reference, **changes)


def span(heading: str, first: int, last: int, found: int, expected: int | None = None) -> ListSpan:
    return ListSpan(heading=heading, first_page=first, last_page=last, found=found, expected=expected)


TEXTS: dict[int, str | None] = {
    1: "Introduction\nText of the document.",
    2: f"References\n{printed(1)}\n{printed(2)}\n{printed(3)[:29]}",
    3: f"{printed(3)[29:]}\n{printed(4)}",
}
GAP = Bibliography(
    page_count=3,
    references=(ours(1, 2), replace(ours(4, 3), position=2)),
    coverage=Coverage(found=2, expected=4, missing_labels=("2", "3"), score=0.5),
    lists=(span("References", 2, 3, 2, 4),),
)
WHOLE = replace(
    GAP,
    references=tuple(ours(n, 2 + n // 4) for n in range(1, 5)),
    coverage=Coverage(found=4, expected=4, score=1.0),
    lists=(span("References", 2, 3, 4, 4),),
)


@dataclass
class Scene:
    """A reader with everything around it."""

    answering: Answering
    own: Bibliography | PdfError = GAP
    provider: Provider = Provider.OPENAI
    pages: FakePages = field(default_factory=lambda: FakePages(dict(TEXTS)))
    sections: FakeSections = field(default_factory=FakeSections)
    checker: FakeChecker = field(default_factory=lambda: FakeChecker(PdfFacts(3)))
    bounds: Bounds = field(default_factory=Bounds)
    together: int = 1
    in_order: InOrder = field(default_factory=OneByOne)

    def __post_init__(self) -> None:
        self.model = FakeModel(self.answering, provider=self.provider)

    def reader(self, scratch: Path | None = None) -> LanguageReader:
        return LanguageReader(
            FakeReader(self.own),
            model=self.model,
            pages=self.pages,
            sections=self.sections,
            in_order=self.in_order,
            checker=self.checker,
            bounds=self.bounds,
            entries_together=self.together,
            scratch=scratch,
        )

    def read(self, path: Path = Path(__file__), scratch: Path | None = None) -> Bibliography:
        return self.reader(scratch).read(path)


def always(value: Any) -> Answering:
    return lambda _question: value


HONEST = always(section(*(said(n, 2 + n // 4) for n in range(1, 5))))


def test_what_is_whole_and_sure_is_shown_to_nobody() -> None:
    scene = Scene(HONEST, own=WHOLE)
    assert scene.read() is WHOLE
    assert scene.model.asked == []


def test_missing_entries_are_woven_in_and_the_notes_count() -> None:
    """Also the one that goes on over the page's end; ours keep their texts and labels."""
    scene = Scene(HONEST)
    found = scene.read()
    assert [(one.position, one.label, one.page) for one in found.references] == [
        (1, "[1]", 2), (2, "[2]", 2), (3, "[3]", 2), (4, "[4]", 3),
    ]  # fmt: skip
    assert found.references[2].raw == printed(3).partition(" ")[2]
    assert [one.confidence for one in found.references] == [0.975, 0.6, 0.6, 0.975]
    assert found.coverage is not None
    assert (found.coverage.missing_labels, found.coverage.score) == ((), 1.0)
    assert found.notes == (
        "language model openai/fake: read pages 2-3 again: 2 of 4 entries were read",
        "language model openai/fake: 2 of its 4 entries are ours, 2 added, 6 fields",
    )
    assert scene.model.noted == {"entries": 4, "invented": 0, "order_violations": 0}
    ((question,), asked) = scene.model.asked, asked_of(scene.model.asked[0])
    assert question.task is Task.SECTION
    assert [one["page"] for one in asked["pages"]] == [2, 3]


INVENTED = quoted(2, "[5] Nobody, N. A work that never was. J. Air 5, 50-59 (1999).", title="A work that never was",
                  authors=[("Nobody", "N.")], year=1999, doi="10.5555/nothing")  # fmt: skip


@pytest.mark.parametrize(
    "lie",
    [
        INVENTED,
        said(2, 2, verbatim=printed(2).replace("1992", "1993")),
        said(2, 2, verbatim=printed(1)[:30] + printed(2)[30:]),
        {"page": 2, "verbatim": 7},
        {"page": 2, "verbatim": "x" * 10_000},
        {"page": 2, "verbatim": ""},
        {"verbatim": INVENTED["verbatim"]},
        {**INVENTED, "page": 99},
        {**INVENTED, "page": True},
    ],
)
def test_what_is_not_in_print_is_never_taken(lie: dict[str, Any]) -> None:
    scene = Scene(always(section(said(1, 2), lie, said(4, 3))))
    found = scene.read()
    assert [one.label for one in found.references] == ["[1]", "[4]"]
    assert scene.model.noted["invented"] == 1
    assert "language model openai/fake: 1 entry not in print, not taken" in found.notes


PROSE = "The quick brown fox jumps over the lazy dog and sleeps there for the whole day."
DATED = "As Nobody has shown in 1999 the air of northern shores is full of sand, which is blown there by the wind."
FOX = quoted(2, PROSE, title="brown fox jumps over", authors=[("The", "quick")])
SHOWN = quoted(2, DATED, title="air of northern shores", authors=[("Nobody", None)], year=1999)


@pytest.mark.parametrize("own", [GAP, PdfError(Reason.NO_REFERENCES_FOUND)])
def test_prose_is_never_added_and_what_may_be_prose_is_marked(own: Bibliography | PdfError) -> None:
    """Before the list nothing is; where no list is known a person and a year may make an entry."""
    answers = section(FOX, SHOWN, *(said(n, 2 + n // 4) for n in range(1, 5)))
    pages = FakePages({**TEXTS, 2: f"{PROSE}\n{DATED}\n{TEXTS[2]}"})
    found = Scene(always(answers), own=own, pages=pages).read()
    texts = [one.raw for one in found.references]
    assert PROSE not in texts
    name = "language model openai/fake"
    if own is GAP:
        assert [one.label for one in found.references] == ["[1]", "[2]", "[3]", "[4]"]
        assert f"{name}: 2 entries nothing like a reference: not added" in found.notes
    else:
        assert [one.confidence for one in found.references] == [0.3, 0.6, 0.6, 0.6, 0.6]
        assert f"{name}: 1 entry nothing like a reference: not added" in found.notes
        assert found.notes[-1] == "doubtful whether they are references: 1 entry (1)"


def test_what_looks_like_no_entry_still_completes_one_of_ours() -> None:
    own = unsure(2)
    own = replace(own, coverage=Coverage(found=4, expected=8, score=0.5), lists=(span("References", 2, 3, 4, 8),))
    found = Scene(always(section(said(2, 2, year=None, label=None, volume=None, pages=None))), own=own).read()
    assert found.references[1].title == ours(2, 2).title
    assert len(found.references) == 4


def test_a_models_strange_characters_end_nowhere() -> None:
    """Neither halves of pairs nor controls nor what turns directions are kept of any answer."""
    odd = "\ud800\x1b];\u202e\0\u2066"
    wild = said(2, 2, title=f"On the dunes{odd} of northern shores", container_title=f"{odd}J. Stones{odd}",
                volume=f"2{odd}", verbatim=printed(2) + odd, authors=[(f"Authorb{odd}", f"X.{odd}")])  # fmt: skip
    for own in (GAP, unsure(2)):
        value = section(wild) if own is GAP else answered((1, 2), title=f"{odd}On the dunes of northern shores")
        found = Scene(always(value), own=own).read()
        assert found.references[1].title == ours(2, 2).title
        told = repr(found)
        assert not any(f"\\{one}" in told for one in ("ud800", "x1b", "u202e", "x00", "u2066"))
        told.encode()


def test_entries_come_in_printed_order_and_once_whatever_the_order_of_the_answer() -> None:
    scene = Scene(always(section(said(4, 3), said(3, 3), said(2, 2), said(2, 2), said(3, 2), said(1, 99))))
    assert [one.label for one in scene.read().references] == ["[1]", "[2]", "[3]", "[4]"]


def test_a_lump_gives_way_to_its_entries() -> None:
    lump = said(2, 2, verbatim=f"{printed(2)} {printed(3)}")
    scene = Scene(always(section(said(1, 2), lump, said(2, 2), said(3, 2), said(4, 3))))
    assert [one.label for one in scene.read().references] == ["[1]", "[2]", "[3]", "[4]"]


def test_parts_of_one_entry_make_no_lump_of_it() -> None:
    """Two pieces that stand in print are not two works."""
    pieces = [said(2, 2, verbatim=printed(2)[:36], label=None), said(2, 2, verbatim=printed(2)[37:], label=None)]
    scene = Scene(always(section(said(1, 2), *pieces, said(2, 2), said(4, 3))))
    assert [one.raw for one in scene.read().references] == [printed(n).partition(" ")[2] for n in (1, 2, 4)]


def test_an_entry_that_is_alike_but_printed_elsewhere_is_another_one() -> None:
    """Years apart, one letter: only their places tell."""
    texts = [f"Board of Coasts: Annual report on gravel, Oslo {year}." for year in (1990, 1991)]
    own = replace(GAP, references=(Reference(position=1, raw=texts[0], page=2, confidence=0.9, title="Annual report"),))
    told = [quoted(2, text, title="Annual report on gravel", year=1990 + n) for n, text in enumerate(texts)]
    scene = Scene(always(section(told[1])), own=own, pages=FakePages({2: "\n".join(texts), 3: ""}))
    assert [one.raw for one in scene.read().references] == texts
    scene = Scene(always(section(told[0])), own=replace(own, references=(replace(own.references[0], raw=texts[1]),)),
                  pages=FakePages({2: "\n".join(texts), 3: ""}))  # fmt: skip
    assert [one.raw for one in scene.read().references] == texts


def test_what_our_reader_has_and_the_pages_do_not_show_is_no_guide_to_the_order() -> None:
    own = replace(GAP, references=(replace(ours(1, 2), raw="Read by optical recognition, with many errors in it."),))
    found = Scene(always(section(said(2, 2))), own=own).read()
    assert [one.label for one in found.references] == ["[1]", "[2]"]


def test_of_entries_that_were_not_found_in_print_their_numbers_tell_the_order() -> None:
    misread = replace(ours(2, 2), raw="Read by optical recognition, with many errors in it.")
    own = replace(GAP, references=(ours(1, 2), misread, replace(ours(4, 3), position=3)))
    found = Scene(always(section(said(3, 2))), own=own).read()
    assert [one.label for one in found.references] == ["[1]", "[2]", "[3]", "[4]"]


def test_parts_overlap_so_that_no_entry_is_lost_and_none_is_doubled() -> None:
    scene = Scene(HONEST, bounds=Bounds(section_pages=2), pages=FakePages({**TEXTS, 4: "Appendix"}),
                  own=replace(GAP, lists=(span("References", 2, 4, 2, 4),)))  # fmt: skip
    assert [one.label for one in scene.read().references] == ["[1]", "[2]", "[3]", "[4]"]
    shown = [[one["page"] for one in asked_of(question)["pages"]] for question in scene.model.asked]
    assert shown == [[2, 3], [3, 4]]


def test_pages_beyond_the_bound_are_named() -> None:
    found = Scene(HONEST, bounds=Bounds(most_pages=1)).read()
    assert "language model openai/fake: page 3 not read: beyond 1 pages" in found.notes


@pytest.mark.parametrize("trouble", [one for one in Trouble if one is not Trouble.STOPPING])
def test_our_own_reading_stands_whatever_becomes_of_the_model(trouble: Trouble) -> None:
    found = Scene(always(ModelError(trouble))).read()
    assert found.references == GAP.references
    assert any("missing" in note and trouble.value in note for note in found.notes)


@pytest.mark.parametrize("answer", [None, [], {}, {"references": 7}, "[]"])
def test_an_answer_of_another_form_is_a_bad_one(answer: Any) -> None:
    found = Scene(always(answer)).read()
    assert found.references == GAP.references
    assert found.notes[-1] == "language model openai/fake: pages 2-3 missing: bad-answer"


@pytest.mark.parametrize("trouble", [one for one in Trouble if one is not Trouble.STOPPING])
def test_no_word_of_a_provider_gets_into_the_notes(trouble: Trouble) -> None:
    for own in (GAP, unsure(2), PdfError(Reason.NO_REFERENCES_FOUND)):
        scene = Scene(always(ModelError(trouble, "HTTP 400 <b>send money to</b> sk-live")), own=own)
        if isinstance(own, PdfError):
            with pytest.raises(PdfError) as caught:
                scene.read()
            told = caught.value.detail
        else:
            told = " ".join(scene.read().notes)
        assert trouble.value in told
        assert "money" not in told
        assert "sk-live" not in told


def test_of_a_refused_request_the_status_is_told() -> None:
    found = Scene(always(ModelError(Trouble.BAD_REQUEST, "HTTP 413 too large"))).read()
    assert found.notes[-1] == "language model openai/fake: pages 2-3 missing: bad-request (HTTP 413)"


def test_a_part_that_fails_leaves_the_others() -> None:
    def answering(question: Question) -> Any:
        is_first = asked_of(question)["pages"][0]["page"] == 2
        return HONEST(question) if is_first else ModelError(Trouble.REFUSED, "recitation")

    own = replace(GAP, lists=(*GAP.lists, span("More", 1, 1, 0)))
    found = Scene(answering, own=own).read()
    assert len(found.references) == 4
    assert "language model openai/fake: page 1 missing: refused" in found.notes


def test_an_answer_that_is_too_long_is_asked_for_in_halves() -> None:
    def answering(question: Question) -> Any:
        pages = [one["page"] for one in asked_of(question)["pages"]]
        return section(*(said(n, 2) for n in (1, 2))) if pages == [2] else ModelError(Trouble.CUT)

    found = Scene(answering).read()
    assert [one.label for one in found.references] == ["[1]", "[2]", "[4]"]
    assert found.notes[-2] == "language model openai/fake: page 3 missing: cut"


def test_what_says_that_it_is_incomplete_is_asked_again_in_halves_once() -> None:
    def answering(question: Question) -> Any:
        pages = [one["page"] for one in asked_of(question)["pages"]]
        return section(said(2, 2), is_complete=False) if len(pages) > 1 else section(said(pages[0] + 1, pages[0]))

    scene = Scene(answering)
    assert [one.label for one in scene.read().references] == ["[1]", "[2]", "[3]", "[4]"]
    assert len(scene.model.asked) == 3
    found = Scene(always(section(said(2, 2), is_complete=False))).read()
    assert any("it says that it did not read all" in note for note in found.notes)


def test_identifiers_out_of_thin_air_are_kept_apart() -> None:
    found = Scene(always(section(said(2, 2, doi="10.5555/thin.air")))).read()
    assert (found.references[1].doi, found.references[1].supposed) == (None, (("doi", "10.5555/thin.air"),))


def test_a_scan_is_read_from_the_file_and_marked() -> None:
    """Nothing bears out what is said of a page without text: it is taken with little confidence and named."""
    scene = Scene(
        always(section(said(1, 2, doi="10.5555/a"), said(1, 3), said(2, 3), {"page": 7, "verbatim": printed(3)})),
        own=PdfError(Reason.NO_TEXT_LAYER),
        provider=Provider.GEMINI,
        pages=FakePages({1: None, 2: None, 3: None}),
    )
    found = scene.read()
    assert [(one.page, one.confidence, one.doi) for one in found.references] == [(2, 0.3, None), (3, 0.3, None)]
    assert found.references[0].supposed == (("doi", "10.5555/a"),)
    assert found.page_count == 3
    assert found.notes == (
        "language model openai/fake: read pages 1-3 again: our own reading ended with no-text-layer",
        "language model openai/fake: 1 entry not in print, not taken",
        "on pages without text, not checked against print: 2 entries (1, 2)",
    )
    assert (scene.pages.split_off, scene.model.left_over) == ([(1, 2, 3)], [])


def test_entries_of_scanned_pages_far_apart_are_two() -> None:
    scene = Scene(
        always(section(said(1, 1), said(1, 3))),
        own=PdfError(Reason.NO_TEXT_LAYER),
        provider=Provider.GEMINI,
        pages=FakePages({1: None, 2: None, 3: None}),
    )
    assert [one.page for one in scene.read().references] == [1, 3]


def test_many_marked_entries_are_not_all_named() -> None:
    texts = [f"Board of Coasts, Annual report on the gravel of northern shores, Oslo {1900 + n}." for n in range(25)]
    told = [quoted(1, text, title="Annual report on the gravel", year=1900 + n) for n, text in enumerate(texts)]
    scene = Scene(
        always(section(*told, *told)),
        own=PdfError(Reason.NO_TEXT_LAYER),
        provider=Provider.GEMINI,
        pages=FakePages({1: None}),
        checker=FakeChecker(PdfFacts(1)),
    )
    found = scene.read()
    assert [one.raw for one in found.references] == texts
    assert found.notes[-1].endswith("25 entries (" + ", ".join(map(str, range(1, 21))) + ", …)")


def test_a_scan_is_not_sent_to_a_model_that_takes_no_files() -> None:
    scene = Scene(HONEST, own=PdfError(Reason.NO_TEXT_LAYER))
    with pytest.raises(PdfError):
        scene.read()
    assert scene.model.asked == []


def test_pages_without_text_within_a_section_are_named() -> None:
    found = Scene(always(section(said(2, 2))), pages=FakePages({**TEXTS, 3: None})).read()
    assert "language model openai/fake: page 3 missing: no text layer, and the model takes no files" in found.notes


@pytest.mark.parametrize("reason", [Reason.NO_REFERENCES_FOUND, Reason.PARSE_TIMEOUT, Reason.PARSER_CRASHED])
def test_where_nothing_was_read_the_last_pages_are(reason: Reason) -> None:
    found = Scene(HONEST, own=PdfError(reason)).read()
    assert [one.label for one in found.references] == ["[1]", "[2]", "[3]", "[4]"]
    assert found.notes == (f"language model openai/fake: read pages 1-3 again: our own reading ended with {reason}",)


@pytest.mark.parametrize("reason", [Reason.ENCRYPTED_PDF, Reason.NOT_A_PDF, Reason.DAMAGED_PDF, Reason.TOO_LARGE])
def test_what_nobody_can_open_is_shown_to_nobody(reason: Reason) -> None:
    scene = Scene(HONEST, own=PdfError(reason), provider=Provider.GEMINI)
    with pytest.raises(PdfError):
        scene.read()
    assert scene.model.asked == []


@pytest.mark.parametrize("answer", [section(), section(INVENTED), ModelError(Trouble.BUDGET_GONE)])
def test_our_reason_stands_where_the_model_does_not_help(answer: Any) -> None:
    with pytest.raises(PdfError) as caught:
        Scene(always(answer), own=PdfError(Reason.NO_REFERENCES_FOUND)).read()
    assert caught.value.reason is Reason.NO_REFERENCES_FOUND
    assert "language model openai/fake" in caught.value.detail


def test_a_file_whose_pages_cannot_be_counted_or_taken_out_ends_as_before() -> None:
    damaged = PdfError(Reason.DAMAGED_PDF)
    with pytest.raises(PdfError, match="parse-timeout"):
        Scene(HONEST, own=PdfError(Reason.PARSE_TIMEOUT), checker=FakeChecker(damaged)).read()
    found = Scene(HONEST, pages=FakePages({}, trouble=damaged)).read()
    assert found.references == GAP.references
    assert "the pages' text cannot be taken out: damaged-pdf" in found.notes[0]


FILES = [Provider.GEMINI, Provider.ANTHROPIC]


def files(answering: Answering = HONEST, **facts: Any) -> Scene:
    return Scene(answering, provider=Provider.GEMINI, **facts)


@pytest.mark.parametrize("provider", FILES)
def test_pages_go_as_a_file_that_is_removed_on_both_sides(provider: Provider, tmp_path: Path) -> None:
    scene = Scene(HONEST, provider=provider)
    found = scene.read(scratch=tmp_path)
    assert len(found.references) == 4
    (question,) = scene.model.asked
    assert (asked_of(question), question.files) == ({"pages": [2, 3]}, tuple(scene.model.uploaded))
    assert len(question.content) == 64
    assert scene.model.left_over == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("trouble", list(Trouble))
def test_a_file_is_removed_however_the_question_ends(trouble: Trouble, tmp_path: Path) -> None:
    scene = files(always(ModelError(trouble)))
    if trouble is Trouble.STOPPING:
        with pytest.raises(Exception, match="stopping"):
            scene.read(scratch=tmp_path)
    else:
        scene.read(scratch=tmp_path)
    assert scene.model.uploaded
    assert scene.model.left_over == []
    assert list(tmp_path.iterdir()) == []


def test_an_upload_that_ends_after_it_was_given_up_is_removed(tmp_path: Path) -> None:
    scene = files(sections=FakeSections(gives_up_uploads=True))
    assert scene.read(scratch=tmp_path).references == GAP.references
    assert (len(scene.model.uploaded), scene.model.left_over, scene.model.asked) == (1, [], [])


def test_a_surprise_leaves_nothing_behind(tmp_path: Path) -> None:
    def answering(_question: Question) -> Any:
        raise RuntimeError("a bug")

    scene = files(answering)
    with pytest.raises(RuntimeError):
        scene.read(scratch=tmp_path)
    assert (scene.model.left_over, list(tmp_path.iterdir())) == ([], [])


def test_what_is_remembered_is_not_uploaded_again() -> None:
    scene = files()
    scene.read()
    asked = scene.model.asked[0]
    scene.model.remembered.add((asked.version, asked.text, asked.content))
    scene.read()
    assert len(scene.model.uploaded) == 1
    assert scene.model.asked[1].files == ()


@pytest.mark.parametrize("trouble", [PdfError(Reason.PARSER_CRASHED), OSError(28, "No space left on device")])
def test_pages_that_cannot_be_taken_out_are_named(trouble: PdfError | OSError, tmp_path: Path) -> None:
    @dataclass
    class OnlyTexts(FakePages):
        def split(self, path: Path, pages: Any, into: Path) -> None:
            raise trouble

    found = files(pages=OnlyTexts(dict(TEXTS))).read(scratch=tmp_path)
    assert found.references == GAP.references
    assert "missing: bad-request (the pages cannot be taken out: " in found.notes[-1]
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_has_vanished_and_a_folder_that_is_not_there_are_named() -> None:
    assert "the file cannot be read" in files().read(Path("/nowhere.pdf")).notes[-1]
    assert "no folder for the pages" in files().read(scratch=Path("/nowhere")).notes[-1]


def unsure(*numbers: int) -> Bibliography:
    """All four entries, of which these were read without fields."""
    bare = {"title": None, "authors": (), "year": None, "confidence": 0.2}
    references = tuple(ours(n, 2, **(bare if n in numbers else {})) for n in range(1, 5))
    return replace(WHOLE, references=references)


def answered(*pairs: tuple[int, int], **changes: Any) -> dict[str, Any]:
    """An answer that tells of entry `about` under number `n`."""
    told = [(n, said(about, 0, **changes)) for n, about in pairs]
    left_out = {"page", "verbatim"}
    return {"entries": [{"n": n, **{k: v for k, v in one.items() if k not in left_out}} for n, one in told]}


def by_text(question: Question) -> Any:
    """An honest model."""
    entries = asked_of(question)["entries"]
    about = {printed(n).partition(" ")[2]: n for n in range(1, 9)}
    return answered(*((one["n"], about[one["text"]]) for one in entries))


@pytest.mark.parametrize("together", [1, 2, 20])
def test_doubtful_entries_are_taken_apart_anew(together: int) -> None:
    scene = Scene(by_text, own=unsure(2, 3), together=together)
    found = scene.read()
    assert [one.title for one in found.references] == [ours(n, 2).title for n in range(1, 5)]
    assert [one.confidence for one in found.references] == [0.9, 0.6, 0.6, 0.9]
    assert found.references[1].field_confidence
    assert found.notes == ("language model openai/fake: 2 of 2 entries taken apart anew",)
    assert scene.model.noted == {"entries": 2, "invented": 0, "order_violations": 0}


@pytest.mark.parametrize(
    ("pairs", "completed"),
    [
        (((2, 3), (1, 2)), {2, 3}),  # in another order: n tells
        (((1, 3), (2, 2)), set()),  # the numbers exchanged: nothing of it is in print
        (((1, 2),), {2}),  # one is missing
        (((1, 2), (1, 2), (2, 3)), {3}),  # one is answered twice: which is right?
        (((1, 2), (2, 3), (3, 1), (0, 1), (-1, 4)), {2, 3}),  # others were not asked about
        ((), set()),
    ],
)
def test_answers_find_their_entries_by_number_and_never_by_luck(
    pairs: tuple[tuple[int, int], ...], completed: set[int]
) -> None:
    found = Scene(always(answered(*pairs)), own=unsure(2, 3), together=2).read()
    assert {n for n in (2, 3) if found.references[n - 1].title} == completed
    assert [one.position for one in found.references] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "answer", [None, [], {"entries": {"n": 1}}, {"entries": [{"n": True}, 7]}, {"entries": [{"n": 1}]}]
)
def test_entries_stay_as_they_are_where_the_answer_is_none(answer: Any) -> None:
    own = unsure(2)
    assert Scene(always(answer), own=own).read().references == own.references


def test_an_entry_without_an_answer_is_counted_by_its_trouble() -> None:
    own = unsure(2, 3)
    found = Scene(always(ModelError(Trouble.RATE_LIMITED)), own=own).read()
    assert found.references == own.references
    assert found.notes == (
        "language model openai/fake: 0 of 2 entries taken apart anew; without an answer 2 (rate-limited)",
    )


def test_a_made_up_title_is_counted_and_not_taken() -> None:
    scene = Scene(always(answered((1, 2), title="A better title", doi="10.5555/made.up")), own=unsure(2))
    found = scene.read().references[1]
    assert (found.title, found.doi, found.year) == (None, None, 1992)
    assert found.supposed == (("doi", "10.5555/made.up"),)
    assert scene.model.noted["invented"] == 1


def test_results_that_are_handed_on_out_of_order_are_counted_and_put_right() -> None:
    class Backwards(OneByOne):
        def __call__(self, ask: Callable[..., Any], values: Any, *, alone: int | None = None) -> Any:
            return reversed(list(super().__call__(ask, values, alone=alone)))

    scene = Scene(by_text, own=unsure(2, 3), in_order=Backwards())
    assert [one.title for one in scene.read().references] == [ours(n, 2).title for n in range(1, 5)]
    assert scene.model.noted["order_violations"] == 2


def test_one_question_goes_ahead_where_that_warms_the_prompt_cache() -> None:
    def ahead(*numbers: int, warms_up: bool = True, remembered: Sequence[int] = ()) -> int | None:
        in_order, model = OneByOne(), FakeModel(by_text, warms_up=warms_up)
        asked = [of_entries([ours(n, 2).raw]) for n in remembered]
        model.remembered |= {(one.version, one.text, one.content) for one in asked}
        take_apart(model, in_order, [ours(n, 2) for n in numbers])
        (alone,) = in_order.alone
        return alone

    assert ahead(1, 2, 3) == 0
    assert ahead(1, 2, 3, remembered=[1]) == 1  # whose answer is remembered warms nothing
    assert ahead(1, 2, 3, remembered=[1, 3]) is None  # nobody would find it warm
    assert ahead(2) is None
    assert ahead(2, 3, warms_up=False) is None


def test_entries_of_pages_that_were_read_anew_are_not_asked_about_again() -> None:
    own = replace(GAP, references=(ours(1, 2, confidence=0.6), ours(4, 3, confidence=0.45, position=2)))
    scene = Scene(HONEST, own=own)
    scene.read()
    assert [one.task for one in scene.model.asked] == [Task.SECTION]


@pytest.mark.parametrize("own", [GAP, unsure(2), PdfError(Reason.NO_REFERENCES_FOUND)])
def test_when_the_program_ends_the_source_is_left_for_the_next_run(own: Bibliography | PdfError) -> None:
    """Nothing is written down that lacks the model's part only because nobody waited for it."""
    scene = Scene(HONEST, own=own)
    scene.model.stop()
    claim = Claim(StageName.EXTRACTION, 1, SourceItem(__file__, "0" * 64))
    ((_, given),) = ExtractionStage(scene.reader()).handle([claim])
    assert isinstance(given, Snooze)


def test_closing_ends_the_children() -> None:
    scene = Scene(HONEST)
    reader = scene.reader()
    reader.close()
    assert isinstance(reader._own, FakeReader)
    assert reader._own.is_closed


def test_the_fakes_obey_their_contracts() -> None:
    """A fake that drifts from its port fails here by its types."""
    scene = Scene(HONEST)
    model: LanguageModel = scene.model
    pages: Pages = scene.pages
    sections: Sections = scene.sections
    in_order: InOrder = OneByOne()
    reader: BibliographyReader = scene.reader()
    assert model.use().requests == 0
    assert None not in {id(pages), id(sections), id(in_order), id(reader)}
    assert fields()["type"] == "document"
