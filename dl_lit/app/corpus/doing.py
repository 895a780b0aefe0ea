"""What a task does, wherever it runs: `do` is called by threads of this process or by a worker of a cluster."""

from __future__ import annotations

import os
import socket
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from dl_lit import __version__
from dl_lit.app.corpus.orders import (
    Bad,
    Kind,
    Limits,
    Order,
    Piece,
    Refusal,
    Report,
    about,
    decode_order,
    encode,
    version_of,
)
from dl_lit.app.corpus.output import CONTEXTS, DOCUMENTS, REFERENCES, RUN, SURVEY, part_path
from dl_lit.app.corpus.parts import made_of
from dl_lit.app.corpus.places import CannotWrite, Place, place_at
from dl_lit.app.corpus.reader_identity import can_recognise, models_digest, ocr_of
from dl_lit.app.intake.inbox import content_of, open_regular
from dl_lit.core.errors import DlLitError, PdfError
from dl_lit.core.model import Bibliography
from dl_lit.core.reasons import Reason
from dl_lit.core.shortage import shortage_of
from dl_lit.pdf.children import STOPPED
from dl_lit.pdf.reader import ChildReader
from dl_lit.settings.model import MB

_CRASHES = 2  # more tries for a PDF whose reader died: somebody may have killed it


class Refused(Exception):
    """The task cannot be done here and now, and why."""

    def __init__(self, refusal: Refusal, said: str) -> None:
        """Keep both."""
        super().__init__(said)
        self.refusal = refusal
        self.said = said


def do(order: bytes) -> bytes:
    """Do an order; the report says how it ended."""
    node = socket.gethostname()
    if version_of(order) != __version__:
        said = f"the node {node} has dl_lit {__version__}, this is a task of {version_of(order)}: install the same"
        return encode(Report(part="", node=node, refusal=Refusal.OTHER_VERSION, said=said))
    one = decode_order(order)
    try:
        report = _done(one, node)
    except Refused as refused:
        report = Report(part=one.part, node=node, refusal=refused.refusal, said=refused.said)
    except CannotWrite as error:
        report = Report(part=one.part, node=node, refusal=Refusal.CANNOT_WRITE, said=str(error))
    except DlLitError as error:
        report = Report(part=one.part, node=node, refusal=Refusal.NO_INPUT, said=str(error))
    except (OSError, MemoryError) as error:
        if (lacking := shortage_of(error)) is None:
            raise
        report = Report(part=one.part, node=node, refusal=Refusal.SHORTAGE, said=lacking)
    return encode(report)


def _done(order: Order, node: str) -> Report:
    target = place_at(order.target)
    require_turn(target, order, node)
    match order.kind:
        case Kind.SURVEY:
            return _survey(order, target, node)
        case Kind.READ:
            if models_digest() != order.models:
                raise Refused(Refusal.OTHER_VERSION, f"the node {node} has other models of dl_lit: install the same")
            if order.limits is not None and order.limits.ocr_languages is not None and not can_recognise():
                said = f"the node {node} cannot read scans: scripts/setup --ocr there, or set pdf.ocr_languages to none"
                raise Refused(Refusal.OTHER_VERSION, said)
            return _read(order, target, node)
        case Kind.MATCH:
            from dl_lit.app.corpus.matching import match_part  # noqa: PLC0415 - brings what asks services

            return match_part(order, target, node, Refused)


def require_turn(target: Place, order: Order, node: str) -> None:
    """Raise `Refused` where the output is not to be seen from here, or another run has taken over."""
    try:
        told = target.read(RUN)
    except OSError as error:
        raise Refused(Refusal.NO_OUTPUT, f"the node {node} cannot read {target.name}: {error.strerror}") from error
    if told is None:
        said = f"the node {node} does not see {target.name}: all nodes need it under this name"
        raise Refused(Refusal.NO_OUTPUT, said)
    if order.run.encode() not in told:
        raise Refused(Refusal.TAKEN_OVER, f"another call has taken {target.name} over")


# --- surveying


def _survey(order: Order, target: Place, node: str) -> Report:
    from dl_lit.app.corpus import shapes  # noqa: PLC0415 - brings Arrow

    source = place_at(order.source)
    rows, bad = [], []
    for piece in order.pieces:
        found = _content(source, piece)
        if isinstance(found, Bad):
            bad.append(found)
        else:
            sha256, size = found
            rows.append({"path": piece.name, "size_bytes": size, "stamp": piece.stamp, "sha256": sha256})
    if rows:
        target.write(part_path(SURVEY, order.part), shapes.packed(rows, shapes.SURVEY))
    return Report(part=order.part, node=node, bad=tuple(bad))


def _content(source: Place, piece: Piece) -> tuple[str, int] | Bad:
    """SHA-256 and size of a file, or why there is none."""
    try:
        with source.file(piece.name) as path, open_regular(path) as file:
            return content_of(file)
    except FileNotFoundError:
        return Bad(name=piece.name, reason=Reason.VANISHED.value)
    except OSError as error:
        if (lacking := shortage_of(error)) is not None:
            raise Refused(Refusal.SHORTAGE, lacking) from error
        return Bad(name=piece.name, reason=Reason.UNREADABLE_FILE.value, detail=error.strerror or str(error))
    except DlLitError as error:
        return Bad(name=piece.name, reason=Reason.UNREADABLE_FILE.value, detail=str(error))


# --- reading

_lock = threading.Lock()
_readers: dict[Limits, ChildReader] = {}


def _reader(limits: Limits) -> ChildReader:
    """This process's reader: a child for every thread that needs one at the same time, started when it does."""
    with _lock:
        if limits not in _readers:
            _readers[limits] = ChildReader(
                max(64, 4 * (os.cpu_count() or 1)),
                timeout_s=limits.timeout_s,
                memory_bytes=limits.memory_mb * MB,
                max_bytes=limits.max_mb * MB,
                ocr=ocr_of(limits),
            )
        return _readers[limits]


def end_readers() -> None:
    """End the children of this process at once; what reads raises, and the next order starts new ones."""
    with _lock:
        readers = list(_readers.values())
        _readers.clear()
    for reader in readers:
        reader.kill()


def _read(order: Order, target: Place, node: str) -> Report:
    from dl_lit.app.corpus import shapes  # noqa: PLC0415 - brings Arrow
    from dl_lit.app.corpus.rows import context_row, document_row, reference_row, why_not  # noqa: PLC0415

    if order.limits is None:
        raise TypeError("an order to read has limits")
    source, limits = place_at(order.source), order.limits
    documents: list[dict[str, Any]] = []
    references: list[dict[str, Any]] = []
    contexts: list[dict[str, Any]] = []
    changed: list[str] = []
    reasons: Counter[str] = Counter()
    for piece in order.pieces:
        found = _bibliography(source, piece, limits)
        if found is None:
            changed.append(piece.name)
            continue
        read, why = (found, why_not(found)) if isinstance(found, Bibliography) else (None, found)
        documents.append(document_row(piece.name, piece.sha256, piece.size, read, why))
        if read is not None:
            references += [reference_row(piece.name, piece.sha256, one) for one in read.references]
            contexts += [context_row(piece.sha256, one) for one in read.contexts]
        reasons.update([why[0]] if why[0] else [])
    beside = {
        REFERENCES: (shapes.packed(references, shapes.REFERENCES), len(references)),
        CONTEXTS: (shapes.packed(contexts, shapes.CONTEXTS), len(contexts)),
    }
    made = {folder: made_of(content, rows) for folder, (content, rows) in beside.items()}
    content = shapes.packed(documents, shapes.DOCUMENTS, about(made, reasons))
    require_turn(target, order, node)  # it may have taken long
    for folder, (packed, _) in beside.items():
        target.write(part_path(folder, order.part), packed)
    # The documents come last: where they are, the partition is whole.
    target.write(part_path(DOCUMENTS, order.part), content)
    made[DOCUMENTS] = made_of(content, len(documents))
    return Report(part=order.part, node=node, made=made, reasons=dict(reasons), changed=tuple(changed))


def _bibliography(source: Place, piece: Piece, limits: Limits) -> Bibliography | tuple[str, str] | None:
    """What was read, or reason and detail; None where the file is not what it was when it was surveyed."""
    try:
        with source.file(piece.name) as path:
            with open_regular(path) as file:
                if content_of(file)[0] != piece.sha256:
                    return None
            if piece.size == 0:
                return Reason.EMPTY_FILE.value, ""
            return _tried(lambda: _reader(limits).read(path))
    except FileNotFoundError:
        return None
    except OSError as error:
        if (lacking := shortage_of(error)) is not None:
            raise Refused(Refusal.SHORTAGE, lacking) from error
        return Reason.UNREADABLE_FILE.value, error.strerror or str(error)


def _tried(read: Callable[[], Bibliography]) -> Bibliography | tuple[str, str]:
    for tries_left in range(_CRASHES, -1, -1):
        try:
            return read()
        except PdfError as error:
            if error.detail == STOPPED:
                raise Refused(Refusal.STOPPED, "the reading was stopped") from error
            if error.reason is Reason.WRITE_ERROR:
                raise Refused(Refusal.SHORTAGE, error.detail) from error
            if error.reason is not Reason.PARSER_CRASHED or not tries_left:
                return error.reason.value, error.detail
    raise AssertionError("the last try answers")
