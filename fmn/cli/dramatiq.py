"""Dramatiq's program, which ``fmn worker`` and ``fmn backend`` become. It logs as all of FMN does."""

from __future__ import annotations

import sys

from dramatiq.cli import main

from fmn.logs import configure_logging
from fmn.settings import load_settings

if __name__ == "__main__":
    configure_logging(load_settings().log)
    sys.exit(main())  # type: ignore[no-untyped-call]
