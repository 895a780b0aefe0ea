"""Our own reading of one set, in a process of its own so that its children can be measured.

    python -m benchmarks.extraction_ours OUT.json PDF…

Writes the bibliographies to OUT.json and prints figures: pages, CPU seconds of the children (their start included) and
of the parent, the peak resident memory of a child, and CPU seconds of the text engine alone on the same files.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import click

from dl_lit.app.reading.readers import bibliography_reader
from dl_lit.core.errors import PdfError
from dl_lit.pdf.engine import open_document
from dl_lit.pdf.jsonform import bibliography_json, document_json
from dl_lit.pdf.reader import MAX_BYTES
from dl_lit.settings import load


def read(out: Path, pdfs: tuple[Path, ...]) -> dict[str, float]:
    """The whole reading, as `dl-lit extract` does it with one worker."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    settings = load(env={"DL_LIT_WORKERS_EXTRACTION": "1"}).settings
    parent, wall = time.process_time(), time.perf_counter()
    documents = []
    with bibliography_reader(settings) as reader:
        for path in pdfs:
            try:
                documents.append(document_json(str(path), None, reader.read(path)))
            except PdfError as error:
                documents.append(document_json(str(path), None, error))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures = {
        "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "parent_cpu_s": time.process_time() - parent,
        "wall_s": time.perf_counter() - wall,
        "peak_mb": after.ru_maxrss / 1024,
    }
    out.write_text(json.dumps(bibliography_json(documents), ensure_ascii=False), encoding="utf-8")
    return figures


def read_text_alone(pdfs: tuple[Path, ...]) -> dict[str, float]:
    """Pages, and what only their text, lines and links cost, in this very process."""
    pages, start = 0, time.process_time()
    for path in pdfs:
        try:
            with open_document(path, max_bytes=MAX_BYTES) as pdf:
                pages += pdf.page_count
                pdf.read()
        except PdfError as error:
            click.echo(f"{path.name}: {error}", err=True)
    return {"pages": pages, "text_cpu_s": time.process_time() - start}


def main() -> None:
    """Read, and print the figures."""
    out, *pdfs = map(Path, sys.argv[1:])
    click.echo(json.dumps({**read(out, tuple(pdfs)), **read_text_alone(tuple(pdfs))}))


if __name__ == "__main__":
    main()
