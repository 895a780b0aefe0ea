"""Good answers, kept on disk: the same question of the same prompt to the same model is asked once."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import blake2b

from dl_lit.core.clock import Clock
from dl_lit.core.language import ModelAnswer, Question
from dl_lit.core.memory import AnswerCache, ToKeep
from dl_lit.net.language.form import Misfit, fitted

SERVICE = "language-model"
"""Under what name the answers stand in the cache."""

_DAY_S = 86_400.0
_AHEAD_S = 300.0  # how far another process's clock may be ahead


class RememberedAnswers:
    """Answers of one model. Thread-safe; never raises for the disk."""

    def __init__(self, name: str, cache: AnswerCache | None, clock: Clock, *, days: float) -> None:
        """`name` is provider and model; answers older than `days` are not used, and 0 remembers nothing."""
        self._name = name
        self._cache = cache if days > 0 else None
        self._clock = clock
        self._days = days

    @property
    def keeps(self) -> bool:
        """Whether anything is remembered."""
        return self._cache is not None

    def key(self, question: Question) -> str | None:
        """What the answer is kept under; None for a question whose files nobody can tell from others."""
        if question.files and not question.content:
            return None
        digest = blake2b(digest_size=20)
        schema = json.dumps(question.schema, sort_keys=True)
        for part in (
            *(self._name, question.task.value, question.version, question.system, schema),
            *(question.text, question.content),
        ):
            text = part.encode("utf-8", "surrogatepass")
            digest.update(len(text).to_bytes(8, "big"))
            digest.update(text)
        return digest.hexdigest()

    def find(self, question: Question, key: str | None) -> ModelAnswer | None:
        """The answer as it was given, if it is remembered and of the form that is asked for."""
        if self._cache is None or key is None:
            return None
        kept = self._cache.get_many(SERVICE, [key]).get(key)
        if kept is None or kept.body is None:
            return None
        age_s = self._clock.time() - kept.stored_at
        if not -_AHEAD_S <= age_s < self._days * _DAY_S:
            return None
        try:
            document = json.loads(kept.body)
            value, model = fitted(document["value"], question.schema), str(document["model"])
        except (ValueError, TypeError, KeyError, Misfit, RecursionError):
            return None
        return ModelAnswer(value=value, model=model, is_remembered=True)

    def keep(self, key: str | None, answer: ModelAnswer) -> None:
        """Remember a good answer."""
        if self._cache is None or key is None:
            return
        body = json.dumps({"model": answer.model, "value": answer.value}, separators=(",", ":")).encode()
        self._cache.put_many(SERVICE, [ToKeep(key, body, self._clock.time() + self._days * _DAY_S)])


def shared(answer: ModelAnswer) -> ModelAnswer:
    """What those get who waited for an answer that somebody else asked for: it cost them nothing."""
    return replace(answer, tokens=type(answer.tokens)(), is_remembered=True)
