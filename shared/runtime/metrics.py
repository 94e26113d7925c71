"""Prometheus metrics of one process: what admins watch. Every name is explained in docs/operations.md."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest


class Counters:
    """A registry of its own for each process object, so that tests can hold two."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        self._events = self._counter("delivered_events", "Events by what became of them", "outcome")
        self._refused = self._counter("reactions_refused", "Reactions that a rule refused", "reaction")
        self._commands = self._counter("commands", "Commands by outcome", "command", "outcome")
        self._gauges = {
            name: Gauge(name, text, ["service"], namespace="kpk", registry=self.registry)
            for name, text in (
                ("unpublished_commits", "Commits that Kafka has not acknowledged"),
                ("oldest_unpublished_seconds", "Age of the oldest of them"),
                ("parked_records", "Records that wait for somebody"),
                ("consumer_lag", "Records between the consumer and the end of its topics"),
                ("ready", "1 when the journal is reachable"),
            )
        }
        self._service = service

    def delivered(self, applied: int, dropped: int, parked: int) -> None:
        for outcome, number in (("applied", applied), ("dropped", dropped), ("parked", parked)):
            self._events.labels(self._service, outcome).inc(number)

    def refused(self, reaction: str) -> None:
        self._refused.labels(self._service, reaction).inc()

    def command(self, name: str, outcome: str) -> None:
        self._commands.labels(self._service, name, outcome).inc()

    def show(self, values: dict[str, float]) -> None:
        for name, value in values.items():
            self._gauges[name].labels(self._service).set(value)

    def text(self) -> bytes:
        return generate_latest(self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, ["service", *labels], namespace="kpk", registry=self.registry)
