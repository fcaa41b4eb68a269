"""What all tests share: real servers, fresh databases, and how hypothesis searches.

A server starts when the first test asks for it, together with the others that selected tests ask
for; unit tests ask for none. All tests share it, so one that stops it starts it again, come what may.
"""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest

from fmn.infra.cache import open_cache
from tests import hypothesis_profiles
from tests.environment import reset_signals, set_environment
from tests.factories.engines import shared_compilation
from tests.factories.logging import log_plainly
from tests.factories.tls_contexts import shared_tls_contexts
from tests.scheduling import figures_in, first_alone, longest_first, make_scheduler
from tests.servers.certificates import TestAuthority
from tests.servers.irc import Anope, Services
from tests.servers.irc_network import REGISTERED, Network, new_network
from tests.servers.postgresql import PostgreSQL
from tests.servers.processes import ServerMissingError
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.redis import RedisServer
from tests.servers.server import Server
from tests.servers.smtp import SmtpServer

# Before any test module is imported, and in each process that runs tests.
set_environment()
log_plainly()

AServer = TypeVar("AServer", bound=Server)

#: What FMN speaks. A test whose SQL the two may understand differently is marked ``dialects``.
DIALECTS = ("sqlite", "postgresql")
#: Of the other tests.
USUAL_DIALECT = "postgresql"

#: Whether we run where everything must be installed: a skipped test would go unnoticed there.
IN_CI = bool(os.environ.get("CI"))

hypothesis_profiles.load(in_ci=IN_CI)


@dataclass(frozen=True)
class Servers:
    """The servers of this session; the fields are named as the fixtures."""

    rabbitmq: RabbitMQ
    redis_server: RedisServer
    postgresql: PostgreSQL

    def launch(self, wanted: set[str]) -> None:
        """Begin to start the named ones: RabbitMQ, the slowest, first."""
        for field in fields(self):
            if field.name in wanted:
                with contextlib.suppress(ServerMissingError):  # told to each test that asks for it
                    getattr(self, field.name).launch()

    def stop(self) -> None:
        for field in fields(self):
            getattr(self, field.name).stop()


@pytest.fixture(scope="session", autouse=True)
def usual_signals() -> None:
    """Programs that tests start find the default action of each signal.

    A fixture, so that pytest-xdist's controller keeps what a caller has ignored, and its workers inherit it.
    """
    reset_signals()


@pytest.fixture(scope="session", autouse=True)
def made_once() -> Iterator[None]:
    """What would be the same for each test is made once a process: compiled statements and TLS contexts."""
    with shared_compilation(), shared_tls_contexts():
        yield


@pytest.fixture(scope="session")
def server_directory() -> Iterator[Path]:
    """A folder for servers; unlike ``tmp_path`` it's open to the user that PostgreSQL runs as."""
    directory = Path(tempfile.mkdtemp(prefix="fmn-servers-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest, server_directory: Path) -> Iterator[Servers]:
    """This session's servers, of which those that a selected test names are starting.

    Where several processes share the tests nobody knows yet whether RabbitMQ is for this one.
    """
    authority = TestAuthority(server_directory / "authority")
    session = Servers(
        rabbitmq=RabbitMQ(server_directory / "rabbitmq", authority=authority),
        redis_server=RedisServer(server_directory / "redis"),
        postgresql=PostgreSQL(server_directory / "postgresql"),
    )
    try:
        named = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
        session.launch(named - {"rabbitmq"} if hasattr(request.config, "workerinput") else named)
        yield session
    finally:
        session.stop()


def started(server: AServer) -> AServer:
    """The server, ready. Skips where it isn't installed, and fails in CI, where it must be."""
    try:
        server.start()
    except ServerMissingError as error:
        if IN_CI:
            raise
        pytest.skip(str(error))
    return server


@pytest.fixture(scope="session")
def rabbitmq(servers: Servers) -> RabbitMQ:
    """A running RabbitMQ."""
    return started(servers.rabbitmq)


@pytest.fixture(scope="session")
def redis_server(servers: Servers) -> RedisServer:
    """A running Redis."""
    return started(servers.redis_server)


@pytest.fixture(scope="session")
def postgresql(servers: Servers) -> PostgreSQL:
    """A running PostgreSQL; tests rather want :func:`postgresql_url`."""
    return started(servers.postgresql)


@pytest.fixture
def postgresql_url(postgresql: PostgreSQL) -> Iterator[str]:
    """A fresh PostgreSQL database."""
    url = postgresql.create_database()
    yield url
    postgresql.drop_database(url)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Collect after the first of several processes has: it has compiled the tests for all of them."""
    with first_alone(Path(__file__)) if hasattr(session.config, "workerinput") else contextlib.nullcontext():
        return (yield)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put what takes longest first where several processes share the tests."""
    if hasattr(config, "workerinput"):
        items[:] = longest_first(items)


def pytest_collection_finish() -> None:
    """Let no search for garbage look through all tests and what they import: they stay to the end."""
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out a file, or a folder whose tests stay together, at a time."""
    return make_scheduler(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the figures that tests measured."""
    if figures := figures_in(terminalreporter.stats):
        terminalreporter.section("figures")
        terminalreporter.write("".join(f"{each}\n" for each in figures))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is marked ``dialects`` on each database, or those named, and all else on the usual one."""
    marker = metafunc.definition.get_closest_marker("dialects")
    if marker and "dialect" in metafunc.fixturenames:
        metafunc.parametrize("dialect", marker.args or DIALECTS, indirect=True)


@pytest.fixture
def dialect(request: pytest.FixtureRequest) -> str:
    """The dialect of SQL of the test's database."""
    return str(getattr(request, "param", USUAL_DIALECT))


@pytest.fixture
def database_url(request: pytest.FixtureRequest, dialect: str, tmp_path: Path) -> str:
    """A fresh database without tables. On both dialects for tests marked ``dialects``."""
    if dialect == "sqlite":
        return f"sqlite:///{tmp_path}/fmn.sqlite"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
def smtp_server(tmp_path: Path) -> Iterator[SmtpServer]:
    """A running mail server without login and encryption."""
    with SmtpServer(tmp_path) as server:
        yield server


@pytest.fixture(autouse=True)
def fresh_cache() -> Iterator[None]:
    """What one test's installation kept in memory is nothing to the next one's."""
    yield
    open_cache.cache_clear()


@pytest.fixture(scope="session")
def irc_registered(server_directory: Path) -> Callable[[type[Services]], Path]:
    """What services keep of :data:`~tests.servers.irc_network.REGISTERED`, of each kind."""
    @cache
    def registered(kind: type[Services]) -> Path:
        network = new_network(_folder_in(server_directory), kind, None)
        started(network.server)
        started(network.services)
        with network.running():
            for nick in REGISTERED:
                network.stranger(nick).register()
        return network.services.directory / kind.database

    return registered


@pytest.fixture
def irc_directory(server_directory: Path) -> Path:
    """A fresh folder for IRC servers, which run as a user of their own."""
    return _folder_in(server_directory)


def _folder_in(directory: Path) -> Path:
    folder = Path(tempfile.mkdtemp(dir=directory))
    folder.chmod(0o755)
    return folder


@pytest.fixture
def irc_network(
    irc_directory: Path, irc_registered: Callable[[type[Services]], Path],
) -> Iterator[Network]:
    """A running IRC network with Anope."""
    with new_network(irc_directory, Anope, irc_registered(Anope)).running() as network:
        yield network


@pytest.fixture(scope="session")
def shared() -> Path:
    """The project's shared folder, with recorded bus messages among other things."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("needs ../shared, which lies beside the project in CI but isn't part of it")
    return folder
