"""What was set of the user's own rights, as the stages use it."""

from __future__ import annotations

from dl_lit.core.access import Resolver
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """Nothing, unless something was set."""

    resolvers: tuple[Resolver, ...] = ()
    elsevier_url: str | None = None  # without a closing slash; None: no key
    wiley_url: str | None = None
    proxy: str | None = None  # the template
    doi_url: str = "https://doi.org"

    @property
    def are_none(self) -> bool:
        """Whether nothing was set."""
        return not (self.resolvers or self.elsevier_url or self.wiley_url or self.proxy)
