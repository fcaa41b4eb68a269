"""Servers that other hosts reach, a site that faults happen to one after the other, and the table.

A run is long with ``FAULTS=long``, as in ``make test-faults``. Else it has the faults marked ``short``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import Servers, started
from tests.faults.loaded_installation import Machinery, Site
from tests.faults.network import Network, NoNetworkError
from tests.faults.results_table import Table
from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.redis import RedisServer
from tests.system.conftest import bus, chance, empty, shared_servers, tell  # noqa: F401 - fixtures

LONG = os.environ.get("FAULTS") == "long"
#: Seconds for one fault and, if it's the first, for all that has to be started before.
LONGEST = 600
#: Where the table of the last run is.
WRITTEN_TO = Path("build") / "faults.rst"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "short: a fault that the short run has, too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    folder = f"{Path(__file__).parent}{os.sep}"
    ours = [item for item in items if os.fspath(item.path).startswith(folder)]
    left_out = [] if LONG else [item for item in ours if item.get_closest_marker("short") is None]
    config.hook.pytest_deselected(items=left_out)
    without = set(left_out)
    items[:] = [item for item in items if item not in without]
    for item in ours:
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(LONGEST))


@pytest.fixture(scope="session")
def table(pytestconfig: pytest.Config) -> Iterator[Table]:
    """The table of this run, which is shown and written at its end."""
    made = Table()
    yield made
    made.write(pytestconfig.rootpath / WRITTEN_TO)


@pytest.fixture(autouse=True)
def shown(table: Table, tell: Callable[[str], None]) -> Iterator[None]:  # noqa: F811 - the fixture
    """Shows the rows of each fault at the end of the run."""
    before = len(table.rows)
    yield
    for row in table.rows[before:]:
        tell(row.text())


@pytest.fixture(scope="package")
def network() -> Iterator[Network | None]:
    """Hosts for processes; ``None`` where there can't be any, but for this machine."""
    wire = Network()
    try:
        wire.open()
    except NoNetworkError:
        yield None
        return
    yield wire
    wire.close()


@pytest.fixture(scope="package")
def servers(server_directory: Path, network: Network | None) -> Iterator[Servers]:
    """Servers of the faults alone, which are reached from hosts, too; they end with the last fault."""
    address = network.address if network else None
    directory = server_directory / "faults"
    directory.mkdir(mode=0o755)
    session = Servers(
        rabbitmq=RabbitMQ(directory / "rabbitmq", also_on=address),
        redis_server=RedisServer(directory / "redis", also_on=address),
        postgresql=PostgreSQL(directory / "postgresql", also_on=address),
    )
    try:
        session.launch({"rabbitmq", "redis_server", "postgresql"})
        yield session
    finally:
        session.stop()


@pytest.fixture(scope="package")
def rabbitmq(servers: Servers) -> RabbitMQ:
    return started(servers.rabbitmq)


@pytest.fixture(scope="package")
def redis_server(servers: Servers) -> RedisServer:
    return started(servers.redis_server)


@pytest.fixture(scope="package")
def postgresql(servers: Servers) -> PostgreSQL:
    return started(servers.postgresql)


class Sites:
    """The site that all faults happen to; after one that it didn't stand there's another one."""

    def __init__(self, directories: pytest.TempPathFactory, table: Table) -> None:
        self._directories, self._table = directories, table
        self._running = ExitStack()
        self._site: Site | None = None

    def site(self, machinery: Callable[[], Machinery]) -> Site:
        """One that is sound."""
        if self._site is None or self._site.broken:
            self.close()
            made = machinery()
            empty(made.rabbitmq, made.redis)
            site = Site(self._directories.mktemp("site"), made, self._table.rows.append)
            self._running.enter_context(site.running())
            self._site = site
        return self._site

    def close(self) -> None:
        """Stop it."""
        self._running.close()
        self._site = None


@pytest.fixture(scope="package")
def sites(
    servers: Servers, tmp_path_factory: pytest.TempPathFactory, table: Table,
) -> Iterator[Sites]:
    made = Sites(tmp_path_factory, table)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def alone(sites: Sites) -> None:
    """No site is running, whose processes would take tasks from the same queues, and say who owns what."""
    sites.close()


@pytest.fixture
def site(
    sites: Sites, postgresql: PostgreSQL, rabbitmq: RabbitMQ, redis_server: RedisServer,
    network: Network | None,
) -> Site:
    """Two of everything, running, with nothing left to do."""
    return sites.site(lambda: Machinery(
        postgresql, rabbitmq, redis_server, network, postgresql.create_database()))


@pytest.fixture
def wire(network: Network | None) -> Network:
    """The network. Skips where there's none."""
    if network is None:
        pytest.skip("needs root, iproute2 and nftables, for hosts whose network can be cut")
    return network


@pytest.fixture
def another_site(
    sites: Sites, tmp_path_factory: pytest.TempPathFactory, table: Table,
) -> Iterator[Callable[..., Site]]:
    """Makes a site for a fault that needs servers of its own; the one of the others is stopped."""
    sites.close()
    with ExitStack() as running:
        def open_site(machinery: Machinery, spool: Path | None = None) -> Site:
            empty(machinery.rabbitmq, machinery.redis)
            made = Site(tmp_path_factory.mktemp("site"), machinery, table.rows.append, spool)
            running.enter_context(made.running())
            return made

        yield open_site
