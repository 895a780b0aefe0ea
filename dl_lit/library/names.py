"""What a work's file is called, by a template, safe on every file system. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator

from anyascii import anyascii

from dl_lit.core.model import Name, Work
from dl_lit.core.naming import DEFAULT_TEMPLATE, KEPT_FOLDERS, Field, NameTemplate
from dl_lit.core.values import dataclass

MAX_NAME_BYTES = 200
MAX_FOLDER_BYTES = 100

_ENDING = ".pdf"
_LONGEST = {"title": 80, "authors": 80, "journal": 60}  # characters
_LONGEST_OTHERS = 40
_MOST_AUTHORS = 3
_WHERE_NONE = {"author": "Anonymous", "authors": "Anonymous", "year": "undated", "title": "Untitled"}
_MARKUP = re.compile(r"<[^<>]{0,80}>")
_MAIN_TITLE = re.compile(r"(.{8,}?)(?: ?[:?!] | [–—] )")  # of a title whose white space is folded
_GAPS = re.compile(r"(\s*[-_.,]\s*)(?:[-_.,\s]*[-_.,]\s*)+")  # what an empty field leaves between its neighbours
_NOT_ASCII_WORD = re.compile(r"[^A-Za-z0-9]+")
_NOT_WORD = re.compile(r"[\W_]+")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)  # names Windows keeps for itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """How files are named: the same work gets the same name always."""

    template: NameTemplate = DEFAULT_TEMPLATE
    ascii_only: bool = True  # other scripts are transliterated; else they are kept, in normal form C
    max_name_bytes: int = MAX_NAME_BYTES  # of one name in UTF-8, its ending and suffixes included
    key: Callable[[Work], str] | None = None  # the work's citation key

    def base(self, work: Work) -> str:
        """The relative path without ending, not yet cut to its length."""
        text = "".join(part if isinstance(part, str) else self._value(part, work) for part in self.template.parts)
        return "/".join(_safe(name) for name in text.split("/"))

    def candidates(self, work: Work, sha256: str) -> Iterator[str]:
        """Relative paths to try in order: plain, with the work's own suffix, and with the content's as well.

        The suffixes come from what the work and the file are, so they are the same in whatever order works arrive.
        """
        *folders, base = self.base(work).split("/")
        above = "".join(f"{_cut(folder, MAX_FOLDER_BYTES)}/" for folder in folders)
        identity = identity_suffix(work)
        for suffix in ("", f"_{identity}", f"_{identity}-{sha256[:12]}"):
            room = self.max_name_bytes - len(suffix) - len(_ENDING)
            yield f"{above}{_cut(base, room)}{suffix}{_ENDING}"

    def _value(self, field: Field, work: Work) -> str:
        """What the work puts there: words with hyphens between; never a path."""
        text = self._words(self._raw(field.name, work), _LONGEST.get(field.name, _LONGEST_OTHERS), field.words)
        return text or _WHERE_NONE.get(field.name, "")

    def _raw(self, name: str, work: Work) -> str:
        people = work.authors or work.editors
        match name:
            case "author":
                return people[0].sort_key if people else ""
            case "authors":
                return _several(people)
            case "year":
                return str(work.year) if work.year is not None and 0 < work.year < 10_000 else ""
            case "title":
                return _short(work.title)
            case "journal":
                return work.container_title or ""
            case "key":
                return self.key(work) if self.key else ""
            case _:
                return str(getattr(work, name) or "")

    def _words(self, text: str, longest: int, most: int | None) -> str:
        """Letters and digits with hyphens between, at most `longest`, cut between words where that is possible."""
        text = text.replace("'", "").replace("’", "")
        if self.ascii_only:
            joined = _NOT_ASCII_WORD.sub("-", anyascii(text))
        else:
            joined = _NOT_WORD.sub("-", _without_marks_alone(unicodedata.normalize("NFC", text)))
        words = [word for word in joined.split("-") if word][:most]
        joined = "-".join(words)
        if len(joined) <= longest:
            return joined
        cut = joined[: longest + 1].rpartition("-")[0]
        return (cut if len(cut) > longest // 2 else joined[:longest]).strip("-")


def identity_suffix(work: Work) -> str:
    """Eight characters that tell this work from another of the same author, year and short title."""
    identity = (
        (work.doi and f"doi:{work.doi.lower()}")
        or (work.openalex_id and f"openalex:{work.openalex_id}")
        or (work.arxiv_id and f"arxiv:{work.arxiv_id}")
        or (work.pmid and f"pmid:{work.pmid}")
        or (work.isbn and f"isbn:{work.isbn}")
        or f"title:{_plain(work.title)}|{work.year}|{work.container_title}|{work.volume}|{work.pages}"
    )
    return hashlib.sha256(identity.encode(errors="surrogatepass")).hexdigest()[:8]


def _plain(title: str) -> str:
    words = _NOT_ASCII_WORD.sub("-", anyascii(title.replace("'", "").replace("’", ""))).strip("-")
    return words[:1_000].lower()


def _short(title: str) -> str:
    """The main title: up to a colon or dash, if enough stands before it."""
    title = " ".join(_MARKUP.sub("", title).split())
    main = _MAIN_TITLE.match(title)
    return main[1] if main else title


def _several(people: tuple[Name, ...]) -> str:
    names = [person.sort_key for person in people if person.sort_key]
    return " ".join([*names[:_MOST_AUTHORS], "et al"] if len(names) > _MOST_AUTHORS else names)


def _without_marks_alone(text: str) -> str:
    """`text` with nothing that only shows how to read it: direction marks, joiners and the like."""
    return "".join(char for char in text if unicodedata.category(char) not in {"Cf", "Cc", "Cs", "Co", "Cn"})


def _safe(name: str) -> str:
    """One name of a path that no file system or shell takes for something else."""
    name = _GAPS.sub(r"\1", name).strip(" ._-") or "Untitled"
    return f"x{name}" if _RESERVED.fullmatch(name.split("_")[0]) or name.casefold() in KEPT_FOLDERS else name


def _cut(name: str, room: int) -> str:
    """As much of `name` as `room` bytes of UTF-8 hold, whole characters with their marks."""
    kept = name.encode()[:room].decode(errors="ignore")
    while kept and len(kept) < len(name) and unicodedata.combining(name[len(kept)]):
        kept = kept[:-1]
    return kept.rstrip(" ._-")
