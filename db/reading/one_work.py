"""What holds of works that were taken for one, of those told apart again, and of what works are recognised by."""

from __future__ import annotations

_TOP = """
WITH RECURSIVE up(id, root) AS (
    SELECT gone_work_id, kept_work_id FROM merges WHERE undone_at IS NULL
    UNION SELECT up.id, m.kept_work_id FROM up JOIN merges AS m ON m.gone_work_id = up.root AND m.undone_at IS NULL),
top(id, root) AS (SELECT id, root FROM up WHERE root IN (SELECT id FROM works)
                  UNION ALL SELECT id, id FROM works)
"""
"""Every work there is or was, and the work that it is now."""

INVARIANTS: tuple[tuple[str, str, str], ...] = (
    (
        "keys-point-at-works",
        "every key by which works are recognised points at a work that exists",
        "SELECT kind || ' ' || value || ' → w' || work_id FROM work_keys WHERE work_id NOT IN (SELECT id FROM works)",
    ),
    (
        "works-are-recognisable",
        "every work is found by its identifiers and by the key of its title",
        """
        WITH own(work_id, kind, value) AS (
            SELECT id, 'doi', lower(doi) FROM works UNION ALL SELECT id, 'openalex', openalex_id FROM works
            UNION ALL SELECT id, 'title-author-year', title_key FROM works
            UNION ALL SELECT id, 'arxiv', record ->> '$.arxiv_id' FROM works
            UNION ALL SELECT id, 'pmid', record ->> '$.pmid' FROM works)
        SELECT 'w' || own.work_id || ': ' || own.kind || ' ' || own.value FROM own
        LEFT JOIN work_keys AS k ON k.kind = own.kind AND k.value = own.value AND k.work_id = own.work_id
        WHERE own.value <> '' AND k.work_id IS NULL ORDER BY own.work_id
        """,
    ),
    (
        "merged-works-are-recognisable",
        "a work is found by the keys of every work merged into it",
        f"""
        {_TOP}
        SELECT 'merge ' || m.id || ': w' || top.root || ' is not found by ' || (j.value ->> 0) || ' ' || (j.value ->> 1)
        FROM merges AS m JOIN top ON top.id = m.gone_work_id CROSS JOIN json_each(m.keys) AS j
        LEFT JOIN work_keys AS k ON k.kind = j.value ->> 0 AND k.value = j.value ->> 1 AND k.work_id = top.root
        WHERE m.undone_at IS NULL AND k.work_id IS NULL ORDER BY m.id
        """,  # noqa: S608 - text of ours
    ),
    (
        "no-work-twice",
        "no two works that have been looked for open copies share a DOI, but for chapters and what a person told apart",
        f"""
        {_TOP}, told(id) AS (SELECT top.root FROM separations AS s JOIN top ON top.id IN (s.one_id, s.other_id))
        SELECT 'doi ' || one.doi || ': w' || one.id || ', w' || other.id
        FROM works AS one JOIN works AS other ON other.doi = one.doi AND other.id > one.id
        WHERE one.doi <> '' AND one.id NOT IN (SELECT work_id FROM with_metadata)
          AND other.id NOT IN (SELECT work_id FROM with_metadata)
          AND 'chapter' NOT IN (one.type, other.type)
          AND one.id NOT IN (SELECT id FROM told) AND other.id NOT IN (SELECT id FROM told)
        ORDER BY one.id
        """,  # noqa: S608 - text of ours
    ),
    (
        "merges-lead-to-works",
        "a work that was merged has gone and is part of one that exists; one whose merge was undone is back",
        f"""
        {_TOP}
        SELECT 'merge ' || id || ': w' || gone_work_id || ' is still there' FROM merges
        WHERE undone_at IS NULL AND gone_work_id IN (SELECT id FROM works)
        UNION ALL SELECT 'merge ' || id || ': w' || gone_work_id || ' is nowhere' FROM merges
        WHERE gone_work_id NOT IN (SELECT id FROM top)
        """,  # noqa: S608 - text of ours
    ),
    (
        "merged-entries-are-there",
        "the entries of a merged work cite the work that it is part of, but for those that were told apart again",
        f"""
        {_TOP}
        SELECT 'merge ' || m.id || ': e' || e.id || ' cites ' || coalesce('w' || e.work_id, 'nothing') || ', not w'
               || top.root
        FROM merges AS m JOIN top ON top.id = m.gone_work_id CROSS JOIN json_each(m.entry_ids) AS j
        JOIN entries AS e ON e.id = CAST(j.value AS INTEGER)
        WHERE m.undone_at IS NULL AND e.work_id IS NOT top.root
          AND e.id NOT IN (SELECT CAST(u.value AS INTEGER) FROM merges AS x, json_each(x.entry_ids) AS u
                           WHERE x.undone_at IS NOT NULL)
        ORDER BY m.id
        """,  # noqa: S608 - text of ours
    ),
    (
        "told-apart-stay-apart",
        "works that a person told apart are not merged with each other",
        f"""
        {_TOP}
        SELECT 'w' || s.one_id || ' and w' || s.other_id || ' are both w' || one.root FROM separations AS s
        JOIN top AS one ON one.id = s.one_id JOIN top AS other ON other.id = s.other_id
        WHERE one.root = other.root ORDER BY s.one_id
        """,  # noqa: S608 - text of ours
    ),
)
"""Name, the invariant in words, and the query whose one text column lists what breaks it."""
