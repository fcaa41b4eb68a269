"""Dramatiq's command line with FMN's logging: ``fmn worker`` and ``fmn backend`` execute it."""

from __future__ import annotations

import sys

from dramatiq.cli import main, make_argument_parser

from fmn.infra.logs import configure_logging
from fmn.settings import load_settings

if __name__ == "__main__":
    configure_logging(load_settings().log)
    arguments = make_argument_parser().parse_args()  # type: ignore[no-untyped-call]
    # After SIGHUP dramatiq executes this. What Python makes of it when it's given a module is no command.
    sys.argv = sys.orig_argv
    sys.exit(main(arguments))  # type: ignore[no-untyped-call]
