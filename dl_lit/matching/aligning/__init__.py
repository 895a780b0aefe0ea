"""Which printed entry is which entry of a list of cited works that a service has for the same citing work. Pure.

The list is a hint, never the bibliography: entries are missing on both sides, order may be kept or not, titles may be
garbled on either. What two entries agree on is weighed, order is evidence where the list keeps it, an entry is given
to one entry alone, and where two are equally good neither is taken.
"""

from dl_lit.matching.aligning.align import Alignment, Pair, align
from dl_lit.matching.aligning.entries import as_listed, as_reference, combined, is_bare, is_same_entry, with_record
from dl_lit.matching.aligning.likeness import How

__all__ = [
    "Alignment",
    "How",
    "Pair",
    "align",
    "as_listed",
    "as_reference",
    "combined",
    "is_bare",
    "is_same_entry",
    "with_record",
]
