"""IRC bot: answers private messages by the command handler, and never writes first."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Full, Queue
from threading import Thread
from typing import Final

import structlog

from fmn.delivery.contract import ChannelDownError, ChatCommands, DeliveryError
from fmn.delivery.irc.irc_connection import IrcEvent
from fmn.delivery.irc.irc_session import IrcSession
from fmn.delivery.irc.line_splitting import wrap_words
from fmn.delivery.irc.nicks import folded
from fmn.delivery.irc.nickserv import NickStatus
from fmn.delivery.irc.reply_rate import ReplyRateLimiter
from fmn.text import one_line

log = structlog.get_logger()

#: Questions that wait for their answer; what comes on top gets none.
MAX_WAITING: Final = 20
#: Seconds that finding out who somebody is may take.
_IDENTIFY_TIMEOUT: Final = 30.0

TOO_MANY: Final = "That’s faster than I can answer. Give me a minute, please."
IDENTIFY: Final = (
    "I only answer the owner of a nick, and {services} doesn’t say that you are. "
    "Identify first: /msg {services} IDENTIFY")
SERVICES_AWAY: Final = "I can’t find out who you are: {services} doesn’t answer. Try again later, please."
FAILED: Final = "Something is wrong here. Try again in a while, please."


@dataclass(frozen=True, slots=True)
class _Question:
    """A private message to answer; ``answered`` is an answer that needs no command handler."""

    nick: str
    sender: str
    text: str
    answered: str = ""


class IrcBot:
    """Answers private messages, one after another, in a thread of its own, since answers may take long.

    ``services`` are the network's, as :class:`~fmn.delivery.irc.nick_owners.NickOwners` asks them.
    ``session`` returns the open session, or raises :class:`~fmn.delivery.contract.ChannelDownError`.
    """

    def __init__(
        self, commands: ChatCommands, context: str, services: str, session: Callable[[], IrcSession],
    ) -> None:
        self._commands = commands
        self._context = context
        self._services = services.partition("@")[0]
        self._session = session
        self._questions: Queue[_Question] = Queue(MAX_WAITING)
        self._thread: Thread | None = None
        # All together get less than half of what a network usually lets us say.
        self._all = ReplyRateLimiter(burst=20, seconds=5)
        self._each = ReplyRateLimiter(burst=5, seconds=10)
        self._hints = ReplyRateLimiter(burst=1, seconds=60)
        self._strangers = ReplyRateLimiter(burst=1, seconds=600)

    def handle_event(self, event: IrcEvent) -> None:
        """Queue a private message, or drop it. Returns at once; only one thread may call."""
        sender = event.user_and_host
        if not sender or folded(event.nick).endswith("serv") or folded(event.nick) == folded(self._services):
            return  # Servers and services tell everybody something, and want no answer.
        may = self._each.allows(sender)
        if not (may or self._hints.allows(sender)) or not self._all.allows():
            return
        try:
            self._questions.put_nowait(
                _Question(event.nick, sender, event.text, "" if may else TOO_MANY))
        except Full:
            log.warning("too many questions on IRC")
        if self._thread is None:
            self._thread = Thread(target=self._run, name="irc bot", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            question = self._questions.get()
            try:
                session = self._session()
                session.answer(question.nick, self._lines(question, session))
            except DeliveryError as error:
                log.info("question on IRC not answered", reason=error.reason)
            except Exception:
                log.exception("question on IRC failed")

    def _lines(self, question: _Question, session: IrcSession) -> Sequence[str]:
        answers = [question.answered] if question.answered else self._answers(question, session)
        return [line for answer in answers for line in wrap_words(one_line(answer).split())]

    def _answers(self, question: _Question, session: IrcSession) -> Sequence[str]:
        try:
            nick_status = session.nick_status(question.nick, time.monotonic() + _IDENTIFY_TIMEOUT)
        except ChannelDownError:
            return self._reply_to_stranger(question, SERVICES_AWAY)
        if nick_status is not NickStatus.OWNER:
            return self._reply_to_stranger(question, IDENTIFY)
        try:
            return self._commands.answer(self._context, folded(question.nick), question.text)
        except Exception:
            log.exception("chat command failed")
            return [FAILED]

    def _reply_to_stranger(self, question: _Question, answer: str) -> Sequence[str]:
        return [answer.format(services=self._services)] if self._strangers.allows(question.sender) else []
