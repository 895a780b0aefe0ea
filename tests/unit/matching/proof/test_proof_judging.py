"""What proves that a fetched file is the work, what refutes it, and what a person has to decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dl_lit.core.model import Alias, Location, Name, Relation, RelationKind, Version, Work, WorkType
from dl_lit.core.ports import PdfFacts
from dl_lit.core.printed import PrintedLine, PrintedPage
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.reasons import Reason
from dl_lit.matching.proof import prove

HERE = Location(url="https://repository.invalid/paper.pdf")
WORK = Work(
    title="Thermal tolerance of intertidal limpets along a gradient of wave exposure",
    type=WorkType.ARTICLE_JOURNAL,
    authors=(Name("Okafor", "Ngozi"), Name("Lindqvist", "Per")),
    year=2016,
    container_title="Journal of Coastal Zoology",
    volume="41",
    pages="211-226",
    doi="10.5555/jcz.2016.0211",
)
STRANGERS = (Name("Tanaka", "Haruki"), Name("Oyelaran", "Bisi"))
IMPRINT = "Journal of Coastal Zoology, Vol. 41, 2016, pp. 211-226"
RUNNING = tuple(
    PrintedLine(
        f"The series number {number} was read twice by persons who did not know its purpose.", 10, 0.5 - number / 80
    )
    for number in range(30)
)


def page(*lines: PrintedLine | str, number: int = 1, cover: str | None = None, body: bool = True) -> PrintedPage:
    """A page: plain strings are set in usual type, one below the other."""
    placed = [
        line if isinstance(line, PrintedLine) else PrintedLine(line, 10, round(0.86 - 0.015 * at, 3))
        for at, line in enumerate(lines)
    ]
    printed = (*placed, *(RUNNING if body else ()))
    words = sum(len(line.text.split()) for line in printed)
    return PrintedPage(number=number, lines=printed, words=words, width=595, length=842, cover=cover)


def large(text: str, height: float = 0.8, size: float = 17) -> PrintedLine:
    """A line in large type."""
    return PrintedLine(text, size, height)


def head(text: str) -> PrintedLine:
    """A running head or masthead."""
    return PrintedLine(text, 8, 0.95)


def file(*pages: PrintedPage, title: str | None = None, authors: Sequence[Name] = (), **facts: object) -> PdfFacts:
    """A file of these pages, twelve in all, whose title and people were read as told."""
    known: dict[str, object] = {"page_count": 12, **facts}
    return PdfFacts(pages=tuple(one.text for one in pages), title=title, authors=tuple(authors), printed=pages, **known)  # type: ignore[arg-type]


def paper(
    work: Work = WORK, *, above: Sequence[PrintedLine] = (), masthead: str | None = IMPRINT, **facts: object
) -> PdfFacts:
    """The work's file as a journal sets it."""
    heads = [head(text) for text in (masthead, f"https://doi.org/{work.doi}" if work.doi else None) if text]
    people = ", ".join(f"{name.given} {name.family}" for name in work.authors)
    half = len(work.title.split()) // 2
    first, second = " ".join(work.title.split()[:half]), " ".join(work.title.split()[half:])
    title = (large(first, 0.8), large(second, 0.77)) if half else (large(work.title),)
    lines = (*heads, *above, *title, PrintedLine(people, 11, 0.7), PrintedLine("Abstract", 10, 0.6))
    return file(
        page(*lines), page(number=2), **{"title": work.title, "authors": work.authors, "doi": work.doi, **facts}
    )  # type: ignore[arg-type]


def judged(facts: PdfFacts, work: Work = WORK) -> Proof:
    return prove(work, facts, HERE)


def test_the_work_as_its_journal_sets_it_is_verified() -> None:
    proof = judged(paper())
    assert proof.verdict is Verdict.VERIFIED
    assert proof.score > 0.99
    assert "DOI on page 1" in proof.evidence


@pytest.mark.parametrize(
    "shown",
    [
        WORK.title.upper(),
        WORK.title.replace("intertidal", "inter-\u00adtidal"),
        "   ".join(" ".join(word) for word in WORK.title.split()),
        WORK.title + "∗",
        WORK.title + ": a field study",
        WORK.title.replace("tolerance", "to1erance"),
    ],
)
def test_a_title_may_be_set_in_many_ways(shown: str) -> None:
    lines = (large(shown), PrintedLine("Ngozi Okafor and Per Lindqvist", 11, 0.7))
    assert judged(file(page(*lines), title=shown, authors=WORK.authors)).verdict is Verdict.VERIFIED


def test_a_title_over_broken_lines_is_put_together() -> None:
    lines = (large("Thermal toler\u00ad", 0.84), large("ance of intertidal limpets along a", 0.81))
    facts = file(page(*lines, large("gradient of wave exposure", 0.78), "Ngozi Okafor, Per Lindqvist"))
    assert judged(facts, replace(WORK, doi=None)).verdict is Verdict.VERIFIED


def test_a_record_may_have_a_subtitle_that_is_not_printed() -> None:
    work = replace(WORK, title=WORK.title + ": evidence from two seasons", doi=None)
    assert judged(paper(replace(WORK, doi=None)), work).verdict is Verdict.VERIFIED


def test_another_title_of_the_work_will_do() -> None:
    other = "Wärmetoleranz von Napfschnecken der Gezeitenzone"
    work = replace(WORK, aliases=(Alias(title=other, language="de"),))
    assert judged(paper(replace(WORK, title=other, doi=None)), work).verdict is Verdict.VERIFIED


def test_people_may_be_printed_by_their_initials() -> None:
    facts = file(page(large(WORK.title), "N. OKAFOR and P. LINDQVIST"), title=WORK.title)
    assert judged(facts).verdict is Verdict.VERIFIED


def test_a_title_that_is_only_mentioned_proves_nothing() -> None:
    lines = (large("Shade and the limpet"), "Haruki Tanaka", f"We extend {WORK.title}, https://doi.org/{WORK.doi}.")
    proof = judged(file(page(*lines), title="Shade and the limpet", authors=STRANGERS[:1], doi=WORK.doi))
    assert (proof.verdict, proof.reason) == (Verdict.REFUSED, Reason.WRONG_WORK)


def test_a_list_of_references_on_the_first_page_proves_nothing() -> None:
    entry = f"[1] Okafor, N., Lindqvist, P.: {WORK.title}. https://doi.org/{WORK.doi}"
    lines = ("References", entry, large("Shade and the limpet", 0.6), PrintedLine("Haruki Tanaka", 11, 0.55))
    proof = judged(file(page(*lines), title="Shade and the limpet", authors=STRANGERS[:1], doi=WORK.doi))
    assert proof.verdict is Verdict.REFUSED


def test_an_article_may_begin_below_the_end_of_another() -> None:
    lines = ("and this is how it ended.", "References", "[1] Knuth, D.: Literate programming. 1984.")
    facts = file(
        page(*lines, large(WORK.title, 0.6), PrintedLine("N. Okafor, P. Lindqvist", 11, 0.55)), title=WORK.title
    )
    assert judged(facts, replace(WORK, doi=None)).verdict is Verdict.VERIFIED


def test_the_same_title_by_other_people_is_another_work() -> None:
    proof = judged(paper(replace(WORK, authors=STRANGERS, doi=None), masthead=None))
    assert (proof.verdict, proof.reason) == (Verdict.REFUSED, Reason.WRONG_WORK)


def test_a_namesake_is_another_person() -> None:
    proof = judged(paper(replace(WORK, authors=(Name("Okafor", "Chinedu"), Name("Lindqvist", "Britta")), doi=None)))
    assert proof.verdict is not Verdict.VERIFIED


@pytest.mark.parametrize(
    ("wanted", "printed"),
    [
        ("On the motion of glaciers. II. Observations", "On the motion of glaciers. I. Observations"),
        ("Thermal tolerance of limpets, Part II", "Thermal tolerance of limpets, Part I"),
        ("State of the northern coast 2016", "State of the northern coast 2014"),
        ("State of the northern coast 2016", "State of the northern coast 2016. II"),
        (WORK.title, WORK.title.replace("tolerance", "intolerance")),
        (WORK.title, WORK.title.replace("limpets", "barnacles")),
        (WORK.title, WORK.title + ". Part 2"),
    ],
)
def test_another_part_year_or_word_is_another_work(wanted: str, printed: str) -> None:
    facts = paper(replace(WORK, title=printed, doi=None))
    assert judged(facts, replace(WORK, title=wanted)).verdict is Verdict.REFUSED


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        ("Supplementary Information for", Reason.SUPPLEMENT_ONLY),
        ("Online Appendix", Reason.SUPPLEMENT_ONLY),
        ("Additional file 1", Reason.SUPPLEMENT_ONLY),
        ("Corrigendum to", Reason.WRONG_WORK),
        ("Retraction notice", Reason.WRONG_WORK),
        ("Comment on", Reason.WRONG_WORK),
        ("A reply to", Reason.WRONG_WORK),
    ],
)
def test_what_stands_above_the_title_tells_that_the_file_is_about_the_work(label: str, reason: Reason) -> None:
    proof = judged(paper(above=[large(label, 0.83)], page_count=3))
    assert (proof.verdict, proof.reason) == (Verdict.REFUSED, reason)


def test_an_article_may_speak_of_its_supplement() -> None:
    foot = PrintedLine("Supplementary material is available at https://journals.invalid/s1", 8, 0.05)
    facts = paper()
    first = replace(facts.printed[0], lines=(*facts.printed[0].lines, foot))
    assert judged(replace(facts, printed=(first, facts.printed[1]))).verdict is Verdict.VERIFIED


def test_a_notice_is_one_though_the_works_title_has_a_notices_word_in_it() -> None:
    work = replace(WORK, title="Peer review delays among bilingual school children and their teachers")
    notice = replace(work, title=f"Berichtigung zu: {work.title}", doi="10.5555/notice")
    proof = judged(paper(notice, page_count=1), work)
    assert (proof.verdict, proof.reason) == (Verdict.REFUSED, Reason.WRONG_WORK)


def test_a_permission_to_reuse_names_the_work_in_full_and_is_not_it() -> None:
    labels = [large("LICENSE TERMS AND CONDITIONS", 0.9), PrintedLine("License Number 5412345678901", 10, 0.86)]
    proof = judged(paper(above=labels, page_count=3))
    assert (proof.verdict, proof.reason) == (Verdict.REFUSED, Reason.WRONG_WORK)


def test_a_notice_may_be_the_work_itself() -> None:
    notice = replace(WORK, title=f"Correction to: {WORK.title}", pages="12")
    assert judged(paper(notice, page_count=1), notice).verdict is Verdict.VERIFIED


@pytest.mark.parametrize("words", ["This is a preview.", "Purchase the full article to continue", "Look inside"])
def test_a_preview_says_that_it_is_one(words: str) -> None:
    lines = (head(IMPRINT), large(WORK.title), "Ngozi Okafor, Per Lindqvist", PrintedLine(words, 10, 0.06))
    assert judged(file(page(*lines), title=WORK.title, page_count=1)).reason is Reason.PREVIEW_ONLY


def test_one_full_page_of_sixteen_is_a_preview() -> None:
    proof = judged(replace(paper(), page_count=1))
    assert (proof.verdict, proof.reason) == (Verdict.REFUSED, Reason.PREVIEW_ONLY)


def test_a_file_much_longer_than_the_work_is_for_a_person() -> None:
    assert judged(paper(page_count=300)).verdict is Verdict.NEEDS_REVIEW


def test_a_cover_sheet_is_no_proof_of_what_lies_behind_it() -> None:
    cover = page(WORK.title, "Okafor, N.", f"https://doi.org/{WORK.doi}", cover="eprints", body=False)
    inner = page(large("Shade and the limpet"), "Haruki Tanaka", number=2)
    proof = judged(file(cover, inner, title="Shade and the limpet", authors=STRANGERS[:1], doi=WORK.doi))
    assert (proof.verdict, proof.reason) == (Verdict.REFUSED, Reason.WRONG_WORK)


def test_a_cover_sheet_tells_the_version_of_what_lies_behind_it() -> None:
    cover = page(WORK.title, "Document version: Accepted author manuscript", cover="repository", body=False)
    inner = page(large(WORK.title), "Ngozi Okafor, Per Lindqvist", number=2)
    proof = judged(file(cover, inner, title=WORK.title, authors=WORK.authors))
    assert (proof.verdict, proof.version) == (Verdict.VERIFIED, Version.ACCEPTED)


def test_a_cover_sheet_alone_is_no_work() -> None:
    proof = judged(file(page(WORK.title, cover="jstor", body=False), page_count=1))
    assert (proof.verdict, proof.reason) == (Verdict.REFUSED, Reason.PREVIEW_ONLY)


def test_a_scan_is_kept_unverified_and_told_so() -> None:
    proof = judged(PdfFacts(8, is_scan=True))
    assert (proof.verdict, proof.reason) == (Verdict.UNVERIFIED, Reason.NO_TEXT_LAYER)


def test_a_scan_behind_the_cover_sheet_of_another_work_is_refused() -> None:
    cover = page("Sampling intervals in long ecological records", "Haruki Tanaka", cover="jstor", body=False)
    scan = PrintedPage(number=2, has_image=True)
    assert judged(file(cover, scan, is_scan=True)).verdict is Verdict.REFUSED


def test_a_scan_whose_metadata_have_another_doi_is_for_a_person() -> None:
    assert judged(PdfFacts(8, is_scan=True, stated_doi="10.5555/else")).verdict is Verdict.NEEDS_REVIEW


def test_blank_pages_are_refused() -> None:
    proof = judged(PdfFacts(4, is_blank=True))
    assert (proof.verdict, proof.reason) == (Verdict.REFUSED, Reason.NO_TEXT_LAYER)


def test_a_preprint_bears_its_own_doi_and_stamp() -> None:
    stamp = head("arXiv:1601.01234v2 [q-bio.PE] 4 Jan 2016")
    lines = (stamp, large(WORK.title), "Ngozi Okafor, Per Lindqvist")
    facts = file(page(*lines), title=WORK.title, authors=WORK.authors, arxiv_id="1601.01234")
    proof = judged(facts)
    assert (proof.verdict, proof.version) == (Verdict.VERIFIED, Version.SUBMITTED)


def test_a_related_version_counts_by_its_identifier() -> None:
    work = replace(WORK, relations=(Relation(kind=RelationKind.VERSION, doi="10.1101/2015.12.01"),))
    facts = paper(replace(WORK, doi="10.1101/2015.12.01"), masthead=None)
    assert judged(facts, work).verdict is Verdict.VERIFIED


def test_another_journals_doi_beside_title_and_people_is_for_a_person() -> None:
    facts = paper(replace(WORK, doi="10.5555/else.9"), masthead="Annals of Shore Ecology, Vol. 7, 2004, pp. 1-19")
    assert judged(facts).verdict is Verdict.NEEDS_REVIEW


def test_a_common_title_needs_more_than_people() -> None:
    work = replace(WORK, title="Editorial", doi=None)
    assert judged(paper(work, masthead=None), work).verdict is Verdict.NEEDS_REVIEW
    known = replace(work, doi=WORK.doi, pages="1-2")
    assert judged(paper(known, page_count=2), known).verdict is Verdict.VERIFIED


def test_a_long_title_stands_alone_where_the_record_names_nobody() -> None:
    work = replace(WORK, authors=(), doi=None)
    assert judged(paper(replace(WORK, doi=None), masthead=None), work).verdict is Verdict.VERIFIED
    short = replace(work, title="Limpets")
    assert judged(paper(replace(short, authors=WORK.authors), masthead=None), short).verdict is Verdict.NEEDS_REVIEW


def test_the_works_people_under_another_title_in_its_journal_are_for_a_person() -> None:
    facts = paper(replace(WORK, title="Beobachtungen aus zwei Jahren und ihre Bedeutung", doi=None))
    assert judged(facts).verdict is Verdict.NEEDS_REVIEW


def test_another_title_under_the_works_own_doi_is_for_a_person() -> None:
    """It may be a translation: divided evidence is no proof, whatever else agrees."""
    other = "Beobachtungen aus zwei Jahren und ihre Bedeutung"
    proof = judged(paper(replace(WORK, title=other)))
    assert proof.verdict is Verdict.NEEDS_REVIEW
    assert "DOI on page 1" in proof.evidence


def test_front_matter_of_a_book_is_no_book() -> None:
    book = Work(title="The Measured Coast", type=WorkType.BOOK, authors=(Name("Haverkamp", "Elise"),), year=2009)
    listed = [f"{number}. Of the season . . . . . {number * 30}" for number in range(1, 12)]
    pages = (page(large(book.title, size=24), "Elise Haverkamp", body=False), page("Contents", *listed, number=2))
    facts = file(*pages, title=book.title, authors=book.authors)
    assert judged(facts, book).reason is Reason.PREVIEW_ONLY


def test_a_page_of_which_only_the_text_is_known_can_prove_the_work() -> None:
    text = f"{WORK.title}\nNgozi Okafor, Per Lindqvist\nAbstract\nThe series was read twice by persons."
    assert judged(PdfFacts(12, (text,))).verdict is Verdict.VERIFIED


LINES = st.lists(st.builds(PrintedLine, st.text(max_size=80), st.floats(0, 40), st.floats(0, 1)), max_size=12).map(
    tuple
)


@given(lines=LINES, title=st.none() | st.text(max_size=60), work_title=st.text(max_size=60), count=st.integers(1, 900))
@settings(max_examples=60, deadline=None)
def test_whatever_stands_on_the_pages_there_is_a_verdict(
    lines: tuple[PrintedLine, ...], title: str | None, work_title: str, count: int
) -> None:
    printed = PrintedPage(number=1, lines=lines, words=400)
    proof = prove(replace(WORK, title=work_title), PdfFacts(count, title=title, printed=(printed,)), HERE)
    assert 0.0 <= proof.score <= 1.0
    assert (proof.verdict is Verdict.REFUSED) <= (proof.reason is not None)


def test_a_scan_that_was_misread_is_known_all_the_same() -> None:
    shown = "Therrnal tolerance of intertidal lirnpets along a gradicnt of wave exposure"
    facts = file(page(large(shown), "Ngozi 0kafor, Per Lindqvlst"), title=shown)
    assert judged(facts).verdict is Verdict.VERIFIED


def test_the_byline_may_follow_in_the_type_of_the_title() -> None:
    facts = file(page(large(WORK.title, 0.8), large("Ngozi Okafor", 0.775)), title=WORK.title, authors=WORK.authors)
    assert judged(facts, replace(WORK, doi=None)).verdict is Verdict.VERIFIED
