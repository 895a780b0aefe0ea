"""What `dl-lit doctor --explain` says of settings: who set what, and what follows from how things are set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dl_lit.cli.checkup import Check, Level

if TYPE_CHECKING:
    from dl_lit.settings import Loaded, Settings


def explained(loaded: Loaded) -> Iterator[Check]:
    """Each setting that was changed with its origin, then what follows from how things are set."""
    from dl_lit.app.care.parsers import confinement_explained  # noqa: PLC0415 - as below
    from dl_lit.settings import shown  # noqa: PLC0415 - brings msgspec, which --help need not pay for

    for one in shown(loaded):
        if one.origin != "default":
            yield Check(f"set-{one.name}", Level.OK, f"{one.value} ({one.origin})")
    for says in (*_consequences(loaded.settings), *confinement_explained(loaded.settings)):
        yield Check("so", Level.OK, says)


def _consequences(settings: Settings) -> Iterator[str]:
    if settings.offline:
        yield "offline: nothing leaves the machine; what needs the network waits"
    if settings.cache.max_mb == 0:
        yield "cache.max_mb is 0: every question is asked of the services again, and counts against their limits"
    if settings.synchronous == "NORMAL":
        yield "synchronous is NORMAL: a power cut may lose the last moments; they are done again"
    if not settings.recheck.enabled:
        yield "recheck.enabled is false: new open copies are found by dl-lit recheck only"
    if settings.allow_hosts:
        yield f"allow_hosts lets PDFs be fetched from private addresses: {', '.join(settings.allow_hosts)}"
    if settings.http.rate_limit_buffer > 0.9:
        yield "http.rate_limit_buffer is high: services may refuse us now and then"
    if settings.access.proxy:
        yield "access.proxy: addresses of works without open copy are told to your institution's proxy"
    if settings.services["grobid"].available:
        yield "services.grobid.url: every PDF is sent to that server, and to nobody else"
    yield from _of_models(settings)
    if settings.serve.address == "off":
        yield "serve.address is off: the daemon cannot be asked or told anything but through the database"
    if settings.watch.afterwards == "move":
        yield "watch.afterwards is move: files that have been read go to completed/ or failed/ of the watched folder"
    if not (settings.notify.command or settings.notify.url):
        yield "notify: nobody is told when a batch ends or something goes wrong; dl-lit status shows it"
    if not settings.scaling.enabled:
        yield "scaling.enabled is false: always as many workers as workers.STAGE says"
    for what, days in (("attempts", settings.retention.attempts_days), ("uploads", settings.retention.uploads_days)):
        if not days:
            yield f"retention.{what}_days is 0: they are kept for ever"
    if not any(one.key for one in settings.services.values()):
        yield "no key is set: a free one of OpenAlex gives ten times the budget a day (services.openalex.key)"


def _of_models(settings: Settings) -> Iterator[str]:
    """What follows where a language model is set; nothing where none is asked."""
    from dl_lit.app.language.standing import addresses  # noqa: PLC0415 - brings msgspec, which --help need not pay for
    from dl_lit.net.offline import on_this_machine  # noqa: PLC0415

    llm, urls = settings.llm, addresses(settings)
    if not llm.is_on:
        return
    where = ", ".join(urls) or "nobody yet"
    if llm.reads:
        yield f"llm.provider: the pages and entries that our reader is unsure of are sent to {where}"
    if llm.judges:
        yield f"llm.provider: entries that several records fit are sent to {where}, with these records"
    away = [url for url in urls if not on_this_machine([url])]
    if llm.key and (plain := [url for url in away if url.startswith("http://")]):
        yield f"llm.key goes to {', '.join(plain)} unencrypted: use https"
    if away and llm.requests_per_day is None and llm.dollars_per_day is None:
        yield "no budget is set for the model: llm.dollars_per_day and llm.requests_per_day bound what a day takes"
    if settings.profile is not None:
        yield f"profile is {settings.profile}: it sets what nobody else does, see what is set by it above"
