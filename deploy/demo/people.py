"""Who plays a part: people by role and number, all of them invented."""

from __future__ import annotations

from dataclasses import dataclass, replace

from deploy.demo.data import Data, Group, person_id, successor_of


@dataclass(frozen=True, slots=True)
class Person:
    """``seat`` is None for guests. Deputies have an empty ``id`` until their list is imported."""

    id: str
    seat: str | None
    name: str
    email: str | None
    postal_address: str | None = None


def people_of(data: Data) -> list[Person]:
    """Everybody whom the office records individually."""
    late = [one.seat for one in data.invented.late]
    handed_over = [one.seat for one in data.invented.hand_overs]
    seated = [_seated(data, group, seat) for group in data.groups for seat in group.seat_names]
    successors = [_successor(one) for one in seated if one.seat in handed_over]
    return [*(one for one in seated if one.seat in [*data.filled, *late]), *successors, *_guests(data)]


def deputies_of(data: Data) -> list[Person]:
    wanted = data.invented.deputies.seats
    return [_deputy(data, group, seat) for group in data.groups for seat in group.seat_names if seat in wanted]


def _seated(data: Data, group: Group, seat: str) -> Person:
    role = "Delegierte Person" if group.kind == "delegated" else "Amtsperson"
    letters = {each.seat: each.postal_address for each in data.invented.without_email}
    email = None if seat in letters else f"sitz-{_place(group, seat)}@{data.invented.mail_domain}"
    return Person(person_id(seat), seat, f"{role} {_place(group, seat)}", email, letters.get(seat))


def _successor(before: Person) -> Person:
    assert before.seat
    more = {"id": person_id(successor_of(before.seat)), "name": f"{before.name} (Nachfolge)"}
    return replace(before, **more, email=f"nachfolge-{before.email}")


def _deputy(data: Data, group: Group, seat: str) -> Person:
    place = _place(group, seat)
    return Person("", seat, f"Stellvertretung {place}", f"vertretung-{place}@{data.invented.mail_domain}")


def _guests(data: Data) -> list[Person]:
    domain = data.invented.mail_domain
    guests = data.invented.guests
    return [Person(person_id(one.guest), None, one.name, f"{one.guest}@{domain}") for one in guests]


def _place(group: Group, seat: str) -> str:
    return f"{group.number}-{seat.rsplit('-', 1)[1]}"
