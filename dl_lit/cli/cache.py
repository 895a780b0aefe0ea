"""`dl-lit cache`: what is remembered of services' answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option
from dl_lit.core.errors import BadInput

if TYPE_CHECKING:
    from db.cache.use import CacheUse
    from dl_lit.settings import Settings


@click.command()
@click.option("--clear", is_flag=True, help="Forget it, so that everything is asked anew.")
@click.option("--service", metavar="NAME", help="With --clear: forget this service's answers only.")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, clear: bool, service: str | None, as_json: bool) -> None:
    """Show how many answers are remembered, how large they are and how often they helped, by service; or forget them.

    Answers are shared by all dl-lit processes that use this cache folder; clearing does not disturb those at work.
    """
    from db.cache.use import cache_use, clear_cache  # noqa: PLC0415 - not needed for --help
    from dl_lit.cli.printing import line, print_document  # noqa: PLC0415
    from dl_lit.net.site_rules import CACHED_AS  # noqa: PLC0415

    settings = invocation.settings
    if service is not None and not clear:
        raise click.UsageError("--service says whose answers to forget: it goes with --clear")
    names = (*settings.services, CACHED_AS)
    if service is not None and service not in names:
        raise BadInput(f"--service {service!r} is none of {', '.join(names)}")
    cleared = clear_cache(settings.shared_cache, service) if clear else None
    use = cache_use(settings.shared_cache)
    if as_json:
        print_document("dl-lit/cache/1", _document(use, settings, cleared))
    elif cleared is not None:
        line(f"{cleared:,} answers forgotten")
    else:
        _tell(use, settings)


def _document(use: CacheUse, settings: Settings, cleared: int | None) -> dict[str, object]:
    document: dict[str, object] = {
        "path": use.path,
        "file_bytes": use.file_bytes,
        "max_bytes": settings.cache.max_mb * 1_048_576,
        "services": [
            {
                "service": one.service,
                "entries": one.entries,
                "absences": one.absences,
                "body_bytes": one.body_bytes,
                "packed_bytes": one.packed_bytes,
                "hits": one.hits,
                "misses": one.misses,
                "hit_rate": one.hit_rate,
                "days": _days(settings, one.service),
            }
            for one in use.services
        ],
    }
    return document if cleared is None else {**document, "cleared": cleared}


def _days(settings: Settings, service: str) -> float | None:
    known = settings.services.get(service)
    return known.cache_days if known else None


def _tell(use: CacheUse, settings: Settings) -> None:
    from dl_lit.cli.printing import heading, line, print_table, size  # noqa: PLC0415

    cap = f"at most {settings.cache.max_mb:,} MB" if settings.cache.max_mb else "switched off"
    heading(f"{use.path} ({size(use.file_bytes)}, {cap})")
    if not use.services:
        line("nothing is remembered yet")
        return
    print_table(
        ("service", "answers", "absent", "kept", "hits", "misses", "hit rate", "days"),
        (
            (
                one.service,
                one.entries,
                one.absences,
                size(one.packed_bytes),
                one.hits,
                one.misses,
                "-" if one.hit_rate is None else f"{one.hit_rate:.0%}",
                "-" if (days := _days(settings, one.service)) is None else f"{days:g}",
            )
            for one in use.services
        ),
        least=("days", "absent"),
    )
    line("(hits and misses count questions, those of plans too; one request may ask many at once)")
