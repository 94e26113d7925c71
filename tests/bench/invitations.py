"""Sessions whose invitations go to many people, as the meetings service publishes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from shared.contracts.meetings import SERVICE, AgendaItem, Appointment, InvitationIssued, Recipient
from shared.contracts.members import SERVICE as MEMBERS
from shared.contracts.people import PersonDetails
from shared.kernel.identifiers import derived_id, stream_name
from shared.kernel.time import UtcTime, days, utc
from shared.runtime.commands.commit import GENESIS
from shared.runtime.commands.journal import Journal
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.mongo.driver import Database
from shared.runtime.publishing.publisher import KafkaPublisher
from shared.runtime.publishing.relay import Outgoing, records_of
from tests.bench.data import CONFERENCE, commit_of, established
from tests.bench.waiting import until

RECIPIENTS = 50
RECORDED_WITHIN = 60.0
AGENDA = tuple(
    AgendaItem(number=number, title=title, public=True)
    for number, title in enumerate(
        ("Begrüßung und Feststellung der Beschlussfähigkeit", "Bericht aus den Arbeitsgruppen", "Verschiedenes"), 1
    )
)


def person(number: int) -> str:
    return derived_id("bench", "person", str(number))


def people() -> list[tuple[str, int, PersonDetails | None]]:
    """As the people topic tells of them: id, version, details."""
    return [(person(number), 1, details(number)) for number in range(RECIPIENTS)]


def details(number: int) -> PersonDetails:
    return PersonDetails(
        name=f"Dr. Erika Beispiel-{number}",
        salutation=f"Sehr geehrte Frau Dr. Beispiel-{number}",
        email=f"person-{number}@example.org",
        postal_address=None,
    )


def appointment(starts: UtcTime) -> Appointment:
    return Appointment(
        title="Sitzung der Kommunalen Pflegekonferenz",
        starts=starts,
        ends=starts + timedelta(hours=3),
        place="Rathaus Stuttgart, Marktplatz 1, Großer Sitzungssaal",
        revision=0,
    )


async def establish(bootstrap: str) -> None:
    """The conference: no mail goes before its name is known."""
    await _publish(bootstrap, [one for commit in established() for one in records_of(commit, MEMBERS)])


async def publish(bootstrap: str, name: str, sessions: int) -> None:
    """One event for each session; no two calls may have the same name."""
    await _publish(bootstrap, [_record(f"{name}-{number}") for number in range(sessions)])


async def _publish(bootstrap: str, records: Sequence[Outgoing]) -> None:
    publisher = KafkaPublisher(KafkaAccess(bootstrap))
    try:
        await publisher.connect()
        if not all(await publisher.publish(records)):
            raise RuntimeError("kafka refused what is to be measured")
    finally:
        await publisher.close()


def _record(session: str) -> Outgoing:
    now = utc(datetime.now(UTC))
    issued = InvitationIssued(
        session=session,
        issue=1,
        kind="plenary",
        appointment=appointment(now + days(30)),
        agenda=AGENDA,
        voting_seats=RECIPIENTS,
        recipients=tuple(Recipient(person=person(number), seat=f"seat-{number}") for number in range(RECIPIENTS)),
        snapshot=GENESIS,
    )
    commit = commit_of(stream_name(CONFERENCE, "session", session), 1, issued, at=now, kind="IssueInvitation")
    return records_of(commit, SERVICE)[0]


async def must_be_recorded(database: Database, name: str, mails: int) -> None:
    """Every mail queued, tried and sent, in this order, in the journal; and all published: the service is idle."""
    journal = database["journal"]
    sent = {
        "command.type": "RecordSent",
        "last": 3,
        "stream": {"$in": await _streams_of(database, name)},
    }

    async def all_told() -> bool:
        return await journal.count_documents(sent) == mails and not (await Journal(journal).backlog())[0]

    await until(all_told, within=RECORDED_WITHIN)


async def _streams_of(database: Database, name: str) -> list[str]:
    """The mails' streams. Sessions are named after the measurement they belong to."""
    queued = database["journal"].find(
        {"command.type": "QueueNotification", "events.data": {"$regex": f'"session":"{name}-'}}, {"stream": True}
    )
    return [found["stream"] async for found in queued]
