"""Every format that we export, read back by programs that are not ours: as many records, the same fields, every file.

    scripts/prove roundtrip [--records 5000] [--universe FILE] [--json]

Real records, and nasty ones of our own on works of every type, each with a file of a nasty name. "records" were
written, "equal" came back with every field that the reader has, "errors" is what readers complained of. Compared are
titles, people, year, container, publisher, volume, issue, pages, DOI, URL, ISBN and type, in Unicode's composed form
with white space folded; for readers that set quotes, dashes and math anew (pandoc, pybtex, biber, citeproc-py) letters
and digits alone. docs/exports.md has the table. Programs that are not on the machine are named under "absent".
"""

from __future__ import annotations

import re
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import click
from proofs.roundtrip import attached, graph, programs, reading
from proofs.roundtrip.reading import Facts, Reader
from proofs.roundtrip.records import Sent, nasty_records, real_records, sent, with_files
from proofs.verdict import Verdict

from dl_lit.exports.bibtex import Dialect, bibtex
from dl_lit.exports.csl_json import csl_json
from dl_lit.exports.csv_table import csv_table
from dl_lit.exports.file_field import FileForm
from dl_lit.exports.jsonl import jsonl
from dl_lit.exports.rich.markup import marked
from dl_lit.exports.rich.text import SIGNS
from dl_lit.exports.ris import ris
from dl_lit.exports.zotero_rdf import zotero_rdf

UNIVERSE = Path(__file__).parents[3].parent / "shared" / "corpora" / "universe.jsonl.gz"
_ADDED_TO = ("title", "publisher")  # to which pandoc adds what biblatex has as `titleaddon`, BibTeX as `howpublished`
_PEOPLE = ("authors", "editors")
_MOST_TOLD = 20  # failures of one reader
Compare = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Trial:
    """A reader of a format."""

    format: str
    name: str
    read: Reader
    compare: Compare
    needs: str | None = None  # a program that may not be there


def exact(text: str) -> str:
    """As it is."""
    return text


def letters(text: str) -> str:
    """Letters and digits alone, compatible forms as one, TeX's names of signs as signs, CSL's marks gone."""
    text = reading.without_marks(text).casefold()
    if "\\" in text:
        text = _COMMAND.sub(lambda match: _SIGNS[match[0]], text)
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(one for one in folded if one.isalnum())


_SIGNS = {name.casefold(): sign.casefold() for name, sign in SIGNS.items()}
_COMMAND = re.compile("|".join(map(re.escape, sorted(_SIGNS, key=len, reverse=True))))
WRITERS: Mapping[str, Callable[[list[Sent]], Iterator[str]]] = {
    "bibtex": lambda all_: bibtex(one.record for one in all_),
    "bibtex, JabRef": lambda all_: bibtex((one.record for one in all_), file_form=FileForm.JABREF),
    "biblatex": lambda all_: bibtex((one.record for one in all_), Dialect.BIBLATEX),
    "ris": lambda all_: ris(one.record for one in all_),
    "csl-json": lambda all_: csl_json(one.record for one in all_),
    "zotero-rdf": lambda all_: zotero_rdf(one.record for one in all_),
    "csv": lambda all_: csv_table(one.record for one in all_),
    "jsonl": lambda all_: jsonl(one.record for one in all_),
}
TRIALS = (
    Trial("bibtex", "bibtexparser", reading.by_bibtexparser, exact),
    Trial("bibtex", "pybtex", reading.by_pybtex, letters),
    Trial("bibtex", "pandoc", lambda text: programs.pandoc(text, "bibtex"), letters, "pandoc"),
    Trial("bibtex, JabRef", "bibtexparser", reading.by_bibtexparser, exact),
    Trial("biblatex", "bibtexparser", reading.by_bibtexparser, exact),
    Trial("biblatex", "pybtex", reading.by_pybtex, letters),
    Trial("biblatex", "pandoc", lambda text: programs.pandoc(text, "biblatex"), letters, "pandoc"),
    Trial("biblatex", "biber", programs.biber, letters, "biber"),
    Trial("ris", "rispy", reading.by_rispy, exact),
    Trial("csl-json", "citeproc-py", programs.by_citeproc, letters),
    Trial("csl-json", "pandoc", lambda text: programs.pandoc(text, "csljson"), letters, "pandoc"),
    Trial("zotero-rdf", "rdflib", graph.by_rdflib, exact),
    Trial("csv", "csv", reading.by_csv, exact),
    Trial("jsonl", "json", reading.by_json_lines, exact),
)


@click.command()
@click.option("--records", default=5000, show_default=True, help="Real records, besides the nasty ones.")
@click.option("--universe", type=click.Path(dir_okay=False, path_type=Path), default=UNIVERSE, help="Where they are.")
@click.option("--json", "as_json", is_flag=True)
def command(*, records: int, universe: Path, as_json: bool) -> None:
    """Export records in every format and read them back with other people's programs."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dl-lit-prove-") as scratch:
        verdict = proven(records, universe, Path(scratch), began)
    verdict.tell(as_json=as_json)


def proven(
    number: int, universe: Path, folder: Path, began: float, present: Callable[[str], bool] = programs.has
) -> Verdict:
    """The figures of all formats; without the file of real records the nasty ones alone."""
    real = real_records(universe, number) if number and universe.exists() else iter(())
    all_ = sent(with_files(chain(nasty_records(), real), folder))
    formats: dict[str, dict[str, object]] = {}
    failures: list[str] = []
    absent: set[str] = set()
    for form, write in WRITERS.items():
        text = "".join(write(all_))
        told = attached.told_beside(text)
        readers, errors, unequal = {}, 0, set()
        for trial in (one for one in TRIALS if one.format == form):
            if trial.needs and not present(trial.needs):
                absent.add(trial.needs)
                continue
            found, complaints = trial.read(text)
            wrong = dict(_differences(all_, found, trial))
            if any("file" in facts for facts in found.values()) and trial.name != "biber":
                kind = form.partition(",")[0]
                wrong |= dict.fromkeys(attached.lost(found, told, folder, kind), "its file is not there")
            readers[trial.name] = len(all_) - len(wrong)
            unequal |= set(wrong)
            errors += len(complaints)
            named = f"{form}, {trial.name}"
            failures += [f"{named}: {key}: {what}" for key, what in list(wrong.items())[:_MOST_TOLD]]
            failures += [f"{named}: {complaint}"[:400] for complaint in complaints[:_MOST_TOLD]]
        formats[form] = {
            "records": len(all_), "equal": len(all_) - len(unequal), "errors": errors, "readers": readers
        }  # fmt: skip
    return Verdict(
        proof="roundtrip",
        tried=sum(len(all_) for one in TRIALS if one.needs not in absent),
        lost=sum(len(all_) - int(str(one["equal"])) for one in formats.values()),
        doubled=0,
        untyped=sum(int(str(one["errors"])) for one in formats.values()),
        failures=failures,
        more={**formats, "absent": sorted(absent), "seconds": round(time.monotonic() - began, 1)},
    )


def _differences(all_: list[Sent], found: Mapping[str, Facts], trial: Trial) -> Iterator[tuple[str, str]]:
    """What is not as it was sent, by key."""
    for one in all_:
        key = one.record.key
        if key not in found:
            yield key, "not there"
            continue
        expected = one.facts | {
            "raw title": one.record.work.title,
            "marked title": marked(one.record.work.title),
            "marked container": marked(one.record.work.container_title or ""),
        }
        for name, value in found[key].items():
            if name not in expected:
                continue
            wanted = trial.compare(_shown(expected[name], name))
            allowed = {wanted}
            if trial.name == "pandoc" and name in _ADDED_TO:
                container = trial.compare(expected["container"])
                allowed |= {wanted + container, container + wanted}
            seen = trial.compare(_shown(value, name))
            if trial.name == "pandoc" and name in _PEOPLE:  # it looks for particles behind given names, too
                allowed, seen = {"".join(sorted(wanted))}, "".join(sorted(seen))
            if seen not in allowed:
                yield key, f"{name}: {value!r} for {expected[name]!r}"
                break
    known = {one.record.key for one in all_}
    yield from ((key, "nobody sent it") for key in found if key not in known)


def _shown(value: str, field: str) -> str:
    """An address percent-coded where we code it: it names the same."""
    if field in {"doi", "url"}:
        return value.replace("\\", "%5C").replace("{", "%7B").replace("}", "%7D").replace(" ", "%20")
    return unicodedata.normalize("NFC", value) if field.startswith("marked") else value
