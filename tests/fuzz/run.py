"""Fuzzes parsers by what inputs reach in the code: ``python -m tests.fuzz.run SECONDS CORPUS [TARGET…]``.

Each target, all of them unless some are named, has a process for so many seconds, or for ``FUZZ_RUNS``
inputs if that is less, at random unless ``FUZZ_SEED`` is set. Atheris begins with what the repository keeps
in ``tests/fuzz/corpus``. Inputs that reach further it puts into the folder ``CORPUS``; so it does with what
breaks a target, takes more than :data:`MEGABYTES`, or :data:`TIMEOUT` seconds: ``TARGET/crash-…``, ``oom-…``
or ``timeout-…``. Once that's mended, the input goes into the kept corpus, which a test tries.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Final

import atheris
import structlog

#: The most that a process may have, with what instruments the code.
MEGABYTES: Final = 1024
#: Seconds for one input, beside busy neighbours.
TIMEOUT: Final = 20
#: Bytes that inputs have at most: what is found is found in small ones, and faster.
LONGEST: Final = 4096
#: What reads strangers' words in Python, ours and others'. All of FMN would take long to be instrumented.
INSTRUMENTED: Final = (
    "fmn.sources.fedmsg", "fmn.sources.fedora_messaging", "fmn.sources.inbound_filter",
    "fmn.sources.json_objects", "fmn.sources.repair", "fmn.sources.topics", "pika.data",
    "fmn.catalog.message", "fmn.sources.spool", "fmn.preferences_io",
    "fmn.filters.expression_syntax",
    "fmn.filters.expressions", "fmn.delivery.email.bounce_reports", "fmn.delivery.email.return_addresses",
    "fmn.delivery.irc", "fmn.delivery.signed_links", "fmn.delivery.apprise.apprise_urls",
    "fmn.delivery.webpush.subscriptions",
    "fmn.directory.json_validation",
    "fmn.sources.backfill.datagrepper", "webapp.api.request_parsing", "webapp.oidc",
    "webapp.request_validation", "webapp.auth.sessions",
    "lark", "irc", "jaraco.stream", "flufl", "itsdangerous", "webob", "apprise.url", "joserfc")
KEPT: Final = Path(__file__).parent / "corpus"


def fuzz(name: str, seconds: int, corpus: Path) -> int:
    """Fuzz a target in a process of its own, for so long; returns its code: 0 if nothing was found."""
    from tests.fuzz.targets import TARGETS  # noqa: PLC0415  it has been imported, instrumented

    folder = corpus / name
    folder.mkdir(parents=True, exist_ok=True)
    if (child := os.fork()) == 0:
        kept = [os.fspath(KEPT / name)] if (KEPT / name).exists() else []
        atheris.Setup([
            "fuzz", f"-max_total_time={seconds}", f"-rss_limit_mb={MEGABYTES}", f"-timeout={TIMEOUT}",
            f"-max_len={LONGEST}", f"-runs={os.environ.get('FUZZ_RUNS', '-1')}",
            f"-seed={os.environ.get('FUZZ_SEED', '0')}",
            f"-artifact_prefix={folder}/", os.fspath(folder), *kept,
        ], TARGETS[name].parse)
        atheris.Fuzz()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def main(seconds: str, corpus: str, *names: str) -> int:
    """Fuzz these targets one after the other; returns how many broke."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    logging.disable()
    with atheris.instrument_imports(include=list(INSTRUMENTED), enable_loader_override=False):
        from tests.fuzz.targets import TARGETS  # noqa: PLC0415  instrumented while it's imported
    broken = [name for name in names or TARGETS if fuzz(name, int(seconds), Path(corpus))]
    print(f"broken: {', '.join(broken) or 'none'}", flush=True)  # noqa: T201  its answer
    return len(broken)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
