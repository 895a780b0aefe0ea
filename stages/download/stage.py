"""The download stage: each claim goes its way through the locations of its work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dl_lit.core.items import DownloadItem
from dl_lit.core.job import Answer, Claim, Done, Reject, Retry
from dl_lit.core.model import StageName
from dl_lit.core.ports import PastTries
from stages.download.failures import remembered
from stages.download.memory import Memories, Memory
from stages.download.way import Tools, Way


class DownloadStage:
    """Tries the locations of a work in order until one gives its PDF."""

    def __init__(self, tools: Tools, past: PastTries) -> None:
        """`past` tells what the attempts before this process came to."""
        self._tools = tools
        self._past = past
        self._memories = Memories(tools.library.discard)

    @property
    def name(self) -> StageName:
        """The last stage."""
        return StageName.DOWNLOAD

    def batch_size(self, phase: str) -> int:
        """One: a worker holds one connection."""
        del phase
        return 1

    def handle(self, claims: Sequence[Claim]) -> Iterator[tuple[Claim, Answer]]:
        """Fetch each work."""
        for claim in claims:
            yield claim, self._answer(claim)

    def close(self) -> None:
        """Remove what was put by. The tools are their owner's to close."""
        self._memories.close()

    def _answer(self, claim: Claim) -> Answer:
        item = claim.item
        if not isinstance(item, DownloadItem):
            raise TypeError(f"download was handed {type(item).__name__}")
        memory = self._memories.of(claim.id)
        self._recall(claim, item, memory)
        way = Way(self._tools, claim, item, memory, self._memories.take_back(claim.id))
        try:
            answer = way.run()
        except BaseException:
            if way.kept is not None:
                self._tools.library.discard(way.kept.fetched.path)
            raise
        if way.kept is not None:
            self._memories.put_by(claim.id, way.kept)
        if isinstance(answer, Done | Reject):
            self._memories.forget(claim.id)
        elif isinstance(answer, Retry):
            memory.next_attempt()
        return answer

    def _recall(self, claim: Claim, item: DownloadItem, memory: Memory) -> None:
        """Take over what a process before found to fail for good."""
        if memory.is_recalled:
            return
        memory.is_recalled = True
        if claim.attempt > 1:
            tried = self._past.tried_before(claim.id, claim.attempt)
            for failure in remembered(tried, {one.url: one for one in item.locations}):
                memory.note(failure)
