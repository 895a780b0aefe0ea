"""What reads what users write or upload: settings, forms, name templates."""

from __future__ import annotations

import tempfile
from pathlib import Path

from proofs.hostile.fuzz.target import Target, parts, text

from dl_lit.core.errors import BadInput, NeedsConfiguration
from dl_lit.core.model import Name, Work
from dl_lit.core.naming import NameTemplate
from dl_lit.library.names import Naming
from dl_lit.settings.load import load
from dl_lit.web.contract import Refused
from dl_lit.web.form import Form
from dl_lit.web.receiving import priority_of

_FOLDER = Path(tempfile.gettempdir())
_LONGEST_NAME = 255  # bytes: https://man7.org/linux/man-pages/man7/path_resolution.7.html


def _settings(data: bytes) -> object:
    """A TOML file, then variables one a line."""
    document, variables = parts(data, 2)
    env = {"HOME": "/nonexistent"}
    for line in text(variables).replace("\0", "").split("\n")[:20]:
        name, equals, value = line.partition("=")
        if equals and name:
            env["DL_LIT_" + name] = value
    with tempfile.NamedTemporaryFile(suffix=".toml") as file:
        file.write(document)
        file.flush()
        return load(config=Path(file.name), env=env)


_TOML = b"""database = "/tmp/x.db"
library = "~/lib"
contact_email = "a@b.example"
[workers]
download = 4
[llm]
provider = "openai"
[services.openalex]
url = "https://x.example"
"""


def _form(data: bytes) -> object:
    """The content type's boundary, how it is cut, and the body."""
    boundary, cuts, body = parts(data, 3)
    form = Form("multipart/form-data; boundary=" + boundary.decode("latin-1"))
    step = max(1, int.from_bytes(cuts[:2], "big"))
    held = [form.feed(body[at : at + step]) for at in range(0, min(len(body), 400 * step), step)]
    form.close()
    return held, form.fields, form.filename, priority_of(form.fields.get("priority"))


_BODY = (
    b'--B\r\nContent-Disposition: form-data; name="priority"\r\n\r\n1\r\n--B\r\nContent-Disposition: form-data; '
    b'name="file"; filename="a.pdf"; filename*=utf-8\'\'%e4%b8%ad.pdf\r\nContent-Type: application/pdf\r\n\r\n'
    b"%PDF-1.4\r\n--B--\r\n"
)


def _name(data: bytes) -> object:
    """Title, people, year, venue and template, as names of files: relative, within limits, of no control signs."""
    title, family, given, venue, template = (text(part) for part in parts(data, 5))
    work = Work(title=title, authors=(Name(family=family, given=given),), year=2001, container_title=venue)
    try:
        naming = Naming(template=NameTemplate.parse(template)) if template else Naming()
    except ValueError:
        return None  # refused where settings are checked
    for one in naming.candidates(work, "ab" * 32):
        names = one.split("/")
        if any(not name or name in {".", ".."} or len(name.encode()) > _LONGEST_NAME for name in names):
            raise AssertionError(f"{one!a} is no name")
        if not one.isprintable() or "\\" in one or one.startswith(("/", "-", ".")):
            raise AssertionError(f"{one!a} is more than a name")
    return None


TARGETS = (
    Target(
        "settings", _settings, lambda: [_TOML, _TOML + b"\0WORKERS_DOWNLOAD=3\nLLM=x\n"], (NeedsConfiguration, BadInput)
    ),
    Target(
        "forms", _form, lambda: [b"B\0\xff\xff\0" + _BODY, b"B\0\0\x01\0" + _BODY, b'"B"\0\0\x07\0' + _BODY], (Refused,)
    ),
    Target(
        "names",
        _name,
        lambda: [
            b"On: the / motion\0van der Aa\0B.\0J. of Things\0",
            "Über 中文\u202e\0Özil\0Ç\0x\0{journal}/{author}_{year}_{title:8}".encode(),
        ],
        most_bytes=20_000,
    ),
)
