"""The control address: the log, statistics, faults and a fresh start, over HTTP."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from dl_lit.replica.faults import Fault
from dl_lit.replica.latency import Latency
from dl_lit.replica.wire import Plan, Request, Response, json_response

if TYPE_CHECKING:
    from dl_lit.replica.server import Replica

_BASE = "/__replica__"


class Control:
    """Answers below `/__replica__/` at every address; its requests are neither logged nor limited."""

    def __init__(self, replica: Replica) -> None:
        """Controls `replica`."""
        self._replica = replica

    def plan(self, request: Request) -> Plan:
        """`log`, `stats`, `env`, `faults` (GET, POST, DELETE), `latency`, `models`, `pages`, `reset` (POST)."""
        return Plan(kind="other", answer=partial(self._answer, request))

    def _answer(self, request: Request) -> Response:
        replica = self._replica
        match request.raw_path.removeprefix(_BASE).strip("/"), request.method:
            case "log", "GET":
                params = request.params()
                found = replica.log.entries(params.get("group"), params.get("kind"), site=params.get("site"))
                return json_response({"entries": [entry.to_json() for entry in found]})
            case "stats", "GET":
                return json_response({**replica.log.stats(), "problems": replica.problems})
            case "env", "GET":
                return json_response(replica.env())
            case "faults", "GET":
                return json_response({"faults": len(replica.faults.rules)})
            case "faults", "POST":
                return self._add_faults(request.body)
            case "faults", "DELETE":
                replica.faults.clear()
                return json_response({"faults": 0})
            case "latency", "POST":
                return self._set_latency(request.body)
            case "models", "GET":
                return json_response(replica.language.to_json())
            case "pages", "POST":
                return self._tell_pages(request.body)
            case "reset", "POST":
                replica.reset()
                return json_response({"reset": True})
            case _:
                return json_response({"error": "no such control"}, status=404)

    def _add_faults(self, body: bytes) -> Response:
        """Put one rule, or a list of rules, in force."""
        try:
            items: Any = json.loads(body)
            rules = [Fault.from_json(item) for item in (items if isinstance(items, list) else [items])]
        except (ValueError, TypeError, KeyError) as problem:
            return json_response({"error": str(problem)}, status=400)
        for rule in rules:
            self._replica.add_fault(rule)
        return json_response({"faults": len(self._replica.faults.rules)})

    def _set_latency(self, body: bytes) -> Response:
        """How long requests take from now on: seconds, or the least and the most of them, by `group/kind` or group."""
        try:
            told: Any = json.loads(body)
            spans = {str(place): span if isinstance(span, list) else [span, span] for place, span in told.items()}
            self._replica.set_latency({place: Latency(float(low), float(high)) for place, (low, high) in spans.items()})
        except (ValueError, TypeError, AttributeError) as problem:
            return json_response({"error": str(problem)}, status=400)
        return json_response({"latencies": len(spans)})

    def _tell_pages(self, body: bytes) -> Response:
        """What stands on the pages of a PDF that models will be sent: `sha256` of the file, `pages` as texts."""
        try:
            told: Any = json.loads(body)
            self._replica.language.tell(str(told["sha256"]), [str(page) for page in told["pages"]])
        except (ValueError, TypeError, KeyError) as problem:
            return json_response({"error": str(problem)}, status=400)
        return json_response({"papers": len(self._replica.language.papers.told)})
