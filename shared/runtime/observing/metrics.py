"""Prometheus metrics of one process. docs/operations.md explains every name."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

GAUGES = {
    "ready": "1 when the journal is reachable",
    "unpublished_commits": "Commits that Kafka has not acknowledged",
    "oldest_unpublished_seconds": "Age of the oldest of them",
    "parked_records": "Records that are kept and not applied",
    "stuck_records": "Those among them that wait for somebody",
    "oldest_parked_seconds": "Age of the oldest of them",
    "fork_records": "Those whose place in their stream is taken",
    "oldest_gap_seconds": "Age of the oldest that waits for an event before it",
    "consumer_lag": "Records between the consumer and the end of its topics",
    "consumer_standing_seconds": "Since when records wait and no offset has moved, by the broker's own books",
    "failing_batch_seconds": "For how long a batch has been failing",
    "kafka_unreachable_seconds": "For how long no broker has answered",
    "histories_differ": "Differences between database and topics that close the gate",
    "oplog_age_seconds": "Age of the oldest entry of the oplog of MongoDB",
    "clock_off_seconds": "By how much the clocks of this machine and of MongoDB differ",
    "open_points": "What follows by itself and was refused, until the office settles it",
    "disk_used_percent": "Of the disk where the data lie",
    "ambiguous_mails": "Mails that were sent once more because no answer came",
    "waiting_mails": "Mails that are not over",
    "oldest_waiting_mail_seconds": "Age of the oldest of them",
    "mail_pause_seconds": "For how long the mail server has taken nothing",
}


class Counters:
    """A registry for each process object, so that a test can hold two."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        self._events = self._counter("delivered_events", "Events by what became of them", "outcome")
        self._refused = self._counter("reactions_refused", "Reactions that a rule refused", "reaction")
        self._commands = self._counter("commands", "Commands by outcome", "command", "outcome")
        self._mails = self._counter("mails", "What became of mails", "outcome", "reason")
        self._reports = self._counter("reports", "Reports on mails in the office's mailbox, by their fate", "fate")
        self._requests = self._counter("refused_requests", "Requests without the right to what they asked", "rule")
        self._gauges = {
            name: Gauge(name, text, ["service"], namespace="kpk", registry=self.registry)
            for name, text in GAUGES.items()
        }
        self._alarms = Gauge("alarm", "1 while above its limit", ["service", "alarm"], "kpk", registry=self.registry)
        self._service = service

    def delivered(self, applied: int, dropped: int, parked: int) -> None:
        for outcome, number in (("applied", applied), ("dropped", dropped), ("parked", parked)):
            self._events.labels(self._service, outcome).inc(number)

    def refused(self, reaction: str) -> None:
        self._refused.labels(self._service, reaction).inc()

    def command(self, name: str, outcome: str) -> None:
        self._commands.labels(self._service, name, outcome).inc()

    def request_refused(self, rule: str) -> None:
        self._requests.labels(self._service, rule).inc()

    def mail(self, outcome: str, reason: str) -> None:
        self._mails.labels(self._service, outcome, reason).inc()

    def report(self, fate: str) -> None:
        self._reports.labels(self._service, fate).inc()

    def alarm(self, name: str, raised: bool) -> None:
        self._alarms.labels(self._service, name).set(raised)

    def show(self, values: dict[str, float]) -> None:
        for name, value in values.items():
            self._gauges[name].labels(self._service).set(value)

    def text(self) -> bytes:
        return generate_latest(self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, ["service", *labels], namespace="kpk", registry=self.registry)
