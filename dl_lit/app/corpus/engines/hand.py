"""A process that does tasks for the local engine: an order a line on stdin, a report a line on stdout.

Started as `python -m dl_lit.app.corpus.engines.hand`; it ends with its stdin, as when whoever started it dies. What is
pure Python, matching, gains nothing from threads.
"""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Do orders until there are no more."""
    answers = os.dup(1)
    os.dup2(2, 1)  # whatever is printed is no answer
    from dl_lit.app.corpus.doing import do  # noqa: PLC0415 - stdout is ours before anything is loaded

    with os.fdopen(answers, "wb", buffering=0) as out:
        for line in sys.stdin.buffer:
            out.write(do(line) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
