"""The web app, the live feed and their proxy beside an installation that a benchmark measures."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import jinja2
import yaml

from tests.servers.nginx import Nginx
from tests.servers.oidc_mock import MockOidcProvider
from tests.servers.ports import free_port
from tests.servers.proxy import without_tls
from tests.servers.waiting import wait_until
from tests.system.installation import Installation
from tests.system.process_supervisor import Program

ROOT: Final = Path(__file__).resolve().parents[1]
DEPLOY: Final = ROOT / "deploy" / "ansible"
#: Who the site is, for whom nobody needs a resolver.
HOST: Final = "127.0.0.1"
#: Seconds within which processes answer, on a machine that has other things to do.
STARTED_WITHIN: Final = 60.0


class Website:
    """Two web processes and a live feed behind nginx as the playbooks have it, but without TLS."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        self._provider = MockOidcProvider(directory / "provider")
        self._ports = [free_port(), free_port()]
        self._feed_port = free_port()
        self._proxy = Nginx.serving(directory / "nginx", self._proxy_settings)

    @property
    def base_url(self) -> str:
        """Where it's reached."""
        return self._proxy.url

    @property
    def settings(self) -> Mapping[str, object]:
        """What an installation has to know of it."""
        return {
            "fmn.web.base_url": self.base_url,
            "fmn.delivery.channels": "email sse",
            "fmn.sse.listen": f"{HOST}:{self._feed_port}",
            "fmn.oidc.issuer": self._provider.issuer,
            "fmn.oidc.client_id": "benchmark",
            "fmn.oidc.client_secret": "of the benchmark",
            "fmn.oidc.nick_claim": "sub",
        }

    def _proxy_settings(self, port: int) -> str:
        """The playbooks' template, filled in with their defaults."""
        defaults: dict[str, Any] = yaml.safe_load(
            (DEPLOY / "group_vars" / "all.yml").read_text(encoding="utf-8"))
        given = defaults | {
            "groups": {"fmn_web": ["here"], "fmn_sse": ["here"]},
            "hostvars": {"here": {"fmn_address": HOST}},
            "ansible_facts": {"distribution": "Debian", "distribution_major_version": "12"},
            "ansible_managed": "", "fmn_domain": HOST, "fmn_channels": ["email", "sse"],
            "fmn_web_ports": self._ports, "fmn_sse_port": self._feed_port, "fmn_tls_self_signed": True}
        template = DEPLOY / "roles" / "nginx" / "templates" / "fmn.conf.j2"
        # It's a configuration, and no markup.
        environment = jinja2.Environment(trim_blocks=True, autoescape=False)  # noqa: S701
        written = environment.from_string(template.read_text(encoding="utf-8")).render(given)
        return without_tls(written, HOST, port)

    @contextmanager
    def running(self, installation: Installation) -> Iterator[None]:
        """Serve the installation's people."""
        with ExitStack() as running:
            running.enter_context(self._provider)
            installation.start("sse")
            config = self._web_settings(installation)
            for port in self._ports:
                name = f"web-{port}"
                installation.supervisor.add(Program(
                    name, [str(Path(sys.executable).with_name("pserve")), str(config), f"port={port}"],
                    dict(os.environ), installation.directory / f"{name}.log"))
            running.enter_context(self._proxy)
            for port in (*self._ports, self._feed_port):
                wait_until(partial(_answers, port), STARTED_WITHIN, f"nobody answers at {port}")
            yield

    def _web_settings(self, installation: Installation) -> Path:
        """The installation's settings, and the server's of production.ini."""
        sample = ConfigParser(interpolation=None)
        sample.read(ROOT / "production.ini", encoding="utf-8")
        server = dict(sample["server:main"]) | {"listen": f"{HOST}:%(port)s"}
        ours = (installation.directory / "fmn.ini").read_text(encoding="utf-8")
        path = installation.directory / "web.ini"
        path.write_text("\n".join([
            ours.replace("[app:main]", "[app:main]\nuse = egg:fmn", 1), "[server:main]",
            *(f"{name} = {value}" for name, value in server.items()), ""]), encoding="utf-8")
        return path

    def browser(self, nick: str, address: str) -> httpx.Client:
        """A browser of somebody who has signed in, at an address of this machine: 127.x.x.x."""
        browser = httpx.Client(
            base_url=self.base_url, timeout=STARTED_WITHIN, follow_redirects=True,
            transport=httpx.HTTPTransport(local_address=address))
        at_provider = browser.get("/sign-in/begin")
        browser.post(at_provider.url, data={"sub": nick}).raise_for_status()
        if not re.search(rf'href="[^"]*/account"[^>]*>(?:(?!</a>).)*>{nick}<', browser.get("/help").text):
            raise RuntimeError(f"{nick} isn't signed in")
        return browser


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://{HOST}:{port}/healthz").is_success
    except httpx.TransportError:
        return False
