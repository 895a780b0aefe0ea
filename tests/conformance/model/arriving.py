"""What comes in beside the pipeline: files and lists, known ones again, under other names, before others."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from db import intake, pausing, retention
from db.codec import stamp
from db.taking import Take, take_sources
from dl_lit.core.model import StageName
from dl_lit.core.store import NewSource
from tests.conformance.model.machine import Machine
from tests.conformance.model.picture import Broken, Source, Waiting, seen
from tests.fakes.engine import new_source, reference


class Arriving(Machine):
    """Adding, and adding again."""

    @rule(count=st.integers(1, 3))
    def others_add_sources(self, count: int) -> None:
        """A command adds new files, one of them twice in one go."""
        new = [new_source(self.number()) for _ in range(count)]
        added = self.elsewhere(lambda engine: intake.add_sources(engine, [*new, new[0]], self.clock))
        if [one.is_new for one in added] != [True] * count + [False] or added[-1].id != added[0].id:
            raise Broken("doubled", f"adding {count} sources and one of them again came to {added}")
        for one, source in zip(added, new, strict=False):
            self._new(one.id, Source(source.sha256, source.path, "pending"))

    def _new(self, number: int, source: Source) -> None:
        if number in self.expected.now.sources:
            raise Broken("doubled", f"the number of source {number} is given again")
        self.expected.now.sources[number] = source

    @precondition(lambda self: self.expected.now.sources)
    @rule(data=st.data(), is_renamed=st.booleans())
    def a_known_file_is_added_again(self, data: st.DataObject, is_renamed: bool) -> None:
        """A copy, or the file under another name: where it waits it is read there, else nothing changes."""
        number = data.draw(st.sampled_from(sorted(self.expected.now.sources)))
        source = self.expected.now.sources[number]
        path = f"/papers/again/{self.number()}.pdf" if is_renamed else source.path
        again = NewSource(path, source.sha256, 5)
        (added,) = self.elsewhere(lambda engine: intake.add_sources(engine, [again], self.clock))
        if added.is_new or added.id != number:
            raise Broken("doubled", f"source {number} was added again as {added}")
        if source.state == "pending":
            source.path = path

    @rule(data=st.data(), priority=st.integers(0, 2), moves=st.booleans())
    def a_file_is_handed_to_the_daemon(self, data: st.DataObject, priority: int, moves: bool) -> None:
        """It may be known, and may be wanted before others: whatever of it waits goes forward with it."""
        known = data.draw(st.sampled_from([0, *sorted(self.expected.now.sources)]))
        new = new_source(self.number())
        if known:
            new = NewSource(new.path, self.expected.now.sources[known].sha256, 5)
        take = Take(new=new, priority=priority, moves=moves)
        (taken,) = self.elsewhere(lambda engine: take_sources(engine, [take], self.clock))
        if taken.is_new != (not known) or (known and taken.id != known):
            raise Broken("doubled", f"{take} of source {known} came to {taken}")
        if not known:
            self._new(taken.id, Source(new.sha256, new.path, "pending", wait=Waiting(priority=priority)))
            return
        source = self.expected.now.sources[known]
        if moves and source.state == "pending":
            source.path = new.path
        if priority:
            self._raise(known, priority)

    def _raise(self, number: int, priority: int) -> None:
        now = self.expected.now
        own = {entry: one for entry, one in now.entries.items() if one.source == number}
        rows = [now.sources[number].wait, *(row for entry, row in now.no_metadata.items() if entry in own)]
        works = {one.work for one in own.values()}
        rows += [row for room in (now.with_metadata, now.to_download) for work, row in room.items() if work in works]
        for row in rows:
            row.priority = max(row.priority, priority)

    @rule(count=st.integers(0, 4))
    def a_list_is_imported(self, count: int) -> None:
        """Its entries need no reading; the same list again is known."""
        new, entries = new_source(self.number()), [reference(place) for place in range(1, count + 1)]
        for is_new in (True, False):
            added = self.elsewhere(lambda engine: intake.add_entries(engine, new, entries, self.clock))
            if added.is_new != is_new:
                raise Broken("doubled" if added.is_new else "lost", f"importing a list came to {added}")
        self._new(added.id, Source(new.sha256, new.path, "extracted", found=count))
        self.expected.read[added.id] = 0

    @rule(stage=st.sampled_from(StageName))
    def a_stage_is_paused(self, stage: StageName) -> None:
        """Until somebody lets it go on; once is enough."""
        paused = self.expected.now.paused
        said = self.elsewhere(lambda engine: pausing.pause(engine, [stage], "a person", self.clock))
        if said != ([] if stage.value in paused else [stage]):
            raise Broken("wrong", f"{said} were paused")
        paused[stage.value] = True

    @precondition(lambda self: self.expected.now.paused)
    @rule()
    def all_stages_go_on(self) -> None:
        """Those that were paused."""
        paused = self.expected.now.paused
        said = self.elsewhere(lambda engine: pausing.resume(engine, list(StageName)))
        if {stage.value for stage in said} != paused.keys():
            raise Broken("wrong", f"{said} go on")
        paused.clear()

    @precondition(lambda self: self.expected.now.attempts)
    @rule(data=st.data())
    def old_attempts_are_forgotten(self, data: st.DataObject) -> None:
        """But the last of each item, and not what was counted."""
        attempts = self.expected.now.attempts
        moment = self.at - data.draw(st.sampled_from([0.0, 1.0, 3_600.0, 100_000.0]))
        limit, last = stamp(moment), {row[:2]: number for number, row in sorted(attempts.items())}
        self.elsewhere(lambda engine: retention.forget_attempts(engine, moment, together=3))
        for number in sorted(attempts):
            row = attempts[number]
            if row[5] >= limit:
                break  # they are looked through in the order in which they ended
            if last[row[:2]] != number:
                del attempts[number]

    @precondition(lambda self: self.readers)
    @rule()
    def a_reader_ends(self) -> None:
        """Whatever was written meanwhile, it has seen one moment."""
        reader, before = self.readers.pop()
        after = seen(reader.rows)
        reader.close()
        if after != before:
            raise Broken("wrong", "who reads saw a change in the middle")

    @precondition(lambda self: len(self.readers) < 2)
    @rule()
    def a_reader_begins(self) -> None:
        """An export, say: it takes its time, and holds nobody up."""
        reader = self.backend.begin_reading()
        self.readers.append((reader, seen(reader.rows)))
