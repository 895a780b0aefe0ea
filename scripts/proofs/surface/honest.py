"""An honest client who asks and posts all the while that others attack; it must not notice."""

from __future__ import annotations

import hashlib
import threading
import time
from types import TracebackType
from typing import Self

from proofs.surface.trial import Trial
from proofs.surface.wire import PDF, Unreadable

_EVERY_S = 0.1
_LONGEST_S = 5.0
"""What an honest question may take, on a machine that is busy with attacking besides."""

_PATIENCE_S = 40.0
"""What an honest post may take, with all that it is told to come back later."""


class Honest:
    """Asks whether it lives, asks how it is, and posts papers, until this is left."""

    def __init__(self, trial: Trial, row: str) -> None:
        self._trial, self._row = trial, row
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._ask), threading.Thread(target=self._post)]
        self._taken: dict[str, str] = {}
        self.slowest_s = 0.0
        self.slowest_post_s = 0.0
        self.asked = 0

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join(_PATIENCE_S * 2)
        known = self._trial.served.contents()
        for sha256, number in self._taken.items():
            if sha256 not in known or f"s{known[sha256]}" != number:
                self._trial.found("lost", self._row, "the honest client", f"{number} was taken, and is not there")
        self._trial.note(f"{self._row}: honest questions meanwhile", tried=self.asked)
        self._trial.note(f"{self._row}: honest papers meanwhile", tried=len(self._taken))
        told = self._trial.told.setdefault(self._row, {})
        if isinstance(told, dict):
            told |= {"slowest answer s": round(self.slowest_s, 3), "slowest post s": round(self.slowest_post_s, 3)}

    def _ask(self) -> None:
        door, number = self._trial.served.door, 0
        while not self._is_over.wait(_EVERY_S):
            target = ("/health/live", "/health", "/api/status", "/metrics", "/")[number % 5]
            number += 1
            began = time.monotonic()
            try:
                status = door.ask("GET", target).status
            except (OSError, Unreadable) as error:
                self._trial.found("lost", self._row, "the honest client", f"{target} is not answered: {error!r}")
                continue
            took = time.monotonic() - began
            self.slowest_s = max(self.slowest_s, took)
            self.asked += 1
            if status not in {200, 503 if target == "/health" else 200} or took > _LONGEST_S:
                self._trial.found("lost", self._row, "the honest client", f"{target} {status} after {took:.1f} s")

    def _post(self) -> None:
        served, number = self._trial.served, 0
        while not self._is_over.wait(_EVERY_S * 5):
            number += 1
            content = PDF + f"honest {served.name} {self._row} {number}".encode()
            began, status = time.monotonic(), 0
            while status != 202 and time.monotonic() - began < _PATIENCE_S:
                try:
                    answer = served.door.ask(
                        "POST", "/process", content, patience_s=_PATIENCE_S, Content_Type="application/pdf"
                    )
                except (OSError, Unreadable) as error:
                    self._trial.found("lost", self._row, "the honest client", f"a post is not answered: {error!r}")
                    break
                status = answer.status
                if status == 202:
                    self._taken[hashlib.sha256(content).hexdigest()] = answer.document["id"]
                elif status not in {429, 503} or "retry-after" not in answer.headers:
                    self._trial.found("lost", self._row, "the honest client", f"a paper is refused: {answer.body!r}")
                    break
                else:
                    time.sleep(0.3)
            self.slowest_post_s = max(self.slowest_post_s, time.monotonic() - began)
            if status != 202 and time.monotonic() - began >= _PATIENCE_S:
                self._trial.found("lost", self._row, "the honest client", f"no paper was taken for {_PATIENCE_S} s")
