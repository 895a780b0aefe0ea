"""Foot- and endnotes: citations in full made entries, words of comment left out, short forms led to what they mean."""

from __future__ import annotations

from dl_lit.pdf.notes.crossing import cross_references
from dl_lit.pdf.notes.cutting import Citation, Kind, are_notes, cut_notes
from dl_lit.pdf.notes.resolving import Settled, settle

__all__ = ["Citation", "Kind", "Settled", "are_notes", "cross_references", "cut_notes", "settle"]
