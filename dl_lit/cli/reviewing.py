"""Going through entries on a terminal, one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import click

from db.reading.candidates import offered
from dl_lit.app.deciding.reviewing import Case, Decided, Left, Proposal, Review
from dl_lit.cli.paragraphs import tell, tell_field
from dl_lit.cli.printing import line
from dl_lit.cli.reviewing_orders import told_of
from dl_lit.cli.reviewing_shown import sentence, tell_case, waiting_sentence
from dl_lit.core.errors import BadInput
from dl_lit.core.items import MatchedAs

_HELP = (
    ("1, 2, …", "the entry is this candidate"),
    ("r", "reject: it is none of them"),
    ("d", "enter the DOI of the work (or type the DOI itself)"),
    ("s", "skip: leave it for another time"),
    ("b", "back to the entry before"),
    ("u", "undo the last decision"),
    ("q", "quit; what was decided stays decided"),
)


class Session:
    """One person going through some entries. Every decision is written down at once."""

    def __init__(self, review: Review, entries: Sequence[int], *, vetoed: bool) -> None:
        """Nothing is asked before `run`."""
        self._review = review
        self._entries = tuple(entries)
        self._vetoed = vetoed
        self._at = 0
        self._last: tuple[int, str, Decided] | None = None  # place, outcome, decision
        self._counts: Counter[str] = Counter()
        self._skipped: set[int] = set()

    def run(self) -> None:
        """Ask about each until all are decided or skipped, or the person quits."""
        if not self._entries:
            line("nothing waits for a decision")
            return
        while self._at < len(self._entries) or self._last is not None:
            if self._at >= len(self._entries):
                if not self._again():
                    break
            elif not self._one():
                break
        done = ", ".join(f"{number} {what}" for what, number in self._counts.items() if number)
        skipped = f", {len(self._skipped)} skipped" if self._skipped else ""
        left = waiting_sentence(len(self._review.waiting((), vetoed=self._vetoed)))
        line(f"{done or 'nothing decided'}{skipped}; {left}")

    def _again(self) -> bool:
        """At the end: whether the person takes the last decision back after all."""
        answer = _ask("that was the last; u undoes the last decision, enter ends")
        if answer in {"u", "undo"}:
            self._undo()
        elif answer in {"b", "back"}:
            self._back()
        else:
            return False
        return True

    def _one(self) -> bool:
        """Ask about one entry; False to end."""
        try:
            case = self._review.case(self._entries[self._at])
        except BadInput as error:
            tell(str(error), indent=0)
            self._at += 1
            return True
        line()
        tell_case(case, vetoed=self._vetoed, place=f"  ({self._at + 1} of {len(self._entries)})")
        here = self._at
        while self._at == here:
            if not self._answer(case):
                return False
        return True

    def _answer(self, case: Case) -> bool:
        choices = ", ".join(str(one.number) for one in offered(case.candidates, vetoed=self._vetoed))
        answer = _ask(
            f"e{case.entry.id}: {choices + ', ' if choices else ''}[r]eject, [d]oi, [s]kip, [b]ack, [u]ndo, [q]uit, ?"
        )
        try:
            return self._act(case, answer)
        except BadInput as error:
            tell(str(error))
            return True

    def _act(self, case: Case, answer: str) -> bool:
        word = answer.lower()
        if word in {"q", "quit"}:
            return False
        if word in {"s", "skip"}:
            self._skipped.add(case.entry.id)
            self._at += 1
        elif word in {"r", "reject"}:
            self._decided("rejected", self._review.reject(case))
        elif word in {"b", "back"}:
            self._back()
        elif word in {"u", "undo"}:
            self._undo()
        elif word.isascii() and word.isdigit():
            self._accept(case, self._review.propose_candidate(case, int(word), vetoed=self._vetoed), "accept")
        elif word in {"d", "doi"} or word.startswith(("10.", "http://", "https://", "doi:")):
            doi = _ask("DOI") if word in {"d", "doi"} else answer
            if doi:
                self._accept(case, self._review.propose_doi(case, doi), "doi")
        else:
            for keys, what in _HELP:
                line(f"  {keys:<8} {what}")
        return True

    def _accept(self, case: Case, proposal: Proposal | Left, action: str) -> None:
        if isinstance(proposal, Left):
            tell(f"left as it is: {proposal.why}")
            return
        if action == "doi" and not self._is_sure(case, proposal):
            return
        decided = self._review.accept(proposal)
        tell(sentence(told_of(proposal, action, "accepted", decided.work_id)))
        self._decided("accepted", decided)

    def _is_sure(self, case: Case, proposal: Proposal) -> bool:
        """Show the record that a DOI led to; ask again where it does not seem to be what is printed."""
        work = proposal.work
        people = ", ".join(person.sort_key for person in (work.authors or work.editors)[:3])
        part = "the book that contains it: " if proposal.matched_as is MatchedAs.CONTAINER else ""
        tell_field("record", f"{part}{people or '?'} ({work.year or 'n. d.'}): {work.title}")
        if not proposal.doubt:
            return True
        click.secho("  WARNING: the record and the entry do not agree", fg="yellow", bold=True)
        tell(proposal.doubt)
        tell_field("printed", case.entry.reference.raw)
        is_sure = _ask("accept it all the same? yes or no").lower() in {"y", "yes"}
        if not is_sure:
            tell("left as it is")
        return is_sure

    def _decided(self, outcome: str, decided: Decided) -> None:
        self._counts[outcome] += 1
        self._skipped.discard(decided.entry_id)
        self._last = self._at, outcome, decided
        self._at += 1

    def _back(self) -> None:
        if self._at == 0:
            tell("this is the first")
            return
        if self._last is not None and self._last[0] == self._at - 1:
            tell("the entry before is decided: u undoes that")
            return
        self._at -= 1

    def _undo(self) -> None:
        if self._last is None:
            tell("nothing to undo: only the last decision of this session can be")
            return
        place, outcome, decided = self._last
        self._last = None
        self._review.undo(decided)
        self._counts[outcome] -= 1
        self._at = place
        tell(f"e{decided.entry_id} waits for a decision again")


def _ask(question: str) -> str:
    """The person's answer, without blanks around it; the end of input means to quit."""
    try:
        return str(click.prompt(question, default="", show_default=False, prompt_suffix=" > ")).strip()
    except click.Abort:
        line()
        return "q"
