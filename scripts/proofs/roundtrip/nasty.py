"""Titles, names and file names that break exports, and what a reader has to see of each title."""

from __future__ import annotations

from dl_lit.core.model import Name

TITLES = {
    "100 % of $5 & $6: a #1 list_of {things} ~ and ^more\\": "100 % of $5 & $6: a #1 list_of {things} ~ and ^more\\",
    "}{ @article{evil, title = {x}} {": "}{ @article{evil, title = {x}} {",
    "Straße über Łódź — naïve façade, Ærø, Dvořák’s Erdős–Rényi “graphs” … ½ €": None,
    "Ếnglish Việt Nam: Nguyễn Văn Ộ": None,
    "a--b --- c ‘‘d’’ ``e'' ?` !` ,,f''": None,
    "Cafe\u0301 A\u030angstro\u0308m": "Café Ångström",
    "Измерение скорости 日本語の題名 שלום עולם العربية": None,
    "H<sub>2</sub>O and CO<sub>2</sub> in <i>Escherichia coli</i> K-12": "H2O and CO2 in Escherichia coli K-12",
    "R&amp;D in <b>C&#43;&#43;</b> &amp;amp; C#": "R&D in C++ & C#",
    "&lt;i&gt;Homo sapiens&lt;/i&gt; is a < b > c": "Homo sapiens is a < b > c",
    "The letters <h>, <j> and <i>: intervocalic": None,
    "<jats:italic>In vitro</jats:italic> <jats:sc>l</jats:sc>-DOPA": "In vitro l-DOPA",
    "<mml:math><mml:msub><mml:mi>m</mml:mi><mml:mi>π</mml:mi></mml:msub></mml:math> of the pion": "mπ of the pion",
    "Cautionary note about $R^2$ and $\\alpha$-decay": None,
    "For $5 to $10, not $x$ but \\(y\\)": None,
    "$\\input{/etc/passwd}$ \\write18{id}": None,
    "α-Helix, β-sheet and μ ≤ 5 ± 1 × 10": None,
    "Η ελληνική γλώσσα": None,
    '=HYPERLINK("http://evil") \'quoted\' "double"': None,
    "TY  - BOOK ER  - AU  - Evil": None,
    "]]> <!-- --> <?xml?> &lt;rdf:RDF&gt;": "]]> <!-- --> <?xml?> <rdf:RDF>",
    "INTRODUCTION TO ALGORITHMS": None,
    "iPhone, eBay, mRNA, 5-HT and pH: a McDonald’s story of the United States": None,
    "E = mc² and the ﬁne structure, 1ª edição nº 3": None,
    "Über den Begriff der Größe und die Ästhetik im Werk Kants": None,
    "Emoji 💩 𝒜 and 𠀀": None,
    "Perdition|pipes <tags> \\emph{wh-}fronting \\varepsilon-Skip": None,
    "“President Vows to Cut <Taxes> Hair”: Dataset": None,
    "A b\u00a0c\u2009d\te": "A b c d e",
    "'": None,
    "#": None,
}
"""Title and what a reader sees of it; None: the title as it is."""

NAMES = (
    (Name("van der Waals", "Johannes Diderik"),),
    (Name("de la Vallée Poussin", "Charles-Jean"), Name("Ångström", "Å.")),
    (Name("King Jr.", "Martin Luther"), Name("Ford III", "Henry")),
    (Name(literal="Barnes and Noble, Inc."), Name(literal="World Health Organization")),
    (Name("hooks", "bell"), Name("d'Arc", "Jeanne"), Name("O’Brien", "É.")),
    (Name("García Márquez", "Gabriel"), Name("Łukasz-Święty", "Ida"), Name("Müller & Söhne", "J.")),
    (Name("Plato"), Name(literal="others"), Name("毛", "泽东"), Name("Ibn Sīnā", "Abū ʿAlī")),
    (Name("x=3", "A. and B."), Name("Erd{\\H o}s", "P_a%l")),
)

FILES = (
    "plain.pdf",
    "Müller & Söhne 2019 – Über “alles”.pdf",
    "a;b:c.pdf",
    "back\\slash\\.pdf",
    "$x$ costs 5$.pdf",
    "{balanced} {braces}.pdf",
    "un{balanced.pdf",
    "un}{balanced.pdf",
    "100%20 #1 ?x=y&z.pdf",
    "two  blanks.pdf",
    "日本語.pdf",
    "it's \"quoted\", 'twice'.pdf",
    "-=+@.pdf",
    "a~b^c_d.pdf",
    "deep/er/fol der/x.y.pdf",
    "<tag> |pipe|.pdf",
    "line\nbreak.pdf",
)
"""Names of files, relative to the export; each is made."""
