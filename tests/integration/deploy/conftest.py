from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

PLAYBOOKS: Final = Path(__file__).parents[3] / "deploy" / "ansible"
#: Characters that mean something to a URL, an ini file, a shell or systemd. No quote and no backslash.
AWKWARD: Final = "sl/sh@s:per%cent#d$llar&"
SECRETS: Final[Mapping[str, str]] = {
    f"vault_fmn_{name}": f"{name}-{AWKWARD}"
    for name in ("database_password", "broker_password", "cache_password", "web_secret", "oidc_client_secret")
}
#: Settings that are secret besides. The last one is of a section that everybody needs.
FURTHER: Final = {
    **{name: f"{name}-secret" for name in (
        "oidc.client_secret", "email.password", "irc.sasl_username", "irc.sasl_password",
        "directory.fasjson_token", "fedora_messaging.password")},
    "egress.allowed_networks": "198.51.100.0/24"}
#: What signed before, the latest first.
EARLIER: Final = [f"earlier_{number}-{AWKWARD}" for number in (2, 1)]


@pytest.fixture(scope="session", params=["one-host", "several-hosts"])
def rendered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an example inventory's application host is given."""
    if os.geteuid() != 0:
        pytest.skip("only root writes files of root")
    output = tmp_path_factory.mktemp(request.param)
    (output / "units").mkdir()
    (output / "processes").mkdir()
    (output / "secrets").mkdir()
    host = {"one-host": "fmn.example.org", "several-hosts": "app1.example.org"}[request.param]
    given = {**SECRETS, "output": str(output), "fmn_channels": ["email", "irc", "sse"],
             "fmn_event_types": str(PLAYBOOKS.parents[1] / "docs" / "sources" / "event-types"),
             "fmn_web_previous_secrets": EARLIER, "fmn_secrets": FURTHER}
    # What lies beside an inventory's hosts is read with it; beside site.yml it is all the same.
    defaults = output / "defaults"
    defaults.mkdir()
    (defaults / "hosts.yml").write_text("site:\n")
    (defaults / "group_vars").symlink_to(PLAYBOOKS / "group_vars")
    result = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"),
         "--inventory", defaults, "--inventory", PLAYBOOKS / "inventories" / request.param,
         "--limit", host, "--extra-vars", json.dumps(given), Path(__file__).with_name("render.yml")],
        env={**os.environ, "ANSIBLE_CONFIG": str(PLAYBOOKS / "ansible.cfg"),
             "ANSIBLE_ROLES_PATH": str(PLAYBOOKS / "roles")},
        check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    files = output / "files.json"
    for path, text in json.loads(files.read_text("utf-8")).items():
        (output / path).write_text(text, "utf-8")
    files.unlink()
    return output
