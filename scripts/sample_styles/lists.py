"""Samples of lists that are laid out or cut otherwise: chapters, lumps, dashes, no heading, comments, weeks, line numbers."""

# ruff: noqa: E501, ISC004 - a citation reads best in one piece

from __future__ import annotations

from dataclasses import replace

from .entries import Entry
from .printing import acs, aps, author_date, plain_numbered
from .sample import Sample, listing, paragraphs, table_listing

LETTERS = "abcdefgh"


def samples() -> tuple[Sample, ...]:
    """All of them."""
    return (_book(), _chemistry(), _physics(), _dashes(), _headless(), _annotated(), _syllabus(), _line_numbers())


def _book() -> Sample:
    chapters = (
        ("Graphs", "References for Chapter 1", ("erdos1959", "dijkstra1959", "watts1998", "barabasi1999", "girvan2002", "blondel2008")),
        ("Trials", "References for Chapter 2", ("cox1972", "egger1997", "dersimonian1986", "benjamini1995", "bland1986")),
        ("Sequences", "References for Chapter 3", ("altschul1990", "edgar2004", "sanger1977", "watson1953", "quinlan2010")),
        ("Machines", "Further reading", ("turing1950", "shannon1948", "dean2008", "codd1970", "rumelhart1986", "breiman2001")),
    )  # fmt: skip
    parts, entries = [], []
    for number, (title, heading, keys) in enumerate(chapters, 1):
        listed = [author_date(key) for key in keys]
        entries += listed
        words = " ".join(f"#lorem({60 + 11 * n})\n\n" for n in range(4))
        parts += [
            "#pagebreak(weak: true)" if number > 1 else "",
            f"= {number} {title}",
            words,
            f"== {heading}",
            listing(listed),
        ]
    return Sample(
        name="20-book-chapters",
        style="a list at the end of each chapter",
        title="Four Short Courses",
        body=paragraphs(*parts),
        entries=tuple(entries),
    )


def _chemistry() -> Sample:
    lumps = (("becke1993", "perdew1996"), ("blochl1994",), ("weitz1984", "ball1987", "verma1998"), ("wang2016", "fu2017"),
             ("franci2015",), ("zhao2017",), ("sanger1977", "watson1953"), ("bradford1976",))  # fmt: skip
    printed, entries = [], []
    for number, keys in enumerate(lumps, 1):
        works = [acs(key) for key in keys]
        label = f"({number})"
        if len(works) == 1:
            printed.append(Entry(works[0].marked, label))
            entries.append(replace(works[0], label=label))
            continue
        text = " ".join(f"({LETTERS[n]}) {work.marked}" for n, work in enumerate(works))
        printed.append(Entry(text, label))
        entries += (replace(work, label=f"{label}({LETTERS[n]})") for n, work in enumerate(works))
    cited = " ".join(f"#lorem({24 + 5 * n})#super[{n}]" for n in range(1, len(lumps) + 1))
    return Sample(
        name="21-chemistry-lumps",
        style="several works to a number, (a), (b), (c); no titles",
        title="Aggregation and Release from Mesoporous Carriers",
        columns=2,
        size_pt=9.5,
        body=paragraphs("= Introduction", cited, "#lorem(160)", "= Results and Discussion", "#lorem(240)",
                        "= References", table_listing(printed, "2.4em")),
        entries=tuple(entries),
    )  # fmt: skip


def _physics() -> Sample:
    keys = ("einstein1935", "weitz1984", "ball1987", "pastorsatorras2001", "bronstein2009", "verma1998", "perdew1996",
            "blochl1994", "becke1993", "albert2002", "anderson1972", "watts1998", "barabasi1999")  # fmt: skip
    entries = [aps(key, f"[{number}]") for number, key in enumerate(keys, 1)]
    cited = " ".join(f"#lorem({18 + 3 * n}) [{n}]." for n in range(1, len(keys) + 1))
    return Sample(
        name="22-physics-no-titles",
        style="numbered, initials first, no titles, no heading but a rule",
        title="Anomalous Diffusion on Growing Networks",
        columns=2,
        size_pt=9.5,
        body=paragraphs("#emph[Introduction.]—" + cited, "#lorem(260)", "#v(1em)\n#line(length: 40%, stroke: .4pt)",
                        table_listing(entries, "2.4em", ".5em")),
        entries=tuple(entries),
    )  # fmt: skip


def _dashes() -> Sample:
    veronique = ("veronique1986", "veronique1989", "veronique2005", "veronique2007", "veronique2017")
    groups = (("bishop2006",), ("boyd2004",), ("chomsky1957",), ("shannon1940", "shannon1948"), ("einstein1905",),
              ("kuhn1996",), ("popper2002",), ("wickham2014", "wickham2016"), ("cormen2009",))  # fmt: skip
    entries: list[Entry] = []
    for keys in groups:
        head = author_date(keys[0])
        entries.append(head)
        name = head.gold(1)["first_author"]
        entries += (replace(author_date(key, "———"), first_author=name) for key in keys[1:])
    heads = author_date(veronique[1])
    name = heads.gold(1)["first_author"]
    entries.append(heads)
    entries += (replace(author_date(key, "———"), first_author=name) for key in veronique[2:])
    return Sample(
        name="23-dashes",
        style="author-date, a dash for the same author",
        title="Structures, Revolutions, Distinctions",
        body=paragraphs("= Introduction", "#lorem(220)", "#lorem(140)", "= Works Cited",
                        listing(entries, hanging="2em", gap=".55em")),
        entries=tuple(entries),
    )  # fmt: skip


def _headless() -> Sample:
    keys = ("akerlof1970", "albert2002", "altschul1990", "anders2010", "baker2016", "bates2015", "bolger2014", "brin1998",
            "codd1970", "cortes1995", "diffie1976", "folstein1975", "fortunato2010", "friedman2010", "garfield1955",
            "peng2011", "piwowar2018", "robinson2010", "sandve2013", "smith2016", "wilson2017")  # fmt: skip
    entries = [plain_numbered(key, f"{number}.") for number, key in enumerate(keys, 1)]
    cited = " ".join(f"#lorem({20 + n}) ({n})." for n in range(1, len(keys) + 1))
    left, right = (table_listing(half, "1.9em", ".45em") for half in (entries[:11], entries[11:]))
    columns = f"#set text(size: 8pt)\n#grid(columns: (1fr, 1fr), column-gutter: 7mm, [{left}], [{right}])"
    return Sample(
        name="24-two-columns-headless",
        style="numbered in two columns below one column of text, no heading",
        title="A Letter on Software and Its Citation",
        size_pt=10,
        body=paragraphs(cited, "#lorem(120)", "#v(1.2em)", columns),
        entries=tuple(entries),
    )


def _annotated() -> Sample:
    keys = ("kuhn1996", "popper2002", "price1965", "garfield1955", "peng2011", "baker2016", "sandve2013", "wilson2017",
            "smith2016", "piwowar2018")  # fmt: skip
    words = (
        "The book that made a common word of paradigm. Chapters two to four are enough for a first reading, and the "
        "postscript of the second edition answers the early critics.",
        "Argues that a statement is scientific only if something could speak against it. Hard to read, and worth it; the "
        "appendices may be left out.",
        "Shows with few numbers that papers cite the recent past more than chance would have it. Students can repeat the "
        "count on a field of their own.",
        "The proposal from which the citation index grew. Note how modest its aims were in comparison with the later use.",
        "A minimal standard is put forward: publish the code and the data. Four pages that every doctoral student should "
        "have read.",
        "A survey of some 1,500 researchers. The sample chose itself, which has to be discussed; the answers on remedies "
        "are the most useful part.",
        "Rules for the daily work. Rule three is the one most often broken.",
        "A sequel for people who cannot do everything. Its advice on file names alone is worth the time.",
        "What to cite when software was used, and how. The working group’s principles have been taken up by publishers.",
        "Half of what readers look for is free to read by now. The method, a million searches by real users, is as "
        "interesting as the figure.",
    )
    entries = [author_date(key) for key in keys]
    blocks = []
    for entry, text in zip(entries, words, strict=True):
        blocks += [
            listing([entry], hanging="1.6em"),
            f"#pad(left: 1.6em, bottom: .6em)[#set text(size: .95em); {text}]",
        ]
    return Sample(
        name="25-annotated",
        style="annotated bibliography",
        title="Reading for the Methods Seminar: An Annotated Bibliography",
        body=paragraphs(
            "This list is meant for students in their first year. #lorem(60)", "= Annotated Bibliography", *blocks
        ),
        entries=tuple(entries),
    )


def _syllabus() -> Sample:
    weeks = (
        ("Why networks?", ("watts1998", "barabasi1999")),
        ("Random graphs", ("erdos1959",)),
        ("Communities", ("girvan2002", "blondel2008", "fortunato2010")),
        ("Spreading", ("pastorsatorras2001", "albert2002")),
        ("Ranking pages", ("brin1998", "page1999")),
        ("Large data", ("dean2008", "codd1970")),
        ("Being right", ("peng2011", "sandve2013", "baker2016")),
    )
    parts = ["*Instructor:* C. Abernethy-Falk, office hours Tuesday 14:00–15:30, room 2.14. *Credits:* 6. *Language:* English.",
             "= Aims of the course", "#lorem(70)", "= Assessment",
             "Three problem sets (30%), a presentation (20%), a term paper of 4,000 words (50%). Late work loses 5% a day.",
             "= Schedule and readings"]  # fmt: skip
    entries = []
    for number, (title, keys) in enumerate(weeks, 1):
        listed = [author_date(key) for key in keys]
        entries += listed
        parts += [
            f"*Week {number} ({number + 5} October): {title}.* #lorem({12 + number})",
            listing(listed, hanging="1.2em", gap=".45em"),
        ]
    parts += ["= Academic integrity", "#lorem(80)"]
    return Sample(
        name="26-syllabus",
        style="readings below the weeks of a syllabus",
        title="SOC 431: Networks and What They Carry",
        body="#set par(first-line-indent: 0pt)\n" + paragraphs(*parts),
        entries=tuple(entries),
    )


def _line_numbers() -> Sample:
    keys = ("bean2016", "paulot2009", "gan2014", "deng2010", "wang2012", "phillips2013", "wisskirchen2013", "peel2007",
            "duku2015", "roland2013", "reid1996", "tiso2015", "yurkov2011", "vetrovsky2013", "wickham2014")  # fmt: skip
    chosen = sorted((author_date(key) for key in keys if key != "reid1996"), key=lambda entry: entry.raw.casefold())
    return Sample(
        name="27-preprint-line-numbers",
        style="a manuscript with line numbers and wide lines",
        title="Soil Respiration under Elevated Carbon Dioxide: A Preprint",
        setup="#set par.line(numbering: it => text(size: 7pt, fill: gray)[#it])\n#set par(leading: 1.1em, spacing: 1.1em)",
        body=paragraphs("= Introduction", "#lorem(190)", "= Methods", "#lorem(170)", "= Results", "#lorem(150)",
                        "= References", listing(chosen, hanging="1.8em", gap="1.1em")),
        entries=tuple(chosen),
    )  # fmt: skip
