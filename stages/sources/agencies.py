"""Who registered a DOI: asked of doi.org once per prefix, many prefixes to a request, and remembered.

Only the agency that registered a DOI must have a record of it: asking Crossref for a DOI of Zenodo costs a request and
establishes nothing. Read 2026-11-23: https://www.doi.org/the-identifier/resources/factsheets/doi-resolution-documentation
(`doiRA`), https://www.doi.org/the-community/existing-registration-agencies/ (names).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.reasons import Reason
from stages.answers import decode, list_body

SERVICE = "doi"
BATCH = 50  # prefixes to a request
CROSSREF = "Crossref"
DATACITE = "DataCite"
NOBODY = ""
"""The prefix is nobody's: the DOI is misprinted, and no agency need be asked for it."""

_ABSENT = frozenset({"doi does not exist", "invalid doi"})

# The registrants whose DOIs are cited most ("10." left out), after the lists https://api.crossref.org/members and
# https://api.datacite.org/prefixes: long-standing ones, for a prefix that moved would cost a look-up in vain.
_FREQUENT = {
    CROSSREF: """
    1001 1002 1006 1007 1016 1017 1021 1023 1029 1037 1038 1039 1046 1053 1055 1056 1061 1063 1073 1074
    1075 1080 1086 1088 1089 1090 1091 1093 1097 1098 1099 1101 1103 1108 1109 1111 1112 1113 1115 1117 1121
    1126 1128 1130 1134 1136 1137 1142 1145 1146 1152 1155 1158 1159 1161 1162 1163 1167 1172 1175 1177 1182
    1186 1190 1200 1210 1214 1215 1242 1246 1256 1257 1287 1289 1364 1371 1515 1523 1525 1542 1561 1613 2105
    2139 2174 2215 2307 3115 3233 3389 3390 3758 3762 3982 5194 7326 7551 7554 7717 12688 18637 18653 21105
    31219 31234 31235 64898
    """,
    DATACITE: """
    48550 5281 6084 5061 7910 1594 4230 17605 17632 3929 13140 17863 15468 18419 11588 5445 4121 5063 25384
    14279
    """,
}
_KNOWN = {f"10.{number}": agency for agency, numbers in _FREQUENT.items() for number in numbers.split()}


class _Answer(msgspec.Struct, rename={"doi": "DOI", "agency": "RA"}):
    doi: str
    agency: str | None = None
    status: str | None = None


def parse(body: bytes) -> dict[str, str | None]:
    """Read an answer of `doiRA`: agency by prefix, `NOBODY`, or `None` where doi.org cannot tell either.

    Raises `ServiceError`.
    """
    found: dict[str, str | None] = {}
    for one in decode(body, list[_Answer], SERVICE):
        if one.agency:
            found[_prefix(one.doi)] = one.agency
        else:
            is_absent = (one.status or "").strip().lower() in _ABSENT
            found[_prefix(one.doi)] = NOBODY if is_absent else None
    return found


def agency_of(calls: ServiceCalls, dois: Sequence[str]) -> Mapping[str, str | None]:
    """Who registered each of `dois` ("Crossref", "DataCite", "mEDRA", "JaLC", ...), by their prefixes.

    `NOBODY` (empty) where the prefix is nobody's; `None` where it cannot be told now: every service may have the DOI
    then. Waits for doi.org at most once per 50 prefixes never seen before; its failures are not raised.
    """
    prefixes = dict.fromkeys(_prefix(doi) for doi in dois)
    agencies: dict[str, str | None] = {prefix: _KNOWN[prefix] for prefix in prefixes if prefix in _KNOWN}
    unknown = [prefix for prefix in prefixes if prefix not in agencies]
    remembered = calls.recall(SERVICE, [_key(prefix) for prefix in unknown]) if unknown else {}
    for prefix in unknown:
        if _key(prefix) in remembered:
            name = remembered[_key(prefix)]
            agencies[prefix] = NOBODY if name is None else name.decode()
    agencies |= _asked(calls, [prefix for prefix in unknown if prefix not in agencies])
    return {doi: agencies.get(_prefix(doi)) for doi in dois}


def may_have(agencies: frozenset[str] | None, agency: str | None) -> bool:
    """Whether a service that has the DOIs of `agencies` (None: of all) may have one registered by `agency`."""
    return agencies is None or agency is None or agency in agencies


def _asked(calls: ServiceCalls, prefixes: Sequence[str]) -> dict[str, str | None]:
    """Ask for prefixes; those that doi.org does not answer for are left out. What it told is remembered."""
    found: dict[str, str | None] = {}
    if not prefixes or calls.is_offline or not calls.is_available(SERVICE):
        return found
    waiting = [prefixes[at : at + BATCH] for at in range(0, len(prefixes), BATCH)]
    while waiting:
        batch = waiting.pop(0)
        try:
            body = list_body(calls.get(SERVICE, f"/doiRA/{','.join(batch)}"), SERVICE)
            told = _of(parse(body), batch)
        except RequestRefused:
            if len(batch) > 1:
                middle = len(batch) // 2
                waiting[:0] = [batch[:middle], batch[middle:]]
            continue
        except ServiceError:
            break
        found |= told
        certain = {_key(prefix): agency for prefix, agency in told.items() if agency is not None}
        calls.remember(SERVICE, {key: agency.encode() if agency else None for key, agency in certain.items()})
    return found


def _of(told: Mapping[str, str | None], batch: Iterable[str]) -> dict[str, str | None]:
    found = {prefix: told[prefix] for prefix in batch if prefix in told}
    if not found:
        raise ServiceError(SERVICE, Reason.BAD_ANSWER, "agencies of other prefixes than those asked for")
    return found


def _prefix(doi: str) -> str:
    return doi.strip().partition("/")[0].lower()


def _key(prefix: str) -> str:
    return f"ra:{prefix}"
