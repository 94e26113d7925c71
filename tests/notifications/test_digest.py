"""The office's digest: what is open on a day, as the projections know it, and one mail of it a week."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest

from deploy.embedded.mongod import Mongod
from services.notifications.digest import digest_of, last, look
from services.notifications.domain.mail_commands import QueueNotification
from services.notifications.domain.office import office_in
from services.notifications.projections import COURSES, MAILS, NAMES
from services.notifications.projections.addresses import ADDRESSES
from services.notifications.projections.announced import ANNOUNCED
from services.notifications.projections.open import HELD, REFUSALS
from services.notifications.service import OPEN_POINTS, SERVICE
from shared.contracts import meetings, members
from shared.contracts.meetings import ArrivalRecorded, SessionClosed
from shared.contracts.notifications import (
    AddressSuspended,
    Digest,
    HeldUp,
    NotificationFailed,
    NotificationHeld,
    Owed,
    PrintLetterDue,
    ReactionRefused,
    VacantSeat,
)
from shared.declarations.projection import Projection
from shared.kernel.decider import Event
from shared.kernel.identifiers import stream_name
from shared.kernel.time import days, local_day, start_of
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.mongo.driver import connect
from tests.kit.delivered import folded
from tests.kit.when import CONFERENCE, NOW, person
from tests.meetings.stuttgart import NAME, PLANNED, invited, seated
from tests.members.test_dates import deputy
from tests.members.test_seat_group import OPENED, appointed
from tests.notifications.letterbox import queued

pytestmark = pytest.mark.infra

TODAY = local_day(NOW)
ESTABLISHED = members.ConferenceEstablished(
    name="Kommunale Pflegekonferenz",
    reference="GRDrs 905/2023",
    office="Sozialamt",
    committee="SGA",
    rules=members.RulesOfProcedure(),
)
REFUSED = {
    "point": person(7),
    "reaction": "concerned",
    "reacted_to": "stuttgart/session/x:1",
    "command": "CoverSeat",
    "about": "stuttgart/session/x",
    "rule": "SeatNotCovered",
}


@pytest.fixture
async def store(mongod: Mongod) -> AsyncIterator[ProjectionStore]:
    session = connect(mongod.uri, f"test_{uuid4().hex[:12]}")
    yield ProjectionStore(session.database, SERVICE.projections)
    await session.close()


async def hear(store: ProjectionStore, projection: Projection, stream: str, *history: Event) -> None:
    found = folded(projection, history, stream_name(CONFERENCE, *stream.split("/")))
    await store.write(projection, [(document, None) for document in found.values()])


async def seats(store: ProjectionStore, *history: Event) -> Digest:
    await hear(store, COURSES, "seat-group/hospitals", OPENED, *history)
    return await digest_of(store, CONFERENCE, TODAY, NOW)


async def test_a_seat_is_vacant_since_its_last_holder_or_was_never_filled(store: ProjectionStore) -> None:
    until = TODAY - days(10)
    told = await seats(store, appointed(1, since=date(2023, 11, 1), until=until))
    assert told.vacant == (
        VacantSeat(seat="hospitals-1", since=until + days(1)),
        VacantSeat(seat="hospitals-2", since=None),
    )


async def test_whoever_died_and_is_followed_is_not_told_of(store: ProjectionStore) -> None:
    died = members.MandateEnded(
        group="hospitals", seat="hospitals-1", person=person(1), until=TODAY - days(9), reason="deceased"
    )
    told = await seats(store, appointed(1, since=date(2023, 11, 1)), died, appointed(2, since=TODAY - days(1)))
    assert [one.seat for one in told.vacant] == ["hospitals-2"]


async def test_a_deputy_is_missed_where_others_have_one(store: ProjectionStore) -> None:
    both = (appointed(1, since=date(2023, 11, 1)), appointed(2, "hospitals-2", since=date(2023, 11, 1)))
    assert (await seats(store, *both)).without_deputy == ()


async def test_a_seat_without_a_deputy_is_named_once_another_has_one(store: ProjectionStore) -> None:
    both = (appointed(1, since=date(2023, 11, 1)), appointed(2, "hospitals-2", since=date(2023, 11, 1)))
    assert (await seats(store, *both, deputy(3, TODAY - days(5)))).without_deputy == ("hospitals-2",)


def held(came: Sequence[int]) -> list[Event]:
    arrivals = [ArrivalRecorded(session=NAME, person=person(one), seat=f"hospitals-{one}") for one in came]
    return [*PLANNED, invited(seated(1), seated(2)), *arrivals, SessionClosed(session=NAME)]


@pytest.mark.parametrize(
    ("came", "missing"),
    [
        ([(), ()], ("hospitals-1", "hospitals-2")),
        ([(1,), ()], ("hospitals-2",)),
        ([(), (1, 2)], ()),
        ([(1, 2), (), ()], ("hospitals-1", "hospitals-2")),
        ([()], ()),
    ],
)
async def test_absent_twice_are_seats_for_which_nobody_came_to_the_last_two(
    store: ProjectionStore, came: list[tuple[int, ...]], missing: tuple[str, ...]
) -> None:
    for number, seated_there in enumerate(came):
        stream = f"session/s{number}"
        [document] = folded(HELD, held(seated_there), stream_name(CONFERENCE, *stream.split("/"))).values()
        await store.write(HELD, [({**document, "starts": f"2024-0{number + 1}-01T12:00:00.000Z"}, None)])
    assert (await seats(store)).absent_twice == missing


async def test_mails_that_did_not_arrive_letters_and_open_points_are_counted(store: ProjectionStore) -> None:
    about = queued()
    outcomes: dict[str, Event] = {
        "rejected": NotificationFailed(mail=about.mail, reason="rejected"),
        "erased": NotificationFailed(mail=about.mail, reason="erased"),
        "letter": PrintLetterDue(mail=about.mail, person=about.person, seat=about.seat),
    }
    for name, outcome in outcomes.items():
        await hear(store, MAILS, f"mail/{name}", about, outcome)
    useless = about.model_copy(update={"useful_until": NOW - timedelta(days=1)})
    await hear(store, MAILS, "mail/late", useless, outcomes["rejected"])
    settled = meetings.OpenPointSettled(point=person(7), reason="erledigt")
    await hear(store, REFUSALS, "open-point/a", members.ReactionRefused(**REFUSED))
    await hear(store, REFUSALS, "open-point/b", meetings.ReactionRefused(**REFUSED), settled)
    await hear(store, OPEN_POINTS.projection, "open-point/c", ReactionRefused(**REFUSED))
    told = await seats(store)
    assert (told.undelivered, told.letters, told.refused) == (1, 1, 2)


async def test_suspended_addresses_are_named_by_seat_with_what_waits_for_them(store: ProjectionStore) -> None:
    address, about = person(8), queued()
    suspended = AddressSuspended(address=address, person=about.person, seat="hospitals-1")
    await hear(store, ADDRESSES, f"address/{address}", suspended)
    await hear(
        store, ADDRESSES, f"address/{person(9)}", suspended.model_copy(update={"address": person(9), "seat": None})
    )
    await hear(store, MAILS, "mail/held", about, NotificationHeld(mail=about.mail, address=address))
    told = await seats(store)
    assert told.suspended == (HeldUp(seat="hospitals-1", waiting=1), HeldUp(seat=None, waiting=0))
    assert told.undelivered == 0, "it waits"


async def test_what_is_owed_elsewhere_is_told_within_a_month(store: ProjectionStore) -> None:
    stages = [meetings.ReportDue(due_on=TODAY + days(ahead), stage=-30) for ahead in (30, 31)]
    for number, stage in enumerate(stages):
        await hear(store, ANNOUNCED, f"committee-report/{number}", stage)
    assert (await seats(store)).due == (Owed(what="report", due_on=TODAY + days(30)),)


async def test_the_office_gets_one_a_week_also_late(store: ProjectionStore) -> None:
    await hear(store, NAMES, f"conference/{CONFERENCE}", ESTABLISHED)
    given: list[QueueNotification] = []

    async def execute(command: QueueNotification) -> None:
        given.append(command)
        event = queued(command.content, mail=command.mail, person=command.person, cause=command.cause)
        await hear(store, MAILS, f"mail/{command.mail}", event)

    monday = start_of(date(2024, 4, 22))
    for at in (monday, monday + days(2), monday + days(6), monday + days(10)):
        await look(store, execute, at, "monday")
    assert [(one.person, one.content.day) for one in given if isinstance(one.content, Digest)] == [
        (office_in(CONFERENCE), date(2024, 4, 22)),
        (office_in(CONFERENCE), date(2024, 4, 29)),
    ]
    assert [one.useful_until for one in given] == [monday + days(7), monday + days(14)]


@pytest.mark.parametrize(
    ("weekday", "day"), [("monday", date(2024, 4, 22)), ("tuesday", date(2024, 4, 16)), ("sunday", date(2024, 4, 21))]
)
def test_the_last_such_day_is_today_or_before(weekday: str, day: date) -> None:
    assert last(weekday, local_day(datetime.fromisoformat("2024-04-22T10:00+02:00"))) == day
