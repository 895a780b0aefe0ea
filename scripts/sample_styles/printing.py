"""Works of the catalogue printed in styles that typst does not bring along, with their fields marked."""

from __future__ import annotations

from sample_papers.catalogue import CitedWork, works

from .entries import Entry


def acs(key: str, label: str | None = None) -> Entry:
    """As chemists print it: "Becke, A. D. J. Chem. Phys. 1993, 98, 5648–5652.", no title."""
    work, facts = works()[key], works()[key].facts
    people = "; ".join(f"{_family(work, n)}, {_initials(name['given'])}" for n, name in enumerate(facts["authors"]))
    where = f"{{C:{facts['container']}}}" + f" {{y:{facts['year']}}}"
    return Entry(f"{people} {where}, {facts['volume']}, {_pages(work)}.", label)


def aps(key: str, label: str | None = None) -> Entry:
    """As physicists print it: "A. Einstein, B. Podolsky, and N. Rosen, Phys. Rev. 47, 777 (1935).", no title."""
    work, facts = works()[key], works()[key].facts
    people = [f"{_initials(name['given'])} {_family(work, n)}" for n, name in enumerate(facts["authors"])]
    first = _pages(work).split("–")[0]
    return Entry(
        f"{_listed(people)}, {{c:{facts['container']}}} {facts['volume']}, {first} ({{y:{facts['year']}}}).", label
    )


def plain_numbered(key: str, label: str | None = None) -> Entry:
    """Authors, title, journal, volume, pages, year."""
    work, facts = works()[key], works()[key].facts
    people = [f"{_initials(name['given'])} {_family(work, n)}" for n, name in enumerate(facts["authors"][:6])]
    more = " et al." if len(facts["authors"]) > 6 else ""
    names = ", ".join(people) + more
    doi = f" doi:{{d:{facts['doi']}}}" if "doi" in facts else ""
    return Entry(f"{names}. {{t:{work.title}}}. {_where(work)}, {{y:{facts['year']}}}.{doi}", label, facts["type"])


def author_date(key: str, people: str | None = None) -> Entry:
    """As Chicago's author-date lists print it; `people` stands for the authors where it is given ("———")."""
    work, facts = works()[key], works()[key].facts
    first, *others = facts["authors"]
    names = [f"{_family(work, 0)}, {first['given']}"] + [f"{name['given']} {name['family']}" for name in others]
    shown = people if people is not None else _listed(names)
    end = "" if shown.endswith((".", "——")) else "."
    title = f"“{{t:{work.title}}}.”" if "container" in facts else f"{{T:{work.title}}}."
    return Entry(f"{shown}{end} {{y:{facts['year']}}}. {title} {_where(work)}.", None, facts["type"])


def long_note(key: str, at: str = "") -> Entry:
    """As a first note cites it; `at` is the page referred to."""
    work, facts = works()[key], works()[key].facts
    names = [f"{name['given']} {_family(work, n)}" for n, name in enumerate(facts["authors"])]
    place = f", {at}" if at else ""
    if "container" in facts:
        numbers = f" {facts['volume']}" if "volume" in facts else ""
        body = f"“{{t:{work.title}}},” {{C:{facts['container']}}}{numbers} ({{y:{facts['year']}}}): {_pages(work)}"
        return Entry(f"{_listed(names)}, {body}{place}", None, facts["type"])
    maker, _, town = facts["publisher"].partition(", ")
    imprint = f"{town}: {maker}" if town else maker
    body = f"{{T:{work.title}}} ({imprint}, {{y:{facts['year']}}})"
    return Entry(f"{_listed(names)}, {body}{place}", None, facts["type"])


def _family(work: CitedWork, number: int) -> str:
    name = work.facts["authors"][number]
    family = str(name.get("family") or name["literal"])
    return f"{{a:{family}}}" if number == 0 else family


def _initials(given: str) -> str:
    return " ".join(f"{part[0]}." for part in given.replace("-", " ").replace(".", " ").split())


def _pages(work: CitedWork) -> str:
    return str(work.facts["pages"]).replace("-", "–")


def _where(work: CitedWork) -> str:
    facts = work.facts
    if "container" not in facts:
        maker, _, town = facts.get("publisher", "").partition(", ")
        return f"{town}: {maker}" if town else maker
    numbers = f" {facts['volume']}" if "volume" in facts else ""
    numbers += f"({facts['issue']})" if "issue" in facts else ""
    pages = f": {_pages(work)}" if "pages" in facts else ""
    return f"{{C:{facts['container']}}}{numbers}{pages}"


def _listed(names: list[str]) -> str:
    if len(names) < 3:
        return " and ".join(names)
    return f"{', '.join(names[:-1])}, and {names[-1]}"
