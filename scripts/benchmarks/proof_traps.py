"""Files that are a work, and files that only look like it: set with typst, each with what has to become of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import typst

from dl_lit.core.model import Alias, Name, Version, Work, WorkType

_WORDS = (
    "The series was read twice by persons who did not know its purpose, and differences were settled by a third. "
    "Where fewer readings were to be had this is stated beside the figure. We describe the material first, then the "
    "procedure, and last what can be concluded from both and what cannot. "
)


@dataclass(frozen=True, slots=True)
class Trap:
    """One file, the work it is fetched as, and whether it is that."""

    name: str
    pdf: bytes
    work: Work
    is_right: bool | None  # None: only a person can tell; accepting it would be wrong
    version: Version | None = None  # that the file states


WORK = Work(
    title="Thermal tolerance of intertidal limpets along a gradient of wave exposure",
    type=WorkType.ARTICLE_JOURNAL,
    authors=(Name("Okafor", "Ngozi"), Name("Lindqvist", "Per"), Name("Marchetti", "Giulia")),
    year=2016,
    container_title="Journal of Coastal Zoology",
    volume="41",
    issue="3",
    pages="211-226",
    doi="10.5555/jcz.2016.0211",
)
SOLO = Work(
    title="On the use of the subjunctive in late Venetian charters",
    type=WorkType.ARTICLE_JOURNAL,
    authors=(Name("Brandolini", "Teresa"),),
    year=1994,
    container_title="Studies in Romance Linguistics",
    volume="12",
    pages="55-83",
    doi="10.5555/srl.12.55",
)
BOOK = Work(
    title="The Measured Coast: Surveyors and Fishermen in the Adriatic",
    type=WorkType.BOOK,
    authors=(Name("Haverkamp", "Elise"),),
    year=2009,
    publisher="Norwall University Press",
    isbn="9780306406157",
)
CHAPTER = Work(
    title="Instruments and their errors",
    type=WorkType.CHAPTER,
    authors=(Name("Haverkamp", "Elise"),),
    year=2009,
    container_title="The Measured Coast: Surveyors and Fishermen in the Adriatic",
    pages="101-131",
    doi="10.5555/coast.ch4",
)
THESIS = Work(
    title="Sediment budgets of small braided rivers in the eastern Alps",
    type=WorkType.THESIS,
    authors=(Name("Zwick", "Annemarie"),),
    year=2012,
)
STRANGER = (Name("Tanaka", "Haruki"), Name("Oyelaran", "Bisi"))


def _text(text: str) -> str:
    """`text` as typst's content."""
    return f"#text({json.dumps(text, ensure_ascii=False)})"


def _people(work: Work) -> str:
    return ", ".join(f"{name.given} {name.family}" for name in work.authors)


def _masthead(work: Work) -> str:
    place = f"{work.container_title}, Vol. {work.volume}, {work.year}, pp. {work.pages}"
    return f"#text(8pt)[{_text(place)} \\ {_text(f'https://doi.org/{work.doi}' if work.doi else '')}]\n\n"


def article(
    work: Work,
    *,
    above: str = "",
    title: str | None = None,
    below: str = "",
    first: str = "",
    front: str = "",
    size: float = 17,
    masthead: bool = True,
    columns: int = 1,
    paragraphs: int = 40,
    foot: str = "",
    head: str = "",
    people: str | None = None,
    page: str = '"a4"',
) -> bytes:
    """A paper: `front` are pages before it, `above` and `below` stand beside the title, `first` opens its text."""
    shown = _text(work.title) if title is None else title
    byline = _people(work) if people is None else people
    body = "\n\n".join(f"{_WORDS * 3}" for _ in range(paragraphs))
    parts = [
        (
            f"#set page(paper: {page}, header: text(8pt)[{head}], footer: text(8pt)[{foot} #h(1fr) #context "
            "counter(page).display()])"
        ),
        "#set text(10pt)",
        front,
        _masthead(work) if masthead else "",
        above,
        f"#text({size}pt)[{shown}]\n\n{below}\n\n#text(11pt)[{_text(byline)}]\n\n",
        f"*Abstract.* {first} {_WORDS}\n\n= Introduction\n\n",
        f"#columns({columns})[{body}]",
    ]
    return compiled("\n".join(parts))


def compiled(source: str) -> bytes:
    """The PDF that typst makes of `source`; the same bytes each time."""
    made = typst.compile(source.encode(), format="pdf", ignore_system_fonts=True)
    if not isinstance(made, bytes):
        raise TypeError(type(made).__name__)
    return made


def cover(work: Work, kind: str) -> str:
    """A cover sheet about the work."""
    people = "; ".join(f"{name.family}, {name.given}" for name in work.authors)
    place = f"{work.container_title}, Vol. {work.volume} ({work.year}), pp. {work.pages}"
    sheets = {
        "jstor": [work.title, f"Author(s): {people}", f"Source: {place}", "Published by: The Society",
                  "Stable URL: https://www.jstor.org/stable/4711", "Accessed: 04-05-2026",
                  ("Your use of the JSTOR archive indicates your "
                  "acceptance of the Terms & Conditions of Use.")],
        "hal": ["HAL Id: hal-01234567", "https://hal.science/hal-01234567v1", f"Submitted on 4 May {work.year}",
                ("HAL is a multi-disciplinary open access archive for the deposit of scientific "
                "research documents."), work.title, people, "To cite this version:", f"{people}. {work.title}. {place}."],
        "researchgate": [("See discussions, stats, and author profiles for this publication at "
                         "https://www.researchgate.net/publication/28"), work.title, f"Article in {place}",
                         "CITATIONS 12 READS 340", people],
        "eprints": [work.title, people, "This version is available at https://eprints.norwall.invalid/4711/",
                    f"Citation for published version: {people} ({work.year}) {work.title}. {place}.",
                    "Version: Accepted Version", "Take down policy: contact us."],
        "taylor": [place, work.title, people, f"To cite this article: {people} ({work.year}) {work.title}, {place}",
                   f"To link to this article: https://doi.org/{work.doi}", "Article views: 120",
                   "Full Terms & Conditions of access and use can be found at https://www.tandfonline.com/page"],
    }  # fmt: skip
    return "\n\n".join(_text(line) for line in sheets[kind]) + "\n#pagebreak()\n"


def traps() -> Iterator[Trap]:
    """All of them."""
    yield from _right()
    yield from _wrong()
    yield from _open()


def _right() -> Iterator[Trap]:
    bare = replace(WORK, doi=None)

    def right(name: str, pdf: bytes, work: Work = WORK, version: Version | None = None) -> Trap:
        return Trap(name, pdf, work, is_right=True, version=version)

    yield right("plain", article(WORK))
    yield right("two-columns", article(WORK, columns=2))
    yield right("no-doi-printed", article(bare))
    yield right("no-masthead", article(bare, masthead=False))
    yield right("title-in-usual-type", article(bare, size=10, masthead=False))
    yield right("capitals", article(bare, title=_text(WORK.title.upper())))
    yield right("letter-spaced", article(bare, title=f"#text(tracking: 5pt)[{_text(WORK.title)}]"))
    yield right(
        "hyphenated",
        article(bare, title="Thermal toler-\\ ance of inter-\\ tidal limpets along a gradient of wave expo-\\ sure"),
    )
    yield right("kind-above-title", article(bare, above="#text(17pt)[Research Article]\n\n"))
    yield right("people-in-capitals", article(bare, people=_people(WORK).upper()))
    yield right("initials", article(bare, people="N. Okafor, P. Lindqvist and G. Marchetti"))
    yield right("family-first", article(bare, people="Okafor N, Lindqvist P, Marchetti G"))
    yield right("printed-subtitle", article(bare, title=_text(WORK.title + ": a field study")))
    yield right("subtitle-on-its-own-line", article(bare, below="#text(13pt)[A field study in two seasons]"))
    yield right("record-with-subtitle", article(bare), replace(WORK, title=WORK.title + ": evidence from two seasons"))
    yield right(
        "bilingual", article(bare, above="#text(17pt)[Tolleranza termica delle patelle lungo un gradiente]\n\n")
    )
    yield right(
        "alias",
        article(bare, title="Wärmetoleranz von Napfschnecken der Gezeitenzone entlang eines Gradienten"),
        replace(
            WORK, aliases=(Alias(title="Wärmetoleranz von Napfschnecken der Gezeitenzone entlang eines Gradienten"),)
        ),
    )
    yield right(
        "math",
        article(replace(bare, title="x"), title="Decay of $K^0$ mesons into $pi^+ pi^-$ pairs"),
        replace(WORK, title="Decay of K<sup>0</sup> mesons into π<sup>+</sup>π<sup>−</sup> pairs"),
    )
    for kind in ("jstor", "hal", "researchgate", "eprints", "taylor"):
        yield right(f"cover-{kind}", article(bare, front=cover(WORK, kind)), version=None)
    yield right("two-covers", article(bare, front=cover(WORK, "researchgate") + cover(WORK, "eprints")))
    yield right(
        "starts-mid-page",
        article(
            bare,
            front=f"{_WORDS * 2}\n\n= References\n\n[1] Knuth, D. Programming. 1984.\n\n[2] Hoare, C. 1978.\n\n",
            masthead=False,
        ),
    )
    yield right(
        "arxiv-stamp",
        article(bare, masthead=False, head="arXiv:1601.01234v2 [q-bio.PE] 4 Jan 2016"),
        version=Version.SUBMITTED,
    )
    yield right(
        "preprint-other-doi",
        article(
            replace(WORK, doi="10.1101/2015.12.01.033033"),
            masthead=False,
            head="bioRxiv preprint doi: https://doi.org/10.1101/2015.12.01.033033; not certified by peer review",
        ),
        version=Version.SUBMITTED,
    )
    yield right(
        "accepted",
        article(bare, above="#text(8pt)[This is the author's accepted manuscript.]\n\n"),
        version=Version.ACCEPTED,
    )
    yield right(
        "pmc-manuscript",
        article(
            bare,
            masthead=False,
            head="NIH Public Access Author Manuscript. J Coast Zool. Author manuscript; available in PMC 2017 June 01.",
        ),
        version=Version.ACCEPTED,
    )
    yield right("cites-others", article(bare, first="Earlier work (https://doi.org/10.5555/other.1) was limited."))
    yield right(
        "speaks-of-its-supplement",
        article(bare, foot="Supplementary material is available online at https://journals.invalid/s1"),
    )
    yield right("erratum-noted", article(bare, foot="An erratum to this article was published in Vol. 42, p. 9."))
    yield right("one-author", article(replace(SOLO, doi=None)), SOLO)
    yield right("one-author-no-imprint", article(replace(SOLO, doi=None), masthead=False, paragraphs=70), SOLO)
    yield right("record-without-people", article(bare), replace(WORK, authors=(), doi=None))
    yield right("record-without-year", article(bare), replace(WORK, year=None, volume=None, pages=None))
    yield right(
        "russian",
        article(replace(bare, title="О термической устойчивости морских блюдечек", authors=(Name("Петров", "Иван"),))),
        replace(WORK, title="О термической устойчивости морских блюдечек", authors=(Name("Петров", "Иван"),)),
    )
    yield right("short-title", article(replace(WORK, title="Limpets")), replace(WORK, title="Limpets"))
    yield right(
        "editorial-with-doi",
        article(replace(WORK, title="Editorial", pages="1-2"), paragraphs=3),
        replace(WORK, title="Editorial", pages="1-2"),
    )
    yield right(
        "a-correction",
        article(replace(WORK, title=f"Correction to: {WORK.title}", pages="12"), paragraphs=1),
        replace(WORK, title=f"Correction to: {WORK.title}", pages="12"),
    )
    yield right("retracted", article(replace(WORK, title=f"RETRACTED: {WORK.title}")), replace(WORK, is_retracted=True))
    yield right("book", _book(BOOK, pages=60), BOOK)
    yield right("thesis", _thesis(THESIS), THESIS)
    yield right(
        "chapter",
        article(
            CHAPTER,
            masthead=False,
            above="#text(9pt)[E. Haverkamp, _The Measured Coast_, 2009]\n\n#text(12pt)[Chapter 4]\n\n",
            paragraphs=70,
        ),
        CHAPTER,
    )


def _book(work: Work, *, pages: int, contents: bool = True, imprint: str = "") -> bytes:
    head, _, sub = work.title.partition(": ")
    listed = "\n\n".join(f"{number}. Of the {number}th season #h(1fr) {number * 5}" for number in range(1, 12))
    body = "#pagebreak()\n".join(f"= {number}. Of the season\n\n{_WORDS * 6}" for number in range(1, pages))
    toc = f"#pagebreak()\n= Contents\n\n{listed}" if contents else ""
    isbn = f"ISBN {work.isbn}" if work.isbn else ""
    return compiled(
        f"#set text(10pt)\n#v(5cm)#text(14pt)[{head}]\n#pagebreak()\n#v(3cm)#text(24pt)[{head}]\n\n"
        f"#text(15pt)[{sub}]\n\n"
        f"#text(13pt)[{_people(work)}]\n\n#v(4cm){work.publisher}\n#pagebreak()\n"
        f"© {work.year} {_people(work)} {imprint} {isbn}\n"
        f"{toc}\n#pagebreak()\n{body}"
    )


def _thesis(work: Work) -> bytes:
    body = "#pagebreak()\n".join(f"= Chapter {number}\n\n{_WORDS * 6}" for number in range(1, 50))
    return compiled(
        f"#set text(11pt)\n#align(center)[University of Norwall \\ #v(2cm) #text(18pt)[{work.title}] \\ #v(1cm) "
        "A thesis "
        f"submitted in partial fulfilment of the requirements for the degree of Doctor of Philosophy \\ #v(1cm) "
        f"{_people(work)} \\ {work.year}]\n#pagebreak()\n{body}"
    )


def _wrong() -> Iterator[Trap]:
    bare = replace(WORK, doi=None)
    other = replace(
        WORK,
        authors=STRANGER,
        doi="10.5555/else.1",
        container_title="Annals of Shore Ecology",
        volume="7",
        year=2004,
        pages="1-19",
    )

    def wrong(name: str, pdf: bytes, work: Work = WORK) -> Trap:
        return Trap(name, pdf, work, is_right=False)

    yield wrong("other-work", article(replace(other, title="Sampling intervals in long ecological records")))
    yield wrong("same-title-other-people", article(other))
    yield wrong("same-title-other-people-no-doi", article(replace(other, doi=None), masthead=False))
    yield wrong(
        "same-people-other-title",
        article(
            replace(
                WORK,
                title="Feeding rates of limpets under artificial shade",
                doi="10.5555/jcz.2016.0301",
                pages="301-310",
            )
        ),
    )
    yield wrong("opposite-word", article(replace(bare, title=WORK.title.replace("tolerance", "intolerance"))))
    yield wrong("other-animal", article(replace(bare, title=WORK.title.replace("limpets", "barnacles"))))
    parts = replace(WORK, title="Studies on limpets. II. Thermal tolerance in the laboratory")
    yield wrong(
        "part-one",
        article(replace(parts, title="Studies on limpets. I. Thermal tolerance in the laboratory", doi=None)),
        parts,
    )
    yield wrong(
        "part-one-at-end",
        article(replace(bare, title="Thermal tolerance of limpets, Part I")),
        replace(WORK, title="Thermal tolerance of limpets, Part II"),
    )
    yield wrong("part-two-of-unnumbered", article(replace(bare, title=WORK.title + ". Part 2")))
    yield wrong(
        "other-year-of-a-series",
        article(replace(bare, title="State of the coast 2014", year=2014)),
        replace(WORK, title="State of the coast 2016"),
    )
    for head in (
        "Supplementary Information",
        "Supporting Information for",
        "Online Appendix to",
        "Electronic Supplementary Material",
        "SUPPLEMENTARY MATERIALS",
    ):
        yield wrong(
            f"supplement-{head.lower().replace(' ', '-')}",
            article(WORK, above=f"#text(15pt)[{head}]\n\n", masthead=False),
        )
    yield wrong("supplement-below-title", article(WORK, below="#text(14pt)[Supplementary Material]", masthead=False))
    yield wrong(
        "supplement-small-label",
        article(bare, above="Supplementary data\n\n", masthead=False, first="Table S1 lists all sites."),
    )
    yield wrong(
        "erratum",
        article(
            replace(WORK, title=f"Erratum to: {WORK.title}", doi="10.5555/jcz.2017.1", pages="9"),
            paragraphs=1,
            first=f"The original article can be found online at https://doi.org/{WORK.doi}.",
        ),
    )
    yield wrong("corrigendum-label", article(WORK, above="#text(12pt)[Corrigendum]\n\n", paragraphs=1))
    yield wrong(
        "retraction-notice",
        article(replace(WORK, doi="10.5555/jcz.2018.9"), above="#text(13pt)[Retraction notice to]\n\n", paragraphs=1),
    )
    yield wrong("comment-on", article(replace(other, title="x"), title=_text(f"Comment on “{WORK.title}”")))
    yield wrong(
        "comment-on-two-lines",
        article(
            replace(other, title="x"),
            above="#text(17pt)[Comment on]\n\n",
            first=f"The article commented on is https://doi.org/{WORK.doi}.",
        ),
    )
    yield wrong(
        "reply-by-the-same",
        article(
            replace(WORK, title=f"Reply to comments on: {WORK.title}", doi="10.5555/jcz.2017.88", pages="88-89"),
            paragraphs=3,
        ),
    )
    yield wrong("preview-told", article(WORK, paragraphs=1, foot="This is a preview. Log in to access the full text."))
    yield wrong("page-one", article(WORK, paragraphs=4))
    for kind in ("jstor", "eprints", "researchgate"):
        yield wrong(
            f"cover-{kind}-other-inside",
            article(replace(other, title="Sampling intervals in long ecological records"), front=cover(WORK, kind)),
        )
    yield wrong("other-people-behind-cover", article(other, front=cover(WORK, "eprints")))
    yield wrong(
        "cites-it-first",
        article(
            replace(other, title="Shade and the limpet"),
            first=f"We extend {WORK.title} (Okafor, Lindqvist and Marchetti 2016, https://doi.org/{WORK.doi}).",
        ),
    )
    yield wrong(
        "reference-list-on-page-one",
        article(
            replace(other, title="Shade and the limpet"),
            masthead=False,
            front=f"= References\n\n[1] Okafor, N., Lindqvist, P. and Marchetti, G. {WORK.title}. "
            f"Journal of Coastal Zoology 41 (2016). https://doi.org/{WORK.doi}\n\n",
        ),
    )
    yield wrong(
        "related-articles",
        article(
            replace(other, title="Shade and the limpet"),
            foot=f"Related article: {WORK.title}, https://doi.org/{WORK.doi}",
        ),
    )
    yield wrong(
        "review-of-book",
        article(
            replace(WORK, title=BOOK.title, authors=STRANGER),
            above="#text(12pt)[Book Reviews]\n\n",
            people="Elise Haverkamp, Norwall University Press, 2009, 412 pp. Reviewed by Haruki Tanaka",
            paragraphs=4,
        ),
        BOOK,
    )
    yield wrong(
        "chapter-for-book",
        article(
            CHAPTER,
            masthead=False,
            above="#text(9pt)[E. Haverkamp, The Measured Coast: Surveyors and Fishermen in the Adriatic, 2009]\n\n",
        ),
        BOOK,
    )
    yield wrong("front-matter-of-book", _book(BOOK, pages=3), BOOK)
    yield wrong(
        "slides",
        article(
            WORK,
            masthead=False,
            page='"presentation-16-9"',
            paragraphs=0,
            front="",
            first="#pagebreak() Outline #pagebreak() Sites #pagebreak() Results #pagebreak() Thank you #pagebreak()",
        ),
    )
    yield wrong("thesis-of-the-same-title", _thesis(replace(WORK, authors=WORK.authors[:1])), WORK)
    yield wrong(
        "adjacent-article-same-page",
        article(
            replace(other, title="Shade and the limpet"),
            front=f"{_WORDS} This concludes the paper of Okafor, Lindqvist and Marchetti.\n\n",
        ),
    )
    yield wrong("longer-title", article(replace(other, title=WORK.title + " and of their predators in two estuaries")))
    yield wrong("shorter-title", article(replace(other, title="Thermal tolerance of intertidal limpets")))
    yield wrong(
        "licence-form",
        article(
            replace(other, title="Licence agreement and copyright transfer form"),
            masthead=False,
            first=f"Title of contribution: {WORK.title}. Authors: {_people(WORK)}.",
        ),
    )
    yield wrong(
        "referee-report",
        article(replace(other, title=f"Referee report on: {WORK.title}"), masthead=False, people="Anonymous"),
    )
    yield wrong(
        "data-descriptor",
        article(replace(WORK, title=f"Data from: {WORK.title}", doi="10.5061/dryad.x1"), masthead=False, paragraphs=1),
    )


def _open() -> Iterator[Trap]:
    """What only a person can decide: accepting is wrong, refusing is no fault."""
    bare = replace(WORK, doi=None)
    other = replace(WORK, authors=STRANGER, doi="10.5555/else.1", container_title="Annals of Shore Ecology")

    def unsure(name: str, pdf: bytes, work: Work = WORK) -> Trap:
        return Trap(name, pdf, work, is_right=None)

    yield unsure("whole-book-for-chapter", _book(BOOK, pages=140), CHAPTER)
    yield unsure(
        "other-edition",
        _book(replace(BOOK, year=1998, isbn="9783161484100"), pages=60, imprint="Second edition 1998."),
        BOOK,
    )
    yield unsure(
        "generic-no-doi", article(replace(bare, title="Editorial"), masthead=False), replace(WORK, title="Editorial")
    )
    yield unsure(
        "retitled", article(replace(bare, title="How limpets stand the heat: exposure matters"), masthead=False)
    )
    yield unsure(
        "same-title-same-people-other-journal",
        article(
            replace(
                WORK,
                doi="10.5555/else.9",
                container_title="Annals of Shore Ecology",
                volume="7",
                year=2004,
                pages="1-19",
            )
        ),
    )
    yield unsure("abstract-only", article(WORK, paragraphs=0))
    yield unsure(
        "toc-of-issue",
        article(
            replace(other, title="Contents of volume 41"),
            masthead=False,
            people="",
            first="",
            below="\n\n".join(
                [f"Report from station {n} #h(1fr) {n * 9}" for n in range(1, 9)] + [f"{WORK.title} #h(1fr) 211"]
            ),
        ),
    )
    yield unsure(
        "translation",
        article(
            bare, title="Tolérance thermique des patelles le long d'un gradient d'exposition aux vagues", masthead=False
        ),
    )
