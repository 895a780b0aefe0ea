"""One language model over HTTP: the network's side of `core.language.LanguageModel`."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import httpx
import structlog

from dl_lit.core.backoff import delay_s
from dl_lit.core.clock import Clock
from dl_lit.core.language import (
    Claims,
    ModelAnswer,
    ModelError,
    ModelUse,
    Provider,
    Question,
    RemoteBook,
    RemoteFile,
    Task,
    Tokens,
    Trouble,
    UseBook,
)
from dl_lit.core.memory import AnswerCache
from dl_lit.core.sharing import SharedStates
from dl_lit.net.flights import SharedFlights
from dl_lit.net.language.anthropic import AnthropicBackend
from dl_lit.net.language.backend import Backend, FileBackend, Reply
from dl_lit.net.language.chat import ChatBackend
from dl_lit.net.language.claiming import Claiming
from dl_lit.net.language.counting import Counting, priced
from dl_lit.net.language.endpoints import Endpoints, Turn
from dl_lit.net.language.gemini import GeminiBackend
from dl_lit.net.language.place import CallLimits, ModelPlace, completed, warms_up
from dl_lit.net.language.refusing import error_of, refusal
from dl_lit.net.language.remembered import RememberedAnswers, shared
from dl_lit.net.language.uploads import RemoteFiles
from dl_lit.net.language.wire import Incoming, Outgoing, Wire
from dl_lit.net.report import Verdict

_HEALTH_S = 3.0  # for an address to say that it is well
_KEY_REST_S = 600.0  # nothing is asked with a key that was refused for so long
_ADAPTATIONS = 3  # words of a request that may be left out because a server refuses them
_LONGEST_REST_S = 30.0  # an address that is down for longer is not waited for
_DAY_S = 86_400.0
_UNPRICED = "answers tell no cost and no prices are set, so llm.dollars_per_day could not be kept"
_MORE_TOKENS = 2  # times as many for an answer that was cut

_FAILING = frozenset({Trouble.OVERLOADED, Trouble.DOWN, Trouble.TIMEOUT})
_SAYS_NOTHING = frozenset({Trouble.RATE_LIMITED, Trouble.STOPPING, Trouble.OFFLINE})

_ANOTHER_TRIES = {
    Task.ENTRY: frozenset({Trouble.RATE_LIMITED}),
    Task.SECTION: frozenset(one for one in Trouble if one is not Trouble.CUT),
}
"""Troubles that are handed on at once.

Who asks about many entries narrows, and asks again (`InOrder`). A section is done again from the start (`Sections`),
its file uploaded anew: what costs most is tried no more often than all else. An answer that was cut is asked for once
more with more room, by nobody but us.
"""

log = structlog.get_logger(__name__)


class _Adapted(ModelError):
    """The request was refused for a word that is left out from now on."""


class HttpLanguageModel:
    """A model at one or several addresses. Thread-safe; every wait ends when it is stopped."""

    def __init__(
        self,
        place: ModelPlace,
        limits: CallLimits,
        *,
        client: httpx.Client,
        clock: Clock,
        rng: random.Random,
        uses: UseBook,
        uploads: RemoteBook,
        states: SharedStates | None = None,
        cache: AnswerCache | None = None,
        claims: Claims | None = None,
    ) -> None:
        """The model at `place`, asked within `limits`; raises `NeedsConfiguration` where something is missing.

        `client` is one of `net.connections.shared_client` with room for all calls at once and the uploads, which trusts
        `base_urls_of` the place; it is the caller's to close, after `stop`. `states` is where all processes of the
        machine meet (None: this one keeps to the limits alone), `cache` keeps good answers (None: nothing is
        remembered), `claims` what is asked just now (None: other processes that ask the same are not waited for). No
        connection is made yet.
        """
        self._place = completed(place)
        self._limits = limits
        self._clock = clock
        self._rng = rng
        self._uses = uses
        self._backend, files = _backends(self._place)
        self._wire = Wire(client, _secrets(self._place))
        self._endpoints = Endpoints(self._place, limits, clock=clock, rng=rng, states=states, is_well=self._is_well)
        self._files = RemoteFiles(
            self._place,
            limits,
            files,
            wire=self._wire,
            endpoints=self._endpoints,
            book=uploads,
            clock=clock,
            rng=rng,
        )
        self._memory = RememberedAnswers(self._place.name, cache, clock, days=limits.remember_days)
        self._claiming = Claiming(claims if self._memory.keeps else None, limits, clock, self._wire.stopping)
        self._flights: SharedFlights[ModelAnswer] = SharedFlights(shared)
        self._counting = Counting()
        self._costs_unknown_until = -math.inf  # the clock's time: no budget in money could be kept
        self._key_refused: tuple[float, str] | None = None  # until when (monotonic), and what was said

    @property
    def name(self) -> str:
        """Provider and model."""
        return self._place.name

    @property
    def provider(self) -> Provider:
        """Who serves it."""
        return self._place.provider

    @property
    def warms_up(self) -> bool:
        """Whether one question should go ahead of its like; see `place.warms_up`."""
        return warms_up(self._place)

    def ask(self, question: Question) -> ModelAnswer:
        """The answer, remembered or asked for; raises `ModelError`."""
        key = self._memory.key(question)
        answer = self._called(question) if key is None else self._flights.share(key, lambda: self._found(question, key))
        self._counting.used(question.task, is_remembered=answer.is_remembered)
        return answer

    def is_remembered(self, question: Question) -> bool:
        """Whether `ask` would not have to call."""
        return self._memory.find(question, self._memory.key(question)) is not None

    def upload(self, file: Path, *, timeout_s: float) -> RemoteFile:
        """Send a PDF and wait until it can be asked about; raises `ModelError`."""
        try:
            self._may_call()
            return self._files.upload(file, timeout_s=timeout_s)
        except ModelError as error:
            self._heard(error)
            raise

    def delete(self, file: RemoteFile) -> None:
        """Remove it at the provider's, or leave it to `clean_up`; raises nothing, and works after `stop`."""
        self._files.delete(file)

    def clean_up(self) -> int:
        """Delete the files that earlier processes left, and those that could not be deleted so far: how many were.

        Raises nothing. To be called at the start, beside the work, and once more at the end.
        """
        return self._files.clean_up()

    def note(self, *, entries: int = 0, invented: int = 0, order_violations: int = 0) -> None:
        """Count what became of answers."""
        self._counting.note(entries=entries, invented=invented, order_violations=order_violations)

    def use(self) -> ModelUse:
        """What was asked so far."""
        return replace(
            self._counting.use(trips=self._endpoints.trips, remote_files=self._files.held),
            key_trouble=self._key_refused[1] if self._key_refused is not None else "",
            cost_trouble=_UNPRICED if self._clock.time() < self._costs_unknown_until else "",
            at_rest=self._endpoints.at_rest,
        )

    def amiss(self, base_url: str) -> str | None:
        """What is wrong at this address, asked now with a request that costs nothing; None where it is well."""
        try:
            incoming = self._wire.send(self._backend.health(base_url), timeout_s=_HEALTH_S)
        except ModelError as error:
            return self._wire.told(str(error))
        if incoming.status < 400:
            return None
        said = refusal(incoming.status, incoming.headers, error_of(incoming.value), self._clock.time())
        return self._wire.told(str(said))

    def stop(self) -> None:
        """End all waits and calls at once and refuse new ones; remote files are still deleted."""
        self._wire.stop()
        self._endpoints.stop()

    def _found(self, question: Question, key: str) -> ModelAnswer:
        """The answer from memory, else from the model, kept."""
        if (known := self._memory.find(question, key)) is not None:
            return known
        with self._claiming.held(key) as may_be_known:
            if may_be_known and (known := self._memory.find(question, key)) is not None:
                return known
            answer = self._called(question)
            self._memory.keep(key, answer)
            return answer

    def _called(self, question: Question) -> ModelAnswer:
        """The model's answer, after some tries; raises `ModelError`."""
        most_tokens, first_cut, adapted, attempt = question.most_tokens, None, 0, 1
        while True:
            try:
                return self._once(question, most_tokens)
            except ModelError as error:
                self._heard(error)
                if first_cut is not None and error.trouble is Trouble.BAD_REQUEST:
                    raise first_cut from error  # so long an answer is not to be had
                if isinstance(error, _Adapted) and adapted < _ADAPTATIONS:
                    adapted += 1
                    continue
                if attempt >= self._limits.tries or not self._tries_again(
                    question, error, is_first_cut=first_cut is None
                ):
                    raise
                if error.trouble is Trouble.CUT:
                    first_cut, most_tokens = error, question.most_tokens * _MORE_TOKENS
                self._rest(attempt, error)
            attempt += 1
            self._counting.tried_again()

    def _tries_again(self, question: Question, error: ModelError, *, is_first_cut: bool) -> bool:
        """Whether asking once more is worth it, and ours to do."""
        if error.trouble is Trouble.CUT:
            return is_first_cut
        if not error.trouble.may_pass or error.trouble in _ANOTHER_TRIES.get(question.task, ()):
            return False
        longest_s = _LONGEST_REST_S if error.trouble is Trouble.DOWN else self._limits.patience_s
        return (error.after or 0.0) <= longest_s

    def _rest(self, attempt: int, error: ModelError) -> None:
        """Wait before the next try; for what was "too much" the address itself is left alone meanwhile."""
        rest_s = delay_s(attempt, self._rng, base_s=self._limits.try_again_s)
        if error.trouble is not Trouble.RATE_LIMITED:
            rest_s = max(rest_s, error.after or 0.0)
        if self._wire.stopping.wait(rest_s):
            raise ModelError(Trouble.STOPPING) from error

    def _once(self, question: Question, most_tokens: int) -> ModelAnswer:
        self._may_call()
        with self._endpoints.turn(_server_of(question.files)) as turn:
            now = self._clock.time()
            if (comes_back_s := self._uses.take(now)) is not None:
                raise ModelError(Trouble.BUDGET_GONE, "the day's budget is used up", after=comes_back_s)
            outgoing = self._backend.question(turn.endpoint.base_url, question, most_tokens=most_tokens)
            reply = self._exchanged(question, outgoing, turn)
            is_adapted = reply.error is not None and self._backend.adapts(outgoing, reply.error, reply.said)
            if (error := reply.error) is not None:
                self._act_upon(error, turn)
                make = _Adapted if is_adapted else ModelError
                raise make(error.trouble, self._wire.told(error.detail), after=error.after)
        self._key_refused = None
        return ModelAnswer(value=reply.value, tokens=reply.tokens, model=self._wire.named(reply.model))

    def _exchanged(self, question: Question, outgoing: Outgoing, turn: Turn) -> Reply:
        """What came back; `turn` is told how it went."""
        incoming: Incoming | None = None
        reply = Reply()
        self._counting.began()
        try:
            try:
                incoming = self._wire.send(outgoing, timeout_s=self._limits.timeout_s)
            except ModelError as error:
                reply = Reply(error=error, is_failing=error.trouble is Trouble.BAD_ANSWER)
            else:
                reply = self._read(question, incoming)
            cost = priced(reply.tokens, self._place.prices, reply.cost)
            reply = replace(reply, tokens=cost)
        finally:
            self._counting.ended(turn.latency_s, reply.tokens)
        self._mind_cost(reply, is_counted=reply.tokens.input + reply.tokens.output > 0)
        if reply.tokens != Tokens():
            self._uses.add(reply.tokens, self._clock.time())
        turn.status = incoming.status if incoming is not None else None
        turn.verdict = _verdict(reply)
        turn.retry_after_s = reply.error.after if reply.error is not None else None
        log.debug(
            "model_call",
            model=self.name,
            task=question.task.value,
            status=turn.status,
            trouble=reply.error.trouble.value if reply.error is not None else None,
            says=self._wire.told(reply.said) if reply.said else None,
            seconds=round(turn.latency_s, 3),
        )
        return reply

    def _mind_cost(self, reply: Reply, *, is_counted: bool) -> None:
        """Stop for the day where an answer tells neither its cost nor what it can be told by, and there is a budget."""
        is_paid_for = reply.error is None or is_counted
        is_known = reply.cost is not None or (is_counted and self._place.is_priced)
        if self._limits.needs_cost and is_paid_for and not is_known:
            now = self._clock.time()
            self._costs_unknown_until = now + _DAY_S - now % _DAY_S
            log.warning("model_cost_unknown", model=self.name, says=_UNPRICED)

    def _read(self, question: Question, incoming: Incoming) -> Reply:
        """What came back; whatever a server may have made of it, nothing but a trouble of the model comes of it."""
        try:
            return self._backend.reply(question, incoming, self._clock.time())
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            log.warning("model_answer_unreadable", model=self.name, error=type(error).__name__)
            return Reply(error=ModelError(Trouble.BAD_ANSWER, "an answer that cannot be read"), is_failing=True)

    def _act_upon(self, error: ModelError, turn: Turn) -> None:
        """Leave alone who asked for it."""
        if error.trouble is Trouble.RATE_LIMITED:
            self._counting.limited()
            self._endpoints.rest(turn, error.after)
        elif error.trouble is Trouble.BUDGET_GONE:
            self._endpoints.close(turn.endpoint, error.after or 0.0)

    def _may_call(self) -> None:
        """Raise `ModelError` where nothing may or can be asked."""
        if self._wire.stopping.is_set():
            raise ModelError(Trouble.STOPPING)
        if (left_s := self._costs_unknown_until - self._clock.time()) > 0:
            raise ModelError(Trouble.BUDGET_GONE, _UNPRICED, after=left_s)
        if self._key_refused is not None:
            until, says = self._key_refused
            rest_s = until - self._clock.monotonic()
            if rest_s > 0:
                raise ModelError(Trouble.KEY_REFUSED, says, after=rest_s)

    def _heard(self, error: ModelError) -> None:
        """Count a trouble, and remember that a key is not taken."""
        self._counting.troubled(error.trouble)
        if error.trouble is Trouble.KEY_REFUSED and error.after is None:
            self._key_refused = self._clock.monotonic() + _KEY_REST_S, error.detail
            log.warning("model_key_refused", model=self.name, says=error.detail)

    def _is_well(self, base_url: str) -> bool:
        """Whether an address answers: anything but silence and errors of its own."""
        try:
            incoming = self._wire.send(self._backend.health(base_url), timeout_s=_HEALTH_S)
        except ModelError:
            return False
        return incoming.status < 500


def _backends(place: ModelPlace) -> tuple[Backend, FileBackend | None]:
    if place.provider is Provider.GEMINI:
        gemini = GeminiBackend(place)
        return gemini, gemini
    if place.provider is Provider.ANTHROPIC:
        anthropic = AnthropicBackend(place)
        return anthropic, anthropic
    return ChatBackend(place), None


def _secrets(place: ModelPlace) -> tuple[str, ...]:
    return (place.key,) if place.key else ()


def _server_of(files: Sequence[RemoteFile]) -> str:
    """The address that has the files of a question; "" where it has none."""
    servers = {file.base_url for file in files}
    if len(servers) > 1:
        raise ModelError(Trouble.BAD_REQUEST, "the files are at different servers")
    return next(iter(servers), "")


def _verdict(reply: Reply) -> Verdict:
    """What an answer tells about the health of its address."""
    if reply.is_failing:
        return Verdict.FAILED
    if reply.error is None:
        return Verdict.ANSWERED
    if reply.error.trouble in _SAYS_NOTHING:
        return Verdict.SAYS_NOTHING
    return Verdict.FAILED if reply.error.trouble in _FAILING else Verdict.ANSWERED
