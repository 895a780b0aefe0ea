"""Several dl_lit processes on one database, and the daemon that watches a folder."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from dl_lit.app.now.pulse import last_pulse
from tests.fakes.program import Home, Papers, replica_of, until

BIB = """
@article{one,
  title = {%s},
  author = {%s},
  year = {%s},
  doi = {%s}
}
"""


def copy_slowly(source: Path, target: Path, seconds: float, pieces: int = 8) -> None:
    """Write the file in pieces, longer than an unchanging file is waited for."""
    content = source.read_bytes()
    size = len(content) // pieces + 1
    with target.open("wb", buffering=0) as file:
        for start in range(0, len(content), size):
            file.write(content[start : start + size])
            time.sleep(seconds / pieces)


def test_a_second_pipeline_is_turned_away_and_readers_are_not(
    four_papers: Papers, make_home: Callable[..., Home]
) -> None:
    """Exit code 4 and the owner's pid; status, inspect-tables, explain and retry work meanwhile."""
    with replica_of(four_papers.records, latency_s=100.0) as replica:
        home = make_home(replica)
        first = home.start("process-folder-concurrent", four_papers.folder, "--json", "--quiet")
        until(lambda: home.items(stage="extraction"), "the first paper")
        second = home.process_here(four_papers.folder)
        assert second.code == 4
        assert f"process {first.process.pid} " in second.err
        assert len(second.err.strip().splitlines()) == 1
        for command in (("status", "--json"), ("inspect-tables", "--json"), ("explain", "e1", "--json"), ("retry",)):
            looked = home.here(*command)
            assert looked.code == 0, looked.err
        assert str(first.process.pid) in home.here("status").out
        assert first.process.poll() is None, "the run was over before it could be looked at"
        first.signal()
        first.signal()
        assert first.end().code == 130


def test_a_watching_daemon_takes_each_content_once_and_what_others_add(
    four_papers: Papers, make_home: Callable[..., Home], tmp_path: Path
) -> None:
    """Copied slowly, renamed in, dropped twice, imported from a .bib file: each is done once; SIGTERM ends with 0.

    What has been read goes to completed/.
    """
    slow, renamed, twice, _ = sorted(four_papers.folder.glob("*.pdf"))
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    cited = 3 * four_papers.size
    extra = {**four_papers.records[0], "doi": "10.5555/extra.1", "title": "Ferries of the outer skerries"}
    with replica_of([*four_papers.records, extra], latency_s=0.0) as replica:
        home = make_home(replica)
        daemon = home.start("watch-folder-concurrent", inbox, "--json", "--afterwards", "move")

        def entries() -> int:
            return len(home.items(stage="download", outcome="done"))

        until(lambda: last_pulse(home.db), "its first pulse")
        (tmp_path / "elsewhere.pdf.tmp").write_bytes(renamed.read_bytes())
        (tmp_path / "elsewhere.pdf.tmp").rename(inbox / "renamed.pdf")
        shutil.copyfile(twice, inbox / "twice.pdf")
        shutil.copyfile(twice, inbox / "Twice (1).pdf")
        copy_slowly(slow, inbox / "slow.pdf", seconds=2.5)
        until(lambda: entries() >= cited, "the three papers' works")
        bib = tmp_path / "one.bib"
        bib.write_text(BIB % (extra["title"], extra["authors"][0]["family"], extra["year"], extra["doi"]))
        added = home.here("import-bib", bib, "--json")
        assert added.code == 0, added.err
        until(lambda: entries() >= cited + 1, "the imported entry's work", timeout=10)
        until(lambda: not list(inbox.glob("*.pdf")), "the files' being put away", timeout=10)
        daemon.signal()
        ended = daemon.end()
        assert ended.code == 0, ended.err
        assert json.loads(ended.out)["clean"] is True
        assert home.rows("SELECT state, count(*) FROM sources GROUP BY state") == [("extracted", 4)]
        completed = inbox / "completed"
        assert {path.name for path in completed.iterdir()} == {"renamed.pdf", "twice.pdf", "Twice (1).pdf", "slow.pdf"}
        assert {name for (name,) in home.rows("SELECT path FROM sources")} >= {str(completed / "slow.pdf"), str(bib)}
        assert home.rows("SELECT count(*), count(work_id) FROM entries") == [(cited + 1, cited + 1)]
        assert len(home.pdfs()) == cited + 1
        assert home.leftovers() == []
        assert home.broken() == []


def test_a_run_tells_what_came_of_the_work_it_found_waiting(
    four_papers: Papers, make_home: Callable[..., Home], tmp_path: Path
) -> None:
    """What import-bib left is done by the next run of any folder, and counted there."""
    record = four_papers.records[0]
    with replica_of(four_papers.records, latency_s=0.0) as replica:
        home = make_home(replica)
        bib = tmp_path / "one.bib"
        bib.write_text(BIB % (record["title"], record["authors"][0]["family"], record["year"], record["doi"]))
        assert home.here("import-bib", bib).code == 0
        empty = tmp_path / "empty"
        empty.mkdir()
        document = home.process_here(empty).document
        assert (document["sources"], document["references"], document["resolved"]) == (1, 1, 1)
        again = home.process_here(empty).document
        assert again["sources"] == 0
