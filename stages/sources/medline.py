"""The words in which MEDLINE's records, at PubMed and at Europe PMC, speak of retractions and corrections.

Read 2026-11-23: https://www.nlm.nih.gov/bsd/policy/errata.html
"""

from __future__ import annotations

from dl_lit.core.model import NoticeKind

NOTICES = {
    "retraction in": NoticeKind.RETRACTION,
    "partial retraction in": NoticeKind.PARTIAL_RETRACTION,
    "expression of concern in": NoticeKind.CONCERN,
    "erratum in": NoticeKind.CORRECTION,
}
"""What is said of the record itself, by the kind of link in lower case."""

NOTICE_OF = {
    "retraction of": NoticeKind.RETRACTION,
    "partial retraction of": NoticeKind.PARTIAL_RETRACTION,
    "expression of concern for": NoticeKind.CONCERN,
    "erratum for": NoticeKind.CORRECTION,
}
"""What the record says of another one."""
