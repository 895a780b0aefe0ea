"""Which of the works that wait for a PDF a file is. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz, process

from dl_lit.core.identifiers import arxiv_id_of_doi, find_arxiv_ids, find_dois
from dl_lit.core.model import Location, Work
from dl_lit.core.ports import PdfFacts
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.values import dataclass
from dl_lit.matching.normalise import squash, text_key, title_key
from dl_lit.matching.proof import prove

_MIN_TITLE = 12  # letters; a shorter title may stand in any text
_LIKE = 80.0  # of 100: titles less alike are not looked at
_MOST = 25  # candidates that are proven in full


@dataclass(frozen=True, slots=True)
class Bound:
    """The work that the file is, and the proof of it."""

    work_id: int
    work: Work
    proof: Proof


@dataclass(frozen=True, slots=True)
class Unbound:
    """No work that waits is proven to be the file."""

    why: str  # for people
    nearest: tuple[Bound, ...] = ()  # the best first


class WaitingWorks:
    """The works that wait, ready to be looked through again and again."""

    def __init__(self, works: Iterable[tuple[int, Work]]) -> None:
        """Take the works with their ids."""
        self._works = dict(works)
        self._by_identifier: dict[str, set[int]] = defaultdict(set)
        self._titles: dict[int, str] = {}
        for work_id, work in self._works.items():
            for identifier in _identifiers(work):
                self._by_identifier[identifier].add(work_id)
            for title in (work.title, *(alias.title for alias in work.aliases)):
                if len(key := squash(title_key(title))) >= _MIN_TITLE:
                    self._titles.setdefault(work_id, key)

    def __len__(self) -> int:
        return len(self._works)

    def find(self, facts: PdfFacts, location: Location) -> Bound | Unbound:
        """The one work that the file is proven to be, or may be.

        Of several the best proven one, if it is better proven than the others; a doubtful one only where it is alone.
        """
        if not self._works:
            return Unbound("no work waits for a PDF")
        judged = [Bound(one, self._works[one], prove(self._works[one], facts, location)) for one in self._likely(facts)]
        order = sorted(judged, key=lambda one: -one.proof.score)
        verified = [one for one in order if one.proof.verdict is Verdict.VERIFIED]
        if verified and (len(verified) == 1 or verified[0].proof.score > verified[1].proof.score):
            return verified[0]
        if verified:
            return Unbound(f"it may be {_names(verified)}: say which with --work", tuple(verified))
        doubtful = [one for one in order if one.proof.verdict is Verdict.NEEDS_REVIEW]
        if len(doubtful) == 1:
            return doubtful[0]
        if doubtful:
            return Unbound(f"it may be {_names(doubtful)}: say which with --work", tuple(doubtful))
        if facts.is_scan or not facts.first_text.strip():
            return Unbound("it is a scan without text: say which work it is with --work")
        return Unbound("its first pages name no work that waits for a PDF", tuple(order[:3]))

    def _likely(self, facts: PdfFacts) -> Sequence[int]:
        """Works worth a proof: by an identifier on the first pages or in the metadata, or by a title."""
        text = facts.first_text
        stated = [doi for doi in (facts.doi, facts.stated_doi) if doi]
        dois = [*stated, *find_dois(text)]
        arxiv = [*find_arxiv_ids(text), *(one for one in map(arxiv_id_of_doi, dois) if one)]
        named = [f"doi:{doi}" for doi in dois] + [f"arxiv:{one}" for one in arxiv]
        found = dict.fromkeys(work_id for name in named for work_id in sorted(self._by_identifier.get(name, ())))
        body = squash(text_key(text))
        found |= dict.fromkeys(work_id for work_id, title in self._titles.items() if title in body)
        for title in filter(None, (facts.title, facts.stated_title)):
            near = process.extract(
                squash(title_key(title)), self._titles, scorer=fuzz.ratio, score_cutoff=_LIKE, limit=_MOST
            )
            found |= dict.fromkeys(work_id for _, _, work_id in near)
        return list(found)[:_MOST]


def _identifiers(work: Work) -> list[str]:
    arxiv = work.arxiv_id or (arxiv_id_of_doi(work.doi) if work.doi else None)
    return [name for name in (work.doi and f"doi:{work.doi}", arxiv and f"arxiv:{arxiv}") if name]


def _names(several: Sequence[Bound]) -> str:
    return " or ".join(f"w{one.work_id}" for one in several[:3]) + (" or others" if len(several) > 3 else "")
