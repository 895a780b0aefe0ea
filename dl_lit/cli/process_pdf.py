"""`dl-lit process-pdf PDF`: `process-pdf-concurrent` by its older name."""

from __future__ import annotations

from dl_lit.cli.process_pdf_concurrent import command

__all__ = ["command"]
