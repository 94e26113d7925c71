"""Who comes and goes in the year: a hand-over, a seat filled late, deputies; and letters that are posted."""

from __future__ import annotations

from deploy.demo.data import Group, Taken, person_id, successor_of
from deploy.demo.founding import nominate_for
from deploy.demo.people import Person, deputies_of
from deploy.demo.play import Play
from shared.kernel.time import german_day

HEADING = "Nr.;Sitz;Funktion;Name;E-Mail;von"


async def hand_over(play: Play) -> str:
    for one in play.data.invented.hand_overs:
        person = person_id(successor_of(one.seat))
        await play.office.send("members", "ChangePostHolder", person, **_taken(play, one), person=person)
    seats = ", ".join(_group(play, one.seat).name for one in play.data.invented.hand_overs)
    return f"Amt übergeben: {seats}"


async def appoint_late(play: Play) -> str:
    """After an invitation was sent: it reaches the new member automatically."""
    for one in play.data.invented.late:
        group, person = _group(play, one.seat), person_id(one.seat)
        await nominate_for(play, group, group.seat_names.index(one.seat) + 1)
        await play.office.send("members", "AppointDelegate", one.seat, **_taken(play, one), person=person)
    return f"Nachbesetzt: {', '.join(_group(play, one.seat).name for one in play.data.invented.late)}"


async def import_deputies(play: Play) -> str:
    """As a list of the office: semicolons, German days and words, a title above the heading."""
    people, since = deputies_of(play.data), play.data.invented.deputies.since
    rows = [_row(play, person, german_day(since)) for person in people]
    sheet = "\r\n".join((f"Stellvertretungen ab {german_day(since)}", HEADING, *rows))
    told = await play.office.take_in(sheet.encode("utf-8-sig"), "deputies")
    return f"Liste eingelesen: {told['change']} Stellvertretungen"


def _row(play: Play, person: Person, since: str) -> str:
    assert person.seat
    group = _group(play, person.seat)
    return f"{group.number};{person.seat};Stellvertretung;{person.name};{person.email};{since}"


async def post_letters(play: Play) -> str:
    """Each is printed and posted."""
    due = await play.office.items("notifications", "/mails", state="letter")
    for letter in due:
        printed = await play.office.document("notifications", f"/mails/{letter['mail']}/letter.pdf")
        assert printed.startswith(b"%PDF-"), "a letter is to be printed"
        await play.office.send("notifications", "MarkLetterPosted", letter["mail"], mail=letter["mail"])
    return f"{len(due)} Briefe gedruckt und aufgegeben"


def _taken(play: Play, one: Taken) -> dict[str, str]:
    return {"group": _group(play, one.seat).group, "seat": one.seat, "since": one.since.isoformat()}


def _group(play: Play, seat: str) -> Group:
    return next(group for group in play.data.groups if seat in group.seat_names)
