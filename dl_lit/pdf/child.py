"""The process that parses PDFs: orders and open files come on stdin, a socket; answers go to stdout, a pipe.

Started as `python -m dl_lit.pdf.child LIFELINE_FD MEMORY_BYTES APART [READABLE_FOLDER ...]`; where APART is 1 it works
in a process of its own, since the memory of the one that is started would be counted with its parent's.

It limits and confines itself before it is handed a file, and ends when its parent does: at the end of stdin between two
jobs, and within one by SIGIO, which the kernel sends when the parent's end of the lifeline pipe closes.
PR_SET_PDEATHSIG would kill it when the *thread* that started it ends
(https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html, read 2026-11-22), and children outlive threads.
"""

from __future__ import annotations

import ctypes
import fcntl
import gc
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from dl_lit.core.errors import PdfError
from dl_lit.core.reasons import Reason
from dl_lit.pdf.apart import OUT_OF_MEMORY_EXIT, count_apart
from dl_lit.pdf.confinement import Layers, confine
from dl_lit.pdf.messages import Answer, ChildGone, Order, TooLong, Verb, receive_order, send

_NICENESS = 5
_OPEN_FILES = 32
_TRIM_BYTES = 100 * 1024 * 1024  # of memory after a file: what is free goes back to the kernel
_BLOATED_BYTES = 160 * 1024 * 1024  # more after that, and the process ends; a new one has 30
_STACK_BYTES = 16 * 1024 * 1024


def main() -> int:
    """Do orders until stdin ends; the exit code is 0 then, 3 after a job that ran out of memory."""
    lifeline, memory_bytes, is_apart = (int(word) for word in sys.argv[1:4])
    if is_apart:
        count_apart(memory_bytes, last_file=lifeline)
    answers = _private_stdout()
    _follow_parent(lifeline)
    memory = _memory_figures()
    _limit(memory_bytes)
    orders = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=0)
    layers = confine(map(Path, map(os.path.abspath, sys.argv[4:])))
    while (received := receive_order(orders)) is not None:
        order, file = received
        _limit_cpu(order.cpu_s)
        try:
            try:
                answer = _do(order, file, answers, layers)
            finally:
                os.close(file)
            try:
                send(answers, answer)
            except TooLong:
                answer = Answer(reason=Reason.TOO_LARGE, detail="more was read than can be told")
                send(answers, answer)
        except ChildGone:
            return 0
        if answer.reason is Reason.PARSE_MEMORY:
            return OUT_OF_MEMORY_EXIT
        del answer
        if _is_bloated(memory):
            return 0  # the parent starts another one for the next file
    return 0


def _is_bloated(memory: int | None) -> bool:
    """Whether memory stays taken that the next file has no use for, after what can be given back was given back."""
    if _resident_bytes(memory) < _TRIM_BYTES:
        return False
    gc.collect()
    with suppress(OSError, AttributeError):  # only the GNU library has it
        ctypes.CDLL(None).malloc_trim(0)
    return _resident_bytes(memory) > _BLOATED_BYTES


def _memory_figures() -> int | None:
    """A descriptor of what the kernel says of this process's memory, opened while it may; `None` where it does not."""
    try:
        return os.open("/proc/self/statm", os.O_RDONLY)
    except OSError:
        return None


def _resident_bytes(memory: int | None) -> int:
    """The memory this process has now; 0 where the kernel does not say."""
    try:
        return 0 if memory is None else int(os.pread(memory, 200, 0).split()[1]) * resource.getpagesize()
    except (OSError, IndexError, ValueError):
        return 0


def _private_stdout() -> int:
    """A descriptor for the answers alone: whatever a library prints goes nowhere."""
    answers = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    return answers


def _follow_parent(lifeline: int) -> None:
    """Leave the terminal's signals to the parent, and die when it does."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGIO, signal.SIG_DFL)  # its default action ends the process
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC | os.O_NONBLOCK)
    try:
        if os.read(lifeline, 1) == b"":
            os._exit(0)  # the parent went before the signal was set up
    except BlockingIOError:
        pass


def _limit(memory_bytes: int) -> None:
    os.nice(_NICENESS)
    for what, limit in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_STACK, _STACK_BYTES),
    ):
        hard = resource.getrlimit(what)[1]
        value = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(what, (value, value))


def _limit_cpu(seconds: int) -> None:
    """Allow this job `seconds` of processor time from now on; SIGXCPU ends the process after that."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + seconds + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _do(order: Order, file: int, answers: int, layers: Layers) -> Answer:
    try:
        work = _work_on(order, file, answers, layers)
        send(answers, Answer(has_begun=True))
        return work()
    except PdfError as error:
        return Answer(reason=error.reason, detail=error.detail)
    except MemoryError:
        gc.collect()
        return Answer(reason=Reason.PARSE_MEMORY, detail="out of memory")
    except RecursionError:
        return Answer(reason=Reason.PARSER_CRASHED, detail="nested too deeply")


def _work_on(order: Order, file: int, answers: int, layers: Layers) -> Callable[[], Answer]:
    """What does the order. What one verb needs is only brought in for it: a process that splits is up sooner."""
    if order.verb is Verb.TRY:
        import dl_lit.pdf.reading  # noqa: F401, PLC0415 - whether it can be brought in, confined as we are
        from dl_lit.pdf.confinement.trials import try_everything  # noqa: PLC0415

        return lambda: Answer(confinement=try_everything(layers))
    if order.verb is Verb.CHECK:
        from dl_lit.pdf.checking import check_pdf  # noqa: PLC0415

        return lambda: Answer(facts=check_pdf(file, max_bytes=order.max_bytes))
    if order.verb is Verb.ANNOTATE and (marks := order.marks) is not None:
        from dl_lit.pdf.annotating import update_of  # noqa: PLC0415

        return lambda: Answer(update=update_of(file, marks))
    if order.verb in {Verb.PAGES, Verb.SPLIT}:
        from dl_lit.pdf.pages import split, texts_of  # noqa: PLC0415

        if order.verb is Verb.SPLIT:
            return lambda: Answer(extract=split(file, order.pages, max_bytes=order.max_bytes))
        return lambda: Answer(texts=texts_of(file, order.pages, max_bytes=order.max_bytes, max_pages=order.max_pages))
    from dl_lit.pdf.reading import read_pdf  # noqa: PLC0415

    return lambda: Answer(
        bibliography=read_pdf(
            file,
            max_bytes=order.max_bytes,
            max_pages=order.max_pages,
            picture=order.picture,
            take=lambda picture: send(answers, Answer(picture=picture)),
            ocr=order.ocr,
        )
    )


if __name__ == "__main__":
    sys.exit(main())
