"""Lists of references that typst's own styles do not give: DOIs only as links, and labels like [Knu97]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from anyascii import anyascii

from .catalogue import CitedWork


class OwnList(Protocol):
    """How one kind of list cites and prints; both give typst markup."""

    def citation(self, group: list[CitedWork], cited: list[str]) -> str:
        """The mark in the text for `group`; `cited` holds the keys cited so far, these included."""

    def listing(self, works: list[CitedWork]) -> str:
        """The list of `works`, which come in the order of their citation."""


@dataclass(frozen=True, slots=True)
class LinkedList:
    """Numbered in the order of citation; no DOI in print, but a link to it behind the journal's name."""

    def citation(self, group: list[CitedWork], cited: list[str]) -> str:
        """The numbers in brackets, each a link to its entry."""
        numbers = [f"#link(<ref-{work.key}>)[{cited.index(work.key) + 1}]" for work in group]
        return " [" + ", ".join(numbers) + "]" if numbers else ""

    def listing(self, works: list[CitedWork]) -> str:
        """A numbered list."""
        setup = '#set text(size: 9.5pt)\n#set enum(numbering: "1.", body-indent: .6em, spacing: .7em)'
        return "\n".join([setup, *(self._entry(work) for work in works)])

    def _entry(self, work: CitedWork) -> str:
        facts = work.facts
        names = [f"{name['family']} {_initials(name['given'])}" for name in facts["authors"]]
        authors = ", ".join(names[:6]) + (", et al" if len(names) > 6 else "")
        where = f'#link("https://doi.org/{work.doi}")[{facts["container"]}. {facts["year"]}{_numbers(work)}.]'
        return f"+ #box[]<ref-{work.key}>{authors}. {work.title}. {where}"


@dataclass(frozen=True, slots=True)
class AlphaList:
    """Sorted by label: three letters of one author or the initials of several, and two figures of the year."""

    def citation(self, group: list[CitedWork], cited: list[str]) -> str:
        """The labels in brackets."""
        return " [" + ", ".join(_alpha(work) for work in group) + "]" if group and cited else ""

    def listing(self, works: list[CitedWork]) -> str:
        """A list of terms with hanging labels."""
        setup = "#set text(size: 9.5pt)\n#set terms(separator: h(.8em), hanging-indent: 3.6em, spacing: .8em)"
        ordered = sorted(works, key=lambda work: (anyascii(work.first_author).casefold(), work.facts["year"]))
        return "\n".join([setup, "#show terms: set text(weight: 400)", *(self._entry(work) for work in ordered)])

    def _entry(self, work: CitedWork) -> str:
        facts = work.facts
        names = [f"{_initials(name['given'], '. ')}. {name['family']}" for name in facts["authors"]]
        authors = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
        where = facts.get("container") or facts.get("publisher") or f"arXiv:{facts['arxiv_id']}"
        title = f"#emph[{work.title}]" if facts["type"] in {"book", "thesis"} else work.title
        doi = f" doi:{facts['doi']}" if "doi" in facts else ""
        return f"/ \\[{_alpha(work)}\\]: {authors}. {title}. {where}{_numbers(work, ' ')}, {facts['year']}.{doi}"


OWN_LISTS: dict[str, OwnList] = {"linked-list": LinkedList(), "alpha-list": AlphaList()}


def _alpha(work: CitedWork) -> str:
    names = [anyascii(str(name["family"])) for name in work.facts["authors"]]
    letters = (
        names[0][:3] if len(names) == 1 else "".join(name[0] for name in names[:3]) + ("+" if len(names) > 3 else "")
    )
    return f"{letters}{work.facts['year'] % 100:02}"


def _numbers(work: CitedWork, before: str = ";") -> str:
    facts = work.facts
    volume = facts.get("volume", "")
    pages = ":" + facts["pages"].replace("-", "–") if "pages" in facts else ""
    return f"{before}{volume}{pages}" if volume or pages else ""


def _initials(given: str, between: str = "") -> str:
    return between.join(part[0] for part in given.replace("-", " ").replace(".", " ").split())
