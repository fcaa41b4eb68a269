"""Logging: one event per line with key-value data, as text on a console or as JSON."""

from __future__ import annotations

import io
import logging
import sys
import threading
from types import TracebackType
from typing import Final, TextIO

import structlog

from fmn.settings import LogSettings
from fmn.settings.masking import masked

#: Keys with multi-line values: tracebacks.
_MULTILINE_KEYS: Final = frozenset({"exception", "stack"})


def configure_logging(settings: LogSettings, stream: TextIO | None = None) -> None:
    """Log events of FMN and its libraries to ``stream``, by default standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if settings.format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=(stream or sys.stderr).isatty(), exception_formatter=_traceback)
    )
    structlog.configure(
        processors=[
            *shared, structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(settings.level),
        cache_logger_on_first_use=True,
    )
    # Without the values of variables, which include passwords.
    tracebacks = structlog.processors.ExceptionRenderer(
        structlog.tracebacks.ExceptionDictTransformer(show_locals=False))
    as_json = settings.format == "json"
    prepare: structlog.typing.Processor = tracebacks if as_json else _escape_control_characters
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta, prepare, _mask_passwords,
            renderer],
    ))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.level.upper())
    _log_uncaught_exceptions(as_lines=settings.format == "json")
    # Libraries log warnings only; FMN logs normal events itself.
    for chatty in ("apscheduler", "pika", "httpx", "httpcore", "httpx2", "httpcore2", "mail.log",
                   "dramatiq.worker", "irc", "uvicorn.error", "urllib3", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # What RabbitMQ closes a channel for, such as a queue that isn't there yet, is raised to whoever asked.
    logging.getLogger("pika.channel").setLevel(logging.ERROR)
    # So is a connection that's lost, which on a quiet bus is every one: nobody answers RabbitMQ's heartbeats
    # for a thread that has nothing to send, and its next task goes over a new connection.
    logging.getLogger("pika.adapters").setLevel(logging.CRITICAL)
    # What it can't read it raises as well, to us who expect that of what anybody may write.
    logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)


def _mask_passwords(
    _logger: object, _method: str, event: structlog.typing.EventDict,
) -> structlog.typing.EventDict:
    """Mask passwords in URLs, which libraries log when a server can't be reached."""
    return {key: _masked(value) for key, value in event.items()}


def _masked(value: object) -> object:
    match value:
        case str():
            return masked(value)
        case list():
            return [_masked(each) for each in value]
        case dict():
            return {key: _masked(each) for key, each in value.items()}
    return value


def _traceback(stream: TextIO, error: structlog.typing.ExcInfo) -> None:
    told = io.StringIO()
    structlog.dev.plain_traceback(told, error)
    stream.write(masked(told.getvalue()))


def _escape_control_characters(
    _logger: object, _method: str, event: structlog.typing.EventDict,
) -> structlog.typing.EventDict:
    """Escape line breaks and terminal control characters, since strangers wrote some of the texts."""
    return {key: value if key in _MULTILINE_KEYS else _escaped(value) for key, value in event.items()}


def _escaped(value: object) -> object:
    if isinstance(value, str) and not value.isprintable():
        return value.encode("unicode_escape").decode()
    return value


def _log_uncaught_exceptions(*, as_lines: bool) -> None:
    """Log uncaught exceptions of the process and its threads, and Python's warnings, one line each."""
    logging.captureWarnings(as_lines)
    sys.excepthook = _log_process_end if as_lines else sys.__excepthook__
    threading.excepthook = _log_thread_end if as_lines else threading.__excepthook__


def _log_process_end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):  # Ctrl-C is no failure
        sys.__excepthook__(kind, error, trace)
    else:
        structlog.get_logger().critical("process ended by an exception", exc_info=(kind, error, trace))


def _log_thread_end(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None and ended.exc_type is not SystemExit:
        structlog.get_logger().critical(
            "thread ended by an exception", thread=ended.thread.name if ended.thread else "",
            exc_info=(ended.exc_type, ended.exc_value, ended.exc_traceback))
