"""All services without a server: each command is decided, and all its effects are carried out.

The product's own parts do the work: executor, envelopes, folds, reactions, letters. Only the journals are lists.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module

import bson

from services.members.domain.person import RecordPerson
from services.notifications.domain.correspondence import Background, background_of
from services.notifications.domain.course import Course, letters_to
from services.notifications.domain.mail_state import Mail
from services.notifications.domain.office import contact_of_office, office_in
from services.notifications.letters.message import message
from services.notifications.letters.office import Office
from services.notifications.letters.paper import laid_out
from services.notifications.projections import (
    COURSES,
    MAILS,
    NAMES,
    course_in,
    course_of,
    queued_of,
    seat_group_of,
    seat_groups_of,
)
from shared.contracts.envelope import Envelope, read_headers
from shared.contracts.notifications import NotificationQueued
from shared.contracts.people import PersonDetails
from shared.contracts.registry import decode, encode
from shared.contracts.topics import SERVICES, events_of
from shared.declarations.projection import Document, Key
from shared.declarations.service import Service
from shared.kernel.decider import Command, Event
from shared.kernel.identifiers import PersonId, Uuid
from shared.kernel.rejections import Rejected
from shared.runtime.commands.commit import Commit, Hash, to_commit, to_document
from shared.runtime.commands.execute import Executor, Request
from shared.runtime.commands.journal import CommandRepeated, Journal
from shared.runtime.delivery.folding import Folder, fold

ALL: tuple[Service, ...] = tuple(import_module(f"services.{name}.service").SERVICE for name in SERVICES)
FOLDERS = {service.name: Folder(service.projections) for service in ALL}
LATEST = datetime(2199, 12, 31, tzinfo=UTC)


class ListedJournal(Journal):
    """Every commit is read back from the bytes that MongoDB would keep."""

    def __init__(self, listed: Iterable[Commit] = ()) -> None:
        self.listed = list(listed)
        self._by_first_event = {commit.events[0].id: commit for commit in self.listed}

    async def append(self, commit: Commit) -> Hash:
        if commit.events[0].id in self._by_first_event:
            raise CommandRepeated
        document = to_document(commit)
        del document["recorded"]  # the server's own
        kept: Document = bson.decode(bson.encode(document), bson.CodecOptions(tz_aware=True))
        self.listed.append(to_commit(kept))
        self._by_first_event[commit.events[0].id] = self.listed[-1]
        return str(document["hash"])

    async def in_parts(self, stream: str, after: int = 0) -> AsyncGenerator[list[Commit], None]:
        if found := [commit for commit in self.listed if commit.stream == stream and commit.first > after]:
            yield found

    async def by_first_event(self, event: Uuid) -> Commit | None:
        return self._by_first_event.get(event)


_WRITTEN: dict[str, tuple[bytes, bytes]] = {}
"""By all that they are made of: most mails are alike in many worlds."""


def _written(
    queued: NotificationQueued, to: PersonDetails, office: Office, background: Background
) -> tuple[bytes, bytes]:
    made_of = repr((queued, to, office, background))
    if made_of not in _WRITTEN:
        mail = message(queued, to, to.email or "x@example.org", office, background)
        paper = json.dumps(laid_out(queued, to, office, background))
        _WRITTEN[made_of] = mail, paper.encode()
    return _WRITTEN[made_of]


def _background(mail: Document, courses: Mapping[str, Course]) -> Background:
    """As if none of the mails before it had been tried."""
    queued = queued_of(mail)
    course = courses[course_of(mail["conference"], queued.person, queued.content)]
    letters = letters_to(course, queued.person, queued.content, queued.seat)
    mails = {one.mail: Mail() for one in letters}
    return background_of(queued.mail, queued.person, course, letters, mails)


class World:
    """``like``: everything that was decided there has been decided here too, and nobody there hears of this one."""

    def __init__(self, like: World | None = None) -> None:
        self._contacts: dict[PersonId, PersonDetails] = {**like._contacts} if like else {}
        self.documents: dict[str, dict[Key, Document]] = {
            one.name: {**like.documents[one.name]} if like else {} for one in ALL
        }
        self.journals: dict[str, ListedJournal] = {
            one.name: ListedJournal(like.journals[one.name].listed if like else ()) for one in ALL
        }
        self.executors = {one.name: Executor(self.journals[one.name], one.decided_by, lambda: None) for one in ALL}
        self._given: int = like._given if like else 0

    async def give(self, service: Service, command: Command) -> Sequence[Event]:
        """Raises ``Rejected``. What follows by itself may be refused: that is its outcome."""
        self._given += 1
        answer = await self.executors[service.name].execute(command, Request(f"test:{self._given}"))
        if isinstance(command, RecordPerson):  # as they come back from the topic of people
            self._contacts[command.person] = PersonDetails.model_validate_json(command.details.model_dump_json())
        journal = self.journals[service.name]
        told = [commit for commit in journal.listed if commit.command.id == f"test:{self._given}"]
        events = [one.event() for one in answer.events]
        for commit in told:
            for envelope, recorded in zip(commit.envelopes(service.name), commit.events, strict=True):
                await self._publish(service, envelope, recorded.type, recorded.data)
        return events

    async def announce(self) -> None:
        """Whatever has a deadline, at the end of all days."""
        for service in ALL:
            for deadline in service.deadlines:
                for document in self._of(service.name, deadline.projection.name):
                    if document["due"]:
                        await self._follow(service, deadline.command(document, LATEST))

    def letters(self) -> Iterator[bytes]:
        """Every mail that is queued, as it goes over the wire, and on paper."""
        names = self._of("notifications", NAMES.name)
        called = {document["_id"]: document["name"] for document in names}
        courses = {document["_id"]: course_in(document) for document in self._of("notifications", COURSES.name)}
        for mail in self._of("notifications", MAILS.name):
            if to := self._contact(mail):
                office = Office(
                    conference=called.get(mail["conference"]) or mail["conference"],
                    email="office@example.org",
                    domain=f"{mail['conference']}.example.org",
                    group=called.get(seat_group_of(mail) or ""),
                    groups={key.rpartition("/")[2]: called[key] for key in seat_groups_of(mail)},
                )
                yield from _written(queued_of(mail), to, office, _background(mail, courses))

    def _contact(self, mail: Document) -> PersonDetails | None:
        if mail["person"] == office_in(mail["conference"]):
            return contact_of_office("office@example.org")
        return self._contacts.get(mail["person"])

    def mails(self) -> list[str]:
        return [document["mail"] for document in self._of("notifications", MAILS.name)]

    async def _publish(self, owner: Service, envelope: Envelope, kind: str, data: str) -> None:
        assert read_headers(envelope.headers()) == envelope
        event = decode(kind, data)
        assert encode(event) == data
        for service in ALL:
            if events_of(owner.name) in service.hears:
                self._fold(service, event, envelope)
                for one in service.reactions:
                    if type(event) in one.events:
                        for command in one.react(event, envelope):
                            await self._follow(service, command)

    async def _follow(self, service: Service, command: Command) -> None:
        with suppress(Rejected):
            await self.give(service, command)

    def _fold(self, service: Service, event: Event, envelope: Envelope) -> None:
        documents, folder = self.documents[service.name], FOLDERS[service.name]
        for key in fold(documents, event, envelope, folder.touched(event, envelope)):
            document = documents[key]
            assert bson.decode(bson.encode(document)) == document
            json.dumps(document)

    def _of(self, service: str, projection: str) -> list[Document]:
        return [document for key, document in self.documents[service].items() if key.projection == projection]
