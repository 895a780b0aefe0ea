"""The triggers that count, as migration 0007 makes them: what counts differently is another migration's text.

A row that moves costs a microsecond or two: rooms that every item passes have a row of `counts` from the beginning, and
what happens seldom (a work cited twice, a row put off) is asked for before anything is done.
"""

# ruff: noqa: S608 - all that is put together here are names and texts of ours

from __future__ import annotations

SLOT_S = 300
"""How many seconds of due times are counted together in waiting rooms."""

RECHECK_SLOT_S = 3_600
"""How many seconds of due times are counted together in `rechecks`."""

DUE = ("sources", "no_metadata", "with_metadata", "to_download_references", "rechecks")
"""Tables of which rows are put off."""

_ROOMS = ("no_metadata", "with_metadata", "to_download_references")
WORDS = {
    "failed_extractions": "{0}.reason",
    "failed_enrichments": "{0}.reason || ' ' || ({0}.needs_review <> 0)",
    "downloaded_references": "{0}.status",
    "failed_downloads": (
        "{0}.stage || ' ' || {0}.reason || ' ' || ({0}.needs_review <> 0) || ' ' || ({0}.held IS NOT NULL)"
    ),
}
"""By which word a row of a room of ends is counted, as SQL with a place for the row's name."""

_PLACES = {
    "downloaded_references": "'downloaded'",
    "failed_downloads": "CASE WHEN NEW.needs_review <> 0 THEN 'needs_review' ELSE 'failed' END",
}

BEGINNING = """
INSERT INTO counts (what, word) VALUES ('sources', 'pending'), ('sources', 'extracted'), ('sources', 'failed'),
    ('bibliographies', 'with entries'), ('bibliographies', 'judged'), ('bibliographies', 'gaps'),
    ('no_metadata', ''), ('with_metadata', ''), ('to_download_references', ''),
    ('shared_works', 'waiting'), ('shared_works', 'downloaded'),
    ('shared_works', 'needs_review'), ('shared_works', 'failed')
"""
"""The rows of `counts` that are always there."""


def slot(table: str, row: str = "") -> str:
    """The slot of a row's due time, as SQL."""
    seconds = RECHECK_SLOT_S if table == "rechecks" else SLOT_S
    return f"CAST({row}due_at / {seconds} AS INTEGER)"


def triggers() -> list[str]:
    """The statements that make all of them."""
    made = _of_sources() + _of_citations() + _of_shared_works()
    for table in _ROOMS:
        made += _of_room(table)
    for table in WORDS:
        made += _of_ends(table)
    for table in DUE:
        made += _of_due_times(table)
    return made


def _trigger(table: str, name: str, when: str, *body: str, event: str | None = None) -> str:
    steps = " ".join(f"{step.strip()};" for step in body)
    return f"CREATE TRIGGER tr_{table}_{name} AFTER {event or when} BEGIN {steps} END"


def _cited(row: str) -> str:
    return f"(SELECT count(*) FROM entries WHERE work_id = {row}.work_id)"


def _of_sources() -> list[str]:
    def state(sign: str, row: str) -> str:
        return f"UPDATE counts SET number = number {sign} 1 WHERE what = 'sources' AND word = {row}.state"

    def found(sign: str, row: str) -> str:
        return (
            f"UPDATE counts SET number = number {sign} 1, entries = entries {sign} {row}.found_references "
            "WHERE what = 'bibliographies' AND word = 'with entries' "
            f"AND {row}.state = 'extracted' AND {row}.found_references > 0"
        )

    def score(sign: str, row: str) -> list[str]:
        judged = f"UPDATE counts SET number = number {sign} 1, amount = amount {sign} {row}.coverage_score "
        gaps = f"UPDATE counts SET number = number {sign} 1 "
        return [
            f"{judged} WHERE what = 'bibliographies' AND word = 'judged' AND {row}.coverage_score IS NOT NULL",
            f"{gaps} WHERE what = 'bibliographies' AND word = 'gaps' AND {row}.coverage_score < 1",
        ]

    moved = "OLD.state <> NEW.state"
    grown = "OLD.state = 'extracted' AND (NEW.state <> 'extracted' OR OLD.found_references IS NOT NEW.found_references)"
    read = "NEW.state = 'extracted' AND (OLD.state <> 'extracted' OR OLD.found_references IS NOT NEW.found_references)"
    judged = "OLD.coverage_score IS NOT NEW.coverage_score"
    return [
        _trigger("sources", "in", "INSERT ON sources", state("+", "NEW"), found("+", "NEW"), *score("+", "NEW")),
        _trigger("sources", "out", "DELETE ON sources", state("-", "OLD"), found("-", "OLD"), *score("-", "OLD")),
        _trigger("sources", "move", f"UPDATE OF state ON sources WHEN {moved}", state("-", "OLD"), state("+", "NEW")),
        _trigger("sources", "shrink", f"UPDATE OF state, found_references ON sources WHEN {grown}", found("-", "OLD")),
        _trigger("sources", "grow", f"UPDATE OF state, found_references ON sources WHEN {read}", found("+", "NEW")),
        _trigger(
            "sources",
            "judge",
            f"UPDATE OF coverage_score ON sources WHEN {judged}",
            *score("-", "OLD"),
            *score("+", "NEW"),
        ),
    ]


def _of_room(table: str) -> list[str]:
    change = f"UPDATE counts SET number = number {{}} 1 WHERE what = '{table}' AND word = ''"
    return [
        _trigger(table, "in", f"INSERT ON {table}", change.format("+")),
        _trigger(table, "out", f"DELETE ON {table}", change.format("-")),
    ]


def _moved(row: str, place: str) -> str:
    return f"UPDATE shared_works SET place = {place} WHERE work_id = {row}.work_id"


def _of_ends(table: str) -> list[str]:
    """Rooms whose rows are counted by how they ended."""
    word = WORDS[table]
    has_work, has_file = table in _PLACES, table == "downloaded_references"

    def came(row: str) -> str:
        entries = _cited(row) if has_work else "0"
        size, at = (f"{row}.size_bytes", f"{row}.processing_timestamp") if has_file else ("0", "NULL")
        return (
            f"INSERT INTO counts (what, word, number, entries, amount, latest) "
            f"VALUES ('{table}', {word.format(row)}, 1, {entries}, {size}, {at}) "
            "ON CONFLICT (what, word) DO UPDATE SET number = number + 1, entries = entries + excluded.entries, "
            "amount = amount + excluded.amount, "
            "latest = CASE WHEN latest > excluded.latest THEN latest ELSE coalesce(excluded.latest, latest) END"
        )

    def went(row: str) -> str:
        entries = _cited(row) if has_work else "0"
        size = f"{row}.size_bytes" if has_file else "0"
        return (
            f"UPDATE counts SET number = number - 1, entries = entries - {entries}, amount = amount - {size} "
            f"WHERE what = '{table}' AND word = {word.format(row)}"
        )

    moved = (_moved("NEW", _PLACES[table]),) if has_work else ()
    left = (_moved("OLD", "'waiting'"),) if has_work else ()
    differs = f"{word.format('OLD')} <> {word.format('NEW')}"
    if has_file:
        differs += " OR OLD.size_bytes <> NEW.size_bytes OR OLD.processing_timestamp IS NOT NEW.processing_timestamp"
    return [
        _trigger(table, "in", f"INSERT ON {table}", came("NEW"), *moved),
        _trigger(table, "change", f"UPDATE ON {table} WHEN {differs}", went("OLD"), came("NEW"), *moved),
        _trigger(table, "out", f"DELETE ON {table}", went("OLD"), *left),
    ]


def _of_citations() -> list[str]:
    """Entries that come to a work which others cite, or leave one."""

    def change(sign: str, row: str) -> list[str]:
        work = f"{row}.work_id"
        return [
            f"UPDATE counts SET entries = entries {sign} 1 WHERE what = '{table}' "
            f"AND word = (SELECT {WORDS[table].format('r')} FROM {table} AS r WHERE r.work_id = {work})"
            for table in _PLACES
        ]

    came = [
        *change("+", "NEW"),
        (
            "INSERT INTO shared_works (work_id, place, cited_by) "
            f"SELECT NEW.work_id, {place_of('NEW.work_id')}, n FROM (SELECT count(*) AS n FROM entries "
            "WHERE work_id = NEW.work_id) WHERE n > 1 ON CONFLICT (work_id) DO UPDATE SET cited_by = excluded.cited_by"
        ),
    ]
    went = [
        *change("-", "OLD"),
        f"UPDATE shared_works SET cited_by = {_cited('OLD')} WHERE work_id = OLD.work_id",
        "DELETE FROM shared_works WHERE work_id = OLD.work_id AND cited_by < 2",
    ]
    # The usual entry comes to a work of its own, which is in no room yet.
    others = "EXISTS (SELECT 1 FROM entries WHERE work_id = NEW.work_id AND id <> NEW.id)"
    return [
        _trigger("entries", "in", "INSERT ON entries WHEN NEW.work_id IS NOT NULL", *came),
        _trigger(
            "entries",
            "come",
            "UPDATE OF work_id ON entries "
            f"WHEN NEW.work_id IS NOT OLD.work_id AND NEW.work_id IS NOT NULL AND {others}",
            *came,
        ),
        _trigger(
            "entries",
            "go",
            "UPDATE OF work_id ON entries WHEN NEW.work_id IS NOT OLD.work_id AND OLD.work_id IS NOT NULL",
            *went,
        ),
        _trigger("entries", "out", "DELETE ON entries WHEN OLD.work_id IS NOT NULL", *went),
    ]


def place_of(work: str) -> str:
    """Where a work is, as SQL: it waits unless it has ended."""
    return (
        f"coalesce((SELECT 'downloaded' FROM downloaded_references WHERE work_id = {work}), "
        "(SELECT CASE WHEN needs_review <> 0 THEN 'needs_review' ELSE 'failed' END "
        f"FROM failed_downloads WHERE work_id = {work}), 'waiting')"
    )


def _of_shared_works() -> list[str]:
    change = "UPDATE counts SET number = number {} 1 WHERE what = 'shared_works' AND word = {}.place"
    plus, minus = change.format("+", "NEW"), change.format("-", "OLD")
    return [
        _trigger("shared_works", "in", "INSERT ON shared_works", plus),
        _trigger("shared_works", "change", "UPDATE OF place ON shared_works WHEN OLD.place <> NEW.place", minus, plus),
        _trigger("shared_works", "out", "DELETE ON shared_works", minus),
    ]


def here(table: str, row: str) -> str:
    """Whether a row waits and was put off, as SQL."""
    return f"{row}.due_at IS NOT NULL" + (f" AND {row}.state = 'pending'" if table == "sources" else "")


def word_of(table: str, row: str) -> str:
    """Why a row was put off, as SQL."""
    return "''" if table == "rechecks" else f"coalesce({row}.last_reason, '')"


def _of_due_times(table: str) -> list[str]:
    def key(row: str) -> str:
        return f"what = '{table}' AND slot = {slot(table, f'{row}.')} AND word = {word_of(table, row)}"

    def came(row: str) -> str:
        return (
            f"INSERT INTO due_counts (what, slot, word, number) SELECT '{table}', {slot(table, f'{row}.')}, "
            f"{word_of(table, row)}, 1 WHERE {here(table, row)} "
            "ON CONFLICT (what, slot, word) DO UPDATE SET number = number + 1"
        )

    def went(row: str) -> tuple[str, str]:
        return (
            f"UPDATE due_counts SET number = number - 1 WHERE {key(row)} AND {here(table, row)}",
            f"DELETE FROM due_counts WHERE {key(row)} AND number = 0",
        )

    columns = {"sources": ("due_at", "last_reason", "state"), "rechecks": ("due_at",)}.get(
        table, ("due_at", "last_reason")
    )
    differs = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in columns)
    moves = f"(OLD.due_at IS NOT NULL OR NEW.due_at IS NOT NULL) AND ({differs})"
    return [
        _trigger(table, "due_in", f"INSERT ON {table} WHEN {here(table, 'NEW')}", came("NEW")),
        _trigger(
            table, "due_change", f"UPDATE OF {', '.join(columns)} ON {table} WHEN {moves}", *went("OLD"), came("NEW")
        ),
        _trigger(table, "due_out", f"DELETE ON {table} WHEN {here(table, 'OLD')}", *went("OLD")),
    ]
