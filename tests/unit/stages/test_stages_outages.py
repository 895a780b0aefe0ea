"""Whom a decision waits for while services are out, and for how long."""

from __future__ import annotations

from dataclasses import replace

from dl_lit.core.errors import ServiceError
from dl_lit.core.items import EntryItem, MatchedAs, Resolved
from dl_lit.core.job import Answer, Claim, Done, Reject, Retry, Snooze
from dl_lit.core.model import Name, Reference, StageName, Work, WorkType
from dl_lit.core.reasons import Reason
from stages.answers import LookUp
from stages.enrichment import EnrichmentStage, Habits
from stages.enrichment.outages import NARROW_WAIT_S
from stages.enrichment.stage import SEARCH, UNASKED_SNOOZE_S
from stages.sources.registry import Source
from tests.fakes.bibliographies import FakeBibliographies
from tests.fakes.scenario import HandClock
from tests.fakes.service_calls import FakeServiceCalls

BOOK = Work(
    title="A handbook of northern European shores",
    type=WorkType.BOOK,
    editors=(Name(family="Hansen", given="Ida"),),
    year=1999,
)
CHAPTER = Reference(
    position=1,
    raw="Berg, O. (1999). Stones and the sea. In I. Hansen (ed.), A handbook of northern European shores, 12-30.",
    type=WorkType.CHAPTER,
    authors=(Name(family="Berg", given="O."),),
    editors=(Name(family="Hansen", given="I."),),
    title="Stones and the sea",
    container_title=BOOK.title,
    year=1999,
)


class Field:
    """A stage with a broad service that answers what it has, and a narrow one that fails as it is told."""

    def __init__(self, *, has: tuple[Work, ...] = (), broad_fails: bool = False, is_narrow: bool = True) -> None:
        self.clock = HandClock()
        self.error: ServiceError | None = None
        self.asked = 0

        def broad(_calls: object, _reference: Reference) -> list[Work]:
            if broad_fails:
                raise ServiceError("broad", Reason.SERVICE_DOWN, "breaker", after=60.0, costs_attempt=False)
            return list(has)

        def narrow(_calls: object, _reference: Reference) -> list[Work]:
            self.asked += 1
            if self.error is not None:
                raise self.error
            return []

        sources = (
            Source(service="broad", search=broad),
            Source(service="narrow", search=narrow, is_narrow=is_narrow),
        )
        self.calls = FakeServiceCalls()
        self.stage = EnrichmentStage(
            self.calls,
            sources,
            bibliographies=FakeBibliographies(),
            clock=self.clock,
            habits=Habits(check_retractions=False),
        )

    def answer(self, reference: Reference = CHAPTER, *, attempt: int = 1) -> Answer:
        claim = Claim(StageName.ENRICHMENT, 1, EntryItem(1, reference), attempt=attempt, phase=SEARCH)
        ((_, answer),) = self.stage.handle([claim])
        return answer


def refused(after: float = 55.0, reason: Reason = Reason.SERVICE_DOWN) -> ServiceError:
    return ServiceError("narrow", reason, "breaker", after=after, costs_attempt=False)


def test_a_dead_service_of_one_field_keeps_nobody_waiting_for_ever() -> None:
    """For an hour the entry comes back; then it is decided, and the decision names who was not heard."""
    field = Field()
    field.error = refused()
    assert isinstance(field.answer(), Snooze)
    field.clock.at += NARROW_WAIT_S / 2
    assert isinstance(field.answer(), Snooze)
    field.clock.at += NARROW_WAIT_S / 2
    given = field.answer()
    assert isinstance(given, Reject)
    assert given.reason is Reason.SERVICE_DOWN, "no match is only said where everybody could be asked"
    assert "narrow" in given.detail
    assert given.trail is not None
    assert "narrow" in given.trail.decision


def test_a_service_that_has_everything_is_waited_for() -> None:
    """Without it, that nobody knows the work says nothing."""
    field = Field(is_narrow=False)
    field.error = refused()
    field.answer()
    field.clock.at += 100 * NARROW_WAIT_S
    assert isinstance(field.answer(), Snooze)


def test_an_answer_ends_an_outage() -> None:
    """What failed an hour ago and has answered since is a new outage when it fails again."""
    field = Field()
    field.error = refused()
    field.answer()
    field.clock.at += NARROW_WAIT_S
    field.error = None
    assert isinstance(field.answer(), Reject)
    field.error = refused()
    field.calls.remembered.clear()
    assert isinstance(field.answer(), Snooze)


def test_a_failure_of_yesterday_is_another_outage() -> None:
    """A daemon that had nothing to ask meanwhile does not give up on the first failure of the day."""
    field = Field()
    field.error = refused()
    field.answer()
    field.clock.at += 24 * NARROW_WAIT_S
    assert isinstance(field.answer(), Snooze)


def test_a_long_retry_after_of_a_narrow_service_is_cut() -> None:
    """Fifteen hours of its rest do not hold up the decision for longer than its outage may."""
    field = Field()
    field.error = refused(54_000.0, Reason.RATE_LIMITED)
    given = field.answer()
    assert isinstance(given, Snooze)
    assert given.after <= NARROW_WAIT_S


def test_an_outage_is_not_waited_out_in_a_loop() -> None:
    """However near the end of a rest is, the entry does not come back at once, nor much later than the rest."""
    field = Field()
    field.error = refused(0.001)
    soon = field.answer()
    assert isinstance(soon, Snooze)
    assert soon.after >= 1.0
    field.error = refused(400.0)
    late = field.answer()
    assert isinstance(late, Snooze)
    assert late.after == UNASKED_SNOOZE_S


def test_nobody_heard_is_no_decision() -> None:
    """Where the broad ones are out as well nothing is decided, however long a narrow one has been out."""
    field = Field(broad_fails=True)
    field.error = refused()
    field.answer()
    field.clock.at += NARROW_WAIT_S
    assert isinstance(field.answer(), Snooze)


def test_the_book_counts_only_when_all_were_asked_for_the_chapter() -> None:
    """A service that is out may have the chapter; given up, the book is taken, and it is said who was not heard."""
    field = Field(has=(BOOK,))
    field.error = refused()
    assert isinstance(field.answer(), Snooze)
    field.clock.at += NARROW_WAIT_S
    given = field.answer()
    assert isinstance(given, Done)
    assert isinstance(given.facts, Resolved)
    assert given.facts.matched_as is MatchedAs.CONTAINER
    assert given.trail is not None
    assert "book that contains it" in given.trail.decision
    assert "narrow" in given.trail.decision


def test_an_agency_that_could_not_be_asked_for_the_printed_doi_is_waited_for() -> None:
    """One service knows the DOI not, the other was down: the work may still be there, whatever searches say."""
    down = ServiceError("registrar", Reason.SERVICE_DOWN, "HTTP 503")
    sources = (
        Source(service="broad", by_dois=lambda _calls, _dois: LookUp(), search=lambda _calls, _reference: []),
        Source(service="registrar", by_dois=lambda _calls, dois: LookUp({}, dict.fromkeys(dois, down))),
    )
    stage = EnrichmentStage(FakeServiceCalls(), sources, bibliographies=FakeBibliographies(), clock=HandClock())
    printed = replace(CHAPTER, doi="10.5555/shores.2")
    for attempt in range(1, Habits().attempts + 1):
        claim = Claim(StageName.ENRICHMENT, 1, EntryItem(1, printed), attempt=attempt)
        list(stage.handle([claim]))
        ((_, given),) = stage.handle([replace(claim, phase=SEARCH)])
        assert isinstance(given, Retry if attempt < Habits().attempts else Reject)
        assert given.reason is Reason.SERVICE_DOWN
