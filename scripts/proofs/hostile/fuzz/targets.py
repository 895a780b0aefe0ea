"""All targets, by name; each brings in no more than it reads with: making that ready for a fuzzer takes a while."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping

from proofs.hostile.fuzz.target import Target

_MODULES: Mapping[str, tuple[str, ...]] = {
    "papers": ("layout", "entries", "identifiers", "xmp", "references-files", "child-messages"),
    "services": ("sources", "locators", "grobid", "limits", "language-models"),
    "pages": ("landing-pages", "site-rules", "first-bytes"),
    "works": ("matching",),
    "people": ("settings", "forms", "names"),
}


class _Targets(Mapping[str, Target]):
    """Brings in the module of a target when it is asked for."""

    def __getitem__(self, name: str) -> Target:
        for module, names in _MODULES.items():
            if name in names:
                found: dict[str, Target] = {
                    one.name: one for one in importlib.import_module(f"proofs.hostile.fuzz.{module}").TARGETS
                }
                return found[name]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (name for names in _MODULES.values() for name in names)

    def __len__(self) -> int:
        return sum(map(len, _MODULES.values()))


TARGETS: Mapping[str, Target] = _Targets()
