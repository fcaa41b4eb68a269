"""The test servers are what other tests stand on, so each keeps its promises to a real client."""

from __future__ import annotations

import os
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import pika
import psycopg2
import pytest
import redis
from sqlalchemy import create_engine, text

from tests.concurrency import at_once
from tests.servers import ports
from tests.servers.ports import free_port
from tests.servers.postgresql import PostgreSQL
from tests.servers.processes import ServerError
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.redis import RedisServer
from tests.servers.smtp import SmtpServer
from tests.servers.waiting import wait_until


class TestPostgreSQL:
    def test_gives_each_test_a_database_of_its_own(self, postgresql: PostgreSQL) -> None:
        # Given two databases, and a table in the first
        first, second = postgresql.create_database(), postgresql.create_database()
        execute(first, "CREATE TABLE people (name text)")

        # Then the second knows nothing of it, and both can be dropped
        with pytest.raises(psycopg2.errors.UndefinedTable):
            execute(second, "SELECT * FROM people")
        postgresql.drop_database(first)
        postgresql.drop_database(second)
        with pytest.raises(psycopg2.OperationalError, match="does not exist"):
            execute(first, "SELECT 1")

    def test_drops_a_database_that_someone_is_connected_to(self, postgresql: PostgreSQL) -> None:
        url = postgresql.create_database()
        with closing(connect(url)):
            postgresql.drop_database(url)

    @pytest.mark.parametrize("end", ["stop", "kill"])
    def test_has_its_data_again_after_it_was_away(
        self, postgresql: PostgreSQL, postgresql_url: str, end: str,
    ) -> None:
        # Given a row, and a client that stays connected
        execute(postgresql_url, "CREATE TABLE people (name text)")
        execute(postgresql_url, "INSERT INTO people VALUES ('Alice')")
        with closing(connect(postgresql_url)) as bystander:
            # When the server goes away
            getattr(postgresql, end)()
            try:
                # Then neither the old client nor a new one is served
                with pytest.raises(psycopg2.OperationalError), bystander.cursor() as cursor:
                    cursor.execute("SELECT 1")
                with pytest.raises(psycopg2.OperationalError, match="Connection refused"):
                    connect(postgresql_url)
            finally:
                postgresql.start()
        # And when it's back, so is the row
        assert execute(postgresql_url, "SELECT name FROM people") == [("Alice",)]

    def test_says_who_cannot_reach_its_directory(self, tmp_path: Path) -> None:
        if os.geteuid() != 0:
            pytest.skip("only root runs PostgreSQL as another user")
        tmp_path.chmod(0o700)
        with pytest.raises(ServerError, match="the user postgres can't reach"):
            PostgreSQL(tmp_path / "postgresql").start()

    def test_runs_side_by_side(self, postgresql: PostgreSQL, server_directory: Path) -> None:
        with PostgreSQL(server_directory / "another postgresql") as another:
            assert another.create_database() != postgresql.create_database()

    def test_says_why_it_cannot_start(self, server_directory: Path) -> None:
        with PostgreSQL(server_directory / "broken postgresql") as server:
            server.stop()
            (server.directory / "data" / "postgresql.conf").write_text("nonsense")

            with pytest.raises(ServerError, match="syntax error in file"):
                server.start()

    @pytest.mark.dialects
    def test_serves_sqlalchemy_and_sqlite_the_same(self, database_url: str) -> None:
        engine = create_engine(database_url)
        with engine.begin() as connection:
            assert connection.execute(text("SELECT 1")).scalar_one() == 1
        engine.dispose()


class TestRabbitMQ:
    @pytest.fixture
    def queue(self, rabbitmq: RabbitMQ) -> Iterator[str]:
        """A durable queue that holds one persistent message."""
        with closing(channel_to(rabbitmq)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            channel.queue_declare("wishes", durable=True, arguments={"x-single-active-consumer": True})
            channel.basic_publish("", "wishes", b"a pony", pika.BasicProperties(delivery_mode=2))
        yield "wishes"
        with closing(channel_to(rabbitmq)) as connection:
            connection.channel().queue_delete("wishes")

    def test_tells_what_is_in_its_queues(self, rabbitmq: RabbitMQ, queue: str) -> None:
        found = rabbitmq.list_queues()[queue]

        assert (found.messages, found.consumers) == (1, 0)
        assert found.arguments["x-single-active-consumer"] is True

    def test_has_its_messages_again_after_a_restart(self, rabbitmq: RabbitMQ, queue: str) -> None:
        rabbitmq.restart()

        assert take(rabbitmq, queue) == b"a pony"

    def test_has_its_messages_again_after_a_crash_but_not_after_a_wipe(
        self, rabbitmq: RabbitMQ, queue: str,
    ) -> None:
        # Given a queue that is more than a moment old
        rabbitmq.write_down()
        # When it crashes
        rabbitmq.kill()
        try:
            with pytest.raises(pika.exceptions.AMQPConnectionError):
                channel_to(rabbitmq)
        finally:
            rabbitmq.start()
        # Then the queue is as it was
        assert rabbitmq.list_queues()[queue].messages == 1

        # But when it's wiped, it never was there
        rabbitmq.wipe()
        assert rabbitmq.list_queues() == {}

    def test_says_what_its_control_program_refuses(self, rabbitmq: RabbitMQ) -> None:
        with pytest.raises(ServerError, match="frobnicate"):
            rabbitmq.ctl("frobnicate")

    def test_says_what_it_cannot_evaluate(self, rabbitmq: RabbitMQ) -> None:
        for wrong in ("frob:nicate()", "[", "{a, tuple}"):
            with pytest.raises(ServerError, match="doesn't evaluate"):
                rabbitmq.evaluate(wrong)

    def test_evaluates_for_several_at_once(self, rabbitmq: RabbitMQ) -> None:
        assert at_once(20, lambda number: rabbitmq.evaluate(f"{number} + 1")) == [*range(1, 21)]


class TestRedis:
    def test_forgets_everything_when_it_restarts(self, redis_server: RedisServer) -> None:
        with redis.Redis.from_url(redis_server.url) as client:
            client.set("owner of nethack", "Alice")
            assert client.get("owner of nethack") == b"Alice"

            redis_server.restart()

            assert client.get("owner of nethack") is None

    def test_is_away_while_it_is_stopped(self, redis_server: RedisServer) -> None:
        redis_server.kill()
        try:
            with redis.Redis.from_url(redis_server.url) as client, pytest.raises(redis.ConnectionError):
                client.ping()
        finally:
            redis_server.start()

    def test_runs_side_by_side(self, redis_server: RedisServer, server_directory: Path) -> None:
        with RedisServer(server_directory / "another redis") as another:
            assert another.port != redis_server.port


class TestSmtp:
    def test_keeps_the_mails_it_accepts(self, smtp_server: SmtpServer) -> None:
        with smtplib.SMTP(smtp_server.host, smtp_server.port) as client:
            client.send_message(mail("Grüße", to="alice@example.org"))

        [received] = smtp_server.wait_for(1)
        assert received.mail_from == "fmn@example.org"
        assert received.rcpt_tos == ("alice@example.org",)
        assert received.message["Subject"] == "Grüße"
        assert received.message.get_content() == "Hello.\n"

    def test_takes_thousands_over_one_connection(self, smtp_server: SmtpServer) -> None:
        content = mail("Hello", to="alice@example.org").as_bytes()
        with smtplib.SMTP(smtp_server.host, smtp_server.port) as client:
            for _ in range(2000):
                client.sendmail("fmn@example.org", "alice@example.org", content)

        assert len(smtp_server.mails) == 2000
        smtp_server.clear()
        assert smtp_server.mails == []

    def test_refuses_single_recipients(self, smtp_server: SmtpServer) -> None:
        smtp_server.refuse["bob@example.org"] = (550, "5.1.1 No such mailbox")
        with smtplib.SMTP(smtp_server.host, smtp_server.port) as client:
            refused = client.send_message(
                mail("Hello"), to_addrs=["alice@example.org", "bob@example.org"])

        assert refused == {"bob@example.org": (550, b"5.1.1 No such mailbox")}
        assert smtp_server.mails[0].rcpt_tos == ("alice@example.org",)

    def test_breaks_connections_when_it_goes_away_and_comes_back_on_its_port(
        self, smtp_server: SmtpServer,
    ) -> None:
        # Given an open connection
        with smtplib.SMTP(smtp_server.host, smtp_server.port) as client:
            client.noop()
            # When the server goes away
            smtp_server.stop()
            # Then the connection is dead, and a new one is refused
            with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
                client.send_message(mail("Hello", to="alice@example.org"))
            with pytest.raises(ConnectionRefusedError):
                smtplib.SMTP(smtp_server.host, smtp_server.port)
        # And when it's back, mail arrives
        smtp_server.start()
        with smtplib.SMTP(smtp_server.host, smtp_server.port) as client:
            client.send_message(mail("Hello again", to="alice@example.org"))
        assert len(smtp_server.wait_for(1)) == 1

    def test_can_vanish_in_the_middle_of_a_mail(self, smtp_server: SmtpServer) -> None:
        # Given a server that thinks for long about each mail, and a client that waits for its answer
        smtp_server.delay = 60
        errors: list[Exception] = []

        def send() -> None:
            try:
                with smtplib.SMTP(smtp_server.host, smtp_server.port) as client:
                    client.send_message(mail("Hello", to="alice@example.org"))
            except smtplib.SMTPException as error:
                errors.append(error)

        sender = threading.Thread(target=send)
        sender.start()
        wait_until(lambda: smtp_server.thinking, 10, "the mail doesn't arrive")

        # When the server goes away, then the client is told, and the mail isn't kept
        smtp_server.stop()
        sender.join()
        assert len(errors) == 1
        assert smtp_server.mails == []

    def test_says_how_many_mails_are_missing(self, smtp_server: SmtpServer) -> None:
        with pytest.raises(TimeoutError, match="0 of 1 mails"):
            smtp_server.wait_for(1, timeout=0.01)

    @pytest.mark.parametrize("method", ["PLAIN", "LOGIN"])
    def test_can_insist_on_a_login(self, tmp_path: Path, method: str) -> None:
        hello = mail("Hello", to="alice@example.org")
        with SmtpServer(tmp_path, login=("fmn", "secret")) as server:
            with smtplib.SMTP(server.host, server.port) as client:
                with pytest.raises(smtplib.SMTPSenderRefused, match="Authentication required"):
                    client.send_message(hello)
                with pytest.raises(smtplib.SMTPAuthenticationError):
                    client.login("fmn", "wrong")
                client.user, client.password = "fmn", "secret"
                client.auth(method, getattr(client, f"auth_{method.lower()}"))
                client.send_message(hello)
            assert len(server.mails) == 1

    def test_can_insist_on_starttls(self, tmp_path: Path) -> None:
        hello = mail("Hello", to="alice@example.org")
        with SmtpServer(tmp_path, security="starttls", login=("fmn", "secret")) as server:
            with smtplib.SMTP(server.host, server.port) as client:
                with pytest.raises(smtplib.SMTPSenderRefused, match="STARTTLS"):
                    client.send_message(hello)
                client.starttls(context=ssl.create_default_context(cafile=server.certificate))
                client.login("fmn", "secret")
                client.send_message(hello)
            assert len(server.mails) == 1

    def test_can_speak_tls_from_the_start(self, tmp_path: Path) -> None:
        with SmtpServer(tmp_path, security="tls", login=("fmn", "secret")) as server:
            trust = ssl.create_default_context(cafile=server.certificate)
            with smtplib.SMTP_SSL(server.host, server.port, context=trust) as client:
                client.login("fmn", "secret")
                client.send_message(mail("Hello", to="alice@example.org"))
            with pytest.raises(ssl.SSLCertVerificationError):
                smtplib.SMTP_SSL(server.host, server.port, context=ssl.create_default_context())
            assert len(server.mails) == 1


def test_ports_are_given_once() -> None:
    assert len({free_port() for _ in range(100)}) == 100


def test_a_port_that_is_in_use_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    used, free = free_port(), free_port()
    monkeypatch.setattr(ports, "own_candidates", lambda: [used, free])
    monkeypatch.setattr(ports, "_given", set())
    with socket.create_server(("127.0.0.1", used)):
        assert free_port() == free
        with pytest.raises(RuntimeError, match="is free"):
            free_port()


def test_processes_that_share_the_tests_are_given_different_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", "3")
    shares = []
    for worker in ("gw0", "gw1", "gw2"):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", worker)
        shares.append(set(ports.own_candidates()))

    assert set.union(*shares) == set(ports.CANDIDATES)
    assert sum(map(len, shares)) == len(ports.CANDIDATES)


def test_waiting_ends_with_what_was_waited_for_or_says_what_was_not() -> None:
    assert wait_until(iter([0, "", "found"]).__next__, 1, "nothing there") == "found"
    with pytest.raises(TimeoutError, match="nothing there"):
        wait_until(lambda: False, 0.01, "nothing there")


def test_servers_end_even_when_the_tests_are_killed(server_directory: Path) -> None:
    # Given a test session, run by a process of its own, that has started a server from a thread
    script = """\
import sys, threading, time
from pathlib import Path
from tests.servers.postgresql import PostgreSQL

server = PostgreSQL(Path(sys.argv[1]))
starter = threading.Thread(target=server.start)
starter.start()
starter.join()
print(server.port, flush=True)
time.sleep(600)
"""
    directory = server_directory / "orphan"
    with subprocess.Popen([sys.executable, "-c", script, directory], stdout=subprocess.PIPE) as session:
        assert session.stdout is not None
        port = int(session.stdout.readline())
        socket.create_connection(("127.0.0.1", port)).close()

        # When the session is killed, then the server ends, too
        session.send_signal(signal.SIGKILL)
    wait_until(lambda: not (directory / "data/postmaster.pid").exists(), 10, "the server lives on")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def execute(url: str, statement: str) -> list[tuple[object, ...]]:
    """The rows that a statement returns, if any."""
    with closing(connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def connect(url: str) -> psycopg2.extensions.connection:
    return psycopg2.connect(url.replace("+psycopg2", ""))


def channel_to(server: RabbitMQ) -> pika.BlockingConnection:
    return pika.BlockingConnection(pika.URLParameters(server.url))


def take(server: RabbitMQ, queue: str) -> bytes:
    with closing(channel_to(server)) as connection:
        _, _, body = connection.channel().basic_get(queue, auto_ack=True)
        assert isinstance(body, bytes)
        return body


def mail(subject: str, *, to: str = "") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "fmn@example.org"
    message["To"] = to
    message["Subject"] = subject
    message.set_content("Hello.")
    return message
