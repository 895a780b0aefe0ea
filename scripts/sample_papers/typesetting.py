"""Sets a sample paper with typst, the same bytes each time: no date, no fonts but those typst brings along."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import typst

from .catalogue import hayagriva, works
from .own_lists import OWN_LISTS
from .papers import CITATION, Paper, Part

RAISED = frozenset({"nature", "american-chemical-society", "american-physics-society", "chicago-notes"})
LABELS = {
    "en": ("Abstract", "Keywords"),
    "de": ("Zusammenfassung", "Schlagwörter"),
    "fr": ("Résumé", "Mots-clés"),
    "es": ("Resumen", "Palabras clave"),
    "ru": ("Аннотация", "Ключевые слова"),
}
TABLE = """#figure(caption: none, table(columns: 4, stroke: none, inset: 4pt,
  table.hline(), [], [A], [B], [C], table.hline(stroke: .5pt),
  [I], [27.4], [31.0], [30.2], [II], [18.9], [18.1], [22.6], [III], [9.7], [12.5], [12.3], table.hline()))
"""


def typeset(paper: Paper, *, tagged: bool) -> bytes:
    """The paper as a PDF; `tagged` adds the structure that the gold lists are read from, the pages stay the same."""
    with tempfile.TemporaryDirectory() as folder:
        main = Path(folder) / "main.typ"
        main.write_text(source(paper), encoding="utf-8")
        for index, part in enumerate(paper.parts):
            entries = {key: hayagriva(works()[key], paper.style) for key in part.works}
            listing = Path(folder) / f"works{index}.yml"  # JSON is YAML
            listing.write_text(json.dumps(entries, ensure_ascii=False), encoding="utf-8")
        pdf = typst.compile(str(main), root=folder, format="pdf", ignore_system_fonts=True, pdf_tags=tagged)
    if not isinstance(pdf, bytes):
        raise TypeError(f"typst gave {type(pdf).__name__} for {paper.name}")
    return pdf


def source(paper: Paper) -> str:
    """The paper in typst's language."""
    body = "\n\n".join(_part(paper, part, index) for index, part in enumerate(paper.parts))
    return "\n".join((_setup(paper), _front(paper), body))


def _setup(paper: Paper) -> str:
    names = ", ".join(json.dumps(name, ensure_ascii=False) for name in paper.authors)
    running = f"{paper.authors[0]}{' et al.' if len(paper.authors) > 1 else ''} · {paper.title.split(':')[0]}"
    margin = "(x: 18mm, y: 22mm)" if paper.columns > 1 else "(x: 30mm, y: 28mm)"
    numbering = '"1.1"' if paper.is_thesis else "none"
    return f"""
#set document(title: {json.dumps(paper.title, ensure_ascii=False)}, author: ({names},), date: none)
#set page(paper: "a4", columns: {paper.columns}, margin: {margin}, numbering: "1",
  header: context if counter(page).get().first() > 1 [#set text(8pt); {running} #line(length: 100%, stroke: .3pt)],
  footer: context [#set text(8pt); #if counter(page).get().first() == 1 [doi:{paper.doi} · Sample document of the
    dl_lit project, set from real references] #h(1fr) #counter(page).display()])
#set columns(gutter: 6mm)
#set text(font: "{paper.font}", size: {paper.size_pt}pt, lang: "{paper.language}")
#set par(justify: true, first-line-indent: 1.2em, leading: .58em, spacing: .62em)
#set heading(numbering: {numbering})
#set table(align: center)
#show heading: it => block(above: 1.3em, below: .7em, text(size: {paper.size_pt + 1}pt, it))
#show heading.where(level: 1): set heading(supplement: none)
#show math.equation.where(block: true): it => block(above: 1em, below: 1em, it)
"""


def _front(paper: Paper) -> str:
    abstract, keywords = LABELS[paper.language]
    blocks = [
        f"#text(size: {paper.size_pt * 1.7:.1f}pt, weight: 700)[{paper.title}]",
        f"#text(size: {paper.size_pt * 1.1:.1f}pt)[{', '.join(paper.authors)}]",
        f"#emph[{paper.affiliation}]",
    ]
    if paper.abstract:
        words = f" \\\n  #emph[{keywords}:] {paper.keywords}" if paper.keywords else ""
        blocks.append(
            f"#align(left, pad(x: 6mm)[#set par(first-line-indent: 0pt); *{abstract}.* {paper.abstract}{words}])"
        )
    title = "\n  #v(.6em)\n  ".join(blocks)
    if paper.is_thesis:
        return (
            f"#align(center)[#set par(justify: false); #v(4cm) {title}]\n#pagebreak()\n#outline(depth: 2)\n#pagebreak()"
        )
    scope = 'scope: "parent", ' if paper.columns > 1 else ""
    return f"#place(top + center, {scope}float: true, clearance: 1.6em)[#set par(justify: false); {title}]"


def _part(paper: Paper, part: Part, index: int) -> str:
    groups = _spread(part.works, sum(section.text.count(CITATION) for section in part.sections))
    lines = [f"#pagebreak(weak: true)\n= {part.heading}"] if part.heading and index else []
    lines += [f"= {part.heading}"] if part.heading and not index else []
    level = "==" if part.heading else "="
    cited: list[str] = []
    for section in part.sections:
        pieces = section.text.replace("#table", TABLE).split(CITATION)
        text = pieces[0]
        for piece in pieces[1:]:
            group = groups.pop(0)
            cited += group
            text += _citation(paper, group, cited) + (
                f"\\{piece}" if piece.startswith(";") else piece
            )  # a bare one ends the code
        lines.append(f"{level} {_heading(section.heading)}\n{text}")
    return "\n\n".join([*lines, _references(paper, part, index, cited)])


def _heading(text: str) -> str:
    return text.replace("1. ", "1\\. ").replace("2. ", "2\\. ")


def _citation(paper: Paper, group: list[str], cited: list[str]) -> str:
    if paper.style in OWN_LISTS:
        return OWN_LISTS[paper.style].citation([works()[key] for key in group], cited)
    space = "" if paper.style in RAISED else " "
    return space + " ".join(f"#cite(<{key}>)" for key in group)


def _references(paper: Paper, part: Part, index: int, cited: list[str]) -> str:
    if paper.style in OWN_LISTS:
        listing = OWN_LISTS[paper.style].listing([works()[key] for key in cited])
        return f"= {paper.references_heading}\n{listing}"
    title = f"[{paper.references_heading}]" if paper.references_heading else "none"
    level = "#show bibliography: set heading(offset: 1)\n" if part.heading else ""
    group = f', group: "part{index}"' if part.heading else ""  # each chapter counts from 1
    size = f"#set text(size: {paper.size_pt - 1}pt)\n#set par(first-line-indent: 0pt)\n"
    rule = "" if paper.references_heading else "#v(1em)\n#line(length: 40%, stroke: .4pt)\n"
    return f'#[\n{size}{level}{rule}#bibliography("works{index}.yml", style: "{paper.style}", title: {title}{group})\n]'


def _spread(keys: tuple[str, ...], places: int) -> list[list[str]]:
    """Share `keys` out over `places` in order, the earlier places one more where it does not come out even."""
    each, more = divmod(len(keys), places)
    groups, start = [], 0
    for place in range(places):
        end = start + each + (place < more)
        groups.append(list(keys[start:end]))
        start = end
    return groups
