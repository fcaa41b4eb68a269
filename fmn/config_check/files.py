"""Configuration check of files: existence, permissions, certificates and the spool."""

from __future__ import annotations

import os
import shutil
import ssl
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509

from fmn.settings import PublishSettings, Settings, SpoolSettings
from fmn.settings.check_results import CheckResult, CheckResults, failed, ok, warning
from fmn.settings.loader import PREFIX, CheckedSettings, secret_keys
from fmn.settings.masking import masked
from fmn.sources.errors import BusError
from fmn.sources.fedmsg.signatures import MessageSigner
from fmn.sources.spool.backlog import SPOOL_FILE
from fmn.sources.spool.sqlite_spool import MEGABYTE

SUBJECT: Final = "files"
#: Where secrets lie that are handed to the processes by their environment, beside the ini file.
SECRETS: Final = "secrets.env"
#: How long before its end a certificate is worth a warning.
WARN_BEFORE: Final = timedelta(days=30)


def check(config: Path, checked: CheckedSettings, now: datetime) -> CheckResults:
    """Check all files that the settings name, and ``config``, the ini file."""
    found = [*_readable(checked.settings), *_certificates(checked.settings),
             *_secret(config, checked), *_signer(checked.settings.publish, now),
             *_spool(checked.settings.spool)]
    if os.geteuid() == 0:
        found.append(warning(
            SUBJECT, "root may read everything: run this as FMN's own user, to see what that one can read"))
    yield from found or [ok(SUBJECT, "all that the settings name can be read, and nobody else reads secrets")]


def _named(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Files by the settings that name them, but for those that other checks read (bus, directory)."""
    for key, path in (
        *_named_by_channels(settings),
        ("fmn.publish.certificate_file", settings.publish.certificate_file),
        ("fmn.publish.key_file", settings.publish.key_file),
        ("fmn.publish.amqp_ca_file", settings.publish.amqp_ca_file),
        ("fmn.publish.amqp_certificate_file", settings.publish.amqp_certificate_file),
        ("fmn.publish.amqp_key_file", settings.publish.amqp_key_file),
    ):
        if path is not None:
            yield key, path


def _named_by_channels(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Files of channels' sections: settings whose names end in ``_file``, such as ``ca_file``."""
    for section, values in settings.channel_sections().items():
        for name, value in values:
            if name.endswith("_file") and isinstance(value, Path):
                yield f"{PREFIX}{section}.{name}", value


def _readable(settings: Settings) -> CheckResults:
    for key, path in _named(settings):
        if problem := _unreadable(path):
            yield failed(SUBJECT, f"{key} = {path} {problem}")


def _unreadable(path: Path) -> str:
    if not path.exists():
        return "isn't there"
    if not path.is_file():
        return "isn't a file"
    return "" if os.access(path, os.R_OK) else "can't be read by us: see who owns it"


def _certificates(settings: Settings) -> CheckResults:
    for key, path in _named(settings):
        if key.endswith("ca_file") and not _unreadable(path):
            try:
                ssl.create_default_context(cafile=path)
            except ssl.SSLError:
                yield failed(SUBJECT, f"{key} = {path} has no PEM certificate in it")


def _signer(settings: PublishSettings, now: datetime) -> CheckResults:
    certificate, key = settings.certificate_file, settings.key_file
    if (certificate is None) != (key is None):
        yield failed(SUBJECT, "fmn.publish.certificate_file and key_file are named together or not at all")
    if certificate is None or key is None or _unreadable(certificate) or _unreadable(key):
        return
    try:
        MessageSigner(certificate, key)
    except BusError as error:
        yield failed(SUBJECT, f"{error}. See fmn.publish.certificate_file and key_file")
        return
    ends = x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
    if ends < now + WARN_BEFORE:
        yield (failed if ends < now else warning)(
            SUBJECT,
            f"fmn.publish.certificate_file = {certificate} ends at {ends}: renew it, nobody believes "
                   "what is signed with it after that")


def _spool(settings: SpoolSettings) -> CheckResults:
    """Whether the spool's directory is usable. The consumer creates it; other hosts have none."""
    directory = settings.directory
    if directory is None or not directory.exists():
        return
    if not directory.is_dir():
        yield failed(SUBJECT, f"fmn.spool.directory = {directory} isn't a directory")
        return
    if not os.access(directory, os.W_OK | os.X_OK):
        yield failed(SUBJECT, f"fmn.spool.directory = {directory} can't be written by us: see who owns it")
        return
    file = directory / SPOOL_FILE
    has = file.stat().st_size if file.exists() else 0
    room = (has + shutil.disk_usage(directory).free) // MEGABYTE
    if room < settings.max_megabytes:
        yield warning(SUBJECT, f"fmn.spool.max_megabytes = {settings.max_megabytes}, and the disk of "
                             f"{directory} has room for {room}: see to that, or say less")


def _secret(config: Path, checked: CheckedSettings) -> CheckResults:
    kept = [key for key, value in checked.values.items()
            if checked.origin[key] == str(config) and _is_secret(key, value)]
    if kept and _is_open(config):
        yield _open(config, f"{kept[0]} among others" if kept[1:] else kept[0])
    beside = config.parent / SECRETS
    if beside.exists() and _is_open(beside):
        yield _open(beside, "secrets")
    key_file = checked.settings.publish.key_file
    if key_file is not None and _is_open(key_file):
        yield _open(key_file, "the key that signs what we publish")


def _is_secret(key: str, value: str) -> bool:
    return bool(value) and (key in secret_keys() or masked(value) != value)


def _is_open(path: Path) -> bool:
    return path.exists() and bool(path.stat().st_mode & stat.S_IROTH)


def _open(path: Path, what: str) -> CheckResult:
    return warning(SUBJECT, f"everybody on this host can read {path}, which has {what} in it: "
                          f"chmod 640 {path}, with the group that FMN runs as")
