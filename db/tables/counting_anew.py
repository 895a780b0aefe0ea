"""What is counted, counted from the rows: for migration 0007, which begins with it, and for doctor, who compares."""

# ruff: noqa: S608 - all that is put together here are names and texts of ours

from __future__ import annotations

from db.tables.counting_triggers import DUE, WORDS, here, place_of, slot, word_of

_SHARED = (
    f"SELECT s.work_id, {place_of('s.work_id')} AS place, s.number AS cited_by FROM "
    "(SELECT work_id, count(*) AS number FROM entries WHERE work_id IS NOT NULL GROUP BY work_id) AS s "
    "WHERE s.number > 1"
)


def _of_ends(table: str) -> str:
    entries = "0"
    if table in {"downloaded_references", "failed_downloads"}:
        entries = "sum((SELECT count(*) FROM entries WHERE work_id = r.work_id))"
    files = "total(r.size_bytes), max(r.processing_timestamp)" if table == "downloaded_references" else "0, NULL"
    return f"SELECT '{table}', {WORDS[table].format('r')}, count(*), {entries}, {files} FROM {table} AS r GROUP BY 2"


COUNTS = " UNION ALL ".join(
    (
        (
            "SELECT 'sources' AS what, state AS word, count(*) AS number, 0 AS entries, 0.0 AS amount, NULL AS latest "
            "FROM sources GROUP BY state"
        ),
        (
            "SELECT 'bibliographies', 'with entries', count(*), coalesce(sum(found_references), 0), 0, NULL "
            "FROM sources WHERE state = 'extracted' AND found_references > 0"
        ),
        "SELECT 'bibliographies', 'judged', count(coverage_score), 0, total(coverage_score), NULL FROM sources",
        "SELECT 'bibliographies', 'gaps', count(CASE WHEN coverage_score < 1 THEN 1 END), 0, 0, NULL FROM sources",
        *(
            f"SELECT '{table}', '', count(*), 0, 0, NULL FROM {table}"
            for table in ("no_metadata", "with_metadata", "to_download_references")
        ),
        *(_of_ends(table) for table in WORDS),
        f"SELECT 'shared_works', place, count(*), 0, 0, NULL FROM ({_SHARED}) GROUP BY place",
    )
)
"""What `counts` should hold, but for rows of zeros."""

DUE_COUNTS = " UNION ALL ".join(
    f"SELECT '{table}' AS what, {slot(table)} AS slot, {word_of(table, 'r')} AS word, count(*) AS number "
    f"FROM {table} AS r WHERE {here(table, 'r')} GROUP BY 2, 3"
    for table in DUE
)
"""What `due_counts` should hold."""

FILLING = (
    f"INSERT INTO shared_works (work_id, place, cited_by) {_SHARED}",
    (
        f"INSERT INTO counts (what, word, number, entries, amount, latest) SELECT * FROM ({COUNTS}) WHERE true "
        "ON CONFLICT (what, word) DO UPDATE SET number = excluded.number, entries = excluded.entries, "
        "amount = excluded.amount, latest = excluded.latest"
    ),
    f"INSERT INTO due_counts (what, slot, word, number) {DUE_COUNTS}",
)
"""Fill the three tables, of which `counts` has its beginning, before there are triggers."""

_DIFFERENT_COUNTS = f"""
WITH there AS ({COUNTS})
SELECT coalesce(t.what, c.what) || ' ' || coalesce(t.word, c.word) || ': ' || coalesce(t.number, 0) || ' there, '
       || coalesce(c.number, 0) || ' counted'
FROM there AS t LEFT JOIN counts AS c ON c.what = t.what AND c.word = t.word
WHERE t.number <> coalesce(c.number, 0) OR t.entries <> coalesce(c.entries, 0)
   OR abs(t.amount - coalesce(c.amount, 0)) > 1e-6 * max(1, t.amount) OR t.latest > coalesce(c.latest, '')
UNION ALL SELECT c.what || ' ' || c.word || ': 0 there, ' || c.number || ' counted' FROM counts AS c
WHERE (c.number <> 0 OR c.entries <> 0) AND (c.what, c.word) NOT IN (SELECT what, word FROM there)
"""
_DIFFERENT_DUE = f"""
WITH there AS ({DUE_COUNTS}),
differing AS (SELECT * FROM (SELECT * FROM there EXCEPT SELECT what, slot, word, number FROM due_counts)
              UNION ALL SELECT * FROM (SELECT what, slot, word, number FROM due_counts EXCEPT SELECT * FROM there))
SELECT what || ' put off for ' || word || ' until slot ' || slot || ': ' || number FROM differing
"""
_DIFFERENT_SHARED = f"""
WITH there AS ({_SHARED}),
differing AS (SELECT * FROM (SELECT * FROM there EXCEPT SELECT work_id, place, cited_by FROM shared_works)
              UNION ALL SELECT * FROM (SELECT work_id, place, cited_by FROM shared_works EXCEPT SELECT * FROM there))
SELECT 'w' || work_id || ' ' || place || ': cited by ' || cited_by FROM differing
"""

INVARIANTS: tuple[tuple[str, str, str], ...] = (
    ("counts-agree", "what is counted as rows move is what there is", _DIFFERENT_COUNTS),
    ("due-times-are-counted", "what was put off is counted by when it is due", _DIFFERENT_DUE),
    ("shared-works-are-known", "a work is known as shared exactly where several entries cite it", _DIFFERENT_SHARED),
)
"""Name, the invariant in words, and the query whose one text column lists what breaks it."""
