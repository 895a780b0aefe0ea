"""Files that are a work, and files that only look like it: set with typst, each with what has to become of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from benchmarks.proof_setting import (
    BOOK,
    CHAPTER,
    SOLO,
    STRANGER,
    THESIS,
    WORDS,
    WORK,
    article,
    book,
    cover,
    people_of,
    text,
    thesis,
)

from dl_lit.core.model import Alias, Name, Version, Work


@dataclass(frozen=True, slots=True)
class Trap:
    """One file, the work it is fetched as, and whether it is that."""

    name: str
    pdf: bytes
    work: Work
    is_right: bool | None  # None: only a person can tell; accepting it would be wrong
    version: Version | None = None  # that the file states


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
    yield right("capitals", article(bare, title=text(WORK.title.upper())))
    yield right("letter-spaced", article(bare, title=f"#text(tracking: 5pt)[{text(WORK.title)}]"))
    yield right(
        "hyphenated",
        article(bare, title="Thermal toler-\\ ance of inter-\\ tidal limpets along a gradient of wave expo-\\ sure"),
    )
    yield right("kind-above-title", article(bare, above="#text(17pt)[Research Article]\n\n"))
    yield right("people-in-capitals", article(bare, people=people_of(WORK).upper()))
    yield right("initials", article(bare, people="N. Okafor, P. Lindqvist and G. Marchetti"))
    yield right("family-first", article(bare, people="Okafor N, Lindqvist P, Marchetti G"))
    yield right("printed-subtitle", article(bare, title=text(WORK.title + ": a field study")))
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
            front=f"{WORDS * 2}\n\n= References\n\n[1] Knuth, D. Programming. 1984.\n\n[2] Hoare, C. 1978.\n\n",
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
    yield right("book", book(BOOK, pages=60), BOOK)
    yield right("thesis", thesis(THESIS), THESIS)
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
    yield wrong("comment-on", article(replace(other, title="x"), title=text(f"Comment on “{WORK.title}”")))
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
    yield wrong("front-matter-of-book", book(BOOK, pages=3), BOOK)
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
    yield wrong("thesis-of-the-same-title", thesis(replace(WORK, authors=WORK.authors[:1])), WORK)
    yield wrong(
        "adjacent-article-same-page",
        article(
            replace(other, title="Shade and the limpet"),
            front=f"{WORDS} This concludes the paper of Okafor, Lindqvist and Marchetti.\n\n",
        ),
    )
    yield wrong("longer-title", article(replace(other, title=WORK.title + " and of their predators in two estuaries")))
    yield wrong("shorter-title", article(replace(other, title="Thermal tolerance of intertidal limpets")))
    yield wrong(
        "licence-form",
        article(
            replace(other, title="Licence agreement and copyright transfer form"),
            masthead=False,
            first=f"Title of contribution: {WORK.title}. Authors: {people_of(WORK)}.",
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

    yield unsure("whole-book-for-chapter", book(BOOK, pages=140), CHAPTER)
    yield unsure(
        "other-edition",
        book(replace(BOOK, year=1998, isbn="9783161484100"), pages=60, imprint="Second edition 1998."),
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
