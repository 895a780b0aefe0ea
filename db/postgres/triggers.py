"""The triggers of SQLite as PostgreSQL has them: each its statement's text, put into a function."""

from __future__ import annotations

import re
from collections.abc import Iterator

from db.postgres.speaking import said
from db.tables.searched import KINDS

_MADE = re.compile(
    r"CREATE TRIGGER (?P<name>\w+) AFTER (?P<event>(?:INSERT|DELETE|UPDATE(?: OF [\w, ]+?)?)) ON (?P<table>\w+)"
    r"(?: WHEN (?P<when>.*?))? BEGIN (?P<body>.*) END$",
    re.DOTALL,
)


_ROOMS = ("no_metadata", "with_metadata", "to_download_references")

BY_STATEMENT = frozenset(
    {f"tr_{room}_{way}" for room in _ROOMS for way in ("in", "out")}
    | {f"tr_sources_{what}" for what in ("move", "shrink", "grow", "judge")}
    | {f"tr_{what}_searched_back" for what in KINDS}
    | {"tr_downloaded_references_in"}
)
"""Those that every item meets: one change of the count for a whole statement's rows instead of one for each. A row that
is changed a hundred times in a transaction leaves a hundred versions, and each change walks past those before it."""

_COUNTED = """
UPDATE counts AS c SET number = c.number + d.number, entries = c.entries + d.entries, amount = c.amount + d.amount
FROM (
  SELECT what, word, sum(number)::bigint AS number, sum(entries)::bigint AS entries, sum(amount) AS amount FROM (
    SELECT 'sources' AS what, state AS word, sign AS number, 0 AS entries, 0.0::float8 AS amount FROM rows
    UNION ALL SELECT 'bibliographies', 'with entries', sign, sign * found_references, 0.0 FROM rows
    WHERE state = 'extracted' AND found_references > 0
    UNION ALL SELECT 'bibliographies', 'judged', sign, 0, sign * coverage_score FROM rows
    WHERE coverage_score IS NOT NULL
    UNION ALL SELECT 'bibliographies', 'gaps', sign, 0, 0.0 FROM rows WHERE coverage_score < 1
  ) AS one GROUP BY what, word
) AS d WHERE c.what = d.what AND c.word = d.word AND (d.number <> 0 OR d.entries <> 0 OR d.amount <> 0)
"""

_DOWNLOADED = """
INSERT INTO counts (what, word, number, entries, amount, latest)
SELECT 'downloaded_references', d.status, count(*),
  sum((SELECT count(*) FROM entries AS e WHERE e.work_id = d.work_id)),
  sum(d.size_bytes), max(d.processing_timestamp) FROM those AS d GROUP BY d.status
ON CONFLICT (what, word) DO UPDATE SET number = counts.number + excluded.number,
  entries = counts.entries + excluded.entries, amount = counts.amount + excluded.amount,
  latest = CASE WHEN counts.latest > excluded.latest THEN counts.latest
    ELSE coalesce(excluded.latest, counts.latest) END;
UPDATE shared_works AS s SET place = 'downloaded' FROM those AS d WHERE s.work_id = d.work_id;
"""


def by_statement() -> Iterator[str]:
    """The statements that make the triggers named in `BY_STATEMENT`."""
    for room in _ROOMS:
        for way, event, rows, sign in (("in", "INSERT", "NEW", "+"), ("out", "DELETE", "OLD", "-")):
            yield _made(
                f"tr_{room}_{way}",
                f"UPDATE counts SET number = number {sign} (SELECT count(*) FROM those) "  # noqa: S608 - names of ours
                f"WHERE what = '{room}' AND word = '' AND EXISTS (SELECT 1 FROM those);",
                f"{event} ON {room} REFERENCING {rows} TABLE AS those",
            )
    yield _made(
        "tr_downloaded_references_in", _DOWNLOADED, "INSERT ON downloaded_references REFERENCING NEW TABLE AS those"
    )
    for what in KINDS:
        yield _made(
            f"tr_{what}_searched_back",
            f"INSERT INTO unsearched (what, id) SELECT '{what}', d.id FROM those AS d "  # noqa: S608 - names of ours
            f"WHERE d.id <= (SELECT through FROM searched WHERE what = '{what}') ON CONFLICT DO NOTHING;",
            f"INSERT ON {what} REFERENCING NEW TABLE AS those",
        )
    columns = "state, found_references, coverage_score"
    rows = f"WITH rows AS (SELECT {columns}, 1 AS sign FROM fresh UNION ALL SELECT {columns}, -1 FROM old)"  # noqa: S608
    yield _made(
        "tr_sources_move", f"{rows} {_COUNTED};", "UPDATE ON sources REFERENCING OLD TABLE AS old NEW TABLE AS fresh"
    )


def _made(name: str, body: str, on: str) -> str:
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $tr$ BEGIN {body} RETURN NULL; END $tr$; "
        f"CREATE TRIGGER {name} AFTER {on} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    )


def triggers_of(statements: list[str]) -> Iterator[str]:
    """The statements that make the same triggers."""
    for statement in statements:
        found = _MADE.match(" ".join(statement.split()))
        if found is None:
            raise AssertionError(f"not a trigger as ours are: {statement}")
        if found["name"] in BY_STATEMENT:
            continue
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
