"""Real recorded answers: what establishes nothing is not remembered, and what does, is."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dl_lit.core.ports import ServiceAnswer
from dl_lit.core.services import BY_NAME
from dl_lit.net.keepable import Worth, worth

FOLDER = Path(__file__).parents[4] / "shared" / "recorded"
FOLDERS = {"semanticscholar": "semantic_scholar", "doi-org": "doi"}

pytestmark = [pytest.mark.shared, pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared is absent")]


def judged() -> Iterator[tuple[str, str, int, Worth]]:
    """Service, address, status and worth of every recorded GET of a service we ask."""
    for path in sorted(FOLDER.glob("*/*.json")):
        service = FOLDERS.get(path.parent.name, path.parent.name)
        record = json.loads(path.read_text(encoding="utf-8"))
        if service not in BY_NAME or not isinstance(record, dict) or record.get("request", {}).get("method") != "GET":
            continue
        text = record.get("body") or ""
        body = base64.b64decode(text) if record.get("body_encoding") == "base64" else text.encode()
        headers = {name.lower(): str(value) for name, value in (record.get("headers") or {}).items()}
        url = record["request"]["url"]
        asked = urlsplit(url).path.removeprefix(urlsplit(BY_NAME[service].base_url).path)
        status = int(record["status"])
        yield service, url, status, worth(service, asked, ServiceAnswer(status, headers, body, url))


def test_nothing_but_answers_and_absences_is_remembered() -> None:
    found = list(judged())
    assert len(found) > 300
    assert {value for _, _, status, value in found if status not in {200, 404}} == {Worth.NOTHING}
    assert Worth.SOMETHING not in {value for _, _, status, value in found if status == 404}


def test_proper_answers_and_the_services_own_404_are_remembered() -> None:
    counts = Counter((service, status, value) for service, _, status, value in judged())
    for service in ("openalex", "unpaywall", "semantic_scholar", "opencitations"):
        assert counts[service, 200, Worth.SOMETHING] > 10
        assert counts[service, 200, Worth.NOTHING] <= 1
    for service in ("openalex", "crossref", "datacite", "unpaywall", "semantic_scholar", "doi"):
        assert counts[service, 404, Worth.ABSENCE] > 0
