"""Nagios, which watches the hosts and services of the infrastructure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from fmn.catalog.events import Application, EventType, Outcome, Severity, sample
from fmn.catalog.identities import account_of
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import capital, labelled, quoted

STATUS = "https://admin.fedoraproject.org/nagios/cgi-bin/status.cgi"

#: Nagios's states of hosts and services as parts of a sentence.
STATES = {
    "UP": "up", "DOWN": "down", "UNREACHABLE": "unreachable",
    "OK": "fine", "WARNING": "in some trouble", "CRITICAL": "failing", "UNKNOWN": "in a state nobody knows",
}

#: The kinds of messages that aren't about a state, by Nagios's name.
SAYS = {
    "ACKNOWLEDGEMENT": "{who} acknowledged that {thing} is {state}{output}",
    "FLAPPINGSTART": "{thing} started to change its state too often{output}",
    "FLAPPINGSTOP": "{thing} stopped changing its state too often{output}",
    "DOWNTIMESTART": "A planned downtime of {thing} started",
    "DOWNTIMEEND": "A planned downtime of {thing} ended",
    "DOWNTIMECANCELLED": "A planned downtime of {thing} was cancelled",
}


class Nagios(EventType):
    """Anything from Nagios."""

    summary_template = "{thing} is {state}{output}"
    #: The kind of message it stands for, by Nagios's name.
    kind: ClassVar[str] = ""

    def matches(self, m: MessageReader) -> bool:
        return not self.kind or m.text("type") == self.kind

    def agent(self, m: MessageReader) -> str | None:
        return next(filter(None, self.usernames(m)), None)

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        """Who acknowledged a problem, by OpenID."""
        return [account_of(m, m.text(key)) for key in ("service_ack_author", "host_ack_author")]

    def link(self, m: MessageReader) -> str:
        return page(STATUS, navbarsearch="1", host=m.text("host"))

    def secondary_icon(self, m: MessageReader) -> str:
        return super().secondary_icon(m) or self.application.icon

    def thing(self, m: MessageReader) -> str:
        """What the message is about."""
        return m.text("host") or "a host"

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        output = quoted(m.text("output"))
        return {
            **super().template_values(m),
            "thing": self.thing(m),
            "state": STATES.get(m.text("state"), "in another state"),
            "output": f": {output}" if output else "",
        }

    def summary(self, m: MessageReader) -> str:
        sentence = SAYS.get(m.text("type"), self.summary_template).format_map(self.template_values(m))
        return capital(sentence) if sentence.startswith("a ") else sentence

    def long(self, m: MessageReader) -> str:
        return labelled(
            Host=m.text("host"),
            Service=m.text("service"),
            State=m.text("state"),
            Kind=m.text("type").lower(),
            Output=m.text("output"),
        )


class HostState(Nagios):
    """A host flaps, is in a planned downtime, or somebody acknowledged that it's down."""

    topics = ("nagios.host.state.change",)
    title = "Other host event"
    example = sample(
        host="proxy99.example.org", state="DOWN", type="ACKNOWLEDGEMENT",
        host_ack_author="http://mary.id.fedoraproject.org/", service_ack_author="",
        output="CRITICAL - Host Unreachable (192.0.2.7)",
    )

    def subject(self, m: MessageReader) -> Sequence[str]:
        return ("host", m.text("host"))


class HostProblem(HostState):
    """A host went down."""

    rule = "nagios_host_problem"
    title = "Host down"
    severity = Severity.ERROR
    count_noun = "unreachable host"
    example = sample(**{**HostState.example, "host_ack_author": "", "type": "PROBLEM"})
    kind = "PROBLEM"
    default_outcome = Outcome.FAILED
    group_summary_template = "Hosts had problems: {thing:hosts}"


class HostRecovery(HostState):
    """A host is up again."""

    rule = "nagios_host_recovery"
    title = "Host recovered"
    summary_template = "{thing} is {state} again{output}"
    group_summary_template = "Hosts recovered: {thing:hosts}"
    example = sample(**{
        **HostProblem.example, "state": "UP", "type": "RECOVERY", "output": "PING OK - Packet loss = 0%"})
    kind = "RECOVERY"
    default_outcome = Outcome.SUCCEEDED


class ServiceState(Nagios):
    """A service flaps, is in a planned downtime, or somebody acknowledged its problem."""

    topics = ("nagios.service.state.change",)
    title = "Other service event"
    example = sample(
        host="proxy99.example.org", host_ack_author="", service="http-moss", state="CRITICAL",
        service_ack_author="http://mary.id.fedoraproject.org/", type="ACKNOWLEDGEMENT",
        output="HTTP CRITICAL: HTTP/1.1 503 Service Unavailable",
    )

    def subject(self, m: MessageReader) -> Sequence[str]:
        return ("service", m.text("host"), m.text("service"))

    def thing(self, m: MessageReader) -> str:
        return f"{m.text('service') or 'a service'} on {super().thing(m)}"


class ServiceProblem(ServiceState):
    """A service has a problem."""

    rule = "nagios_service_problem"
    title = "Service problem"
    severity = Severity.ERROR
    count_noun = "failing service"
    example = sample(**{**ServiceState.example, "service_ack_author": "", "type": "PROBLEM"})
    kind = "PROBLEM"
    default_outcome = Outcome.FAILED
    group_summary_template = "Services had problems: {thing:services}"


class ServiceRecovery(ServiceState):
    """A service works again."""

    rule = "nagios_service_recovery"
    title = "Service recovered"
    summary_template = "{thing} is {state} again{output}"
    group_summary_template = "Services recovered: {thing:services}"
    example = sample(**{
        **ServiceProblem.example, "state": "OK", "type": "RECOVERY", "output": "HTTP OK: HTTP/1.1 200 OK"})
    kind = "RECOVERY"
    default_outcome = Outcome.SUCCEEDED


APPLICATION = Application(
    category="nagios",
    title="Nagios",
    help="Hosts and services of the infrastructure: problems and recoveries.",
    catchall="nagios_catchall",
    icon="https://apps.fedoraproject.org/img/icons/nagios-logo.png",
    other=Nagios,
    events=(HostProblem, HostRecovery, HostState, ServiceProblem, ServiceRecovery, ServiceState),
)
