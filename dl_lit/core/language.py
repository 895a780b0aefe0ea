"""Language models as an optional reader and judge: what is asked of them, what they answer, and the seams between.

A model is never believed: who asks checks what it says against the page or against the services. All that can go
wrong with a call is a `ModelError`; none of them ends an item, for the rules' own reading stands beside every answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, TypeVar

from dl_lit.core.errors import DlLitError
from dl_lit.core.model import Reference, Work
from dl_lit.core.model_words import cleaned, cleaned_value
from dl_lit.core.values import dataclass

A = TypeVar("A")
B = TypeVar("B")

_LONGEST_DETAIL = 500  # characters of what went wrong
_LONGEST_NAME = 200  # characters of a model's name


class Provider(StrEnum):
    """Who serves models, and how it is spoken to."""

    OPENAI = "openai"
    OPENROUTER = "openrouter"
    AZURE = "azure"
    OLLAMA = "ollama"
    VLLM = "vllm"
    COMPATIBLE = "compatible"  # any other server of OpenAI's chat completions
    GEMINI = "gemini"
    ANTHROPIC = "anthropic"

    @property
    def takes_files(self) -> bool:
        """Whether it reads PDFs: uploaded, asked about, deleted. The others are given text."""
        return self in {Provider.GEMINI, Provider.ANTHROPIC}


class Trouble(StrEnum):
    """Why a call to a model came to nothing."""

    RATE_LIMITED = "rate-limited"  # 429, or its like inside a 200: ask fewer at a time
    OVERLOADED = "overloaded"  # 5xx, 529: may pass
    DOWN = "down"  # no connection, or the breaker is open
    TIMEOUT = "timeout"
    CUT = "cut"  # the answer reached its greatest length
    REFUSED = "refused"  # the model or the provider's filter would not (safety, recitation)
    BAD_ANSWER = "bad-answer"  # no JSON, or none of the form that was asked for
    BAD_REQUEST = "bad-request"  # 400, 404, 413, 422: the same call will never do
    KEY_REFUSED = "key-refused"  # 401, 403
    BUDGET_GONE = "budget-gone"  # ours of the day, or the provider's credits (402)
    OFFLINE = "offline"
    STOPPING = "stopping"  # the program ends: the next run asks

    @property
    def may_pass(self) -> bool:
        """Whether the same call made again soon has a chance."""
        return self in {
            Trouble.RATE_LIMITED,
            Trouble.OVERLOADED,
            Trouble.DOWN,
            Trouble.TIMEOUT,
            Trouble.CUT,
            Trouble.BAD_ANSWER,
        }


class ModelError(DlLitError):
    """A model gave no answer that can be used."""

    def __init__(self, trouble: Trouble, detail: str = "", *, after: float | None = None) -> None:
        """Say why, and in how many seconds asking again makes sense (None: nobody said).

        `detail` may be a provider's words: it is cleaned and cut.
        """
        detail = cleaned(detail, longest=_LONGEST_DETAIL)
        super().__init__(f"language model: {trouble.value}{': ' + detail if detail else ''}")
        self.trouble = trouble
        self.detail = detail
        self.after = after


class Task(StrEnum):
    """What models are asked to do; `core.model_tasks` has what is sent and what is expected."""

    SECTION = "section"  # read the bibliography on these pages
    ENTRY = "entry"  # tell the fields of these entries
    JUDGE = "judge"  # which of these records is the work that this entry cites


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file at the provider's that we uploaded and must delete."""

    provider: Provider
    base_url: str  # of the server that has it: nobody else can be asked about it
    name: str  # by which it is asked for and deleted: "files/abc-123", "file_011C..."
    uri: str = ""  # by which questions name it, where that is another


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One call to a model. Everything up to `text` is the same for all questions of a task: the cached prefix."""

    task: Task
    version: str  # of the prompt: another is another question
    system: str  # the long fixed part
    text: str  # what this question asks about: JSON, see `core.model_tasks`
    schema: Mapping[str, Any]  # JSON Schema of the answer
    files: tuple[RemoteFile, ...] = ()  # instead of pages in `text`
    content: str = ""  # what stands for `files` in the cache's key: the digest of what they hold
    most_tokens: int = 8_192  # of the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What calls took."""

    input: int = 0  # all of the questions', cached ones included
    cached: int = 0  # of `input`: read from the provider's prompt cache
    written: int = 0  # of `input`: written to it, where the provider counts that
    output: int = 0
    cost: float = (
        0.0  # US dollars, by the provider's word, else by the prices in the settings; 0 where neither is known
    )

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(
            input=self.input + other.input,
            cached=self.cached + other.cached,
            written=self.written + other.written,
            output=self.output + other.output,
            cost=self.cost + other.cost,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswer:
    """What a model said: JSON of the form that was asked for, nothing of it checked against the world.

    All texts are cleaned as they come in (`core.model_words`), from wherever they come: a call, our own cache.
    """

    value: Any
    tokens: Tokens = Tokens()
    model: str = ""  # as the provider names the one that answered
    is_remembered: bool = False  # from our own cache: no call was made

    def __post_init__(self) -> None:
        """Clean what is said."""
        object.__setattr__(self, "value", cleaned_value(self.value))
        object.__setattr__(self, "model", cleaned(self.model, longest=_LONGEST_NAME))


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUse:
    """What was asked of models so far, for whoever counts."""

    requests: int = 0
    in_flight: int = 0
    most_in_flight: int = 0  # high-water mark
    latency_mean_s: float = 0.0
    latency_p95_s: float = 0.0
    rate_limited: int = 0
    breaker_trips: int = 0
    retries: int = 0
    order_violations: int = 0  # results handed on out of order: 0, always
    remembered: int = 0  # answers from our own cache
    troubles: Mapping[str, int] = field(default_factory=dict)  # calls that came to nothing, by `Trouble`
    by_task: Mapping[str, int] = field(default_factory=dict)  # answers used, by `Task`
    entries: int = 0  # that were read from answers and stood the check
    invented: int = 0  # that were said and not in print: not taken
    tokens: Tokens = Tokens()
    remote_files: int = 0  # uploaded and not yet deleted
    key_trouble: str = ""  # what was said of the key when it was refused; "" where it is taken
    cost_trouble: str = ""  # why the day's budget in money cannot be kept, so that nothing is asked; "" where it can
    at_rest: Mapping[str, str] = field(default_factory=dict)  # addresses that are not asked now, each with the reason

    @property
    def prompt_cache_rate(self) -> float | None:
        """The share of what was sent that the provider had in its prompt cache; None where nothing was sent."""
        return self.tokens.cached / self.tokens.input if self.tokens.input else None

    @property
    def cost_per_entry(self) -> float | None:
        """US dollars for each entry taken; None where there is none, or no price is known."""
        return self.tokens.cost / self.entries if self.entries and self.tokens.cost else None


class LanguageModel(Protocol):
    """One model, at one or several addresses. Thread-safe; every wait ends when it is stopped."""

    @property
    def name(self) -> str:
        """Provider and model, as answers are kept under: "openrouter/google/gemini-2.5-flash"."""

    @property
    def provider(self) -> Provider:
        """Who serves it."""

    @property
    def warms_up(self) -> bool:
        """Whether one question should go ahead of its like, so that they find the provider's prompt cache warm."""

    def ask(self, question: Question) -> ModelAnswer:
        """The answer, remembered or asked for; raises `ModelError`. Waits for its turn among all calls."""

    def is_remembered(self, question: Question) -> bool:
        """Whether `ask` would not have to call."""

    def upload(self, file: Path, *, timeout_s: float) -> RemoteFile:
        """Send a PDF and wait until it can be asked about. Written down before it is sent, so that it is deleted."""

    def delete(self, file: RemoteFile) -> None:
        """Remove it at the provider's; once more at the next start where that fails now. Raises nothing."""

    def note(self, *, entries: int = 0, invented: int = 0, order_violations: int = 0) -> None:
        """Count what became of answers."""

    def use(self) -> ModelUse:
        """What was asked so far."""

    def stop(self) -> None:
        """End all waits and calls at once and refuse new ones; remote files are still deleted."""


class InOrder(Protocol):
    """Asks about many values at once and hands the answers on in their order. Thread-safe."""

    def __call__(
        self, ask: Callable[[A], B], values: Sequence[A], *, alone: int | None = None
    ) -> Iterator[B | ModelError]:
        """`ask` of each value, the answers in the order of `values`, or the error each ended with.

        As many at a time as go well: some at first, more while answers are good, half as many after `RATE_LIMITED`,
        which is tried again here. `alone` is the index of a value that those behind it wait for. The whole of it takes
        no longer than a batch may; what is not answered by then ended with `TIMEOUT`.
        """


class Sections(Protocol):
    """Does a section's work within the limits of its kinds: tasks, splits, uploads. Thread-safe."""

    def run(self, tasks: Sequence[Callable[[], B]]) -> Sequence[B | ModelError]:
        """All tasks, as many at once as the limit allows, each within its time; results in their order.

        A task that ends in a trouble that may pass is run again; one that fails for good leaves the others alone.
        """

    def split(self, work: Callable[[], B]) -> B:
        """`work` within the limit and the time of splits; `ModelError` (timeout) when it takes longer."""

    def upload(self, work: Callable[[], B]) -> B:
        """`work` within the limit and the time of uploads."""


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of one page."""

    page: int  # 1-based
    text: str
    is_image: bool = False  # it has no text layer: what is said of it cannot be checked


class Pages(Protocol):
    """Single pages of a PDF, taken out in a killable child process. Thread-safe."""

    def texts(self, path: Path, pages: Sequence[int]) -> Sequence[PageText]:
        """The texts of these pages (1-based, those there are); raises `PdfError`."""

    def split(self, path: Path, pages: Sequence[int], into: Path) -> None:
        """Write a PDF of these pages alone to `into`; raises `PdfError`, `OSError`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a judge said about one entry."""

    candidate: int | None  # index among those it was shown; None: it abstains
    why: str = ""  # in its words, at most a sentence
    model: str = ""
    is_remembered: bool = False


class Judge(Protocol):
    """Says which of several records is what an entry cites, or abstains. Its word decides nothing. Thread-safe."""

    def choose(self, reference: Reference, candidates: Sequence[Work]) -> Choice:
        """The candidate among the first `MOST_JUDGED`; raises `ModelError`."""


class Decisions(Protocol):
    """What people have decided. Thread-safe."""

    def has_rejected(self, entry_id: int) -> bool:
        """Whether a person has said of the entry that it is none of its candidates, and has not taken that back."""


MOST_JUDGED = 6
"""Candidates that a judge is shown."""


@dataclass(frozen=True, slots=True)
class RemoteLeft:
    """An upload that was begun and is not known to be deleted."""

    id: str  # ours: part of the name the provider shows it under
    provider: Provider
    base_url: str  # of the server it went to
    begun_at: float  # epoch seconds
    file: RemoteFile | None  # None: what the provider calls it never came back


class RemoteBook(Protocol):
    """The uploads of this machine, on disk before anything is sent. Thread-safe.

    Only `begin` raises (`OSError`) where the disk takes nothing: then nothing may be uploaded.
    """

    def begin(self, provider: Provider, base_url: str) -> str:
        """Write down that an upload is about to be sent, and return its id: letters and digits, unique for ever."""

    def named(self, id: str, file: RemoteFile) -> None:
        """Write down what the provider calls it."""

    def gone(self, id: str) -> None:
        """Strike it out: it is deleted, or never came to be."""

    def left(self) -> Sequence[RemoteLeft]:
        """The uploads of processes that live no more, the oldest first; those of other living ones are theirs."""


class Claimed(StrEnum):
    """What became of a process's wish to ask a question."""

    OURS = "ours"  # nobody else asks it
    OURS_AFTER = "ours-after"  # somebody did a moment ago: the answer may be remembered by now
    THEIRS = "theirs"  # somebody does


class Claims(Protocol):
    """The questions that are being asked just now, of all processes of the machine. Thread-safe; raises nothing."""

    def take(self, key: str, now: float, *, for_s: float) -> Claimed:
        """Claim the question at the epoch's second `now`, until `leave`, and for `for_s` seconds at most.

        A claim of a process that lives no more counts for nothing. `OURS` as well where the disk cannot tell.
        """

    def leave(self, key: str, now: float) -> None:
        """Its answer is remembered, or there is none."""


class UseBook(Protocol):
    """What models took today (by UTC), on disk, of all processes of the machine. Thread-safe; raises nothing."""

    def take(self, now: float) -> float | None:
        """Count a request before it goes; None: it may go. Else the seconds until a budget that is gone comes back.

        `now` is in epoch seconds. Nothing is counted where it may not go.
        """

    def add(self, tokens: Tokens, now: float) -> None:
        """Count what a request took: towards the budget in money."""
