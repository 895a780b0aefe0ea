"""`python -m dl_lit` is `dl-lit`."""

from __future__ import annotations

from dl_lit.cli import main

if __name__ == "__main__":
    main()
