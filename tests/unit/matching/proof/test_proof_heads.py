"""What is written around a work is told from it by its head, by an added subtitle, or by pages without running text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dl_lit.core.model import Location, Name, Work, WorkType
from dl_lit.core.ports import PdfFacts
from dl_lit.core.printed import PrintedLine, PrintedPage
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.reasons import Reason
from dl_lit.matching.proof import prove

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
IMPRINT = "Journal of Coastal Zoology 41 (2016) 211–226"
DOI = "https://doi.org/10.5555/jcz.2016.0211"


def judged(
    head: str | None = None, *below: str, title: str = WORK.title, work: Work = WORK, masthead: str = "", rows: int = 20
) -> Proof:
    """The verdict on eight pages: a head in large type, the title, the people, what stands below, and text."""
    texts = ["Ngozi Okafor and Per Lindqvist", *below, *(f"The series {at} was read twice." for at in range(rows))]
    lines = [PrintedLine(masthead, 8, 0.95)] if masthead else []
    lines += [PrintedLine(head, 16, 0.86)] if head else []
    lines += [PrintedLine(title, 14, 0.8)]
    lines += [PrintedLine(text, 10, round(0.75 - 0.015 * at, 3)) for at, text in enumerate(texts)]
    words = sum(len(line.text.split()) for line in lines)
    printed = tuple(
        PrintedPage(
            number=at, lines=tuple(lines) if at == 1 else tuple(lines[-rows:]), words=words, width=595, length=842
        )
        for at in range(1, 8)
    )
    facts = PdfFacts(
        page_count=8, pages=tuple(one.text for one in printed), title=title, authors=WORK.authors, printed=printed
    )
    return prove(work, facts, Location(url="https://repository.invalid/paper.pdf"))


@pytest.mark.parametrize(
    "head",
    [
        "Decision letter", "Author response", "Authors’ response", "Peer Review File", "Response to Reviewers",
        "Reviewer comments & author rebuttal", "Reporting Summary", "PRISMA 2020 Checklist", "Dear Editor,",
        "Data dictionary and codebook", "Teaching note", "Policy Brief", "Q&A with the authors", "Press release",
        "Journal club", "Thesis proposal", "Workshop handout",
    ],
)  # fmt: skip
@pytest.mark.parametrize("below", ["", DOI])
def test_known_kinds_are_refused_even_with_the_articles_doi(head: str, below: str) -> None:
    proof = judged(head, below)
    assert (proof.verdict, proof.reason) == (Verdict.REFUSED, Reason.WRONG_WORK)


def test_a_head_that_nobody_knows_is_for_a_person() -> None:
    proof = judged("Lesson plan for two afternoons")
    assert proof.verdict is Verdict.NEEDS_REVIEW
    assert "“Lesson plan for two afternoons” stands above its title" in proof.evidence


@pytest.mark.parametrize(("below", "masthead"), [(DOI, ""), ("", IMPRINT)])
def test_a_head_that_nobody_knows_says_nothing_beside_identifier_or_imprint(below: str, masthead: str) -> None:
    assert judged("Shores and seas", below, masthead=masthead).verdict is Verdict.VERIFIED


@pytest.mark.parametrize(
    "head",
    [
        None, "Research article", "ORIGINAL PAPER", "R E S EARCH AR TIC L E", "Artigo Original", "Marine Ecology",
        "Journal of Coastal Zoology", "Norwall Working Paper Series", "Proceedings of the 9th Workshop", "N. Okafor",
    ],
)  # fmt: skip
def test_heads_of_articles_say_nothing_against_title_and_people(head: str | None) -> None:
    assert judged(head).verdict is Verdict.VERIFIED


def test_what_some_journals_call_a_section_is_the_article_where_journal_and_volume_agree() -> None:
    assert judged("Questions and answers", DOI, masthead=IMPRINT).verdict is Verdict.VERIFIED


@pytest.mark.parametrize("subtitle", [": study protocol", ". Extended abstract", ": executive summary"])
def test_a_kind_in_an_added_subtitle_is_for_a_person_without_identifier(subtitle: str) -> None:
    assert judged(title=WORK.title + subtitle).verdict is not Verdict.VERIFIED


def test_a_kind_in_the_works_own_title_is_no_sign() -> None:
    work = replace(WORK, title=WORK.title + ": study protocol")
    assert judged("Study protocol", title=work.title, work=work).verdict is Verdict.VERIFIED


def test_upright_pages_of_few_words_are_for_a_person() -> None:
    proof = judged(rows=5)
    assert proof.verdict is Verdict.NEEDS_REVIEW
    assert "pages of few words and no running text" in proof.evidence
