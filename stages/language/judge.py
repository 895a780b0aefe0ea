"""A language model as judge of what matching leaves open."""

from __future__ import annotations

from collections.abc import Sequence

from dl_lit.core.language import MOST_JUDGED, Choice, LanguageModel, ModelError, Trouble
from dl_lit.core.model import Reference, Work
from stages.language.prompts import of_candidates

_LONGEST = 300  # characters of its reason


class LanguageJudge:
    """Obeys `core.language.Judge`. Thread-safe: any number of workers may share it."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    def choose(self, reference: Reference, candidates: Sequence[Work]) -> Choice:
        """The candidate that the model names, or none; raises `ModelError`, also for one that it was not shown."""
        shown = candidates[:MOST_JUDGED]
        answer = self._model.ask(of_candidates(reference, shown))
        value = answer.value
        if not isinstance(value, dict) or "choice" not in value:
            raise ModelError(Trouble.BAD_ANSWER, "no choice")
        choice, why = value["choice"], value.get("why")
        if choice is not None and (isinstance(choice, bool) or not isinstance(choice, int)):
            raise ModelError(Trouble.BAD_ANSWER, "a choice that is no number")
        if choice is not None and not 1 <= choice <= len(shown):
            self._model.note(invented=1)
            raise ModelError(Trouble.BAD_ANSWER, "a choice that it was not shown")
        return Choice(
            candidate=None if choice is None else choice - 1,
            why=" ".join(why.split())[:_LONGEST] if isinstance(why, str) else "",
            model=answer.model or self._model.name,
            is_remembered=answer.is_remembered,
        )
