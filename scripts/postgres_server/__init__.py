"""A PostgreSQL server of one's own, for tests, benchmarks and proofs: its programs, itself, and one shared by a run."""

from postgres_server.pooler import Pooler, find_pooler
from postgres_server.programs import Missing, Programs, find_programs
from postgres_server.server import Server, StartError
from postgres_server.shared import shared_server, shared_template

__all__ = [
    "Missing",
    "Pooler",
    "Programs",
    "Server",
    "StartError",
    "find_pooler",
    "find_programs",
    "shared_server",
    "shared_template",
]
