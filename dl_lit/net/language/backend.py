"""What each way of speaking to a provider has to know, and what the others share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, Protocol

from dl_lit.core.language import ModelError, Question, Tokens, Trouble
from dl_lit.core.values import dataclass
from dl_lit.net.language.form import Misfit, read
from dl_lit.net.language.refusing import error_of, is_word, refusal, status_inside, words_of
from dl_lit.net.language.wire import Incoming, Outgoing

MOST_TOKENS = 100_000_000
"""More than any model reads or writes in one call: what is said beyond it is no count."""

MOST_MONEY = 1_000.0
"""US dollars for one call; a larger sum is none."""

_LONGEST_NUMBER = 40  # characters of a sum that comes as a text


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back for a question: a value, or the error to raise. Either may have cost something."""

    value: Any = None
    error: ModelError | None = None
    tokens: Tokens = field(default_factory=Tokens)
    cost: float | None = None  # US dollars, by the provider's word
    model: str = ""
    said: str = ""  # all that the error says: to be searched, never to be kept or shown
    is_failing: bool = False  # the server is not well: no JSON at all, or an error of its own


@dataclass(frozen=True, slots=True)
class Listed:
    """A file at the provider's."""

    name: str  # by which it is deleted
    shown_as: str  # as we called it


class Backend(Protocol):
    """A provider's way of being asked. Pure: who uses it sends and receives."""

    def question(self, base_url: str, question: Question, *, most_tokens: int) -> Outgoing:
        """The request that asks; raises `ModelError` where this provider cannot be asked that."""

    def reply(self, question: Question, incoming: Incoming, now: float) -> Reply:
        """What the answer says; `now` is in epoch seconds."""

    def health(self, base_url: str) -> Outgoing:
        """A request that costs nothing and is answered with 200 by a server that is well."""

    def adapts(self, outgoing: Outgoing, error: ModelError, said: str) -> bool:
        """Whether `outgoing` was refused for a word that can be left out, and is from now on: ask again at once.

        `said` is all that the error says, in lower case.
        """


class FileBackend(Backend, Protocol):
    """A provider's way of taking files."""

    def uploads(self, base_url: str, content: bytes, shown_as: str) -> Outgoing:
        """The first request of an upload."""

    def goes_on(self, base_url: str, incoming: Incoming, content: bytes) -> Outgoing:
        """The second request, where the first one only opened the upload. Raises `ModelError`."""

    def opens_only(self) -> bool:
        """Whether the first request of an upload only opens it: no file can have come of it."""

    def uploaded(self, incoming: Incoming) -> tuple[str, str]:
        """Name and address of what was uploaded; raises `ModelError` where the answer does not tell."""

    def looks(self, base_url: str, name: str) -> Outgoing | None:
        """The request that asks whether a file can be asked about; None: it always can."""

    def is_ready(self, incoming: Incoming) -> bool:
        """Whether it can; raises `ModelError` where it never will."""

    def deletes(self, base_url: str, name: str) -> Outgoing:
        """The request that removes a file."""

    def lists(self, base_url: str, after: str) -> Outgoing:
        """The request for the files after the page that ended with `after` ("": the first)."""

    def listed(self, incoming: Incoming) -> tuple[Sequence[Listed], str]:
        """The files of a page, and what the next is asked for by; "": it was the last."""

    @property
    def keeps_s(self) -> float:
        """For how long files are kept that nobody deletes (seconds); infinity where for ever."""


def refused(incoming: Incoming, now: float) -> Reply | None:
    """Why an answer is none, by its status or by the error inside a 200; None where it is one."""
    value = incoming.value
    error = error_of(value)
    if incoming.status != 200:
        trouble = refusal(incoming.status, incoming.headers, error, now)
        return Reply(error=trouble, said=words_of(error), is_failing=trouble.trouble is Trouble.OVERLOADED)
    if error:
        trouble = refusal(status_inside(error), incoming.headers, error, now)
        return Reply(error=trouble, is_failing=trouble.trouble is Trouble.OVERLOADED)
    if not isinstance(value, dict):
        return Reply(error=ModelError(Trouble.BAD_ANSWER, "no JSON where JSON was expected"), is_failing=True)
    return None


def answered(
    question: Question, text: str, *, tokens: Tokens, model: str, cost: float | None = None, why: str = ""
) -> Reply:
    """The answer that stands in `text`; `why` says what is known to explain that there is none."""
    if not text.strip():
        error = ModelError(Trouble.BAD_ANSWER, why or "an empty answer")
        return Reply(error=error, tokens=tokens, cost=cost, model=model)
    try:
        value = read(text, question.schema)
    except Misfit as misfit:
        error = ModelError(Trouble.BAD_ANSWER, str(misfit))
        return Reply(error=error, tokens=tokens, cost=cost, model=model)
    return Reply(value=value, tokens=tokens, cost=cost, model=model)


def count(value: Any) -> int:
    """A number of tokens in an answer, at most `MOST_TOKENS`; 0 where there is none."""
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        return 0
    return min(value, MOST_TOKENS)


def money(value: Any) -> float | None:
    """A sum in an answer, as a number or its digits; None where there is none, or one that no call can cost."""
    if isinstance(value, str) and value.isascii() and len(value) <= _LONGEST_NUMBER:
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MOST_MONEY:
        return float(value)
    return None


def inner(value: Any, *names: str) -> Mapping[str, Any]:
    """The object under these names, one in another; empty where there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def word(value: Any) -> str:
    """A word for programs in an answer; "" for anything else, which may repeat whatever it likes."""
    return value if isinstance(value, str) and is_word(value) else ""
