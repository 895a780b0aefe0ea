"""The description of the control surface is true: every route is in it, and real answers are as it says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from dl_lit.app.answers import Answers
from dl_lit.core.clock import SystemClock
from dl_lit.core.control_address import Reach
from dl_lit.web.contract import Bounds
from dl_lit.web.openapi import description
from dl_lit.web.page import PAGE_ROUTES
from tests.fakes.control import PDF, Running, on_socket, running, settings_in
from tests.fakes.json_schema import problems, references, referred
from tests.fakes.scenario import Scenario, typical

TOKEN: dict[str, Any] = {"token": []}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("openapi")
    with Scenario(folder) as scenario:
        typical(scenario)
    with running(settings_in(folder), on_socket(folder)) as one:
        yield one


@pytest.fixture(scope="module")
def described(server: Running) -> dict[str, Any]:
    found: dict[str, Any] = server.get("/openapi.json").json
    return found


def test_every_route_is_described_with_its_methods(server: Running, described: dict[str, Any]) -> None:
    of_the_page = {route.path for route in PAGE_ROUTES}
    routes = {
        (route.path.replace(":path", ""), method.lower())
        for route in server.application.asgi.routes
        if isinstance(route, Route) and route.path not in of_the_page
        for method in route.methods or ()
        if method != "HEAD"
    }
    assert routes == {(path, method) for path, one in described["paths"].items() for method in one}


@pytest.mark.parametrize(
    ("reach", "asking", "ordering"),
    [(Reach.OWNER, [], []), (Reach.MACHINE, [{}, TOKEN], [TOKEN]), (Reach.ANYBODY, [TOKEN], [TOKEN])],
)
def test_what_has_to_be_shown_is_described_as_it_is_asked_for(reach: Reach, asking: Any, ordering: Any) -> None:
    paths = description({}, {}, Bounds(), "1", reach=reach)["paths"]
    assert paths["/api/status"]["get"]["security"] == asking
    assert paths["/process"]["post"]["security"] == ordering
    assert paths["/health"]["get"]["security"] == []


def test_references_lead_somewhere(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1")
    for reference in set(references(described)):
        assert referred(reference, described)


def check(answer: Any, operation: dict[str, Any], whole: dict[str, Any]) -> None:
    response = operation["responses"][str(answer.status)]
    response = referred(response["$ref"], whole) if "$ref" in response else response
    kind = answer.headers["content-type"].partition(";")[0]
    schema = response["content"][kind]["schema"]
    if kind == "application/json":
        assert list(problems(answer.json, schema, whole)) == []


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/health", "/health"),
        ("/health/ready", "/health/ready"),
        ("/health/live", "/health/live"),
        ("/metrics", "/metrics"),
        ("/openapi.json", "/openapi.json"),
        ("/api/status", "/api/status"),
        ("/api/conditions", "/api/conditions"),
        ("/api/sources", "/api/sources?limit=2"),
        ("/api/references", "/api/references"),
        ("/api/references", "/api/references?after=e2&limit=2"),
        ("/api/references", "/api/references?limit=none"),
        ("/api/works", "/api/works"),
        ("/api/explain/{name}", "/api/explain/e1"),
        ("/api/explain/{name}", "/api/explain/w1"),
        ("/api/explain/{name}", "/api/explain/s1"),
        ("/api/explain/{name}", "/api/explain/e99"),
    ],
)
def test_answers_are_as_described(server: Running, described: dict[str, Any], path: str, asked: str) -> None:
    check(server.get(asked), described["paths"][path]["get"], described)


def test_every_parameter_has_its_limits_and_they_are_kept(server: Running, described: dict[str, Any]) -> None:
    for path, one in described["paths"].items():
        for parameter in one.get("get", {}).get("parameters", ()):
            schema = parameter["schema"]
            if parameter["in"] != "query":
                continue
            if schema["type"] == "string":
                assert {"enum", "pattern", "maxLength"} & schema.keys(), (path, parameter)
                continue
            for value in (schema["minimum"] - 1, schema["maximum"] + 1):
                answer = server.get(f"{path}?{parameter['name']}={value}")
                assert (answer.status, answer.json["reason"]) == (400, "bad-request"), (path, parameter)


def test_orders_need_no_body_and_say_when_to_come_back(server: Running, described: dict[str, Any]) -> None:
    for path in ("/api/pause", "/api/resume", "/api/retry"):
        operation = described["paths"][path]["post"]
        assert operation["requestBody"]["required"] is False
        assert {"408", "413", "415", "429", "500", "503", "507"} <= operation["responses"].keys()
        check(server.ask("POST", path), operation, described)
    assert described["paths"]["/process"]["post"]["requestBody"]["required"] is True


def test_metrics_as_json_are_as_described(server: Running, described: dict[str, Any]) -> None:
    check(server.get("/metrics", Accept="application/json"), described["paths"]["/metrics"]["get"], described)


def test_orders_and_what_they_do_are_as_described(server: Running, described: dict[str, Any]) -> None:
    orders: list[tuple[str, dict[str, Any]]] = [
        ("/api/pause", {"stages": ["download"], "by": "a test"}),
        ("/api/pause", {"stages": ["laundry"]}),
        ("/api/resume", {}),
        ("/api/retry", {"stages": ["extraction"], "all": True}),
        ("/process", {"path": "/etc/passwd"}),
    ]
    for path, order in orders:
        operation = described["paths"][path]["post"]
        check(server.order(path, **order), operation, described)
        shape = operation["requestBody"]["content"]["application/json"]["schema"]
        assert bool(list(problems(order, shape, described))) == ("laundry" in str(order))
    for content in (PDF, b"no PDF", PDF):
        check(server.upload(content), described["paths"]["/process"]["post"], described)


def test_what_is_not_described_is_found_out(described: dict[str, Any]) -> None:
    """The check itself."""
    error = described["components"]["schemas"]["Error"]
    assert list(problems({"error": 1, "more": 2}, error, described)) == [
        "$: reason is missing",
        "$.error: 1 is no string",
        "$: more is not described",
    ]


def test_every_route_is_told_in_the_documentation(described: dict[str, Any], tmp_path: Path) -> None:
    """But for those that only the page asks."""
    text = (Path(__file__).parents[2] / "docs" / "control.md").read_text(encoding="utf-8")
    of_the_page = Answers(settings_in(tmp_path), SystemClock()).extras()
    paths = [path.replace("{name}", "") for path in described["paths"] if path not in of_the_page]
    assert [path for path in paths if path not in text] == []
