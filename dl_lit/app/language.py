"""The language model of a process: opened as the settings say, asked as reader and judge, closed in order.

Off unless `llm.provider` is set, and with `--no-llm`: then there is none of this. A reload makes it anew; the one
before finishes what it has begun.
"""

from __future__ import annotations

import random
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import structlog

from db.language.schema import side_file
from db.language.uploads import DiskUploads
from db.language.use import DiskUse
from db.sidefile import SideFile
from dl_lit import __version__
from dl_lit.app.model_standing import addresses, budget
from dl_lit.app.network import Network
from dl_lit.core.clock import Clock, SystemClock
from dl_lit.core.errors import NeedsConfiguration
from dl_lit.core.hosts import AddressRules, host_and_port
from dl_lit.core.language import ModelUse, Provider
from dl_lit.net.connections import shared_client, user_agent
from dl_lit.net.language.opening import language_model
from dl_lit.net.language.place import CallLimits, ModelPlace, Prices
from dl_lit.net.offline import on_this_machine
from dl_lit.pdf.reader import ChildPages
from dl_lit.runtime.aside import Aside
from dl_lit.runtime.in_order import InOrderThreads
from dl_lit.runtime.repeating import Repeating
from dl_lit.settings import Settings
from dl_lit.settings.check_llm import require_model
from dl_lit.settings.model import MB, CacheSettings

_DAY_S = 86_400.0
_MORE_CONNECTIONS = 4  # besides those of calls and uploads: for what deletes, and looks whether servers are well
_REMEMBERED_DAYS = 180.0
"""How long answers are remembered unless all are for a shorter time: the same question gets no better answer."""

log = structlog.get_logger("dl_lit.language")


class Language:
    """A model that may be asked, and what asks it. To be entered, and closed by leaving."""

    def __init__(
        self,
        settings: Settings,
        network: Network,
        *,
        clock: Clock,
        chance: random.Random,
    ) -> None:
        """Nothing is sent before entering. `network` lends its cache and states; it is another's to close.

        Raises `NeedsConfiguration`.
        """
        place = model_place(settings)
        self._file: SideFile = side_file(settings.state_folder)
        self._use = DiskUse(self._file, place.name, budget(settings))
        urls = addresses(settings)
        connections = settings.max_concurrent_model_calls + settings.max_concurrent_uploads + _MORE_CONNECTIONS
        self._client = shared_client(
            user_agent=user_agent(__version__, project_page=settings.project_url, contact_email=None),
            trusted=AddressRules([*settings.allow_hosts, *map(host_and_port, urls)]),
            public=AddressRules(settings.allow_hosts),
            connections=connections,
            kept_alive=connections,
            timeout_s=settings.llm.timeout_s,
            ledger=network.ledger,
            only=on_this_machine(urls) if settings.offline else None,
        )
        self.model = language_model(
            place,
            call_limits(settings),
            client=self._client,
            clock=clock,
            rng=chance,
            uses=self._use,
            uploads=DiskUploads(self._file, clock),
            states=network.states,
            cache=network.cache,
        )
        llm = settings.llm
        self.in_order = InOrderThreads(
            llm.batch_width,
            first=llm.batch_first,
            timeout_s=llm.batch_timeout_s,
            clock=clock,
            rng=chance,
            tries=llm.tries,
            base_s=llm.try_again_s,
            violated=lambda: self.model.note(order_violations=1),
        )
        pdf = settings.pdf
        self.pages = ChildPages(
            settings.max_concurrent_splits,
            timeout_s=min(pdf.timeout_s, settings.split_timeout_seconds),
            memory_bytes=pdf.memory_mb * MB,
            max_bytes=pdf.max_mb * MB,
        )
        self._is_aborted = False
        self._beside = ExitStack()

    def __enter__(self) -> Self:
        if self.model.provider.takes_files:
            # The first is entered last, so that leaving ends it first.
            self._beside.enter_context(Repeating("model clean-up", _DAY_S, [self._clean_up]))
            self._beside.enter_context(Aside("model clean-up", self._clean_up, self.model.stop))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def use(self) -> ModelUse:
        """What was asked so far."""
        return self.model.use()

    def stop(self) -> None:
        """End all waits and calls at once; who asks hears that the program stops. Remote files are still deleted."""
        self.model.stop()
        self.in_order.stop()

    def abort(self) -> None:
        """Break what is still under way, deleting included: the next start deletes what is left."""
        self._is_aborted = True
        self.stop()
        self._client.close()
        self.pages.kill()

    def close(self) -> None:
        """Stop, delete what could not be deleted so far, and let go of everything."""
        self.stop()
        self._beside.close()
        if not self._is_aborted and self.model.use().remote_files:
            self._clean_up()
        self._client.close()
        self.pages.close()
        self._use.close()
        self._file.close()

    def _clean_up(self) -> None:
        if deleted := self.model.clean_up():
            log.info("remote_files_deleted", model=self.model.name, files=deleted)


def language_of(
    settings: Settings,
    network: Network,
    *,
    clock: Clock,
    chance: random.Random,
) -> Language | None:
    """The model that the settings want, to be entered; None where none is wanted. Raises `NeedsConfiguration`."""
    require_model(settings)
    if not settings.llm.is_on:
        return None
    return Language(settings, network, clock=clock, chance=chance)


def clean_up(settings: Settings) -> int:
    """Delete what killed processes left at the model's provider: how many files. Raises `NeedsConfiguration`."""
    with Network(settings, clock=SystemClock(), chance=random.Random()) as network:
        language = language_of(settings, network, clock=SystemClock(), chance=random.Random())
        if language is None:
            raise NeedsConfiguration("llm.provider is not set: only who has its key can delete what was uploaded")
        try:
            return language.model.clean_up()
        finally:
            language.close()


def model_place(settings: Settings) -> ModelPlace:
    """Which model is asked, and where. Raises `NeedsConfiguration` where none is set."""
    llm = settings.llm
    if llm.provider is None or llm.model is None:
        raise NeedsConfiguration("llm.provider and llm.model are not set: no language model can be asked")
    return ModelPlace(
        provider=Provider(llm.provider),
        model=llm.model,
        base_urls=llm.base_urls,
        key=llm.key,
        api_version=llm.api_version,
        json_schema=llm.json_schema,
        warm_up=None if llm.warm_up == "auto" else llm.warm_up == "on",
        prices=Prices(
            input=llm.price_input, cached=llm.price_cached, written=llm.price_written, output=llm.price_output
        ),
        is_offline=settings.offline,
    )


def call_limits(settings: Settings) -> CallLimits:
    """How much is asked at a time."""
    llm, http, days = settings.llm, settings.http, settings.cache.lifetime_days
    return CallLimits(
        at_once=settings.max_concurrent_model_calls,
        per_minute=llm.requests_per_minute,
        buffer=http.rate_limit_buffer,
        tries=llm.tries,
        try_again_s=llm.try_again_s,
        timeout_s=llm.timeout_s,
        patience_s=llm.batch_timeout_s,
        breaker_failures=http.breaker_failures,
        breaker_open_s=http.breaker_open_s,
        remember_days=_REMEMBERED_DAYS if days >= CacheSettings().lifetime_days else min(_REMEMBERED_DAYS, days),
    )
