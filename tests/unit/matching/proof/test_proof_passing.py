"""A file that only names the work is told from one that is it, whatever else it carries of the work's record."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dl_lit.core.model import Location, Name, Work, WorkType
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
REFERENCE = (
    "Ngozi Okafor, Per Lindqvist (2016). Thermal tolerance of intertidal",
    "limpets along a gradient of wave exposure. Journal of Coastal Zoology 41, 211-226.",
    "https://doi.org/10.5555/jcz.2016.0211",
)
SENTENCE = (
    "The author of Thermal tolerance of intertidal limpets along a gradient of wave exposure",
    "(Journal of Coastal Zoology, 2016, https://doi.org/10.5555/jcz.2016.0211) talks to us.",
)
PROSE = "The series number {} was read twice by persons who did not know its purpose."


def sheet(*lines: str, head: str | None = None, number: int = 1, rows: int = 20) -> PrintedPage:
    """A page: its head in large type, the lines below it, then rows of running text."""
    printed = [PrintedLine(head, 17, 0.9)] if head else []
    texts = (*lines, *(PROSE.format(at) for at in range(rows)))
    printed += [PrintedLine(text, 10, round(0.85 - 0.015 * at, 3)) for at, text in enumerate(texts)]
    words = sum(len(line.text.split()) for line in printed)
    return PrintedPage(number=number, lines=tuple(printed), words=words, width=595, length=842)


def judged(
    *pages: PrintedPage, title: str | None = None, authors: Sequence[Name] = (), count: int = 12, doi: str | None = None
) -> Proof:
    facts = PdfFacts(
        page_count=count,
        pages=tuple(one.text for one in pages),
        title=title,
        authors=tuple(authors),
        doi=doi,
        printed=pages,
    )
    return prove(WORK, facts, HERE)


SECOND = sheet(number=2)


@pytest.mark.parametrize(
    "kind", ["Curriculum vitae and list of publications", "Publications 2016", "Lebenslauf", "Schriftenverzeichnis"]
)
def test_a_list_of_publications_is_not_the_first_work_in_it(kind: str) -> None:
    proof = judged(sheet(kind, "Articles", *REFERENCE, head="Ngozi Okafor"), SECOND, title="Ngozi Okafor")
    assert (proof.verdict, proof.reason) == (Verdict.REFUSED, Reason.WRONG_WORK)
    assert kind in proof.evidence[0]


def test_a_syllabus_is_not_what_it_asks_to_be_read() -> None:
    first = sheet("Syllabus, autumn term", "Week 1:", *REFERENCE, "Week 2.", head="Methods of Field Observation")
    assert judged(first, SECOND, title="Methods of Field Observation").reason is Reason.WRONG_WORK


def test_a_letter_about_a_manuscript_is_not_the_manuscript() -> None:
    told = (
        "We are pleased to tell you that your manuscript entitled",
        "Thermal tolerance of intertidal limpets along a gradient of wave exposure (https:",
        "//doi.org/10.5555/jcz.2016.0211) has been accepted for publication in Journal of Coastal Zoology.",
    )
    assert judged(sheet("Dear Dr Okafor,", *told, rows=2), count=1).reason is Reason.WRONG_WORK


def test_an_interview_is_not_the_work_it_is_about() -> None:
    head = "Five questions for Ngozi Okafor"
    proof = judged(
        sheet("Haruki Tanaka, Bisi Oyelaran", *SENTENCE, head=head), SECOND, title=head, authors=STRANGERS, count=3
    )
    assert (proof.verdict, proof.reason) == (Verdict.REFUSED, Reason.WRONG_WORK)


def test_a_file_by_the_works_people_under_another_title_is_for_a_person() -> None:
    """It may be the work under its first title, which tells where the work came out."""
    head = "Heat and limpets on two shores"
    first = sheet("Ngozi Okafor, Per Lindqvist", "", *REFERENCE, head=head)
    assert judged(first, SECOND, title=head, authors=WORK.authors).verdict is Verdict.NEEDS_REVIEW


@pytest.mark.parametrize("cue", ["Please cite as:", "This is the accepted version of:", "First published as"])
def test_a_reference_that_is_the_files_own_says_nothing_against_it(cue: str) -> None:
    head = "Werkstatt für Küstenkunde"
    assert judged(sheet(cue, *REFERENCE, head=head), SECOND, title=head).verdict is not Verdict.REFUSED


def test_a_page_that_names_the_work_before_pages_that_cannot_be_read_is_for_a_person() -> None:
    """A cover sheet of an unknown kind and the pictures of the work's pages."""
    head = "Werkstatt für Küstenkunde"
    pictures = sheet(number=2, rows=0)
    assert judged(sheet(*REFERENCE, head=head), pictures, title=head).verdict is not Verdict.REFUSED


def test_a_work_that_cites_itself_at_its_foot_is_verified() -> None:
    first = sheet("Ngozi Okafor, Per Lindqvist", *SENTENCE, head=WORK.title)
    foot = tuple(PrintedLine(text, 8, 0.09 - 0.01 * at) for at, text in enumerate(REFERENCE))
    whole = PrintedPage(number=1, lines=(*first.lines, *foot), words=first.words + 30, width=595, length=842)
    assert judged(whole, SECOND, title=WORK.title, authors=WORK.authors).verdict is Verdict.VERIFIED


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ("Ice lenses, series 2", ("Ice lenses, series 2. II",)),
        ("Ice lenses between two thaws", ("Ice lenses between two thaws.", "II")),
    ],
)
def test_a_sequel_is_told_by_its_numeral_beside_other_numbers(wanted: str, shown: Sequence[str]) -> None:
    work = Work(title=wanted, type=WorkType.ARTICLE_JOURNAL, authors=WORK.authors)
    lines = tuple(PrintedLine(text, 17, 0.9 - 0.03 * at) for at, text in enumerate(shown))
    page = sheet("Ngozi Okafor, Per Lindqvist")
    whole = PrintedPage(number=1, lines=(*lines, *page.lines), words=page.words, width=595, length=842)
    facts = PdfFacts(page_count=9, title=" ".join(shown), authors=WORK.authors, printed=(whole, SECOND))
    assert prove(work, facts, HERE).reason is Reason.WRONG_WORK


def test_a_doi_in_a_sentence_about_the_work_is_not_the_files_own() -> None:
    """Nobody signs this piece, and its head names the author: nothing but that DOI would say that it is the work."""
    head = "Five questions for Ngozi Okafor"
    proof = judged(sheet(*SENTENCE, head=head), SECOND, title=head, doi=WORK.doi, count=12)
    assert (proof.verdict, proof.reason) == (Verdict.REFUSED, Reason.WRONG_WORK)
