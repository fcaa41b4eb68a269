"""From nothing to a mail: the playbooks on a fresh system, as an administrator runs them.

`make trial` runs it: it takes a while, fetches packages, and wants ports of PostgreSQL, RabbitMQ and Redis.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest
import zmq
from zmq.devices import ThreadProxy

from fmn.demo.certificates import certificates_in
from fmn.infra.database_roles import PRIVILEGES
from tests.servers.ports import free_port
from tests.servers.smtp import SmtpServer
from tests.servers.waiting import wait_until
from tests.trial.debian_system import System, can_boot

PROJECT: Final = Path(__file__).parents[2]
PLAYBOOKS: Final = PROJECT / "deploy" / "ansible"
#: No name that examples have: the playbooks refuse those.
DOMAIN: Final = "notifications.fmn.test"
SPONSORED: Final = {"agent": "mary", "user": "sam", "group": "packager"}
#: Seconds until a mail is there: two of them wait for listeners.
MAIL_TIMEOUT: Final = 60


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def system(request: pytest.FixtureRequest) -> Iterator[System]:
    """A fresh Debian, running."""
    if (reason := can_boot()) or not shutil.which("debootstrap"):
        pytest.skip(reason or "debootstrap isn't installed: `make trial` installs it on Debian")
    with tempfile.TemporaryDirectory(prefix="fmn-trial-") as folder:
        system = System(Path(folder), request.param)
        system.make()
        with system.running():
            yield system


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmtpServer]:
    """Where FMN's mails go."""
    with SmtpServer(tmp_path_factory.mktemp("mail")) as server:
        yield server


@dataclass(frozen=True)
class Gateway:
    """A bus as sites have it: publishers send to one address, and whoever listens does so at another."""

    publishers: str
    listeners: str


@pytest.fixture(scope="module")
def gateway() -> Gateway:
    """One that ends with the tests."""
    gateway = Gateway(*(f"tcp://127.0.0.1:{free_port()}" for _ in range(2)))
    proxy = ThreadProxy(zmq.XSUB, zmq.XPUB)  # type: ignore[no-untyped-call]  # as pyzmq has it
    proxy.bind_in(gateway.publishers)
    proxy.bind_out(gateway.listeners)
    proxy.start()
    return gateway


class Site:
    """An inventory for one host, as an administrator writes it."""

    def __init__(self, folder: Path, system: System, mail: SmtpServer, gateway: Gateway) -> None:
        self.folder, self.system = folder, system
        self.https = free_port()
        files = certificates_in(folder / "files")
        directory = folder / "files" / "directory.json"
        directory.write_text(json.dumps({
            "owners": {}, "groups": {"packager": ["sam"]}, "addresses": {"sam": "sam@example.org"}}))
        shutil.copy(PLAYBOOKS / "inventories/one-host/hosts.yml", folder)
        self.settings = {
            "bus.endpoints": [gateway.listeners], "bus.ca_file": "/etc/fmn/ca.crt",
            "publish.endpoint": gateway.publishers, "publish.mode": "connect",
            "publish.certificate_file": "/etc/fmn/signer.crt", "publish.key_file": "/etc/fmn/signer.key",
            "publish.settle_seconds": 2,
            "directory.ownership": "file", "directory.accounts": "file",
            "directory.file": "/etc/fmn/directory.json",
            "autocreate.events": ["fas_group_member_sponsor"], "autocreate.groups": ["packager"],
            "autocreate.contexts": ["email"], "autocreate.switched_on": True,
            "email.host": mail.host, "email.port": mail.port, "email.sender": f"fmn@{DOMAIN}",
            "email.list_id": DOMAIN,
        }
        self._write({
            "ansible_host": "127.0.0.1", "ansible_port": system.port, "ansible_user": "root",
            "ansible_ssh_private_key_file": str(system.key),
            "ansible_ssh_common_args": shlex.join(system.ssh_options),
            "fmn_domain": DOMAIN, "fmn_wheel": str(wheel_in(folder)),
            "fmn_http_port": free_port(), "fmn_https_port": self.https, "fmn_tls_self_signed": True,
            "fmn_channels": ["email", "sse"],
            "fmn_files": {"ca.crt": str(files.authority), "signer.crt": str(files.certificate),
                          "signer.key": str(files.key), "directory.json": str(directory)},
            "fmn_settings": self.settings,
            **{f"fmn_{name}": f"{name}-s/e@c:r%e#t"
               for name in ("database_password", "broker_password", "cache_password", "web_secret")},
        })

    def _write(self, choices: dict[str, object]) -> None:
        path = self.folder / "group_vars" / "site" / "main.yml"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(choices))

    def play(self, playbook: str, *options: str) -> str:
        """Run a playbook; its recap: ``ok=… changed=…``."""
        result = self.try_to_play(playbook, *options)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout.rpartition("PLAY RECAP")[2]

    def try_to_play(self, playbook: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Run a playbook, which may end otherwise."""
        return subprocess.run(
            [Path(sys.executable).with_name("ansible-playbook"), "--inventory", self.folder / "hosts.yml",
             playbook, *options], cwd=PLAYBOOKS, env={**os.environ, "ANSIBLE_NOCOLOR": "1"}, check=False,
            capture_output=True, text=True)


def wheel_in(folder: Path) -> Path:
    """FMN's wheel, as `make dist` builds it."""
    subprocess.run([sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist", PROJECT],
                   check=True, capture_output=True)
    [wheel] = (folder / "dist").glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory, system: System, mail: SmtpServer, gateway: Gateway,
) -> Site:
    """A site that the playbooks have made, from nothing."""
    site = Site(tmp_path_factory.mktemp("site"), system, mail, gateway)
    site.play("site.yml", "--check")
    site.play("site.yml")
    return site


def test_a_second_run_changes_nothing(site: Site) -> None:
    assert re.search(r"changed=0\b", site.play("site.yml"))


def test_a_signed_message_on_the_bus_arrives_as_one_mail(site: Site, mail: SmtpServer) -> None:
    # When somebody is said to have joined, with the command that administrators have there
    published = site.system.ssh(
        f"fmn publish fas.group.member.sponsor {shlex.quote(json.dumps(SPONSORED))}")
    assert published.returncode == 0, published.stderr

    # Then they're told, once, although two consumers heard it
    [received] = wait_until(lambda: mail.mails, MAIL_TIMEOUT, "no mail")
    assert received.rcpt_tos == ("sam@example.org",)
    assert received.message["Subject"] == "mary made sam a member of the group packager"


def test_people_reach_it_over_https(site: Site) -> None:
    with httpx.Client(verify=False, headers={"Host": f"{DOMAIN}:{site.https}"}) as browser:  # noqa: S501 - self-signed
        address = f"https://127.0.0.1:{site.https}"
        assert browser.get(f"{address}/readyz").text == "ready\n"
        assert "</html>" in browser.get(f"{address}/").text
        # And the live feed is there, for those who may read it
        assert browser.get(f"{address}/user/sam").status_code == httpx.codes.UNAUTHORIZED


def test_processes_are_confined(site: Site) -> None:
    shown = site.system.ssh("systemctl list-units --plain --no-legend --state=running 'fmn-*@*'").stdout

    units = [line.split()[0] for line in shown.splitlines()]
    assert {unit.partition("@")[0] for unit in units} == {
        f"fmn-{process}" for process in ("consumer", "worker", "backend", "scheduler", "web", "sse")}
    for unit in units:
        exposed = site.system.ssh(f"systemd-analyze security --no-pager {unit}").stdout.splitlines()[-1]
        assert float(exposed.partition(": ")[2].split()[0]) < 2, exposed


LOGINS: Final = """
SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = 'fmn' AND usename != 'postgres'
"""


def test_a_process_logs_in_as_itself_and_reads_no_others_secrets(site: Site) -> None:
    def logged_in() -> set[str]:
        asked = f"runuser -u postgres -- psql -At --dbname=fmn --command={shlex.quote(LOGINS)}"
        return set(site.system.ssh(asked).stdout.split())

    wait_until(lambda: {"fmn_worker", "fmn_scheduler"} <= logged_in(), MAIL_TIMEOUT, "nobody logs in")

    assert logged_in() <= {f"fmn_{kind}" for kind in PRIVILEGES}
    for secrets in ("/opt/fmn/current/etc/secrets/web.env",
                    "/proc/$(systemctl show --property=MainPID --value fmn-web@6541)/environ"):
        read = site.system.ssh(f"runuser -u fmn -- cat {secrets}")
        assert (read.stdout, "Permission denied" in read.stderr) == ("", True)


def test_another_version_comes_and_goes_while_all_of_it_works(site: Site) -> None:
    release = "readlink /opt/fmn/current"
    first = site.system.ssh(release).stdout

    site.play("upgrade.yml", "--extra-vars", "fmn_version=0.1.1")
    second = site.system.ssh(release).stdout
    site.play("rollback.yml")

    assert "/0.1.1-" in second
    assert site.system.ssh(release).stdout == first
    assert site.system.ssh("ls /var/backups/fmn").stdout.endswith(".dump\n")


def test_all_of_it_is_well_by_its_own_account(site: Site) -> None:
    for question in ("config check", "db check", "status"):
        answer = site.system.ssh(f"fmn {question}")
        assert answer.returncode == 0, answer.stdout + answer.stderr
    assert site.system.ssh("stat --format=%U:%a /var/lib/fmn/spool").stdout == "fmn:700\n"


def test_settings_that_cannot_be_used_change_nothing_that_runs(site: Site) -> None:
    before = site.system.ssh("cat /etc/fmn/fmn.ini").stdout

    for key, value, sentence in (
        ("bus.batch_messages", "many", "fmn.bus.batch_messages"),
        ("email.port", free_port(), "See fmn.email.host, port"),
    ):
        result = site.try_to_play(
            "fmn.yml", "--extra-vars", json.dumps({"fmn_settings": {**site.settings, key: value}}))

        assert result.returncode != 0
        assert sentence in result.stdout.rpartition("TASK [")[2]
        assert site.system.ssh("cat /etc/fmn/fmn.ini").stdout == before


def test_a_process_that_does_not_start_stops_all_of_it_and_says_why(site: Site, mail: SmtpServer) -> None:
    # Given that consumers are to be watched where somebody else is
    ports = {"consumer": mail.port, "worker": 9411, "backend": {"email": 9421, "sse": 9423},
             "scheduler": 9431, "sse": 9441, "web": 9451}

    result = site.try_to_play(
        "fmn.yml", "--extra-vars", json.dumps({"fmn_metrics_ports": ports, "fmn_ready_seconds": 3}))

    told = result.stdout.rpartition("TASK [")[2]
    assert result.returncode != 0
    assert "fmn-consumer@1 doesn't work" in told
    assert "fmn.metrics.listen" in told
    # Then the other one listens on
    assert site.system.ssh("systemctl is-active fmn-consumer@2").stdout == "active\n"
