"""Whatever happens to the files of a watched folder, in whatever order: each content that stays is known once."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from dl_lit.app.intake.filing import Filing
from tests.fakes.watching import STABLE_S, WatchedFolder, sha

NAMES = st.sampled_from(["a.pdf", "b.pdf", "sub/c.pdf"])
STEPS = st.one_of(
    st.tuples(st.just("write"), NAMES),
    st.tuples(st.just("begin"), NAMES),
    st.tuples(st.just("finish"), NAMES),
    st.tuples(st.just("publish"), NAMES),
    st.tuples(st.just("remove"), NAMES),
    st.tuples(st.sampled_from(["rename", "copy"]), NAMES, NAMES),
    st.tuples(st.sampled_from(["look", "notice", "wait", "crash", "read", "file away", "move the folder"])),
)


class Story:
    """The folder, what is done to it, and which contents ever were finished."""

    def __init__(self, base: Path) -> None:
        self.inbox = WatchedFolder(base)
        self.finished: set[str] = set()
        self._writers: dict[str, tuple] = {}
        self._number = 0

    def content(self) -> bytes:
        """One that there is once; each has a size of its own, since a machine's clock may stand still for us."""
        self._number += 1
        return b"%PDF" + b"x" * self._number

    def write(self, name: str) -> None:
        if name not in self._writers:
            content = self.content()
            self.inbox.write(name, content)
            self.finished.add(sha(content))

    def begin(self, name: str) -> None:
        """Begin to write a file, and keep it open."""
        if name not in self._writers and not self._place(name).exists():
            self.inbox.write(name).unlink()
            file = self._place(name).open("wb", buffering=0)
            begun = self.content()
            file.write(begun)
            self._writers[name] = (file, begun)

    def finish(self, name: str) -> None:
        if name in self._writers:
            file, begun = self._writers.pop(name)
            file.write(b" end")
            file.close()
            self.finished.add(sha(begun + b" end"))

    def publish(self, name: str) -> None:
        if name not in self._writers:
            content = self.content()
            draft = self.inbox.write(f".{name.replace('/', '.')}.part", content)
            self._place(name).parent.mkdir(exist_ok=True)
            draft.rename(self._place(name))
            self.finished.add(sha(content))

    def remove(self, name: str) -> None:
        if name not in self._writers:
            self._place(name).unlink(missing_ok=True)

    def rename(self, name: str, other: str) -> None:
        if not {name, other} & self._writers.keys() and self._place(name).exists():
            self._place(other).parent.mkdir(exist_ok=True)
            self._place(name).rename(self._place(other))

    def copy(self, name: str, other: str) -> None:
        if not {name, other} & self._writers.keys() and self._place(name).exists() and name != other:
            self.inbox.write(other, self._place(name).read_bytes())

    def look(self) -> None:
        self.inbox.look()

    def notice(self) -> None:
        """Look, but do not come to give anything away."""
        self.inbox.watcher.look_once()

    def wait(self) -> None:
        self.inbox.pass_time(STABLE_S)

    def crash(self) -> None:
        self.inbox.restart()

    def read(self) -> None:
        self.inbox.query("UPDATE sources SET state = 'extracted'")

    def file_away(self) -> None:
        """Put away what was read: no content may be lost by it."""
        before = self.contents()
        filing = Filing(self.inbox.engine, [self.inbox.folder], "move", self.inbox.clock)
        filing.heal()
        filing.once()
        filing.close()
        assert self.contents() == before

    def move_the_folder(self) -> None:
        """Away, and back after a while."""
        if not self._writers:
            away = self.inbox.elsewhere / "away"
            self.inbox.folder.rename(away)
            self.inbox.look()
            away.rename(self.inbox.folder)

    def contents(self) -> set[str]:
        """All that is there, filed or not."""
        return {sha(path.read_bytes()) for path in self.inbox.folder.rglob("[!.]*.pdf") if path.is_file()}

    def _place(self, name: str) -> Path:
        return self.inbox.folder / name

    def end(self) -> None:
        for name in list(self._writers):
            self.finish(name)
        self.inbox.settle()
        known = self.inbox.query("SELECT sha256, count(*) FROM sources GROUP BY sha256")
        assert self.contents() <= {content for content, _ in known}, "none is missed"
        assert {content for content, _ in known} <= self.finished, "none is read by half"
        assert all(number == 1 for _, number in known)
        self.inbox.close()


@settings(max_examples=12, deadline=None)
@given(st.lists(STEPS, max_size=25))
def test_each_final_content_is_known_exactly_once(steps: list[tuple]) -> None:
    with tempfile.TemporaryDirectory() as base:
        story = Story(Path(base))
        for what, *names in steps:
            getattr(story, what.replace(" ", "_"))(*names)
        story.end()
