"""Sending steps so that each happens once, whatever becomes of requests and answers on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from db.pushed import Pushed, PushedBook
from dl_lit.app.zotero.library import MOST_TOGETHER, Data, ZoteroLibrary
from dl_lit.app.zotero.plan import Fate, Step, again, created, kept, linked
from dl_lit.net.zotero import Unheard

_TRIES = 4
_CHANGED_MEANWHILE = frozenset({409, 412, 428})

Failed = Callable[[Step, str], None]


class Sender:
    """Sends steps and writes down what became of them."""

    def __init__(self, library: ZoteroLibrary, book: PushedBook, on_failed: Failed) -> None:
        """`on_failed` hears of what the library refuses."""
        self._library, self._book, self._on_failed = library, book, on_failed

    def send(self, steps: Sequence[Step]) -> list[Step]:
        """Do the steps; those that were done, as they were at last (one may have been taken away meanwhile).

        Keys of what is to be made are written down before.
        """
        known = self._book.of(step.wish.thing for step in steps)
        self._book.note(_intended(step) for step in steps if step.fate is Fate.CREATED)
        done = [step for step in steps if step.send is None]
        self._book.note(kept(step, {}, known.get(step.wish.thing)) for step in done if step.fate is not Fate.REMOVED)
        sending = [step for step in steps if step.send is not None]
        for place in range(0, len(sending), MOST_TOGETHER):
            done += self._send(sending[place : place + MOST_TOGETHER], known)
        return done

    def _send(self, steps: Sequence[Step], known: dict[str, Pushed]) -> list[Step]:
        done: list[Step] = []
        pending = list(steps)
        for left in reversed(range(_TRIES)):
            try:
                written = self._library.write("items", [step.send or {} for step in pending])
            except Unheard:
                if not left:
                    raise
                ended, pending = self._as_it_stands(pending, known)
                done += ended
            else:
                saved = [(step, written.saved[place]) for place, step in enumerate(pending) if place in written.saved]
                self._note(saved, known)
                done += [step for step, _ in saved]
                refused = [
                    (step, written.failed[place]) for place, step in enumerate(pending) if place in written.failed
                ]
                changed = [step for step, (code, _) in refused if code in _CHANGED_MEANWHILE and left]
                for step, (code, says) in refused:
                    if step not in changed:
                        self._give_up(step, f"{code} {says}")
                ended, pending = self._as_it_stands(changed, known)
                done += ended
            if not pending:
                break
        for step in pending:
            self._give_up(step, "it kept changing")
        return done

    def _as_it_stands(self, steps: Sequence[Step], known: dict[str, Pushed]) -> tuple[list[Step], list[Step]]:
        """After silence, or when something was changed meanwhile: what is done by now, and what is still to be sent."""
        there = self._library.items(step.key for step in steps) if steps else {}
        now = [_reconsidered(step, there.get(step.key), known.get(step.wish.thing)) for step in steps]
        done = [step for step in now if step.send is None]
        self._note([(step, there.get(step.key, {})) for step in done if step.fate is not Fate.REMOVED], known)
        return done, [step for step in now if step.send is not None]

    def _note(self, saved: Iterable[tuple[Step, Data]], known: dict[str, Pushed]) -> None:
        self._book.note(kept(step, data, known.get(step.wish.thing)) for step, data in saved)

    def _give_up(self, step: Step, says: str) -> None:
        if step.fate is Fate.CREATED:
            self._book.forget([step.wish.thing])
        self._on_failed(step, says)


def _intended(step: Step) -> Pushed:
    return Pushed(thing=step.wish.thing, item_key=step.key, sent=kept(step, {}, None).sent)


def _reconsidered(step: Step, there: Data | None, before: Pushed | None) -> Step:
    """The step, by how things stand there now."""
    if step.fate is Fate.CREATED:
        if there is None:
            return created(step.wish, step.key)
        arrived = again(step.wish, _intended(step), there)
        return replace(arrived, fate=Fate.CREATED)
    if there is None or there.get("deleted"):
        return replace(step, fate=Fate.REMOVED, send=None)
    if step.fate is Fate.LINKED or before is None:
        return linked(step.wish, there)
    return again(step.wish, before, there)
