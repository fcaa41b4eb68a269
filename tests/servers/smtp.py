"""A real SMTP server in a thread that keeps what it receives and misbehaves as told."""

from __future__ import annotations

import asyncio
import email
import email.policy
import ssl
import threading
import time
import weakref
from collections.abc import Coroutine
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.certificates import make_certificate
from tests.servers.ports import free_port

Result = TypeVar("Result")

#: Seconds within which the server thread does as told; it never has much to do.
ANSWER_TIMEOUT = 10.0


@dataclass(frozen=True)
class ReceivedMail:
    """One accepted mail: its envelope, its bytes as they came, when (seconds since 1970), what they mean."""

    mail_from: str
    rcpt_tos: tuple[str, ...]
    content: bytes
    accepted_at: float

    @cached_property
    def message(self) -> EmailMessage:
        """The mail, parsed when a test first looks: a thousand others are only counted."""
        # Lines end with CR and LF on the way only.
        content = self.content.replace(b"\r\n", b"\n")
        return email.message_from_bytes(content, policy=email.policy.default)


class SmtpServer:
    """An SMTP server on ``host``. Between ``stop`` and ``start`` it's away, and nobody has its port.

    ``refuse`` maps a recipient's address to the code and text of its refusal, e.g.
    ``{"bob@example.org": (550, "5.1.1 No such mailbox")}``. ``delay`` is how many seconds it thinks
    about each mail unless it's told to decide, ``thinking`` how many mails it's thinking about. With
    ``keeps_first`` it keeps a mail before that, whoever may have gone when it answers; with ``hangs_up`` it
    never answers, but hangs up instead. All of these may change at any time. With ``login`` (user and
    password) nobody may send without it, by PLAIN or LOGIN. With ``security`` clients trust
    :attr:`certificate`, which lies in ``directory``.
    """

    def __init__(
        self,
        directory: Path,
        *,
        host: str = "127.0.0.1",
        login: tuple[str, str] | None = None,
        security: Literal["none", "starttls", "tls"] = "none",
    ) -> None:
        self.directory = directory
        self.host = host
        self.port = free_port()
        self.login = login
        self.security = security
        self.refuse: dict[str, tuple[int, str]] = {}
        self.delay = 0.0
        self.thinking = 0
        self.keeps_first = self.hangs_up = False
        self._mails: list[ReceivedMail] = []
        self._arrival = threading.Condition()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._decides: asyncio.Event
        self._sessions: weakref.WeakSet[SMTP] = weakref.WeakSet()

    @property
    def mails(self) -> list[ReceivedMail]:
        """What has been accepted until now, in this order."""
        with self._arrival:
            return list(self._mails)

    def wait_for(self, count: int, timeout: float = 10.0) -> list[ReceivedMail]:
        """The mails as soon as there are ``count`` or more; TimeoutError after ``timeout`` seconds."""
        with self._arrival:
            if not self._arrival.wait_for(lambda: len(self._mails) >= count, timeout):
                raise TimeoutError(f"{len(self._mails)} of {count} mails came within {timeout:g} s")
            return list(self._mails)

    def decide(self) -> None:
        """Answer now to those whose mails it's thinking about; it thinks about later ones as before."""
        async def wake() -> None:
            self._decides.set()
            self._decides = asyncio.Event()

        self._call(wake())

    async def think(self) -> None:
        """Wait for ``delay`` seconds, or until it decides."""
        self.thinking += 1
        try:
            async with asyncio.timeout(self.delay):
                await self._decides.wait()
        except TimeoutError:  # it has thought for long enough
            pass
        finally:
            self.thinking -= 1

    def clear(self) -> None:
        """Forget the mails received until now."""
        with self._arrival:
            self._mails.clear()

    @cached_property
    def certificate(self) -> Path:
        """A PEM file with our self-signed certificate."""
        return make_certificate(self.directory)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate)
        return context

    def start(self) -> None:
        """Listen; returns when clients may connect."""
        if self._loop is not None:
            return
        self._loop = asyncio.new_event_loop()
        self._decides = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever, name="SMTP server", daemon=True)
        self._thread.start()
        self._listener = self._call(self._listen())

    def stop(self) -> None:
        """Go away: connections break, and mails in the middle of being received are lost."""
        if self._loop is None:
            return
        self._call(self._break_off())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._loop = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _call(self, work: Coroutine[Any, Any, Result]) -> Result:
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(ANSWER_TIMEOUT)

    async def _listen(self) -> asyncio.Server:
        return await asyncio.get_running_loop().create_server(
            self._new_session, self.host, self.port, ssl=self._tls if self.security == "tls" else None)

    async def _break_off(self) -> None:
        self._listener.close()
        for session in self._sessions:
            transport = session.transport
            if isinstance(transport, asyncio.WriteTransport) and not transport.is_closing():
                transport.abort()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._listener.wait_closed()

    def _new_session(self) -> SMTP:
        starttls = self.security == "starttls"
        session = SMTP(
            _Handler(self),
            hostname="localhost",
            enable_SMTPUTF8=True,
            tls_context=self._tls if starttls else None,
            require_starttls=starttls,
            authenticator=self._authenticate,
            # Advertise AUTH with or without TLS when there's a login, else not at all.
            auth_require_tls=self.login is None,
            loop=self._loop,
        )
        self._sessions.add(session)
        return session

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: object,
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        right = self.login == (given.login.decode(), given.password.decode())
        return AuthResult(success=right, handled=False)

    def keep(self, mail: ReceivedMail) -> None:
        """Add a mail to those received."""
        with self._arrival:
            self._mails.append(mail)
            self._arrival.notify_all()


class _Handler:
    """Decides about each SMTP command; aiosmtpd finds these methods by their names."""

    def __init__(self, server: SmtpServer) -> None:
        self.server = server

    async def handle_MAIL(
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str],
    ) -> str:
        if self.server.login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Sender accepted"

    async def handle_RCPT(
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str],
    ) -> str:
        if address in self.server.refuse:
            code, text = self.server.refuse[address]
            return f"{code} {text}"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient accepted"

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:
        kept = self.server.keeps_first
        if kept:
            self._keep(envelope)
        await self.server.think()
        if self.server.hangs_up and isinstance(smtp.transport, asyncio.WriteTransport):
            smtp.transport.abort()
        elif not kept:
            self._keep(envelope)
        return "250 2.0.0 Mail accepted"

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.original_content or b""
        self.server.keep(
            ReceivedMail(envelope.mail_from or "", tuple(envelope.rcpt_tos), content, time.time()))
