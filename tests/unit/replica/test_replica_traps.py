"""The corpus of traps is complete, and its files are what their names say."""

from __future__ import annotations

import hashlib
from collections import Counter

import pypdfium2
import pytest

from dl_lit.core.model import HostType, Version
from dl_lit.core.reasons import Reason, ReasonClass
from dl_lit.replica.sheets import Printed, Scanned, bind
from dl_lit.replica.traps import CASES, Place, TrapWorld, papers
from dl_lit.replica.wire import Request

OF_DOWNLOADS = {
    reason
    for reason in Reason
    if reason.category in {ReasonClass.PAGE, ReasonClass.WALL, ReasonClass.CONTENT, ReasonClass.PERMANENT}
} | {
    *(Reason.OK, Reason.OK_ACCEPTED_VERSION, Reason.OK_PREPRINT, Reason.OK_UNVERIFIED, Reason.NEEDS_REVIEW),
    *(Reason.NO_OA_LOCATION, Reason.NO_IDENTIFIER, Reason.NOT_A_DOCUMENT, Reason.EMBARGOED, Reason.BUDGET_EXHAUSTED),
    *(Reason.TIMEOUT_CONNECT, Reason.TIMEOUT_READ, Reason.DNS_ERROR, Reason.TLS_ERROR, Reason.CONNECTION_RESET),
    *(Reason.HTTP_429, Reason.HTTP_5XX, Reason.HOST_PARKED, Reason.DISK_FULL, Reason.WRITE_ERROR),
}


def texts(pdf: bytes, password: str | None = None) -> list[str]:
    """What is read on each page."""
    document = pypdfium2.PdfDocument(pdf, password=password)
    try:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in document]
    finally:
        document.close()


def test_every_ending_of_a_download_has_a_trap() -> None:
    assert OF_DOWNLOADS - {case.end.reason for case in CASES} == set()
    assert len(CASES) >= 75


def test_traps_have_names_and_works_of_their_own() -> None:
    assert [name for name, times in Counter(case.name for case in CASES).items() if times > 1] == []
    works = [case.work(number) for number, case in enumerate(CASES)]
    assert len({work.title for work in works}) == len(works) - 1, "a book stands in two cases"
    assert len({work.doi for work in works if work.doi}) == sum(work.doi is not None for work in works)


def test_what_is_refused_or_fails_has_no_right_file_where_it_is_looked_for() -> None:
    for case in CASES:
        assert case.end.place is not Place.LIBRARY or case.answers, case.name
        assert set(case.wrong) <= set(case.answers), case.name


def test_places_get_the_addresses_of_the_run() -> None:
    chosen = [case for case in CASES if case.name in {"third-location", "integer", "no-secure-connection", "preprint"}]
    world = TrapWorld(chosen)
    bases = {guest.name: f"http://127.0.201.{number}:8000" for number, guest in enumerate(world.guests(), 1)}
    world.bind(bases, 8000)
    places = {chosen[number].name: world.work(number).locations for number in range(len(chosen))}
    assert [one.url for one in places["third-location"]] == [
        "http://127.0.201.2:8000/one.pdf",
        "http://127.0.201.3:8000/two.pdf",
        "http://127.0.201.4:8000/three.pdf",
    ]
    assert places["integer"][0].url == "http://2131166983:8000/paper.pdf"
    assert places["no-secure-connection"][0].url.startswith("https://127.0.201.")
    assert (places["preprint"][0].version, places["preprint"][0].host_type) == (Version.SUBMITTED, HostType.REPOSITORY)


def test_a_host_answers_by_path_and_the_world_knows_the_right_file() -> None:
    number = 0
    world = TrapWorld([next(case for case in CASES if case.name == "wrong-work-then-right")])
    hosts = {guest.name: guest.service for guest in world.guests()}
    get = Request("GET", "/one.pdf", {})
    wrong = hosts["trap-0-a"].plan(get).answer().body
    right = hosts["trap-0-b"].plan(Request("GET", "/two.pdf", {})).answer().body
    told = [world.is_right(number, hashlib.sha256(body).hexdigest()) for body in (wrong, right)]
    assert told == [False, True]
    assert hosts["trap-0-b"].plan(get).answer().status == 404


def test_names_are_looked_up_as_the_case_says() -> None:
    world = TrapWorld([case for case in CASES if case.name in {"rebinding", "one-of-two-addresses-private"}])
    world.bind(
        {"trap-0-a": "http://127.0.201.1:80", "trap-1-a": "http://127.0.201.2:80", "canary": "http://127.7.7.7:80"}, 80
    )
    looked_up = [world.resolve("rebind.trap.test") for _ in range(3)]
    assert looked_up[1:] == [["127.7.7.7"], ["127.7.7.7"]]
    assert world.resolve("mixed.trap.test") is not None
    assert len(world.resolve("mixed.trap.test") or []) == 2
    assert world.resolve("nobody.trap.test") is None


@pytest.mark.parametrize("password", [None, "", "x9"])
def test_bound_sheets_can_be_read_with_the_password(password: str | None) -> None:
    sheets = (Printed(((18, ["Größe und ﬁeld"]),), "Downloaded by a reader"), Scanned(1), Printed())
    read = texts(bind(sheets, password=password), password)
    assert read[1:] == ["", ""]
    assert read[0].startswith("Größe und f")
    assert read[0].endswith("Downloaded by a reader")


def test_a_locked_file_stays_shut_without_its_password() -> None:
    locked = bind(
        (
            Printed(
                ((18, ["Secret"]),),
            ),
        ),
        password="x9",
    )
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(locked)


def test_a_false_text_layer_shows_one_thing_and_says_another() -> None:
    (read,) = texts(
        bind(
            (
                Printed(
                    ((18, ["Tidal mixing"]),),
                ),
            ),
            is_garbled=True,
        )
    )
    assert "Tidal" not in read
    assert read


def test_the_files_are_what_they_are_called() -> None:
    work = CASES[0].work(0)
    assert work.title in " ".join(texts(papers.plain(work)))
    assert texts(papers.scan(2)) == ["", ""]
    assert len(texts(papers.preview(work, is_told=True))) == 1
    assert texts(papers.supplement(work))[0].startswith("Supplementary Information")
    assert work.title in texts(papers.proceedings(work))[5]
    assert papers.letterspaced("On it") == "O n   i t"
    assert papers.ligated("efficient flow") == "eﬃcient ﬂow"
