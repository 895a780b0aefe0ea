"""Files beside the pipeline: in quarantine, handed in, gone from the folder, better ones."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from db import handing_in, held_files, lost_files, rechecking, upgrading
from dl_lit.core.items import Queued
from dl_lit.core.job import Done
from dl_lit.core.model import Version
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.trail import Trail
from tests.conformance.model.expected import status_of
from tests.conformance.model.picture import Broken, Failure, File
from tests.conformance.model.working import DOUBTFUL, Working
from tests.fakes.engine import VERIFIED
from tests.fakes.recognising import RECOGNISER


class Filing(Working):
    """What people and the folder do to files."""

    @precondition(lambda self: self._held())
    @rule(data=st.data(), is_accepted=st.booleans())
    def a_person_decides_on_a_file(self, data: st.DataObject, is_accepted: bool) -> None:
        """It is the work's, or the others are tried; who decides on what was decided comes too late."""
        now = self.expected.now
        work = data.draw(st.sampled_from(sorted(self._held())))
        failure = now.failed_downloads[work]
        with self.backend.reading() as connection:
            file = held_files.held_file(connection, work)
        released = replace(self.file(work), path=f"{self.number()}.pdf", proof=VERIFIED)

        def decide() -> None:
            if is_accepted:
                self.elsewhere(
                    lambda engine: held_files.accept_file(engine, file, released, RECOGNISER, self.clock, "a person")
                )
            else:
                self.elsewhere(lambda engine: held_files.refuse_file(engine, file, self.clock))

        decide()
        key = "download", work, failure.attempts + 1
        if is_accepted:
            del now.failed_downloads[work]
            now.downloaded[work] = File(released.path, status_of(released), replaces=failure.held)
            self.expected.log(key, "done", status_of(released), self.when)
        else:
            self._refuse(work, failure, file.facts.sha256, file.facts.location.url)
            self.expected.log(key, "reject", "wrong-work", self.when)
        self.look()
        self.refused(decide)

    def _held(self) -> list[int]:
        return [work for work, failure in self.expected.now.failed_downloads.items() if failure.held]

    def _refuse(self, work: int, failure: Failure, sha256: str, url: str) -> None:
        now = self.expected.now
        now.refused[work, sha256] = url, failure.held
        others = tuple(one for one in failure.urls if one != url)
        if others:
            self.expected.put_back(work, others)
        else:
            now.failed_downloads[work] = replace(
                failure, reason="wrong-work", attempts=failure.attempts + 1, review=False, held=None
            )

    @precondition(lambda self: self.expected.now.works)
    @rule(data=st.data(), is_doubtful=st.booleans())
    def a_person_hands_a_file_in(self, data: st.DataObject, is_doubtful: bool) -> None:
        """Whatever room the work waits in, after a look whether it is known; not where it has its file."""
        now = self.expected.now
        work = data.draw(st.sampled_from(sorted(now.works)))
        facts = self.file(work, DOUBTFUL if is_doubtful else VERIFIED)
        rooms = (now.with_metadata, now.to_download, now.failed_downloads)
        taken = self.elsewhere(
            lambda engine: handing_in.take_in(engine, work, facts, RECOGNISER, self.clock, decision="handed in")
        )
        while (waiting := now.with_metadata.get(work)) is not None:  # nobody has looked for it: is it known?
            self.expected.finish(self.claim_of("queueing", work, waiting), Done(Queued(())), self.at, self.when)
            found = self.present()
            here = {number: one for number, one in found.merges.items() if number in now.merges or one.gone == work}
            self.expected.take_over(replace(found, merges=here), self.when)
            work = now.top(work)
        row = next((room[work] for room in rooms if work in room), None)
        if (taken.is_taken, taken.work_id) != (row is not None, work):
            raise Broken("wrong", f"a file for work {work} in {row} came to {taken}")
        if row is None:
            return
        urls = now.to_download[work].urls if work in now.to_download else ()
        for room in rooms:
            room.pop(work, None)  # type: ignore[attr-defined]
        key = "download", work, row.attempts + 1
        if is_doubtful:
            now.failed_downloads[work] = Failure(
                "needs-review", key[2], review=True, stage="download", urls=urls, held=facts.path
            )
            self.expected.log(key, "reject", "needs-review", self.when)
        else:
            now.downloaded[work] = File(facts.path, status_of(facts))
            self.expected.log(key, "done", status_of(facts), self.when)

    @precondition(lambda self: self.expected.now.downloaded)
    @rule(data=st.data())
    def a_file_has_gone(self, data: st.DataObject) -> None:
        """Its work is looked for anew; where another file has come meanwhile nothing changes."""
        now = self.expected.now
        work = data.draw(st.sampled_from(sorted(now.downloaded)))
        lost = [(work, now.downloaded[work].path), (work, "another.pdf")]
        if self.elsewhere(lambda engine: lost_files.fetch_again(engine, lost, self.clock)) != 1:
            raise Broken("wrong", f"{lost} were not fetched again, or twice")
        self.expected.put_back(work)
        self.expected.log(("download", work, 1), "retry", "vanished", self.when)

    @precondition(lambda self: self._lesser())
    @rule(data=st.data())
    def a_better_copy_comes(self, data: st.DataObject) -> None:
        """In the place of the one that there is, as long as that is the one which was seen."""
        now = self.expected.now
        work = data.draw(st.sampled_from(self._lesser()))
        with self.backend.reading() as connection:
            (look,) = rechecking.looks(connection, rechecking.Which(works=[work]), now=self.at, resolver=1)
        proof = Proof(verdict=Verdict.VERIFIED, score=1.0, version=Version.PUBLISHED)
        came = upgrading.Came(facts=self.file(work, proof), started_at=self.at, seconds=1.0, trail=Trail())
        before = now.downloaded[work]
        for may in (before.replaces is None, False):
            did = self.elsewhere(lambda engine: upgrading.replace_file(engine, look, came, self.clock))
            if did != may:
                raise Broken("wrong", f"a better copy than {before} was taken: {did}")
        if before.replaces is None:
            now.downloaded[work] = File(came.facts.path, "ok", replaces=before.path)
            self.expected.log(("download", work, 1), "done", "ok", self.when)

    def _lesser(self) -> list[int]:
        return sorted(work for work, file in self.expected.now.downloaded.items() if file.status != "ok")

    @rule()
    def what_was_left_behind_is_put_away(self) -> None:
        """Files that no row speaks of any more, but for these notes."""
        now = self.expected.now
        with self.backend.reading() as connection:
            left = upgrading.left_behind(connection)
        notes = [(work, file.replaces) for work, file in now.downloaded.items() if file.replaces]
        notes += [(work, path) for (work, _), (_, path) in now.refused.items() if path]
        if sorted(left) != sorted(notes):
            raise Broken("lost", f"{left} are left behind, not {notes}")
        for work, path in left:
            self.elsewhere(lambda engine, work=work, path=path: upgrading.put_away(engine, work, path))
        for file in now.downloaded.values():
            file.replaces = None
        for key, (url, _) in now.refused.items():
            now.refused[key] = url, None
