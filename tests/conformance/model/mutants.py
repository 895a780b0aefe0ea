"""Stores that break one rule each, by one changed line: a model that does not find them proves nothing."""

from __future__ import annotations

import importlib
import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Mutant:
    """One changed line of the product."""

    name: str  # what it does wrong
    at: str  # "module:function", "module:Class.method" or "module:CONSTANT" (text)
    old: str
    new: str

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Let the product have the line, for the time being."""
        module_name, _, path = self.at.partition(":")
        module: Any = importlib.import_module(module_name)
        *owners, name = path.split(".")
        owner = module
        for one in owners:
            owner = getattr(owner, one)
        before = owner.__dict__[name]
        setattr(owner, name, self._changed(before))
        try:
            yield
        finally:
            setattr(owner, name, before)

    @property
    def rules(self) -> tuple[str, ...]:
        """Those of the machine that can meet it, beside the ones that let the pipeline go on; empty: any."""
        return () if self.name not in _MET_BY else (*_GOING_ON, *_MET_BY[self.name])

    def _changed(self, before: Any) -> Any:
        if isinstance(before, str):
            return self._replaced(before)
        if isinstance(before, tuple):
            return tuple(one for one in before if self.old not in one)  # a row of statements, one left out
        source = self._replaced(textwrap.dedent(inspect.getsource(before)))
        made: dict[str, Any] = {}
        exec(f"from __future__ import annotations\n{source}", inspect.unwrap(before).__globals__, made)
        return made[before.__name__]

    def _replaced(self, text: str) -> str:
        assert self.old in text, f"{self.at} has no {self.old!r} any more: {self.name!r} needs another line"
        return text.replace(self.old, self.new)


_RECORDING = "db.recording:Recording"
_STORE = "db.store:SqliteStore"

MUTANTS = (
    # what is written down
    Mutant(
        "a recognised entry still waits", f"{_RECORDING}._enrichment", "(moves.leave_no_metadata, _left(ended)),", ""
    ),
    Mutant("a recognised work waits nowhere", f"{_RECORDING}._enrichment", "(moves.add_with_metadata, waiting),", ""),
    Mutant("a queued work still waits to be queued", f"{_RECORDING}._queueing", "if left[0] not in put_off", "if 0"),
    Mutant(
        "a fetched work is still to be fetched",
        f"{_RECORDING}._download",
        "(moves.leave_to_download, _left(ended)),",
        "",
    ),
    Mutant("a failed work is nowhere", f"{_RECORDING}._download", "(moves.add_failed_download, failed),", ""),
    Mutant("an attempt is not logged", f"{_RECORDING}._queueing", 'self._log(one, "done", Reason.OK)', "pass"),
    Mutant(
        "attempts are logged twice",
        f"{_RECORDING}.write",
        "moves.add_attempt.many(self._cursor, self._attempts)",
        "moves.add_attempt.many(self._cursor, self._attempts * 2)",
    ),
    Mutant("attempts are not counted", f"{_RECORDING}.write", "counted(self._endings)", "counted(())"),
    Mutant(
        "a late finisher is not fenced",
        f"{_RECORDING}._stage",
        "row is None or row[1] != claim.attempt - 1",
        "row is None",
    ),
    Mutant("a second answer counts too", f"{_RECORDING}._stage", "rows.pop(claim.id, None)", "rows.get(claim.id)"),
    Mutant(
        "a snooze costs an attempt",
        f"{_RECORDING}._stage",
        "(self._now + after, row[1], reason",
        "(self._now + after, claim.attempt, reason",
    ),
    Mutant(
        "a retry costs no attempt",
        f"{_RECORDING}._stage",
        "(after or 0.0), claim.attempt, reason",
        "(after or 0.0), row[1], reason",
    ),
    Mutant("the waiting are miscounted", f"{_RECORDING}._stage", "self.change[stage] -= len(ended)", "pass"),
    Mutant(
        "entries get another's position",
        f"{_RECORDING}._extraction",
        "claim.id, *values)",
        "claim.id, len(read.entries) + 1 - values[0], *values[1:])",
    ),
    Mutant(
        "priority is forgotten on the way",
        f"{_RECORDING}._queueing",
        "self._found(one, str), row[2],",
        "self._found(one, str), 0,",
    ),
    Mutant("known works are not recognised", f"{_RECORDING}._queueing", "if family.twin:", "if not family:"),
    Mutant(
        "a doubtful duplicate is dropped",
        f"{_RECORDING}._queueing",
        "put_off = {place[4] for place in doubtful}",
        "put_off = set()",
    ),
    Mutant(
        "a doubtful file is taken for the work",
        f"{_RECORDING}._download",
        "if facts.is_in_quarantine:",
        "if not facts:",
    ),
    Mutant(
        "the locations of a failure are lost", f"{_RECORDING}._download", "one.outcome, row[5])", "one.outcome, None)"
    ),
    Mutant("a number is given again", "db.moves:highest_work", "WHERE stage = 'queueing'", "WHERE stage = 'nobody'"),
    # claims
    Mutant("a row is claimed twice", f"{_STORE}._rows", "held.update((row[0], str(row[0])) for row in best)", "pass"),
    Mutant("what is recorded stays in hand", f"{_STORE}.record", "self._held[stage].pop(one.claim.id, None)", "pass"),
    Mutant(
        "what was given back and is due is passed over",
        f"{_STORE}.release",
        "self._due_from[claim.stage] = 0.0",
        "pass",
    ),
    Mutant(
        "what was put off is forgotten",
        f"{_STORE}.record",
        "self._due_from[stage] = min(self._due_from[stage], now + after)",
        "pass",
    ),
    Mutant("others' work is not noticed", f"{_STORE}.notice", "self._count()", "pass"),
    Mutant("a pause is ignored", f"{_STORE}.claim", "limit <= 0 or stage in self._paused", "limit <= 0"),
    Mutant("half a group is committed", f"{_STORE}.record", 'cursor.execute("ROLLBACK")', 'cursor.execute("COMMIT")'),
    # deaths
    Mutant(
        "a kill blames what was in hand",
        f"{_STORE}._blame",
        "not self._notes.left or not self._notes.had_a_cause",
        "not self._notes.left",
    ),
    Mutant("deaths are not counted", f"{_STORE}._blame", "SET crashes = crashes + 1", "SET crashes = crashes"),
    Mutant("poison is offered for ever", f"{_STORE}.claim_suspect", "if solo < POISON_AFTER", "if solo >= 0"),
    # people
    Mutant(
        "what is put back stays with the failures",
        "db.retrying:_entries",
        "DELETE FROM failed_enrichments",
        "SELECT 1 FROM failed_enrichments",
    ),
    Mutant(
        "what failed for good comes back by itself",
        "db.retrying:Wanted.accepted",
        "if reason.is_transient and reason is not Reason.POISON",
        "if True",
    ),
    Mutant("a file in quarantine is forgotten by a retry", "db.failures:_chosen", "    rule,", "    'true',"),
    Mutant(
        "a decision is not held against what was seen",
        "db.reviewing:_row",
        "(row[0], row[3]) == (seen.reason, seen.attempts)",
        "True",
    ),
    Mutant(
        "a decision is taken back too late",
        "db.reviewing:_FREE",
        "WHERE work_id = ?1) = 1",
        "WHERE work_id = ?1) >= 0",
    ),
    Mutant(
        "a decision that is taken back leaves no trace",
        "db.reviewing:_forget",
        "_log(connection, StageName.QUEUEING",
        "(connection, StageName.QUEUEING",
    ),
    Mutant("the entries of a merged work are not counted", "db.recording:merge", "_bump(cursor, bumps)", "pass"),
    Mutant(
        "a merge leaves no log beside its entries",
        "db.recording:merge",
        "moves.add_duplicate.many(cursor, duplicates)",
        "pass",
    ),
    Mutant(
        "works told apart are merged again", "db.relatives:_are_apart", "return bool(apart) and", "return False and"
    ),
    Mutant(
        "a work told apart waits nowhere",
        "db.unmerging:unmerge",
        "connection.exec_driver_sql(_QUEUE, (now, gone))",
        "pass",
    ),
    Mutant(
        "who stays is ranked by entries that left",
        "db.unmerging:unmerge",
        'for table in ("with_metadata", "to_download_references"):',
        "for table in ():",
    ),
    Mutant(
        "a file that is handed in leaves the work waiting",
        "db.handing_in:take_in",
        "connection.exec_driver_sql(_LEAVE[room], (work_id,))",
        "pass",
    ),
    Mutant(
        "a refused file is taken again",
        "db.held_files:refuse_file",
        "connection.exec_driver_sql(_REMEMBER,",
        "(lambda *_: None)(_REMEMBER,",
    ),
    Mutant(
        "a file in quarantine is left behind unseen",
        "db.held_files:accept_file",
        "SET replaces = ?",
        "SET replaces = NULL || ?",
    ),
    Mutant(
        "a lost file's work is in two places",
        "db.lost_files:fetch_again",
        "DELETE FROM downloaded_references",
        "SELECT 1 FROM downloaded_references",
    ),
    Mutant(
        "a better copy takes the place of any",
        "db.upgrading:_REPLACE",
        "AND file_path = ? AND checksum_pdf = ? AND replaces IS NULL",
        "AND (file_path = ? OR 1) AND (checksum_pdf = ? OR 1)",
    ),
    # others
    Mutant(
        "a known file is read from where it is not",
        "db.intake:add_source",
        "WHERE id = ? AND state = 'pending'",
        "WHERE id = ?",
    ),
    Mutant("what is wanted first waits in line", "db.taking:_RAISE", "UPDATE no_metadata", ""),
    Mutant("the last attempt is forgotten", "db.retention:forget_attempts", "if row[1]", "if row"),
)
"""Every one has to be found."""

_GOING_ON = ("a_batch_goes_through", "the_pipeline_goes_on", "a_list_is_imported", "some_are_recognised", "notice")
_MET_BY = {
    "known works are not recognised": ("a_person_hands_a_file_in",),
    "what is put back stays with the failures": ("failures_are_put_back", "one_is_put_back"),
    "a doubtful duplicate is dropped": ("a_person_is_of_two_minds",),
    "a number is given again": ("a_person_is_of_two_minds",),
    "what was given back and is due is passed over": ("some_are_taken_given_back_and_taken_again",),
    "half a group is committed": ("some_are_looked_for", "some_are_fetched"),
    "a kill blames what was in hand": ("it_ends_with_work_in_hand",),
    "poison is offered for ever": ("the_same_rows_bring_it_down_again_and_again", "a_suspect_is_tried_alone"),
    "what failed for good comes back by itself": ("failures_are_put_back",),
    "a file in quarantine is forgotten by a retry": ("failures_are_put_back",),
    "a decision is taken back too late": ("a_person_is_of_two_minds",),
    "a decision that is taken back leaves no trace": ("a_person_is_of_two_minds",),
    "the entries of a merged work are not counted": ("some_are_looked_for",),
    "a merge leaves no log beside its entries": ("some_are_looked_for",),
    "works told apart are merged again": ("a_person_tells_apart",),
    "a work told apart waits nowhere": ("a_person_tells_apart",),
    "who stays is ranked by entries that left": ("a_person_tells_apart",),
    "a file that is handed in leaves the work waiting": ("a_person_hands_a_file_in",),
    "a refused file is taken again": ("a_person_decides_on_a_file", "a_person_hands_a_file_in"),
    "a file in quarantine is left behind unseen": ("a_person_decides_on_a_file", "a_person_hands_a_file_in"),
    "a lost file's work is in two places": ("a_file_has_gone",),
    "a better copy takes the place of any": ("a_better_copy_comes",),
    "a known file is read from where it is not": ("others_add_sources", "a_known_file_is_added_again"),
    "what is wanted first waits in line": ("a_file_is_handed_to_the_daemon", "others_add_sources"),
    "the last attempt is forgotten": ("old_attempts_are_forgotten", "time_passes"),
}
"""Where the search is pointed at what would take it long to come upon: it is the model's eyes that are tried here."""
