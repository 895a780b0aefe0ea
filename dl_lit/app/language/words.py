"""What was asked of language models, in words that every display says alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dl_lit.app.language.now import ModelNow
from dl_lit.app.language.standing import RestNow
from dl_lit.app.wording import clock_time, count
from dl_lit.core.language import ModelUse, Tokens
from dl_lit.core.pulse import ModelPulse
from dl_lit.core.section_limits import SectionUse, SectionWork

Line = tuple[str, str]  # what it is about, and what is said


def lines_of_model(now: ModelNow | None, pulse: ModelPulse | None, at: float) -> Iterator[Line]:
    """All that is told of the model at `at` (epoch seconds); nothing where none is asked."""
    if now is None:
        return
    yield "asked for", " and ".join(_tasks(now)) or "nothing: llm.reads and llm.judges are false"
    yield "today", day_text(now, at)
    for rest in now.rests:
        yield "rests", rest_text(rest, at)
    if pulse is not None:
        yield from lines_of_use(pulse.use)
        if pulse.use.in_flight:
            yield "now", f"{count(pulse.use.in_flight, 'call')} under way; up to {pulse.width} entries at once"
        if any(one.done or one.running or one.waiting for one in pulse.sections.values()):
            yield "sections", sections_text(pulse.sections)
    if now.remote_files:
        yield "left with it", remote_text(now)


def lines_of_use(use: ModelUse) -> Iterator[Line]:
    """What was asked and what came of it."""
    yield "requests", requests_text(use)
    if wrong := troubles_text(use):
        yield "in vain", wrong
    if use.cost_trouble:
        yield "budget", f"{use.cost_trouble}: nothing more is asked today"
    if use.by_task:
        yield "answers", answers_text(use)
    if use.tokens != Tokens():
        yield "tokens", tokens_text(use)
    if use.remote_files and not use.in_flight:
        yield "files", f"{use.remote_files:,} uploaded and not deleted yet: the next run deletes them"


def _tasks(now: ModelNow) -> Iterator[str]:
    if now.reads:
        yield "bibliographies that the rules read badly"
    if now.judges:
        yield "ambiguous matches"


def day_text(now: ModelNow, at: float) -> str:
    """What the day took of its budget: "12 of 500 requests, $0.03 of $2.00"."""
    if now.trouble is not None:
        return now.trouble
    said = count(now.requests_today, "request")
    if now.requests_per_day is not None:
        said = f"{now.requests_today:,} of {count(now.requests_per_day, 'request')}"
    if now.dollars_per_day is not None:
        said += f", {dollars(now.dollars_today)} of {dollars(now.dollars_per_day)}"
    elif now.dollars_today:
        said += f", {dollars(now.dollars_today)}"
    return f"{said}: gone, renewed {clock_time(now.renewed_at, at)}" if now.is_budget_gone else said


def rest_text(rest: RestNow, at: float) -> str:
    """Where nothing is asked for a while, until when, and why."""
    return f"{rest.base_url} until {clock_time(rest.until, at)}: {rest.why}"


def remote_text(now: ModelNow) -> str:
    """The files that the provider has of us."""
    if not now.remote_files_let_go:
        return f"{count(now.remote_files, 'file')}, in use"
    return (
        f"{count(now.remote_files_let_go, 'file')} that nobody uses any more: "
        "the next run deletes them, or dl-lit llm --clean-up"
    )


def requests_text(use: ModelUse) -> str:
    """How many, how many at once, how fast, and how many were not needed."""
    said = f"{use.requests:,}"
    if use.requests:
        said += (
            f" (at most {use.most_in_flight} at once; {use.latency_mean_s:.1f} s in the mean, "
            f"95 % within {use.latency_p95_s:.1f} s)"
        )
    return said + (f", {use.remembered:,} answered from memory" if use.remembered else "")


def troubles_text(use: ModelUse) -> str:
    """What went wrong; "" where nothing did."""
    counts = (
        (use.rate_limited, "rate limit"),
        (use.retries, "retry", "retries"),
        (use.breaker_trips, "breaker trip"),
        (use.order_violations, "answer out of order", "answers out of order"),
    )
    parts = [count(*one) for one in counts if one[0]]
    if use.troubles:
        parts.append(f"without an answer: {', '.join(f'{n:,} {why}' for why, n in use.troubles.items())}")
    return "; ".join(parts)


def answers_text(use: ModelUse) -> str:
    """What was answered, and what of it was believed."""
    said = ", ".join(f"{n:,} {task}" for task, n in use.by_task.items())
    taken = f"{said}; {count(use.entries, 'entry', 'entries')} taken"
    return f"{taken}, {use.invented:,} not in print and refused" if use.invented else taken


def tokens_text(use: ModelUse) -> str:
    """What it took, and what that cost."""
    tokens, rate = use.tokens, use.prompt_cache_rate
    said = f"{tokens.input:,} in"
    said += f" ({rate:.0%} from the provider's prompt cache)" if rate else ""
    said += f", {tokens.output:,} out"
    if tokens.cost:
        said += f"; {dollars(tokens.cost)}"
    if use.cost_per_entry is not None:
        said += f", {dollars(use.cost_per_entry)} an entry"
    return said


def sections_text(sections: Mapping[SectionWork, SectionUse]) -> str:
    """Each kind of work on sections: what goes on of what may, and who waits."""
    return "; ".join(
        f"{kind.value} {one.running} of {one.limit} (at most {one.most})"
        + (f", {one.waiting} wait" if one.waiting else "")
        + (f", {one.given_up} given up" if one.given_up else "")
        for kind, one in sections.items()
    )


def dollars(amount: float) -> str:
    """US dollars, with as many places as say something: "$12.40", "$0.0031"."""
    if amount >= 0.1 or amount == 0:
        return f"${amount:,.2f}"
    return f"${amount:.4f}" if amount >= 0.01 else f"${amount:.6f}".rstrip("0")
