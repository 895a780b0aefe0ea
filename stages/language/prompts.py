"""Questions to a model, one builder for each task. Pure.

The instructions of a task never change from question to question, and come first: that is what providers keep in their
prompt caches, from 1,024 to 4,096 tokens on. `VERSIONS` are digests of instructions and schema, so that answers that
were kept under other words are not taken for answers to these.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from dl_lit.core.language import MOST_JUDGED, PageText, Question, RemoteFile, Task
from dl_lit.core.model import Name, Reference, Work
from dl_lit.core.model_tasks import SCHEMAS
from stages.language.wording import wording

SECTION_TOKENS = 16_384  # of an answer: some 60 entries; what is longer is asked for in halves
ENTRY_TOKENS = 1_024  # of an answer, for each entry
JUDGE_TOKENS = 512  # of an answer
_FIELD = 500  # characters of a candidate's field
_PEOPLE = 8


WORDING: Mapping[Task, str] = wording()
"""The instructions of each task."""


def _version(task: Task) -> str:
    schema = json.dumps(SCHEMAS[task], sort_keys=True)
    return hashlib.sha256(f"{WORDING[task]}\n{schema}".encode()).hexdigest()[:12]


VERSIONS: Mapping[Task, str] = {task: _version(task) for task in Task}
"""The version of each task's prompt."""


def of_texts(pages: Sequence[PageText]) -> Question:
    """Which references stand on these pages, whose texts go along."""
    shown = [{"page": one.page, "text": one.text} for one in pages]
    return _question(Task.SECTION, {"pages": shown}, SECTION_TOKENS)


def of_file(pages: Sequence[int], content: str, file: RemoteFile | None = None) -> Question:
    """Which references stand on these pages, which are the `file`; `content` is the digest of what it holds.

    Without `file` the question can only be answered from memory.
    """
    files = (file,) if file is not None else ()
    return _question(Task.SECTION, {"pages": list(pages)}, SECTION_TOKENS, files=files, content=content)


def of_entries(texts: Sequence[str]) -> Question:
    """What the fields of these entries are; `n` counts from 1."""
    shown = [{"n": n, "text": text} for n, text in enumerate(texts, 1)]
    return _question(Task.ENTRY, {"entries": shown}, ENTRY_TOKENS * len(texts))


def of_candidates(reference: Reference, candidates: Sequence[Work]) -> Question:
    """Which of the candidates, `n` from 1, is the work that the entry cites. At most `MOST_JUDGED` are shown."""
    printed = f"{reference.label} {reference.raw}" if reference.label else reference.raw
    shown = [{"n": n, **_told(work)} for n, work in enumerate(candidates[:MOST_JUDGED], 1)]
    return _question(Task.JUDGE, {"entry": printed, "candidates": shown}, JUDGE_TOKENS)


def _question(
    task: Task, asked: Mapping[str, Any], most_tokens: int, *, files: tuple[RemoteFile, ...] = (), content: str = ""
) -> Question:
    return Question(
        task=task,
        version=VERSIONS[task],
        system=WORDING[task],
        text=json.dumps(asked, ensure_ascii=False, separators=(",", ":")),
        schema=SCHEMAS[task],
        files=files,
        content=content,
        most_tokens=most_tokens,
    )


def _told(work: Work) -> dict[str, Any]:
    """What a record says, as far as it says something."""
    said: dict[str, Any] = {
        "title": work.title[:_FIELD],
        "authors": _names(work.authors),
        "editors": _names(work.editors),
        "year": work.year,
        "container_title": (work.container_title or "")[:_FIELD],
        "publisher": (work.publisher or "")[:_FIELD],
        "volume": work.volume,
        "issue": work.issue,
        "pages": work.pages,
        "type": work.type.value,
        "doi": work.doi,
        "arxiv_id": work.arxiv_id,
        "isbn": work.isbn,
    }
    return {name: value for name, value in said.items() if value}


def _names(people: Sequence[Name]) -> list[str]:
    return [", ".join(filter(None, (one.sort_key, one.given))) for one in people[:_PEOPLE]]
