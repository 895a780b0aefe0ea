"""A library that lives: what was lacking is looked for again, and better versions come in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from tests.fakes.program import Home, replica_of, write_papers

DRAFT = b"%PDF-1.7 a draft"


def age(home: Home) -> tuple[int, int]:
    """Make of one file the draft that it once was, and of another work one that nobody had; their ids."""
    (draft, path), (lacking, gone) = home.rows(
        "SELECT work_id, file_path FROM downloaded_references WHERE version = 'publishedVersion' ORDER BY 1 LIMIT 2"
    )
    (home.library / path).write_bytes(DRAFT)
    (home.library / gone).unlink()
    home.change(
        "UPDATE downloaded_references SET status = 'ok-preprint', version = 'submittedVersion', url_source = 'u', "
        f"checksum_pdf = '{hashlib.sha256(DRAFT).hexdigest()}', size_bytes = {len(DRAFT)} WHERE work_id = {draft}",
        f"DELETE FROM downloaded_references WHERE work_id = {lacking}",
        "INSERT INTO failed_downloads (work_id, stage, reason, attempts) "
        f"VALUES ({lacking}, 'queueing', 'no-oa-location', 1)",
    )
    return draft, lacking


def test_what_was_lacking_comes_and_a_draft_gives_way_to_the_published_version(
    tmp_path_factory, make_home: Callable[..., Home]
) -> None:
    papers = write_papers(tmp_path_factory.mktemp("one"), sources=1, entries=3)
    with replica_of(papers.records, latency_s=0.02) as replica:
        home = make_home(replica)
        assert home.process_here(papers.folder).document["downloaded"] == 3
        files = home.pdfs()
        draft, lacking = age(home)
        told = home.run("recheck", "--all", "--json", "--quiet", "--no-report")
        assert told.code == 0, told.err
        assert told.document["put_back"] == [lacking]
        (upgraded,) = told.document["upgraded"]
        assert (upgraded["work_id"], upgraded["before"], upgraded["now"]) == (draft, "ok-preprint", "ok")
    assert len(home.pdfs()) == len(files)
    assert home.rows("SELECT count(*) FROM downloaded_references WHERE status = 'ok' AND replaces IS NULL") == [(3,)]
    assert DRAFT not in [path.read_bytes() for path in home.pdfs()]
    assert home.broken() == []
