"""Dramatiq's command line with FMN's logging: ``fmn worker`` and ``fmn backend`` execute it."""

from __future__ import annotations

import sys

from dramatiq.cli import main, make_argument_parser

from fmn.errors import OperatorError
from fmn.filters.rule_types import rule_types
from fmn.infra.logs import configure_logging
from fmn.monitoring.metrics_registry import remove_multiprocess_files
from fmn.settings import load_settings

if __name__ == "__main__":
    configure_logging(load_settings().log)
    # The actors check the same, but here it ends in a sentence instead of a traceback. The processes that
    # dramatiq forks share what this imports.
    try:
        rule_types()
    except OperatorError as error:
        remove_multiprocess_files()
        sys.exit(f"Error: {error}")
    arguments = make_argument_parser().parse_args()  # type: ignore[no-untyped-call]
    # After SIGHUP dramatiq executes this. What Python makes of it when it's given a module is no command.
    sys.argv = sys.orig_argv
    sys.exit(main(arguments))  # type: ignore[no-untyped-call]
