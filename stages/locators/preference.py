"""What the user wants of a copy: which versions, from whom, and which of the two counts more. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from dl_lit.core.model import Location, Version
from dl_lit.core.values import dataclass
from stages.locators.addresses import host_of


class Prefer(StrEnum):
    """What decides first among several copies that can be fetched."""

    HOST = "host"  # who serves it: a repository answers programs where a publisher often does not
    VERSION = "version"  # which version it is


ALL_VERSIONS = (Version.PUBLISHED, Version.ACCEPTED, Version.SUBMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """The settings `[download] prefer`, `versions` and `exclude_hosts`."""

    prefer: Prefer = Prefer.HOST
    versions: tuple[Version, ...] = ALL_VERSIONS  # those accepted, the best first
    exclude_hosts: tuple[str, ...] = ()  # in lower case; each stands for its subdomains as well

    def rank_of(self, version: Version | None) -> int:
        """The smaller the better; a version that is not known stands before the last of those accepted."""
        if version is None:
            return max(1, 2 * len(self.versions) - 3)
        return 2 * self.versions.index(version) if version in self.versions else 2 * len(self.versions)

    def accepts(self, place: Location) -> bool:
        """Whether the copy is wanted at all; one whose version is not known is."""
        if place.version is not None and place.version not in self.versions:
            return False
        host = host_of(place.url)
        return not any(host == one or host.endswith(f".{one}") for one in self.exclude_hosts)

    @classmethod
    def from_settings(cls, prefer: str, versions: Sequence[str], exclude_hosts: Sequence[str]) -> Preference:
        """Take the settings' words: "host" or "version"; "published", "accepted", "submitted"; host names.

        Raises `ValueError` for other words.
        """
        return cls(
            prefer=Prefer(prefer),
            versions=tuple(Version(f"{name}Version") for name in versions),
            exclude_hosts=tuple(name.lower().rstrip(".") for name in exclude_hosts),
        )
