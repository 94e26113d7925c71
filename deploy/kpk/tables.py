"""Output of `kpk`: plain tables, faults in red and in words, readable without colour."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.embedded.health import Health, ProcessHealth

console = Console(markup=False, emoji=False)
"""A name such as ``token:on:call`` or ``[red]`` stays as it is: nothing shown is read as markup."""

NO = Text("no", style="red")


def show_health(health: Health) -> None:
    console.print(process_table(health.processes))
    console.print(service_table(health.services))
    if health.subscribers:
        console.print(subscriber_table(health.subscribers))
    for trouble in health.troubles:
        console.print(f"! {trouble}", style="red")
    if not health.troubles:
        console.print("all well", style="green")


def process_table(processes: list[ProcessHealth]) -> Table:
    table = table_of("process", "pid", "port", "alive", "uptime", "memory")
    for each in processes:
        ports = ", ".join(str(port) for port in each.ports)
        alive = "yes" if each.alive else NO
        age, memory = duration(each.uptime_seconds), f"{each.resident_mb:.0f} MB"
        table.add_row(each.name, str(each.pid), ports, alive, age, memory)
    return table


def service_table(services: dict[str, dict[str, Any]]) -> Table:
    table = table_of("service", "ready", "unpublished", "oldest", "lag", "parked", "open points", "mails")
    for name, told in services.items():
        table.add_row(name, *service_row(told))
    return table


def subscriber_table(lag: dict[str, int]) -> Table:
    table = table_of("group of a subscriber", "lag")
    for group, records in lag.items():
        table.add_row(group, str(records))
    return table


def service_row(told: dict[str, Any]) -> list[str | Text]:
    if "error" in told:
        return [Text("no answer", style="red")]
    lag = sum(told.get("lag", {}).values())
    mails = ", ".join(f"{count} {state}" for state, count in told.get("mails", {}).items())
    return [
        "yes" if told.get("ready") else NO,
        str(told.get("unpublished", 0)),
        duration(told.get("oldest_unpublished_seconds", 0.0)),
        str(lag),
        str(told.get("parked", 0)),
        str(told.get("open_points", 0)),
        mails,
    ]


def table_of(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in titles:
        table.add_column(title, justify="left" if title in ("process", "service", "mails") else "right")
    return table


def show_texts(titles: Sequence[str], rows: Iterable[Iterable[str]]) -> None:
    """Nothing is cut: a text that is too long for its column continues in the next line."""
    table = table_of(*titles)
    for column in table.columns:
        column.justify, column.overflow = "left", "fold"
    for row in rows:
        table.add_row(*row)
    console.print(table)


def duration(seconds: float) -> str:
    if not seconds:
        return "-"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = int(seconds // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
