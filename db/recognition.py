"""By what two records are known to be one work, and what kind of success a file is."""

from __future__ import annotations

from collections.abc import Callable

from dl_lit.core.items import Downloaded
from dl_lit.core.model import Version, Work
from dl_lit.core.reasons import Reason

TitleKey = Callable[[Work], str | None]
"""Gives what two records of one work without common identifier share; None when the title is too general."""

_STATUS = {
    Version.PUBLISHED: Reason.OK,
    Version.ACCEPTED: Reason.OK_ACCEPTED_VERSION,
    Version.SUBMITTED: Reason.OK_PREPRINT,
    None: Reason.OK,
}


def status_of(facts: Downloaded) -> Reason:
    """The kind of success a download is."""
    return Reason.OK_UNVERIFIED if not facts.verified else _STATUS[facts.location.version]


def work_keys_of(work: Work, title_key: str | None) -> list[tuple[str, str]]:
    """What `work` is recognised by, the surest first."""
    keys = [("doi", work.doi), ("openalex", work.openalex_id), ("title-author-year", title_key)]
    return [(kind, value) for kind, value in keys if value]


def same_work(kind: str, doi: str | None, other_doi: str | None) -> bool:
    """Whether a shared key of this kind makes two works one: an equal title does not when their DOIs differ."""
    return kind != "title-author-year" or not (doi and other_doi and doi != other_doi)
