"""The triggers of SQLite as PostgreSQL has them: each its statement's text, put into a function."""

from __future__ import annotations

import re
from collections.abc import Iterator

from db.postgres.speaking import said

_MADE = re.compile(
    r"CREATE TRIGGER (?P<name>\w+) AFTER (?P<event>(?:INSERT|DELETE|UPDATE(?: OF [\w, ]+?)?)) ON (?P<table>\w+)"
    r"(?: WHEN (?P<when>.*?))? BEGIN (?P<body>.*) END$",
    re.DOTALL,
)


def triggers_of(statements: list[str]) -> Iterator[str]:
    """The statements that make the same triggers."""
    for statement in statements:
        found = _MADE.match(" ".join(statement.split()))
        if found is None:
            raise AssertionError(f"not a trigger as ours are: {statement}")
        name, body = found["name"], said(found["body"]).sql.replace("%%", "%").rstrip("; ") + ";"
        when = f"({said(found['when']).sql})".replace("%%", "%") if found["when"] else None
        # A condition that asks the tables may not stand in WHEN there.
        is_asking = when is not None and "SELECT" in when
        steps = f"IF {when} THEN {body} END IF;" if is_asking else body
        yield (f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $tr$ BEGIN {steps} RETURN NULL; END $tr$")
        condition = f"WHEN {when} " if when is not None and not is_asking else ""
        yield (
            f"CREATE TRIGGER {name} AFTER {found['event']} ON {found['table']} FOR EACH ROW {condition}"
            f"EXECUTE FUNCTION {name}()"
        )
