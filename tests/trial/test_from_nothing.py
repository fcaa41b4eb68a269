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
from pathlib import Path
from typing import Final

import httpx
import pytest

from fmn.demo.certificates import certificates_in
from tests.servers.ports import free_port
from tests.servers.smtp import SmtpServer
from tests.servers.waiting import wait_until
from tests.trial.system import System, can_boot

PROJECT: Final = Path(__file__).parents[2]
PLAYBOOKS: Final = PROJECT / "deploy" / "ansible"
DOMAIN: Final = "notifications.example.org"
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


class Site:
    """An inventory for one host, as an administrator writes it."""

    def __init__(self, folder: Path, system: System, mail: SmtpServer) -> None:
        self.folder, self.system = folder, system
        self.bus, self.https = f"tcp://127.0.0.1:{free_port()}", free_port()
        files = certificates_in(folder / "files")
        directory = folder / "files" / "directory.json"
        directory.write_text(json.dumps({
            "owners": {}, "groups": {"packager": ["sam"]}, "addresses": {"sam": "sam@example.org"}}))
        shutil.copy(PLAYBOOKS / "inventories/one-host/hosts.yml", folder)
        self._write({
            "ansible_host": "127.0.0.1", "ansible_port": system.port, "ansible_user": "root",
            "ansible_ssh_private_key_file": str(system.key),
            "ansible_ssh_common_args": shlex.join(system.ssh_options),
            "fmn_domain": DOMAIN, "fmn_wheel": str(wheel_in(folder)),
            "fmn_http_port": free_port(), "fmn_https_port": self.https, "fmn_tls_self_signed": True,
            "fmn_channels": ["email", "sse"],
            "fmn_files": {"ca.crt": str(files.authority), "signer.crt": str(files.certificate),
                          "signer.key": str(files.key), "directory.json": str(directory)},
            "fmn_settings": {
                "bus.endpoints": [self.bus], "bus.ca_file": "/etc/fmn/ca.crt",
                "publish.endpoint": self.bus, "publish.certificate_file": "/etc/fmn/signer.crt",
                "publish.key_file": "/etc/fmn/signer.key", "publish.settle_seconds": 2,
                "directory.ownership": "file", "directory.accounts": "file",
                "directory.file": "/etc/fmn/directory.json",
                "autocreate.events": ["fas_group_member_sponsor"], "autocreate.groups": ["packager"],
                "autocreate.contexts": ["email"], "autocreate.switched_on": True,
                "email.host": mail.host, "email.port": mail.port, "email.sender": f"fmn@{DOMAIN}",
            },
            **{f"fmn_{name}": f"{name}-s/e@c:r%e#t"
               for name in ("database_password", "broker_password", "cache_password", "web_secret")},
        })

    def _write(self, choices: dict[str, object]) -> None:
        path = self.folder / "group_vars" / "site" / "main.yml"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(choices))

    def play(self, playbook: str, *options: str) -> str:
        """Run a playbook; its recap: ``ok=… changed=…``."""
        result = subprocess.run(
            [Path(sys.executable).with_name("ansible-playbook"), "--inventory", self.folder / "hosts.yml",
             playbook, *options], cwd=PLAYBOOKS, env={**os.environ, "ANSIBLE_NOCOLOR": "1"}, check=False,
            capture_output=True, text=True)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout.rpartition("PLAY RECAP")[2]


def wheel_in(folder: Path) -> Path:
    """FMN's wheel, as `make dist` builds it."""
    subprocess.run([sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist", PROJECT],
                   check=True, capture_output=True)
    [wheel] = (folder / "dist").glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, system: System, mail: SmtpServer) -> Site:
    """A site that the playbooks have made, from nothing."""
    site = Site(tmp_path_factory.mktemp("site"), system, mail)
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
