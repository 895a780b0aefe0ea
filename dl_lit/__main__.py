"""The program: `dl-lit`, or `python -m dl_lit`.

Signals are minded before anything else is loaded, which takes a while.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from dl_lit.runtime.signals import mind_from_the_start

_INTERRUPTED = 130


def main() -> NoReturn:
    """Run the command line with the process's own arguments and end the process."""
    mind_from_the_start(sys.argv[1:])
    try:
        from dl_lit.cli import main as run  # noqa: PLC0415 - after the signals
        from dl_lit.runtime.reticence import leave_no_dump  # noqa: PLC0415 - likewise

        leave_no_dump()
        run()
    except KeyboardInterrupt:  # while the program was being loaded
        os.write(2, b"dl-lit: interrupted\n")
        sys.exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
