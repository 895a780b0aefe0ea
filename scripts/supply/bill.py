"""The bill of materials: what a lock installs, as CycloneDX 1.6 JSON. The same lock gives the same bytes.

The form: https://cyclonedx.org/docs/1.6/json/ (read 2026-11-23). There is no time in it, its serial number comes from
its content, and package URLs name no host.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from supply.locks import PROJECT, Pin

SPEC_VERSION = "1.6"
# Serial numbers are version 5 UUIDs in the namespace of URLs: of this text and the bill's own bytes.
_SERIAL = "cyclonedx:dl-lit:"

Json = dict[str, Any]


def purl(name: str, version: str, kind: str = "pypi") -> str:
    """The package URL, https://github.com/package-url/purl-spec (read 2026-11-23), of a name normalised already."""
    return f"pkg:{kind}/{name}@{version.replace('+', '%2B')}"


def make_bill(
    pins: Sequence[Pin], licences: Mapping[str, str], *, lock: str, lock_bytes: bytes, version: str, own_licence: str
) -> Json:
    """The bill for `pins` as read from the file `lock`.

    `licences` has an SPDX expression for every name (else `KeyError`); `version` and `own_licence` are dl_lit's. A
    component's hashes are those of all files published under its version, any one of which may be what is installed.
    """
    refs = {pin.name: purl(pin.name, pin.version) for pin in pins}
    own = purl(PROJECT, version, "generic")
    needs: dict[str, set[str]] = {ref: set() for ref in (own, *refs.values())}
    for pin in pins:
        for who in pin.needed_by:
            needs[own if who == PROJECT else refs[who]].add(refs[pin.name])
    bill: Json = {
        "bomFormat": "CycloneDX",
        "specVersion": SPEC_VERSION,
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "pre-build"}],
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": PROJECT,
                "version": version,
                "licenses": _licences(own_licence),
                "purl": own,
            },
            "properties": [{"name": f"{PROJECT}:{lock}:sha256", "value": hashlib.sha256(lock_bytes).hexdigest()}],
        },
        "components": [
            {
                "type": "library",
                "bom-ref": refs[pin.name],
                "name": pin.name,
                "version": pin.version,
                "hashes": [{"alg": "SHA-256", "content": digest} for digest in pin.hashes],
                "licenses": _licences(licences[pin.name]),
                "purl": refs[pin.name],
            }
            for pin in pins
        ],
        "dependencies": [{"ref": ref, "dependsOn": sorted(needs[ref])} for ref in sorted(needs)],
    }
    serial = uuid.uuid5(uuid.NAMESPACE_URL, _SERIAL + hashlib.sha256(render(bill).encode()).hexdigest())
    return {"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "serialNumber": f"urn:uuid:{serial}", **bill}


def render(bill: Json) -> str:
    """The bill as it is written: indented, with a newline at its end."""
    return json.dumps(bill, indent=2, ensure_ascii=True) + "\n"


def _licences(expression: str) -> list[Json]:
    return [{"expression": expression}] if " " in expression else [{"license": {"id": expression}}]
