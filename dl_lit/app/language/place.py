"""Which model the settings name, and where it is asked: needed as well by who only tells of it."""

from __future__ import annotations

from dl_lit.core.errors import NeedsConfiguration
from dl_lit.core.language import Provider
from dl_lit.net.language.place import ModelPlace, Prices
from dl_lit.settings import Settings


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
