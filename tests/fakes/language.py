"""A language model for tests, and the ports around it: no network, no threads, no PDFs; everything asked is kept."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from dl_lit.core.errors import PdfError
from dl_lit.core.language import (
    ModelAnswer,
    ModelError,
    ModelUse,
    PageText,
    Provider,
    Question,
    RemoteFile,
    Task,
    Tokens,
    Trouble,
)
from dl_lit.core.model_tasks import SCHEMAS

A = TypeVar("A")
B = TypeVar("B")
Answering = Callable[[Question], Any]
"""Gives the JSON value of an answer, or raises or returns a `ModelError`."""


def fields(**told: Any) -> dict[str, Any]:
    """The fields of an entry as a model answers them: those not told are null, people are (family, given) pairs."""
    properties = SCHEMAS[Task.ENTRY]["properties"]["entries"]["items"]["properties"]
    people = {
        name: [{"family": family, "given": given, "literal": None} for family, given in told.pop(name, ())]
        for name in ("authors", "editors")
    }
    told = {"type": told.pop("type", "document"), **told}
    return {**{name: told.get(name) for name in properties if name != "n"}, **people}


def quoted(page: int, verbatim: str, **told: Any) -> dict[str, Any]:
    """One reference of a section's answer."""
    return {"page": page, "verbatim": verbatim, **fields(**told)}


def section(*references: Mapping[str, Any], is_complete: bool = True) -> dict[str, Any]:
    """A section's answer."""
    return {"references": list(references), "is_complete": is_complete}


def asked_of(question: Question) -> Any:
    """The JSON document that a question asks about."""
    return json.loads(question.text)


@dataclass
class FakeModel:
    """Obeys `LanguageModel`: answers as it is told, at once. Thread-safe as its `answering` is."""

    answering: Answering = field(default=lambda _question: ModelError(Trouble.DOWN))
    provider: Provider = Provider.OPENAI
    name: str = "openai/fake"
    warms_up: bool = False
    refuses_uploads: ModelError | None = None
    asked: list[Question] = field(default_factory=list)
    remembered: set[tuple[str, str, str]] = field(default_factory=set)
    uploaded: list[RemoteFile] = field(default_factory=list)
    deleted: list[RemoteFile] = field(default_factory=list)
    noted: dict[str, int] = field(default_factory=lambda: {"entries": 0, "invented": 0, "order_violations": 0})
    is_stopped: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, question: Question) -> ModelAnswer:
        with self._lock:
            self.asked.append(question)
        if self.is_stopped:
            raise ModelError(Trouble.STOPPING)
        value = self.answering(question)
        if isinstance(value, ModelError):
            raise value
        is_remembered = self.is_remembered(question)
        return ModelAnswer(value=value, tokens=Tokens(input=1), model="fake-1", is_remembered=is_remembered)

    def is_remembered(self, question: Question) -> bool:
        return (question.version, question.text, question.content) in self.remembered

    def upload(self, file: Path, *, timeout_s: float) -> RemoteFile:
        if self.refuses_uploads is not None:
            raise self.refuses_uploads
        assert file.is_file()
        with self._lock:
            remote = RemoteFile(self.provider, "https://models.test", f"files/{len(self.uploaded) + 1}")
            self.uploaded.append(remote)
        return remote

    def delete(self, file: RemoteFile) -> None:
        with self._lock:
            self.deleted.append(file)

    def note(self, *, entries: int = 0, invented: int = 0, order_violations: int = 0) -> None:
        with self._lock:
            self.noted["entries"] += entries
            self.noted["invented"] += invented
            self.noted["order_violations"] += order_violations

    def use(self) -> ModelUse:
        noted = self.noted
        return ModelUse(
            requests=len(self.asked),
            remote_files=len(self.left_over),
            entries=noted["entries"],
            invented=noted["invented"],
            order_violations=noted["order_violations"],
        )

    def stop(self) -> None:
        self.is_stopped = True

    @property
    def left_over(self) -> list[RemoteFile]:
        """Files that were uploaded and not deleted."""
        return [one for one in self.uploaded if one not in self.deleted]


@dataclass
class OneByOne:
    """Obeys `InOrder`, one value after the other."""

    alone: list[int | None] = field(default_factory=list)  # what each call said about going ahead alone

    def __call__(
        self, ask: Callable[[A], B], values: Sequence[A], *, alone: int | None = None
    ) -> Iterator[B | ModelError]:
        self.alone.append(alone)
        for value in values:
            yield _tried(lambda value=value: ask(value))  # type: ignore[misc]


@dataclass
class FakeSections:
    """Obeys `Sections`, one task after the other; `again` times more where a trouble may pass."""

    again: int = 0
    gives_up_uploads: bool = False  # an upload's time is over when it has come to its end

    def run(self, tasks: Sequence[Callable[[], B]]) -> Sequence[B | ModelError]:
        results: list[B | ModelError] = []
        for task in tasks:
            result = _tried(task)
            for _ in range(self.again):
                if isinstance(result, ModelError) and result.trouble.may_pass:
                    result = _tried(task)
            results.append(result)
        return results

    def split(self, work: Callable[[], B]) -> B:
        return work()

    def upload(self, work: Callable[[], B]) -> B:
        result = work()
        if self.gives_up_uploads:
            raise ModelError(Trouble.TIMEOUT, "the upload")
        return result


@dataclass
class FakePages:
    """Obeys `Pages`: texts by page; None for a page without text. What is split off is kept as its page numbers."""

    by_page: dict[int, str | None]
    trouble: PdfError | OSError | None = None
    split_off: list[tuple[int, ...]] = field(default_factory=list)
    written: list[Path] = field(default_factory=list)

    def texts(self, path: Path, pages: Sequence[int]) -> Sequence[PageText]:
        if isinstance(self.trouble, PdfError):
            raise self.trouble
        there = [page for page in pages if page in self.by_page]
        return [PageText(page, self.by_page[page] or "", is_image=self.by_page[page] is None) for page in there]

    def split(self, path: Path, pages: Sequence[int], into: Path) -> None:
        if self.trouble is not None:
            raise self.trouble
        into.write_bytes(b"%PDF-1.7\n" + repr(list(pages)).encode())
        self.split_off.append(tuple(pages))
        self.written.append(into)


def _tried(work: Callable[[], B]) -> B | ModelError:
    try:
        return work()
    except ModelError as error:
        return error
