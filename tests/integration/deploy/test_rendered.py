"""What the playbooks write onto a host is what FMN, systemd and nginx understand."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import pytest

from fmn.cli.task_processes import SHUTDOWN_TIMEOUT
from fmn.delivery.irc.settings import IrcSettings
from fmn.settings import Settings, load_settings
from tests.integration.deploy.conftest import AWKWARD, EARLIER, FURTHER, SECRETS

#: Ansible renders for a minute where many others want the processor.
pytestmark = pytest.mark.timeout(400)

#: Of 10, by systemd's own measure; 10 is a process that may do everything.
MAX_EXPOSED: Final = 1.5
PROCESSES: Final = ("consumer", "worker", "backend", "scheduler", "web", "sse")


#: Beside the processes, those who run `fmn`: administrators and mail servers.
KINDS: Final = ("administrator", *PROCESSES, "bounce")


def environment(rendered: Path, kind: str, *further: Path) -> dict[str, str]:
    """The variables in a kind's file of secrets and in further ones, read as a shell does."""
    words = [word for path in (rendered / f"secrets/{kind}.env", *further)
             for word in shlex.split(path.read_text(encoding="utf-8"), comments=True)]
    return dict(word.split("=", 1) for word in words)


def settings_of(rendered: Path, kind: str) -> Settings:
    """The settings of a kind of process there."""
    return load_settings(rendered / "fmn.ini", environment(rendered, kind))


@pytest.fixture
def settings(rendered: Path) -> Settings:
    """The settings as an administrator has them."""
    return settings_of(rendered, "administrator")


def test_settings_are_those_of_the_inventory(settings: Settings) -> None:
    assert settings.bus.endpoints == ("tcp://hub.example.org:9940",)
    assert settings.web.base_url == "https://notifications.example.org"
    assert settings.delivery.channels == ("email", "irc", "sse")
    assert settings.web.administrators == ("mary",)
    assert settings.log.format == "json"
    assert settings.spool.directory == Path("/var/lib/fmn/spool")
    assert settings.catalog.directory == Path("/etc/fmn/event-types")


def test_secrets_arrive_as_they_were_given(settings: Settings) -> None:
    # Given passwords that mean something to URLs and shells
    for url, name in ((settings.database.url, "database"), (settings.broker.url, "broker"),
                      (settings.cache.url, "cache")):
        assert unquote(urlsplit(url).password or "") == f"{name}_password-{AWKWARD}"
    assert settings.web.secret == f"web_secret-{AWKWARD}"
    assert settings.web.previous_secrets == tuple(EARLIER)
    assert settings.oidc.client_secret == FURTHER["oidc.client_secret"]


def test_each_kind_of_process_logs_in_as_itself_and_as_nobody_else(rendered: Path) -> None:
    logins = {kind: urlsplit(settings_of(rendered, kind).database.url) for kind in KINDS}

    assert {kind: login.username for kind, login in logins.items()} == {
        "administrator": "fmn", **{kind: f"fmn_{kind}" for kind in KINDS if kind != "administrator"}}
    # And nobody's password tells another's
    passwords = [unquote(login.password or "") for login in logins.values()]
    assert len(set(passwords)) == len(KINDS)
    assert [one for one in passwords for other in passwords if one != other and one in other] == []


#: Who has what, of what not everybody has.
@pytest.mark.parametrize(("variable", "kinds"), [
    ("FMN_WEB_SECRET", {"backend", "web", "sse", "bounce"}),
    ("FMN_WEB_PREVIOUS_SECRETS", {"backend", "web", "sse", "bounce"}),
    ("FMN_OIDC_CLIENT_SECRET", {"web"}),
    ("FMN_EMAIL_PASSWORD", {"backend"}),
    ("FMN_IRC_SASL_PASSWORD", {"backend"}),
    ("FMN_DIRECTORY_FASJSON_TOKEN", {"worker", "backend", "web"}),
    ("FMN_BROKER_URL", {"consumer", "worker", "backend", "scheduler", "web"}),
    ("FMN_FEDORA_MESSAGING_PASSWORD", {"consumer"}),
    ("FMN_CACHE_URL", {"worker", "backend", "scheduler", "web", "sse"}),
    ("FMN_EGRESS_ALLOWED_NETWORKS", {*KINDS}),
])
def test_a_kind_of_process_has_the_secrets_that_it_needs_alone(
    rendered: Path, variable: str, kinds: set[str],
) -> None:
    assert {kind for kind in KINDS if variable in environment(rendered, kind)} == kinds | {"administrator"}


def test_a_name_without_its_password_is_no_mistake_of_those_who_need_neither(rendered: Path) -> None:
    # Given a name for IRC in the settings, whose password only backends have
    for kind in KINDS:
        given = {"FMN_IRC_SASL_USERNAME": "fmn", **environment(rendered, kind)}
        irc = IrcSettings.of(load_settings(rendered / "fmn.ini", given))
        assert bool(irc.sasl_username) is bool(irc.sasl_password) is (kind in {"administrator", "backend"})


def test_each_unit_reads_the_secrets_of_its_kind(rendered: Path) -> None:
    for kind in PROCESSES:
        unit = (rendered / f"units/fmn-{kind}@.service").read_text(encoding="utf-8")
        assert re.findall(r"/etc/secrets/(\w+)\.env$", unit, re.MULTILINE) == [kind]


def test_secrets_are_in_no_other_file(rendered: Path) -> None:
    others = [path for path in rendered.rglob("*") if path.is_file() and path.parent.name != "secrets"]

    assert len(others) > len(PROCESSES)
    for path in others:
        text = path.read_text(encoding="utf-8")
        assert not [secret for secret in (*SECRETS.values(), *EARLIER, *FURTHER.values())
                    if secret in unquote(text)], path


def test_the_web_app_believes_only_the_proxy_that_is_there(rendered: Path) -> None:
    ini = (rendered / "fmn.ini").read_text(encoding="utf-8")

    if rendered.name.startswith("one-host"):
        assert "listen = 127.0.0.1:%(port)s\n" in ini
        assert "trusted_proxy = 127.0.0.1\n" in ini
        assert "fmn.sse.trusted_proxies = 127.0.0.1\n" in ini
    else:
        assert "listen = 10.0.0.21:%(port)s\n" in ini
        assert "trusted_proxy = 10.0.0.10\n" in ini
        assert "fmn.sse.trusted_proxies = 10.0.0.10\n" in ini


def test_the_proxy_knows_every_process_and_holds_no_event_back(rendered: Path) -> None:
    proxy = (rendered / "fmn.conf").read_text(encoding="utf-8")

    addresses = ("127.0.0.1",) if rendered.name.startswith("one-host") else ("10.0.0.21", "10.0.0.22")
    for address in addresses:
        for port in (6541, 6542, 6544):
            assert f"server {address}:{port} " in proxy
    stream = proxy.partition("location /user/ {")[2]
    assert "proxy_buffering off;" in stream.partition("}")[0]


def test_each_process_is_watched_at_an_address_of_its_own(rendered: Path) -> None:
    files = {path.stem: path for path in (rendered / "processes").iterdir()}

    addresses = {}
    for process, path in files.items():
        given = environment(rendered, process.removeprefix("fmn-").partition("@")[0], path)
        addresses[process] = load_settings(rendered / "fmn.ini", given).metrics.listen
        # And the unit of each reads it there
        unit = rendered / f"units/{process.partition('@')[0]}@.service"
        assert "/current/etc/processes/%p@%i.env\n" in unit.read_text(encoding="utf-8")
    host, consumers = ("127.0.0.1", {1, 2}) if rendered.name.startswith("one-host") else ("10.0.0.21", {1})
    assert addresses == {
        "fmn-worker@1": f"{host}:9411", "fmn-worker@2": f"{host}:9412",
        "fmn-backend@email": f"{host}:9421", "fmn-backend@irc": f"{host}:9422",
        "fmn-backend@sse": f"{host}:9423", "fmn-scheduler@1": f"{host}:9431", "fmn-sse@6544": f"{host}:9441",
        "fmn-web@6541": f"{host}:9451", "fmn-web@6542": f"{host}:9452",
        **{f"fmn-consumer@{number}": f"{host}:940{number}" for number in consumers}}


def test_prometheus_is_told_of_them(rendered: Path) -> None:
    targets = json.loads((rendered / "prometheus/fmn-targets.json").read_text(encoding="utf-8"))

    address = "127.0.0.1" if rendered.name.startswith("one-host") else "10.0.0.21"
    kinds = {target: group["labels"]["process"] for group in targets for target in group["targets"]}
    assert kinds[f"{address}:9411"] == kinds[f"{address}:9412"] == "worker"
    assert set(kinds.values()) == set(PROCESSES)
    assert "alert: FmnProcessDown" in (rendered / "prometheus/fmn-alerts.yml").read_text(encoding="utf-8")


def test_what_is_for_the_hosts_alone_is_not_in_front(rendered: Path) -> None:
    proxy = (rendered / "fmn.conf").read_text(encoding="utf-8")

    assert not re.search(r":94\d\d\b", proxy)


@pytest.fixture
def units(rendered: Path) -> list[Path]:
    """The units, with the programs that they start."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd isn't installed: run `make test`, which installs it on Debian")
    for program in ("fmn", "pserve"):
        executable = rendered / "opt/current/bin" / program
        executable.parent.mkdir(parents=True, exist_ok=True)
        executable.write_text("#!/bin/sh\n")
        executable.chmod(0o755)
    return [rendered / f"units/fmn-{process}@.service" for process in PROCESSES]


def test_systemd_understands_the_units(units: list[Path]) -> None:
    result = subprocess.run(["systemd-analyze", "verify", "--man=no", *units],
                            check=False, capture_output=True, text=True)

    # What this machine's other units lack is no matter of ours.
    assert [line for line in result.stderr.splitlines() if "fmn" in line] == []


def test_processes_may_do_little_more_than_their_work(units: list[Path]) -> None:
    for unit in units:
        result = subprocess.run(["systemd-analyze", "security", "--offline=true", "--json=short", unit],
                                check=True, capture_output=True, text=True)
        exposed = sum(float(row["exposure"] or 0) for row in json.loads(result.stdout))
        assert exposed < MAX_EXPOSED * 10, unit


def test_running_tasks_have_their_time_when_a_process_is_stopped(units: list[Path]) -> None:
    for unit in units:
        text = unit.read_text(encoding="utf-8")
        seconds = int(text.partition("TimeoutStopSec=")[2].split()[0])
        assert seconds * 1000 > int(SHUTDOWN_TIMEOUT)
        assert "KillMode=mixed\n" in text
