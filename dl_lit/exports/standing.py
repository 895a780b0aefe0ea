"""What is to be said of a work's standing: retracted, doubted, corrected; when, and where that is said."""

from __future__ import annotations

from dl_lit.core.model import Notice, NoticeKind, Work

_WORDS = {
    NoticeKind.RETRACTION: "Retracted",
    NoticeKind.WITHDRAWAL: "Withdrawn",
    NoticeKind.REMOVAL: "Removed",
    NoticeKind.PARTIAL_RETRACTION: "Retracted in part",
    NoticeKind.CONCERN: "Expression of concern",
    NoticeKind.CORRECTION: "Corrected",
}
_ORDER = tuple(_WORDS)
MOST_CORRECTIONS = 3
"""Corrections told one by one; of more only how many they are."""


def standing(work: Work) -> tuple[str, ...]:
    """What every reader should know of the work, the gravest first: "Retracted: 2013-11-28, doi:10.1/notice".

    Empty where nothing is known against it. A correction or an expression of concern is no retraction.
    """
    notices = sorted(work.notices, key=lambda notice: (_ORDER.index(notice.kind), notice.date or "9999"))
    corrections = [notice for notice in notices if notice.kind is NoticeKind.CORRECTION]
    said = [_said(notice, work) for notice in notices if notice.kind is not NoticeKind.CORRECTION]
    if work.is_retracted and not any(notice.kind.is_withdrawing for notice in notices):
        said.insert(0, "Retracted publication")
    if len(corrections) > MOST_CORRECTIONS:
        said.append(f"Corrected {len(corrections)} times, last: {_where(corrections[-1])}")
    else:
        said += [_said(notice, work) for notice in corrections]
    return tuple(dict.fromkeys(said))


def is_withdrawn(work: Work) -> bool:
    """Whether the work should no longer be relied on."""
    withdrawing = (notice for notice in work.notices if notice.kind.is_withdrawing)
    return work.is_retracted or any(not _is_unconfirmed(notice, work) for notice in withdrawing)


def _said(notice: Notice, work: Work) -> str:
    if _is_unconfirmed(notice, work):
        return f"Perhaps {_WORDS[notice.kind].lower()}: {_where(notice)}, not confirmed"
    return f"{_WORDS[notice.kind]}: {_where(notice)}"


def _is_unconfirmed(notice: Notice, work: Work) -> bool:
    """Whether it is but OpenAlex's flag, which Crossref could not be asked about (see `stages.notices`)."""
    return notice.source == "openalex" and notice.doi is None and not work.is_retracted


def _where(notice: Notice) -> str:
    """When and where, as far as it is known."""
    named = ", ".join(filter(None, (notice.date, f"doi:{notice.doi}" if notice.doi else None)))
    return named or (f"as {notice.source} says" if notice.source else "date unknown")
