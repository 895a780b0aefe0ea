"""What is asked of language models. Nothing where none is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dl_lit.app.language.now import ModelNow
from dl_lit.app.metrics.building import counter, gauge, gauges
from dl_lit.app.metrics.building import family as labelled
from dl_lit.core.pulse import ModelPulse
from dl_lit.core.section_limits import SectionUse, SectionWork
from dl_lit.web.metrics import Metric


def of_model(now: ModelNow | None) -> Iterator[Metric]:
    """The day, of all dl_lit processes of the machine."""
    if now is None:
        return
    yield gauge("dl_lit_model_requests_today", "Requests to models since midnight UTC.", now.requests_today)
    yield gauge("dl_lit_model_dollars_today", "What they cost, as far as prices are known.", now.dollars_today)
    yield gauge("dl_lit_model_requests_left", "Requests left of the day's budget.", _left(now))
    yield gauge("dl_lit_model_dollars_left", "Dollars left of the day's budget.", _dollars_left(now))
    yield gauge("dl_lit_model_remote_files", "Files that the model's provider has of us.", now.remote_files)


def of_model_use(pulse: ModelPulse | None) -> Iterator[Metric]:
    """What the process at work asked of models."""
    if pulse is None:
        return
    use = pulse.use

    def total(name: str, text: str, value: float) -> Metric:
        return counter(f"dl_lit_model_{name}_total", text, value)

    yield total("requests", "Requests to language models.", use.requests)
    yield gauge("dl_lit_model_in_flight", "Requests to language models under way.", use.in_flight)
    yield gauge("dl_lit_model_in_flight_most", "As many as were ever under way at once.", use.most_in_flight)
    yield gauge("dl_lit_model_width", "Entries that may be asked about at once at present.", pulse.width)
    yield gauges(
        "dl_lit_model_latency_seconds",
        "How long a request takes: in the mean, and 95 of 100 at most.",
        "kind",
        {"mean": use.latency_mean_s, "p95": use.latency_p95_s},
    )
    yield total("rate_limited", 'Answers that said "too much".', use.rate_limited)
    yield total("breaker_trips", "Times that an address was left alone after failures.", use.breaker_trips)
    yield total("retries", "Questions asked once more.", use.retries)
    yield total("order_violations", "Results handed on out of order: always 0.", use.order_violations)
    yield total("remembered", "Questions answered from our own cache.", use.remembered)
    yield labelled(
        "counter",
        "dl_lit_model_answers_total",
        "Answers that were used, by what was asked for.",
        (({"task": task}, n) for task, n in use.by_task.items()),
    )
    yield labelled(
        "counter",
        "dl_lit_model_troubles_total",
        "Requests that came to nothing, by why.",
        (({"trouble": trouble}, n) for trouble, n in use.troubles.items()),
    )
    yield total("entries", "Entries taken from answers.", use.entries)
    yield total("invented", "Entries in answers that are not in print: not taken.", use.invented)
    tokens = use.tokens
    kinds = {"input": tokens.input, "cached": tokens.cached, "written": tokens.written, "output": tokens.output}
    yield labelled(
        "counter",
        "dl_lit_model_tokens_total",
        "Tokens; input counts those, too, that were cached at the provider's or written to its cache.",
        (({"kind": kind}, n) for kind, n in kinds.items()),
    )
    yield total("cost_dollars", "What it cost, as far as prices are known.", tokens.cost)
    yield gauge(
        "dl_lit_model_prompt_cache_ratio",
        "Share of the input that the provider had in its prompt cache.",
        use.prompt_cache_rate,
    )
    yield gauge("dl_lit_model_entry_cost_dollars", "What an entry cost in the mean.", use.cost_per_entry)
    yield gauge("dl_lit_model_addresses_at_rest", "Addresses of the model that are not asked now.", len(use.at_rest))
    yield from _of_sections(pulse.sections)


def _of_sections(sections: Mapping[SectionWork, SectionUse]) -> Iterator[Metric]:
    items = sections.items()

    def each(name: str, text: str, values: Mapping[str, float | None]) -> Metric:
        return gauges(f"dl_lit_model_sections_{name}", text, "work", values)

    yield each("limit", "How much of the work on sections may go on at once.", {n: one.limit for n, one in items})
    yield each("running", "How much of it goes on.", {n: one.running for n, one in items})
    yield each("most", "As much of it as ever went on at once.", {n: one.most for n, one in items})
    yield each("waiting", "How much of it waits.", {n: one.waiting for n, one in items})
    yield labelled(
        "counter",
        "dl_lit_model_sections_given_up_total",
        "Work on sections that took longer than it may.",
        (({"work": n}, one.given_up) for n, one in items),
    )


def _left(now: ModelNow) -> int | None:
    return None if now.requests_per_day is None else max(0, now.requests_per_day - now.requests_today)


def _dollars_left(now: ModelNow) -> float | None:
    return None if now.dollars_per_day is None else max(0.0, now.dollars_per_day - now.dollars_today)
