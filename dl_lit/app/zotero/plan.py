"""What is to be sent of one thing, by what it should be, what was sent before, and what stands there now. Pure.

Three sides are laid beside each other: what we want, what we sent, what is there. What people changed since we sent it
stays as they have it; what they took away (a tag, a collection, the item) is not put back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from db.pushed import FOUND, Pushed
from dl_lit.core.values import dataclass
from dl_lit.exports.zotero_item import tag_objects

Data = dict[str, Any]


class Fate(StrEnum):
    """What becomes of one thing."""

    CREATED = "created"
    UPDATED = "updated"
    LINKED = "linked"  # it was there already
    UNCHANGED = "unchanged"
    REMOVED = "removed"  # people took it away


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to stand there."""

    thing: str  # "work:12", "note:12"
    fields: Mapping[str, Any]  # `itemType` and `parentItem` included
    tags: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()  # keys
    has_place: bool = True  # children stand in no collection and have no tags of ours

    @property
    def hash(self) -> str:
        """Tells it from every other."""
        return _hash([dict(self.fields), list(self.tags), sorted(self.collections)], 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What to do about one wish: what to send, and what to write down when it has arrived."""

    wish: Wish
    fate: Fate
    key: str
    send: Data | None = None  # None: nothing is to be sent
    is_ours: bool = True  # made by us; False: it was there


def created(wish: Wish, key: str) -> Step:
    """Make it, under this key; where that is taken, nothing happens."""
    data: Data = {**wish.fields, "key": key, "version": 0}
    if wish.has_place:
        data |= {"tags": tag_objects(wish.tags), "collections": list(wish.collections), "relations": {}}
    return Step(wish=wish, fate=Fate.CREATED, key=key, send=data)


def linked(wish: Wish, there: Data) -> Step:
    """Put what was there before us into the collections and tag it, and nothing else."""
    send = _placed(wish, there, {})
    return Step(
        wish=wish, fate=Fate.LINKED, key=there["key"], send=_versioned(send, there) if send else None, is_ours=False
    )


def again(wish: Wish, row: Pushed, there: Data) -> Step:
    """Bring what we sent, or linked, up to date."""
    sent = row.sent or {}
    send = {} if row.is_found else _changed(wish, sent, there)
    send |= _placed(wish, there, sent)
    fate = Fate.UPDATED if send else Fate.UNCHANGED
    return Step(
        wish=wish,
        fate=fate,
        key=row.item_key,
        send=_versioned(send, there) if send else None,
        is_ours=not row.is_found,
    )


def is_settled(wish: Wish, row: Pushed) -> bool:
    """Whether all that is wished was sent before, so that nobody need be asked."""
    if row.is_intended:
        return False
    if row.is_found:
        sent = row.sent or {}
        return set(wish.tags) == set(sent.get("tags", ())) and set(wish.collections) <= set(sent.get("collections", ()))
    return row.sent_hash == wish.hash


def kept(step: Step, saved: Data, before: Pushed | None) -> Pushed:
    """What to write down of a step that was done; `saved` is how it stands there now, as far as that was told."""
    wish = step.wish
    earlier = (before.sent or {}) if before is not None else {}
    sent: Data = {
        "tags": list(wish.tags),
        "collections": sorted({*wish.collections, *earlier.get("collections", ())}),
    }
    if step.is_ours:
        sent |= _fields_kept(step, saved, earlier)
    return Pushed(
        thing=wish.thing,
        item_key=step.key,
        version=saved.get("version"),
        sent_hash=wish.hash if step.is_ours else FOUND,
        sent=sent,
    )


def _fields_kept(step: Step, saved: Data, earlier: Mapping[str, Any]) -> Data:
    """A hash of each field as it was sent last, and of how it stands there where that is not the same."""
    fields: dict[str, str] = {}
    stands: dict[str, str] = {}
    for name, value in step.wish.fields.items():
        if name in earlier.get("fields", {}) and name not in (step.send or {}):
            fields[name] = earlier["fields"][name]
            if name in earlier.get("stands", {}):
                stands[name] = earlier["stands"][name]
            continue
        fields[name] = _hash(value, 8)
        if name in saved and (other := _hash(saved[name], 8)) != fields[name]:
            stands[name] = other
    return {"fields": fields} | ({"stands": stands} if stands else {})


def _changed(wish: Wish, sent: Mapping[str, Any], there: Data) -> Data:
    """The fields that we would have otherwise than we sent them, where they still stand as we left them."""
    fields, stands = sent.get("fields", {}), sent.get("stands", {})
    changed: Data = {}
    for name, value in wish.fields.items():
        now = there.get(name, "")
        if name not in fields:
            if value and not now:
                changed[name] = value
        elif _hash(value, 8) != fields[name] and _hash(now, 8) in {fields[name], stands.get(name)}:
            changed[name] = value
    return changed


def _placed(wish: Wish, there: Data, sent: Mapping[str, Any]) -> Data:
    """Tags and collections as whole lists, which is how they are taken; nothing where they are right."""
    if not wish.has_place:
        return {}
    placed: Data = {}
    tags = list(there.get("tags") or ())
    names = {tag.get("tag") for tag in tags}
    stale = set(sent.get("tags", ())) - set(wish.tags)
    new = [tag for tag in wish.tags if tag not in sent.get("tags", ()) and tag not in names]
    if new or stale & names:
        placed["tags"] = [tag for tag in tags if tag.get("tag") not in stale] + tag_objects(new)
    stands = list(there.get("collections") or ())
    wanted = [key for key in wish.collections if key not in sent.get("collections", ()) and key not in stands]
    if wanted:
        placed["collections"] = stands + wanted
    return placed


def _versioned(send: Data, there: Data) -> Data:
    return {**send, "key": there["key"], "version": there["version"]}


def _hash(value: Any, digits: int) -> str:
    text = json.dumps(_canonical(value), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:digits]


def _canonical(value: Any) -> Any:
    """The same for what means the same: an empty list and an empty text, lists of people with empty parts."""
    if isinstance(value, Mapping):
        return {name: _canonical(part) for name, part in value.items() if part not in ("", None)}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_canonical(part) for part in value] or ""
    return "" if value is None or value is False else value
