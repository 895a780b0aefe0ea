"""Where things lie on an object store: `s3://bucket/prefix`, `gs://bucket/prefix`, `az://container/prefix`. Pure."""

from __future__ import annotations

import hashlib
import re

from dl_lit.core.values import dataclass

SCHEMES = ("s3", "gs", "az")
"""S3 and what speaks like it, Google Cloud Storage, Azure Blob Storage."""

_FORM = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<rest>.*)", re.DOTALL)
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")
_NAME = re.compile(r"[^\x00-\x1f\x7f?#\\]{1,255}")
_NOT_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class ObjectPlace:
    """A bucket, and what the names of all objects that are meant begin with; the address holds no secret."""

    scheme: str
    bucket: str
    prefix: str  # without "/" at its ends; may be ""

    @classmethod
    def parse(cls, text: str) -> ObjectPlace:
        """What the address means; raises `ValueError` without repeating it, since people write keys into addresses."""
        match = _FORM.fullmatch(text)
        if match is None or match["scheme"] not in SCHEMES:
            raise ValueError("is no object store that dl_lit knows: write s3://, gs:// or az:// with bucket and prefix")
        bucket, _, prefix = match["rest"].partition("/")
        if "@" in bucket or ":" in bucket:
            raise ValueError("may hold neither keys nor ports: they come from the environment (docs/object-store.md)")
        if not _BUCKET.fullmatch(bucket):
            raise ValueError(f"names no bucket: write {match['scheme']}://BUCKET/PREFIX")
        names = [name for name in prefix.split("/") if name]
        if not all(_NAME.fullmatch(name) and name not in {".", ".."} for name in names):
            raise ValueError("has a prefix with signs that not every store takes: no ?, #, backslashes, dots alone")
        return cls(match["scheme"], bucket, "/".join(names))

    def __str__(self) -> str:
        return f"{self.scheme}://{self.bucket}" + (f"/{self.prefix}" if self.prefix else "")

    def of(self, path: str) -> str:
        """The address of the object at `path` below the prefix."""
        return f"{self}/{path}"

    @property
    def folder_name(self) -> str:
        """A name for a local folder, one for each place: readable, and told apart by its end."""
        words = _NOT_WORD.sub("-", f"{self.bucket}-{self.prefix}".lower()).strip("-")[:40].strip("-")
        return f"{words}-{hashlib.sha256(str(self).encode()).hexdigest()[:8]}"


def is_object_address(text: str) -> bool:
    """Whether it is written as an address and not as a path."""
    return _FORM.fullmatch(text) is not None
