"""The programs that people hand our files to, where they are on the machine: pandoc, biber, citeproc-py."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
import warnings
from pathlib import Path

from citeproc.source.json import CiteProcJSON
from proofs.roundtrip.reading import Facts, Read, by_bibtexparser, csl_facts

_TIMEOUT_S = 900.0
# What real records lack is no fault of ours. And what biblatex does not know at all (pmid) or of a type (an article's
# publisher) stands there for reference managers; biblatex leaves it out.
_EXPECTED = re.compile(r"Missing mandatory field|Invalid field '\w+' for entrytype|Field 'pmid' invalid")

_HAVE_CONTAINERS = frozenset({"article-journal", "chapter", "paper-conference"})
_OF_EPRINT = re.compile(r"https?://(?:www\.ncbi\.nlm\.nih\.gov/pubmed|arxiv\.org)/")


def has(program: str) -> bool:
    """Whether the program is on this machine."""
    return shutil.which(program) is not None


def pandoc(text: str, form: str) -> Read:
    """Pandoc reading `form` (bibtex, biblatex, csljson), writing CSL-JSON."""
    done = subprocess.run(
        ["pandoc", "-f", form, "-t", "csljson"],
        input=text, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False,
    )  # fmt: skip
    complaints = [f"pandoc: {line}" for line in done.stderr.splitlines() if line.strip()]
    if done.returncode:
        return {}, complaints or [f"pandoc ended with {done.returncode}"]
    found = dict(csl_facts(json.loads(done.stdout)))
    if form != "csljson":
        for facts in found.values():
            _not_told(facts)
    return found, complaints


def _not_told(facts: Facts) -> None:
    """Leave out what pandoc does not read of .bib files, or makes of something else."""
    if facts.pop("type") not in _HAVE_CONTAINERS and not facts["container"]:
        del facts["container"]
    if _OF_EPRINT.match(facts["url"]):
        del facts["url"]


def biber(text: str) -> Read:
    """Biber as a tool, which checks every entry against biblatex's own data model and writes them anew."""
    with tempfile.TemporaryDirectory(prefix="dl-lit-biber-") as scratch:
        given, written = Path(scratch, "given.bib"), Path(scratch, "written.bib")
        given.write_text(text, encoding="utf-8")
        done = subprocess.run(
            ["biber", "--tool", "--validate-datamodel", "--output-encoding=UTF-8", "--nolog",
             f"--output-file={written}", str(given)],
            cwd=scratch, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False,
        )  # fmt: skip
        said = [line for line in done.stdout.splitlines() if line.startswith(("ERROR", "WARN"))]
        complaints = [f"biber: {line}" for line in said if not _EXPECTED.search(line)]
        if not written.exists():
            return {}, complaints or [f"biber ended with {done.returncode}: {done.stderr.strip()[-200:]}"]
        found, odd = by_bibtexparser(_lower_case_types(written.read_text(encoding="utf-8")))
        return found, [*complaints, *odd]


def _lower_case_types(text: str) -> str:
    """Biber writes types and fields in capitals."""
    text = re.sub(r"^@([A-Z]+)\{", lambda match: match[0].lower(), text, flags=re.MULTILINE)
    return re.sub(r"^\s+[A-Z]+\s+=", lambda match: match[0].lower(), text, flags=re.MULTILINE)


def by_citeproc(text: str) -> Read:
    """citeproc-py."""
    items = json.loads(text)
    read: dict[str, Facts] = {}
    names = {str(item["id"]).lower(): item["id"] for item in items}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of fields that it has no use for
            source = CiteProcJSON(items)
    except Exception as error:  # noqa: BLE001 - whatever it is, the file could not be read
        return {}, [f"citeproc-py: {error!r}"]
    for key, reference in source.items():
        read[names[key]] = {
            "title": str(reference.get("title", "")),
            "container": str(reference.get("container_title", "")),
            "doi": str(reference.get("DOI", "")),
            "type": reference.type,
        }
    return read, []
