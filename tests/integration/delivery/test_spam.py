"""What SpamAssassin says of our mails, by its real rules."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.conftest import IN_CI
from tests.servers.processes import ServerMissingError
from tests.servers.spamassassin import Verdict, judge
from tests.unit.fmn.delivery.email.mail_kinds import mails

#: Points that each of our mails has to be away from its threshold, 5.
ROOM = 4.0
#: What SpamAssassin's authors made up for it to call spam, whatever else is in a mail.
GTUBE = (b"From: mallory@example.org\r\nTo: alice@example.org\r\nSubject: Hello\r\n"
         b"Message-ID: <1@example.org>\r\nDate: Sat, 14 Mar 2026 12:26:53 +0000\r\n\r\n"
         b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n")


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Verdict]:
    try:
        return judge(tmp_path_factory.mktemp("spamassassin"), {**mails(), "spam": GTUBE})
    except ServerMissingError as error:
        if IN_CI:
            raise
        pytest.skip(str(error))


@pytest.mark.parametrize("kind", mails())
def test_a_mail_is_far_from_being_taken_for_spam(verdicts: Mapping[str, Verdict], kind: str) -> None:
    verdict = verdicts[kind]
    assert verdict.score <= verdict.threshold - ROOM, verdict


def test_spam_is_taken_for_it(verdicts: Mapping[str, Verdict]) -> None:
    assert verdicts["spam"].score > verdicts["spam"].threshold
