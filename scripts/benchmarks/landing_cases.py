"""What the landing-page benchmark's pages are made of: a work, a page's frame, and links that lead astray."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from dl_lit.core.model import Name, Work, WorkType
from dl_lit.core.reasons import Reason

TITLE = "Tidal mixing and the drift of larval eels in shelf seas"
DOI = "10.5555/eel.2019.042"
WORK = Work(
    title=TITLE,
    type=WorkType.ARTICLE_JOURNAL,
    authors=(Name(family="Moreau", given="Anaïs"), Name(family="Okafor", given="Chidi")),
    year=2019,
    container_title="Shelf Seas",
    doi=DOI,
)
_OTHERS = (
    "Glass eel arrival along Atlantic coasts",
    "Bottom friction in a shallow strait",
    "Otolith chemistry of migrating fish",
    "A model of larval behaviour",
    "Seasonal fronts and plankton",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One page, the links that are right, and where there are none, what is to be said."""

    name: str
    url: str
    html: str
    right: tuple[str, ...] = ()  # the first found must be among these
    tolerated: tuple[str, ...] = ()  # stated by the page itself, though wrong: no fault of the finder
    headers: dict[str, str] = field(default_factory=dict)
    hops: tuple[tuple[str, int], ...] = ()
    work: Work = WORK
    why: Reason | None = None  # where no link is right
    open_from: date | None = None


def metas(*, title: str = TITLE, doi: str | None = DOI, pdf: str | None = None, generator: str | None = None) -> str:
    """The head's meta tags for search engines."""
    pairs = [
        ("citation_title", title),
        ("citation_author", "Moreau, Anaïs"),
        ("citation_publication_date", "2019/05/02"),
    ]
    pairs += [("citation_doi", doi)] if doi else []
    pairs += [("citation_pdf_url", pdf)] if pdf else []
    pairs += [("generator", generator)] if generator else []
    return "".join(f'<meta name="{name}" content="{content}">' for name, content in pairs)


def clutter(other: str, style: str = "classes") -> str:
    """Sections that lead astray: references, related works, the issue, supplements, comments, menus, advertisements.

    `other` is the address of another work's file in the page's own manner, with {n} for what tells them apart; `style`
    says how the sections show what they are: by "classes", by "headings", by "german" or "spanish" headings.
    """
    links = [other.format(n=n) for n in range(1, 9)]
    references = "".join(
        f'<li>Okafor C. (20{10 + n}) {title}. Shelf Seas {n}, 1-{n + 9}. <a href="{links[n]}">PDF</a> '
        f'<a href="https://doi.org/10.5555/o.{n}">doi</a></li>'
        for n, title in enumerate(_OTHERS)
    )
    related = "".join(
        f'<li><a href="/a/{n}">{title}</a> <a href="{links[n + 2]}">Download PDF</a></li>'
        for n, title in enumerate(_OTHERS)
    )
    contents = "".join(
        f'<li>{title} <a class="pdf" href="{links[n + 3]}">Full text PDF</a></li>' for n, title in enumerate(_OTHERS)
    )
    supplement = '<a href="/files/supplement-S1.pdf">Download PDF</a> <a href="/files/data.xlsx">Table S1</a>'
    foot = '<a href="/files/author-guidelines.pdf">Instructions (PDF)</a><a href="/media/kit.pdf">Media kit PDF</a>'
    if style == "classes":
        return (
            f'<section class="supplementary-material">{supplement}</section><div id="reference-list"><ol>'
            f"{references}</ol></div>"
            f'<aside class="related-articles"><ul>{related}</ul></aside><div class="issue-toc"><ul>{contents}</ul>'
            f"</div>"
            f'<div class="comments"><p>See <a href="{links[0]}">my PDF</a></p></div><div class="advertisement">'
            f'<a href="/ads/whitepaper.pdf">Download PDF</a></div><footer>{foot}</footer>'
        )
    words = {
        "headings": ("Supplementary material", "References", "Related articles", "In this issue", "Comments"),
        "german": ("Zusatzmaterial", "Literaturverzeichnis", "Ähnliche Artikel", "Inhaltsverzeichnis", "Kommentare"),
        "spanish": ("Material suplementario", "Referencias", "Artículos relacionados", "Índice", "Comentarios"),
    }[style]
    return (
        f"<h3>{words[0]}</h3><p>{supplement}</p><h3>{words[1]}</h3><ol>{references}</ol><h3>{words[2]}</h3><ul>"
        f"{related}</ul>"
        f'<h3>{words[3]}</h3><ul>{contents}</ul><h3>{words[4]}</h3><p><a href="{links[0]}">my PDF</a></p><footer>'
        f"{foot}</footer>"
    )


def page(
    body: str,
    *,
    head: str = "",
    title: str = TITLE,
    other: str = "/files/other-{n}.pdf",
    style: str = "classes",
    heading: bool = True,
) -> str:
    """A whole page: a menu, the work's heading and abstract, `body`, and the clutter."""
    top = f"<h1>{title}</h1><p class=authors>Anaïs Moreau, Chidi Okafor</p>" if heading else ""
    abstract = (
        "<p>Larvae drift with the tide; we show how much mixing decides where they arrive. "
        + "More words. " * 30
        + "</p>"
    )
    menu = (
        '<nav class="main-menu"><a href="/">Home</a><a href="/guide.pdf">Guide (PDF)</a><a href="/about">'
        "About</a></nav>"
    )
    return (
        f"<!DOCTYPE html><html><head><title>{title} | Shelf Seas</title>{head}</head><body>{menu}<main>"
        f"{top}{body}{abstract}"
        f"{clutter(other, style)}</main></body></html>"
    )
