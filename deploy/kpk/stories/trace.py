"""`kpk trace ID`: the story across the services, from the request to the accepted mail."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import nullcontext
from typing import Annotated

import typer

from deploy.embedded.data_folder import Refused
from deploy.embedded.tokens import ROLES
from deploy.kpk.calls import call
from deploy.kpk.installation import Installation, again, installation
from deploy.kpk.options import AsJson, somewhere
from deploy.kpk.stack import Data, say
from deploy.kpk.stories.mails import Mails, is_about_mail
from deploy.kpk.stories.names import NAMERS, Names, own_name
from deploy.kpk.stories.sentences import SHORT, Teller, fields_of
from deploy.kpk.stories.story import Found, Node, Sought, Told, as_json, pruned, tree_of
from deploy.kpk.stories.watch import envelope_of, service_of, told_of
from deploy.kpk.tables import console
from shared.contracts.envelope import Envelope
from shared.kernel.time import BERLIN
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.reader import KafkaUnreadable, read_to_end
from shared.runtime.kafka.record import KafkaRecord

Name = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="Id of an event, command, story, mail or person, or CALLER:KEY of a command: office:my-key."
    ),
]


def add_to(app: typer.Typer) -> None:
    app.command()(somewhere(trace))


def trace(
    name: Name,
    data: Data = None,
    every: Annotated[bool, typer.Option("--all", help="Every event of a mail, not one line for it.")] = False,
    for_programs: AsJson = False,
) -> None:
    """Show causes and effects across all services, as a tree with times."""
    where, sought = installation(data), Sought(name, ROLES.keys())
    try:
        with console.status("reading all topics") if console.is_terminal and not for_programs else nullcontext():
            roots, names = asyncio.run(story_of(where.kafka, sought))
    except KafkaUnreadable as error:
        raise Refused(f"{error}. See: kpk status{again(where)}") from None
    if not roots:
        how = f"say an id or its first {SHORT} characters, a stream, or CALLER:KEY"
        raise Refused(f"no event has to do with {name}: {how}")
    telling = Telling(where, Teller(where.language, names), every)
    if for_programs:
        typer.echo(json.dumps([as_json(root, telling.sentences(root)) for root in roots], indent=2, ensure_ascii=False))
        return
    for root in roots:
        telling.show(root)


async def story_of(kafka: KafkaAccess, sought: Sought) -> tuple[list[Node], Names]:
    """Reads until nothing more belongs to it, usually three times; keeps no other events."""
    names, found = Names(), Found()
    async for record, envelope in _events(kafka):
        if own_name(envelope.type) in NAMERS:
            names.learn(envelope, fields_of(record.value))
        if sought.names(envelope):
            found.take(envelope, found.named)
        elif sought.is_mentioned(record):
            found.take(envelope, found.mentioned)
    events: dict[str, Told] = {}
    size = -1
    while found.size > size:
        size = found.size
        async for record, envelope in _events(kafka):
            if found.has(envelope) and envelope.id not in events:
                events[envelope.id] = Told(envelope, record, record.timestamp / 1000)
                found.take(envelope)
    return pruned(tree_of(list(events.values())), found.named, found.mentioned), names


async def _events(kafka: KafkaAccess) -> AsyncIterator[tuple[KafkaRecord, Envelope]]:
    async for records in read_to_end(kafka, await told_of(kafka)):
        for record in records:
            if envelope := envelope_of(record):
                yield record, envelope


class Telling:
    def __init__(self, where: Installation, teller: Teller, every: bool) -> None:
        self._where, self._teller, self._every = where, teller, every

    def show(self, root: Node) -> None:
        say(f"{_time(root)}  {self._command(root)}")
        self._show_below(root, root.begins, "")

    def sentences(self, node: Node) -> dict[str, str]:
        own = {node.id: self._sentence(node.told)} if node.told else {}
        return own | {name: said for one in node.follows for name, said in self.sentences(one).items()}

    def _show_below(self, node: Node, begin: float, indent: str) -> None:
        for one in node.follows:
            is_last = one is node.follows[-1]
            end, line = self._line(one)
            say(f"{_time(end)}  {indent}{'└─ ' if is_last else '├─ '}{line}  (+{end.begins - begin:,.1f} s)")
            if end is one:
                self._show_below(one, begin, indent + ("   " if is_last else "│  "))

    def _line(self, node: Node) -> tuple[Node, str]:
        """A mail is shown by its last event, unless every event is requested."""
        assert node.told
        service = service_of(node.told.envelope)
        if self._every or not is_about_mail(node.told.envelope):
            return node, f"{service}: {self._sentence(node.told)}"
        mails, last, said = Mails(self._teller), node, None
        for one in _chain(node):
            assert one.told
            last, said = one, mails.fold(one.told.envelope, one.told.fields) or said
        return last, f"{service}: {said or self._sentence(last.told or node.told)}"

    def _sentence(self, told: Told) -> str:
        return self._teller.record(told.envelope.type, told.record, told.envelope.conference)

    def _command(self, root: Node) -> str:
        """Its name and its caller, if the deciding service answers."""
        first = next((one.told.envelope for one in root.follows if one.told), None)
        command = f"command {root.id[:SHORT]}"
        if first is None or is_about_mail(first):
            return command
        try:
            rows = call(self._where, service_of(first), "GET", f"/streams/{first.stream}", seconds=5.0).told["items"]
        except Refused:
            return command
        found = next((row for row in rows if row["id"] == first.id), None)
        return f"{command}: {found['command']} by {found['by']}" if found else command


def _chain(node: Node) -> list[Node]:
    return [node, *(deeper for one in node.follows for deeper in _chain(one))]


def _time(node: Node) -> str:
    told = node.told or next(one.told for one in node.follows)
    assert told
    return f"{told.envelope.time.astimezone(BERLIN):%d.%m.%Y %H:%M:%S}"
