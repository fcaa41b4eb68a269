"""SpamAssassin as a judge of mails, with Debian's rules and none that ask the network."""

from __future__ import annotations

import email
import mailbox
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.servers.processes import ServerMissingError

#: What whoever receives a mail writes above it. Without that it would have come from nowhere.
RECEIVED: Final = (
    b"Received: from mail.example.org (mail.example.org [IPv6:2001:db8::25])\r\n"
    b"\tby mx.example.net (Postfix) with ESMTPS id 4Z9xQ21Kd0z3c\r\n"
    b"\tfor <alice@example.org>; Sat, 14 Mar 2026 12:26:55 +0000 (UTC)\r\n")
#: Seconds: it compiles all its rules first.
PATIENCE: Final = 300.0
_STATUS: Final = re.compile(r"(?:Yes|No),score=(-?[\d.]+) required=([\d.]+) tests=(\S*)")


@dataclass(frozen=True)
class Verdict:
    """What it says of a mail: its score, from which one on it's spam, and the rules that it met."""

    score: float
    threshold: float
    rules: Sequence[str]


def judge(directory: Path, mails: Mapping[str, bytes]) -> Mapping[str, Verdict]:
    """What it says of mails, as they came over the wire. ``directory`` is for what it wants to remember."""
    program = shutil.which("spamassassin")
    if program is None:
        raise ServerMissingError("spamassassin")
    judged = subprocess.run(
        [program, "--local", "--mbox", f"--prefspath={directory / 'preferences'}"],
        input=_in_one_file(mails.values()), env={**os.environ, "HOME": str(directory)},
        capture_output=True, check=True, timeout=PATIENCE)
    (directory / "judged").write_bytes(judged.stdout)
    # It judges several at the same time, and tells of each as soon as it's done.
    with closing(mailbox.mbox(directory / "judged")) as box:
        found = {str(mail["Message-ID"]): _verdict(str(mail["X-Spam-Status"])) for mail in box}
    return {name: found[_id_of(mail)] for name, mail in mails.items()}


def _in_one_file(mails: Iterable[bytes]) -> bytes:
    """Mails in the form in which a mailbox is kept, whose lines end with a line feed alone."""
    kept = [(RECEIVED + mail).replace(b"\r\n", b"\n") for mail in mails]
    return b"".join(
        b"From fmn@example.org Sat Mar 14 12:26:55 2026\n%s\n" % mail.replace(b"\nFrom ", b"\n>From ")
        for mail in kept)


def _id_of(mail: bytes) -> str:
    return str(email.message_from_bytes(mail)["Message-ID"])


def _verdict(status: str) -> Verdict:
    found = _STATUS.search(" ".join(status.split()).replace(", ", ","))
    assert found, status
    return Verdict(float(found[1]), float(found[2]), found[3].split(","))
