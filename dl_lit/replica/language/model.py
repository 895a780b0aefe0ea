"""One model at one address: what it was asked, what it answers, the files it keeps, and what all of it took."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import Any

from dl_lit.core.values import dataclass
from dl_lit.replica.faults import FaultKind
from dl_lit.replica.language.answering import Asked, answer, asked
from dl_lit.replica.language.files import FileStore, StoredFile
from dl_lit.replica.language.lies import LIES, lie
from dl_lit.replica.language.papers import page_texts
from dl_lit.replica.language.tokens import Account, Prefix, Prices, PromptCache, Usage, prefixes, tokens_of

_MOST_PAPERS = 500  # whose pages' texts are remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """How all models of a replica behave."""

    keys: frozenset[str] | None = None  # the good ones; None takes any, and none at all where servers may need none
    processing_s: float = 1.0  # from an upload's end to its being there, at Gemini's; divided by the replica's scale
    cache_keep_s: float = 300.0  # of a prompt's prefix, since it was last seen; likewise
    prices: Prices = field(default_factory=Prices)


class Ending(StrEnum):
    """How an answer came to its end; each provider has words of its own for it."""

    STOP = "stop"
    LENGTH = "length"
    REFUSED = "refused"  # the model would not
    SAFETY = "safety"  # the provider's filter would not
    RECITATION = "recitation"
    ERROR = "error"


_ENDINGS = {
    FaultKind.CUT_ANSWER: Ending.LENGTH,
    FaultKind.REFUSAL: Ending.REFUSED,
    FaultKind.SAFETY: Ending.SAFETY,
    FaultKind.RECITATION: Ending.RECITATION,
    FaultKind.FINISH_ERROR: Ending.ERROR,
}
SPOILT = LIES | _ENDINGS.keys() | {FaultKind.CUT_JSON}
"""Faults that stand in the answer itself, whoever sends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the model said."""

    text: str
    ending: Ending
    usage: Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One question, as it came in."""

    question: Asked | None
    files: tuple[Sequence[str], ...]  # the texts of their pages
    prompt: str
    prefixes: tuple[Prefix, ...]  # that the prompt cache may know
    cached: int  # tokens of them that it knew when the question came
    most_tokens: int | None  # of the answer
    about: str  # for the log

    @property
    def kind(self) -> str:
        """The task, or "ask" where it is none of ours."""
        return self.question.task.value if self.question else "ask"


@dataclass(slots=True)
class Papers:
    """The texts of uploaded PDFs' pages: those told, and those that could be read."""

    told: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by SHA-256, hexadecimal
    _read: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def texts(self, content: bytes) -> tuple[str, ...]:
        """The pages' texts of a PDF; empty ones where it cannot be read and nobody told them."""
        digest = hashlib.sha256(content).hexdigest()
        if digest in self.told:
            return self.told[digest]
        if digest not in self._read:
            if len(self._read) >= _MOST_PAPERS:
                del self._read[next(iter(self._read))]
            self._read[digest] = page_texts(content)
        return self._read[digest]


class Model:
    """A model behind an API."""

    def __init__(
        self, settings: ModelSettings, papers: Papers, *, time_scale: float, least_cached: int, marks: bool, files: bool
    ) -> None:
        """`least_cached` is from how many tokens on prompts are kept; with `marks` only the prefixes marked in them.

        `files` that are uploaded take a while before they can be asked about; without, they are there at once.
        """
        self.settings = settings
        self.papers = papers
        self._time_scale = time_scale
        self._least_cached = least_cached
        self._marks = marks
        self._files = files
        self.reset()

    def reset(self) -> None:
        """Forget all files, prompts and counts."""
        scale = self._time_scale
        self.cache = PromptCache(self._least_cached, self.settings.cache_keep_s / scale)
        self.files = FileStore(self.settings.processing_s / scale if self._files else 0.0)
        self.account = Account(self.settings.prices)

    def takes(self, key: str | None) -> bool:
        """Whether a key is a good one; None: the request had none."""
        return self.settings.keys is None or key in self.settings.keys

    def call(
        self,
        place: str,
        parts: Sequence[str],
        *,
        marks: Sequence[int] = (),
        files: Sequence[tuple[str, bytes]] = (),
        most_tokens: int | None,
    ) -> Call:
        """A question made of `parts`, in their order; `marks` are the numbers of parts up to which it is to be kept.

        `files` are what went along, by name (empty for those within the request). `place` keeps models apart.
        """
        texts = tuple(self.papers.texts(content) for _, content in files)
        joined = "\x1e".join([place, *parts])
        prompt = "\x1e".join([joined, *("\f".join(pages) for pages in texts)])
        lengths = [len("\x1e".join([place, *parts[: mark + 1]])) for mark in sorted(marks)]
        beginnings = prefixes(prompt, lengths if self._marks else None)
        question = asked(parts)
        names = "".join(f" {name}" for name, _ in files if name)
        digest = hashlib.blake2b(prompt.encode(), digest_size=6).hexdigest()
        return Call(
            question=question,
            files=texts,
            prompt=prompt,
            prefixes=beginnings,
            cached=self.cache.cached(beginnings, time.monotonic()),
            most_tokens=most_tokens,
            about=f"{question.task.value if question else 'ask'} {digest}{names}",
        )

    def reply(self, call: Call, kind: FaultKind | None = None) -> Reply:
        """The answer, spoilt in the way of `kind`; from now on its prompt is known to the cache."""
        value = answer(call.question, call.files)
        if kind in LIES and call.question is not None:
            value = lie(kind, call.question, value)
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        ending = _ENDINGS.get(kind, Ending.STOP) if kind else Ending.STOP
        match ending:
            case Ending.LENGTH:
                text = text[: len(text) // 2]
            case Ending.REFUSED:
                text = "I am sorry, but I cannot help with that."
            case Ending.SAFETY | Ending.RECITATION | Ending.ERROR:
                text = ""
            case Ending.STOP:
                if kind is FaultKind.CUT_JSON:
                    text = text[: len(text) * 2 // 3]
        if call.most_tokens is not None and tokens_of(text) > call.most_tokens:
            text, ending = text[: call.most_tokens * 4], Ending.LENGTH
        kept = self.cache.learn(call.prefixes, time.monotonic())
        usage = Usage(
            input=tokens_of(call.prompt),
            cached=call.cached,
            written=max(0, kept - call.cached) if self._marks else 0,
            output=tokens_of(text),
        )
        self.account.add(usage)
        return Reply(text=text, ending=ending, usage=usage)

    def receive(self, stored: StoredFile, content: bytes, kind: FaultKind | None = None) -> None:
        """An upload has come in whole; it fails, hangs or is lost where `kind` says so."""
        self.files.fill(stored, content, time.monotonic())
        if kind is FaultKind.FILE_FAILED:
            stored.fails = True
        elif kind is FaultKind.FILE_STUCK:
            stored.ready_at = float("inf")
        elif kind is FaultKind.FILE_GONE:
            self.files.delete(stored.name)


def attached(data: Any) -> bytes:
    """What a base64 text or a data address holds; empty where it is neither."""
    text = str(data or "")
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""


class Language:
    """All models of a replica."""

    def __init__(self, settings: ModelSettings, time_scale: float) -> None:
        """Of three servers of chat completions, Gemini and Anthropic; each has its own prompts, files and counts."""
        self.papers = Papers()

        def model(least_cached: int, *, marks: bool = False, files: bool = False) -> Model:
            return Model(
                settings, self.papers, time_scale=time_scale, least_cached=least_cached, marks=marks, files=files
            )

        # From how many tokens on prompts are kept, read 2026-11-23:
        # https://platform.openai.com/docs/guides/prompt-caching, https://ai.google.dev/gemini-api/docs/caching,
        # https://docs.claude.com/en/docs/build-with-claude/prompt-caching
        self.models: Mapping[str, Model] = {
            **{site: model(1_024) for site in CHAT_SITES},
            "gemini": model(2_048, files=True),
            "anthropic": model(1_024, marks=True),
        }

    def reset(self) -> None:
        """Forget all files, prompts and counts; texts that were told stay known."""
        for model in self.models.values():
            model.reset()

    def tell(self, digest: str, pages: Sequence[str]) -> None:
        """What stands on the pages of the PDF with this SHA-256 (hexadecimal)."""
        self.papers.told[digest.lower()] = tuple(pages)

    def files_left(self) -> list[dict[str, Any]]:
        """The uploads that nobody deleted."""
        return [
            {"site": site, "name": stored.name, "display_name": stored.display_name, "sha256": stored.digest}
            for site, model in self.models.items()
            for stored in model.files.left()
        ]

    def to_json(self) -> dict[str, Any]:
        """Tokens and files by site, and the files that are left."""
        return {
            "files_left": self.files_left(),
            "models": {
                site: {
                    **model.account.to_json(),
                    "uploads": model.files.uploads,
                    "deletions": model.files.deletions,
                }
                for site, model in self.models.items()
            },
        }


CHAT_SITES = ("chat", "chat-2", "chat-3")
"""Three servers of one model, for those who ask several."""
