"""Ansible, with which the infrastructure team sets servers up: playbooks run."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.events import Application, EventType, sample
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.catalog.urls import page
from fmn.text import bullets, capital, labelled, pluralize

CGIT = "http://infrastructure.fedoraproject.org/cgit/ansible.git/tree"

#: Where playbooks are that are checked in; others are somebody's own.
CHECKED_IN = "/srv/web/infra/ansible/"


class Playbook(EventType):
    """Something happened to a run of a playbook."""

    def agent(self, m: MessageReader) -> str | None:
        return person(m, "userid") or None

    def link(self, m: MessageReader) -> str:
        before, root, path = m.text("playbook").partition(CHECKED_IN)
        return page(CGIT, path) if root and not before and path else ""

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        path = m.text("playbook")
        name = path.partition("/playbooks/")[2] or path.rpartition("/")[2]
        return {
            **super().template_values(m),
            "playbook": f"the playbook {name}" if name else "a playbook",
            "checking": " to see what it would change" if m.flag("check") else "",
        }


class PlaybookStart(Playbook):
    """Somebody started a playbook."""

    topics = ("ansible.playbook.start",)
    rule = "playbook_started"
    title = "Playbook started"
    summary_template = "{who} started {playbook}{checking}"
    example = sample(
        userid="mary", playbook="/srv/web/infra/ansible/playbooks/groups/greenhouse.yml", check=False,
        extra_vars={}, inventory="/srv/web/infra/ansible/inventory/", playbook_checksum=False)

    def long(self, m: MessageReader) -> str:
        return labelled(Playbook=m.text("playbook"), Inventory=m.text("inventory"))


class PlaybookComplete(Playbook):
    """A playbook was run to its end."""

    topics = ("ansible.playbook.complete",)
    rule = "playbook_complete"
    title = "Playbook complete"
    summary_template = "{playbook} that {who} started is complete{hosts}{failed}"
    example = sample(
        userid="mary", playbook="/srv/web/infra/ansible/playbooks/groups/greenhouse.yml",
        results={
            "moss01.example.org": {"ok": 56, "changed": 1, "failures": 0, "skipped": 9, "unreachable": 0},
            "moss02.example.org": {"ok": 12, "changed": 0, "failures": 1, "skipped": 2, "unreachable": 0},
        })

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        words = super().template_values(m)
        hosts = m.keys("results")
        failed = sum(_trouble(m.at("results", host)) for host in hosts)
        return {
            **words,
            "who": self.agent(m) or "somebody",
            "playbook": capital(words["playbook"]),
            "hosts": f" on {pluralize(len(hosts), 'host')}" if hosts else "",
            "failed": f", and failed on {failed}" if failed else "",
        }

    def long(self, m: MessageReader) -> str:
        return bullets(f"{host}: {_told(m.at('results', host))}" for host in m.keys("results"))


def _trouble(result: JsonNode) -> bool:
    return bool(result.number("failures") or result.number("unreachable"))


def _told(result: JsonNode) -> str:
    kinds = result.keys()
    return ", ".join(f"{result.text(kind)} {kind}" for kind in kinds if result.number(kind))


APPLICATION = Application(
    category="ansible",
    title="Ansible",
    help="Playbooks that the infrastructure team runs.",
    catchall="all_ansible",
    icon="https://apps.fedoraproject.org/img/icons/ansible.png",
    other=Playbook,
    events=(PlaybookStart, PlaybookComplete),
)
