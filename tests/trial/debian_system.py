"""A fresh Debian with systemd, in a folder, that Ansible reaches by SSH as it does any host."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.servers.ports import free_port
from tests.servers.processes import Process
from tests.servers.waiting import wait_until

#: What a Debian has that administrators reach; all else is for the playbooks.
PACKAGES: Final = (
    "systemd,systemd-sysv,dbus,python3,python3-apt,ca-certificates,iproute2,procps,openssh-server")
#: What has to do with a machine, or would do something of its own while we look.
UNWANTED: Final = (
    "systemd-networkd.service", "systemd-udevd.service", "systemd-sysctl.service",
    "systemd-modules-load.service", "apt-daily.timer", "apt-daily-upgrade.timer", "getty.target")
#: Seconds that booting takes at most.
BOOT_TIMEOUT: Final = 60


class System:
    """The system in ``folder``; it runs within :meth:`running`."""

    def __init__(self, folder: Path, suite: str) -> None:
        self.folder, self.suite, self.port = folder / suite, suite, free_port()
        self.key = folder / "key"

    def make(self) -> None:
        """Fetch what it consists of, and let in whoever has the key."""
        subprocess.run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", self.suite, self.folder],
                       check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key], check=True)
        self._write("root/.ssh/authorized_keys", self.key.with_suffix(".pub").read_text())
        self._write("etc/ssh/sshd_config.d/trial.conf", f"ListenAddress 127.0.0.1\nPort {self.port}\n")
        self._write("etc/hostname", f"{self.suite}\n")
        self._write("etc/hosts", f"127.0.0.1 localhost {self.suite}\n")
        # It reaches what this machine reaches, and trusts whom this one trusts.
        for name in ("etc/resolv.conf", "etc/ssl/certs/ca-certificates.crt"):
            self._write(name, Path("/", name).read_text())
        self._write("etc/pip.conf", "[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n")
        # debootstrap keeps packages from starting anything with it.
        (self.folder / "usr/sbin/policy-rc.d").unlink(missing_ok=True)
        for name in UNWANTED:
            (self.folder / "etc/systemd/system" / name).symlink_to("/dev/null")

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(text)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Have it booted."""
        process = Process(
            [Path(__file__).with_name("boot.sh"), self.folder], log=self.folder.with_suffix(".log"))
        try:
            wait_until(self._answers, BOOT_TIMEOUT, "the system doesn't boot")
            yield
        finally:
            process.kill()

    def _answers(self) -> bool:
        return self.ssh("true").returncode == 0

    def ssh(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command there."""
        return subprocess.run(
            ["ssh", "-q", "-i", self.key, "-p", str(self.port), *self.ssh_options, "root@127.0.0.1", command],
            check=False, capture_output=True, text=True)

    @property
    def ssh_options(self) -> list[str]:
        """Nobody else is at that port of ours."""
        return ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]


def can_boot() -> str:
    """Why no system can be booted here, or ``""``."""
    if os.geteuid() != 0:
        return "only root can boot a system"
    with tempfile.TemporaryDirectory() as folder:
        tried = subprocess.run(["unshare", "--mount", "--pid", "--fork", "mount", "-t", "tmpfs", "x", folder],
                               check=False, capture_output=True, text=True)
    return tried.stderr.strip()
