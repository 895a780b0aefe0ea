"""How surely printed entries find their records: precision, recall, false accepts of works that have no record.

scripts/bench matching [--json] [--quick] [--entries N] [--data FILE] [--errors FILE]

Real records (../shared/corpora/universe.jsonl.gz) are set in many styles, worn in four degrees, read by our own reader
of entries, looked up among all records and decided on by `matching.decide`: the path of an entry in the product once
its identifiers, if it printed any, led nowhere. Without that folder the records of the demonstration serve.
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from benchmarks.matching_entries import SEED, Printed, Task, made
from benchmarks.matching_pairs import pairs
from benchmarks.matching_retrieval import Index
from benchmarks.matching_universe import Universe
from rapidfuzz import fuzz, process

from dl_lit.core.items import MatchedAs
from dl_lit.core.model import Reference, Work
from dl_lit.matching.containers import Recognised, recognise
from dl_lit.matching.decide import Accepted, Ambiguous, Decision, Vetoed
from dl_lit.matching.normalise import squash, title_key
from dl_lit.pdf.parsing import parse_entries
from dl_lit.pdf.splitting import Entry

CHECKOUT = Path(__file__).resolve().parents[2]
SHARED = CHECKOUT.parent / "shared" / "corpora" / "universe.jsonl.gz"
DEMO = CHECKOUT / "dl_lit" / "demo" / "universe.jsonl"
ENTRIES = 5_000
QUICK = 600
CANDIDATES = 10
REFERENCE_SAMPLE = 20  # entries for the comparison with rapidfuzz over all titles
BAND = 0.05  # width of a band of scores in the table of reliability


@dataclass(frozen=True, slots=True)
class Case:
    """One entry with what came of it."""

    printed: Printed
    reference: Reference
    candidates: int
    decision: Decision
    verdict: str  # "right", "version", "twin", "wrong", "false accept", "container", "review", "vetoed", "missed" …
    is_findable: bool  # whether a record of the work is among the candidates


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.option("--quick", is_flag=True, help=f"{QUICK} entries.")
@click.option("--entries", type=click.IntRange(20), default=None, help=f"How many; {ENTRIES} by default.")
@click.option("--seed", type=int, default=SEED, show_default=True)
@click.option("--data", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="File of records.")
@click.option("--calibrate", "is_calibration", is_flag=True, help="Learn the weights from the other half of the works.")
@click.option("--errors", type=click.Path(path_type=Path), help="Write every mistake and abstention here, JSON lines.")
def command(
    *,
    as_json: bool,
    quick: bool,
    entries: int | None,
    seed: int,
    data: Path | None,
    is_calibration: bool,
    errors: Path | None,
) -> None:
    """Match rendered entries against real records."""
    path = data or (SHARED if SHARED.exists() else DEMO)
    universe = Universe.read(path)
    if is_calibration:
        from benchmarks.matching_calibration import calibrate  # noqa: PLC0415 - numpy, for this alone

        click.echo(calibrate(universe, [made(universe, entries or ENTRIES, is_training=True, seed=seed)]))
        return
    task = made(universe, entries or (QUICK if quick else ENTRIES), seed=seed)
    cases, seconds = run(universe, task)
    result = {
        "schema": "dl-lit/bench-matching/1",
        "records": len(universe),
        "universe": path.name if path == SHARED else "demo",
        "seed": seed,
        **figures(cases),
        "pairs": {"of": len(pairs()), "right": sum(pair.is_judged_right for pair in pairs())},
        **_speeds(universe, cases, seconds),
    }
    if errors:
        errors.write_text(
            "".join(json.dumps(_told(case), ensure_ascii=False) + "\n" for case in cases if _is_error(case))
        )
    if as_json:
        click.echo(json.dumps(result, indent=2))
    else:
        click.echo("\n".join(f"{name:28} {value}" for name, value in result.items() if not isinstance(value, dict)))


def run(universe: Universe, task: Task) -> tuple[list[Case], dict[str, float]]:
    """Read, look up and decide every entry; the CPU seconds of each step."""
    seconds = dict.fromkeys(("indexed", "read", "looked_up", "decided"), 0.0)
    cases = []
    started = time.process_time()
    with Index(universe, task.left_out, task.added) as index:
        seconds["indexed"] = time.process_time() - started
        for entries in task.lists:
            started = time.process_time()
            references = parse_entries([Entry(text=one.text, page=1) for one in entries])
            seconds["read"] += time.process_time() - started
            for printed, reference in zip(entries, references, strict=True):
                started = time.process_time()
                found = index.search(reference, CANDIDATES)
                looked_up = time.process_time()
                recognised = recognise(reference, [work for _, work in found])
                seconds["looked_up"] += looked_up - started
                seconds["decided"] += time.process_time() - looked_up
                cases.append(judged(universe, printed, reference, found, recognised))
    return cases, seconds


def judged(
    universe: Universe,
    printed: Printed,
    reference: Reference,
    found: Sequence[tuple[int, Work]],
    recognised: Recognised,
) -> Case:
    """What a perfect matcher says of the decision."""
    right = universe.group(printed.record)
    is_findable = any(number < len(universe) and universe.group(number) == right for number, _ in found)
    decision = recognised.decision
    if isinstance(decision, Accepted):
        number = next(number for number, work in found if work is decision.work)
        verdict = _verdict(universe, printed, number, recognised)
    elif isinstance(decision, Ambiguous):
        verdict = "review"
    elif isinstance(decision, Vetoed):
        verdict = "vetoed" if printed.is_present else "absent"
    else:
        verdict = "missed" if printed.is_present else "absent"
    return Case(printed, reference, len(found), decision, verdict, is_findable)


def _verdict(universe: Universe, printed: Printed, number: int, recognised: Recognised) -> str:
    """Of an accepted record."""
    if recognised.matched_as is MatchedAs.CONTAINER:
        host = squash(title_key(universe.record(printed.record).get("container") or ""))
        book = squash(universe.titles[number]) if number < len(universe) else ""
        return "container" if book and (host.startswith(book) or book.startswith(host)) else "wrong container"
    if not printed.is_present:
        return "false accept"
    if number < len(universe):
        if universe.group(number) == universe.group(printed.record):
            return "right"
        if _is_version(universe, printed.record, number):
            return "version"
        if universe.is_twin(printed.record, number):
            return "twin"
    return "wrong"


def _is_version(universe: Universe, one: int, other: int) -> bool:
    """Equal title and first author, one of them a preprint's record: the same text in another year."""
    mine, yours = universe.identity(one), universe.identity(other)
    is_same_text = (mine.title, mine.person) == (yours.title, yours.person)
    return is_same_text and universe.is_preprint(one) != universe.is_preprint(other)


def figures(cases: Sequence[Case]) -> dict[str, Any]:
    """All that is published of them."""
    slices: dict[str, dict[str, list[Case]]] = {name: defaultdict(list) for name in ("style", "noise_level", "kind")}
    likeness: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        slices["style"][case.printed.style].append(case)
        slices["noise_level"][str(case.printed.level)].append(case)
        slices["kind"][case.printed.kind].append(case)
        if not case.printed.is_present:
            likeness[case.printed.likeness or "none"].append(case)
    return {
        **_rates(cases),
        "versions_accepted": sum(case.verdict == "version" for case in cases),
        **{f"by_{name}": {key: _rates(of) for key, of in sorted(groups.items())} for name, groups in slices.items()},
        "by_likeness": {
            key: {"absent": len(of), "false_accepts": sum(case.verdict == "false accept" for case in of)}
            for key, of in sorted(likeness.items())
        },
        "reliability": reliability(cases),
    }


def _rates(cases: Iterable[Case]) -> dict[str, Any]:
    cases = list(cases)
    verdicts = Counter(case.verdict for case in cases)
    present = [case for case in cases if case.printed.is_present]
    absent = len(cases) - len(present)
    right = verdicts["right"] + verdicts["version"]
    twins = verdicts["twin"]  # the work in another spelling, with its own record beside it: counted as a mistake
    accepted = right + twins + verdicts["wrong"] + verdicts["wrong container"] + verdicts["false accept"]
    return {
        "entries": len(cases),
        "present": len(present),
        "precision": _share(right, accepted),
        "recall": _share(right, len(present)),
        "false_accept_absent": _share(verdicts["false accept"], absent),
        "needs_review": _share(verdicts["review"], len(cases)),
        "candidate_recall": _share(sum(case.is_findable for case in present), len(present)),
        "wrong": verdicts["wrong"] + verdicts["wrong container"],
        "twins": twins,
        "containers": verdicts["container"],
        "false_accepts": verdicts["false accept"],
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 5) if whole else None


def reliability(cases: Iterable[Case]) -> dict[str, dict[str, Any]]:
    """By the best score: how many were accepted and right, and how often a person is shown the right one."""
    bands: dict[str, Counter[str]] = defaultdict(Counter)
    for case in cases:
        decision = case.decision
        if isinstance(decision, Accepted):
            score, is_right = decision.score, case.verdict in {"right", "version"}
            kind = "accepted"
        elif isinstance(decision, Ambiguous):
            score, kind, is_right = decision.candidates[0].score, "review", case.printed.is_present and case.is_findable
        else:
            continue
        low = min(int(score / BAND), round(1 / BAND) - 1) * BAND
        bands[f"{low:.2f}-{low + BAND:.2f}"].update({kind: 1, f"{kind}_right": is_right})
    return {band: dict(counted) for band, counted in sorted(bands.items(), reverse=True)}


def _speeds(universe: Universe, cases: Sequence[Case], seconds: dict[str, float]) -> dict[str, Any]:
    """Entries per CPU second, beside comparing every title with every record's."""
    count = len(cases)
    titles = [case.reference.title or case.printed.text for case in cases[:REFERENCE_SAMPLE]]
    started = time.process_time()
    for title in titles:
        process.extractOne(title_key(title), universe.titles, scorer=fuzz.ratio, processor=None)
    over_all = time.process_time() - started
    pairs = sum(case.candidates for case in cases)
    return {
        "matches_per_s": round(count / (seconds["looked_up"] + seconds["decided"]), 1),
        "decisions_per_s": round(count / seconds["decided"], 1),
        "pairs_per_s": round(pairs / seconds["decided"]),
        "index_cpu_s": round(seconds["indexed"], 1),
        "entries_read_per_s": round(count / seconds["read"], 1),
        "rapidfuzz_over_all_per_s": round(len(titles) / over_all, 2),
    }


def _is_error(case: Case) -> bool:
    mistakes = {"wrong", "false accept", "version", "twin", "container", "wrong container"}
    return case.verdict in mistakes or (case.printed.is_present and case.verdict != "right")


def _told(case: Case) -> dict[str, Any]:
    """A case as a person can look into it."""
    decision, reference = case.decision, case.reference
    shown = decision.candidates[:3] if isinstance(decision, (Ambiguous, Vetoed)) else ()
    if isinstance(decision, Accepted):
        best = [(decision.score, decision.work, decision.evidence)]
    else:
        best = [(one.score, one.work, one.evidence) for one in shown]
    return {
        "verdict": case.verdict,
        "findable": case.is_findable,
        "level": case.printed.level,
        "style": case.printed.style,
        "likeness": case.printed.likeness,
        "slips": case.printed.slips,
        "text": case.printed.text,
        "read": {
            name: getattr(reference, name)
            for name in ("title", "container_title", "year", "volume", "pages", "publisher")
        }
        | {
            "authors": [one.sort_key for one in reference.authors],
            "editors": [one.sort_key for one in reference.editors],
        }
        | {"type": reference.type.value},
        "record": case.printed.record,
        "best": [
            {
                "score": score,
                "work": f"{', '.join(name.sort_key for name in work.authors[:3])} ({work.year}) {work.title}. "
                f"{work.container_title} {work.volume}, {work.pages} [{work.type.value}]",
                "evidence": str(evidence),
            }
            for score, work, evidence in best
        ],
    }
