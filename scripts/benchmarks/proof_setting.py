"""Papers, books, theses and cover sheets, set with typst: the same bytes each time."""

from __future__ import annotations

import json

import typst

from dl_lit.core.model import Name, Work, WorkType

WORDS = (
    "The series was read twice by persons who did not know its purpose, and differences were settled by a third. "
    "Where fewer readings were to be had this is stated beside the figure. We describe the material first, then the "
    "procedure, and last what can be concluded from both and what cannot. "
)


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


def text(words: str) -> str:
    """`words` as typst's content."""
    return f"#text({json.dumps(words, ensure_ascii=False)})"


def people_of(work: Work) -> str:
    return ", ".join(f"{name.given} {name.family}" for name in work.authors)


def _masthead(work: Work) -> str:
    place = f"{work.container_title}, Vol. {work.volume}, {work.year}, pp. {work.pages}"
    return f"#text(8pt)[{text(place)} \\ {text(f'https://doi.org/{work.doi}' if work.doi else '')}]\n\n"


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
    shown = text(work.title) if title is None else title
    byline = people_of(work) if people is None else people
    body = "\n\n".join(f"{WORDS * 3}" for _ in range(paragraphs))
    parts = [
        (
            f"#set page(paper: {page}, header: text(8pt)[{head}], footer: text(8pt)[{foot} #h(1fr) #context "
            "counter(page).display()])"
        ),
        "#set text(10pt)",
        front,
        _masthead(work) if masthead else "",
        above,
        f"#text({size}pt)[{shown}]\n\n{below}\n\n#text(11pt)[{text(byline)}]\n\n",
        f"*Abstract.* {first} {WORDS}\n\n= Introduction\n\n",
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
                ("HAL is a multi-disciplinary open access archive for the deposit of "
                "scientific documents."), work.title, people, "To cite this version:",
                f"{people}. {work.title}. {place}."],
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
    return "\n\n".join(text(line) for line in sheets[kind]) + "\n#pagebreak()\n"


def book(work: Work, *, pages: int, contents: bool = True, imprint: str = "") -> bytes:
    head, _, sub = work.title.partition(": ")
    listed = "\n\n".join(f"{number}. Of the {number}th season #h(1fr) {number * 5}" for number in range(1, 12))
    body = "#pagebreak()\n".join(f"= {number}. Of the season\n\n{WORDS * 6}" for number in range(1, pages))
    toc = f"#pagebreak()\n= Contents\n\n{listed}" if contents else ""
    isbn = f"ISBN {work.isbn}" if work.isbn else ""
    return compiled(
        f"#set text(10pt)\n#v(5cm)#text(14pt)[{head}]\n#pagebreak()\n#v(3cm)#text(24pt)[{head}]\n\n"
        f"#text(15pt)[{sub}]\n\n"
        f"#text(13pt)[{people_of(work)}]\n\n#v(4cm){work.publisher}\n#pagebreak()\n"
        f"© {work.year} {people_of(work)} {imprint} {isbn}\n"
        f"{toc}\n#pagebreak()\n{body}"
    )


def thesis(work: Work) -> bytes:
    body = "#pagebreak()\n".join(f"= Chapter {number}\n\n{WORDS * 6}" for number in range(1, 50))
    return compiled(
        f"#set text(11pt)\n#align(center)[University of Norwall \\ #v(2cm) #text(18pt)[{work.title}] \\ #v(1cm) "
        "A thesis "
        f"submitted in partial fulfilment of the requirements for the degree of Doctor of Philosophy \\ #v(1cm) "
        f"{people_of(work)} \\ {work.year}]\n#pagebreak()\n{body}"
    )
