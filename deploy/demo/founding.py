"""From the council paper to the first appointed delegates."""

from __future__ import annotations

from deploy.demo.data import Group, Paper, Text, person_id
from deploy.demo.office import together
from deploy.demo.people import Person, people_of
from deploy.demo.play import Play


async def draft_paper(play: Play) -> str:
    paper = play.data.paper
    named = {"paper": paper.paper, "reference": paper.reference, "title": paper.title, "kind": paper.kind}
    await play.office.send("meetings", "DraftPaper", paper.paper, **named)
    if paper.text:
        await _write(play, paper, paper.text)
    for wanted in paper.co_signatures:
        await play.office.send(
            "meetings",
            "RequestCoSignature",
            wanted.department,
            paper=paper.paper,
            department=wanted.department,
        )
    asked = " und ".join(wanted.department.upper() for wanted in paper.co_signatures)
    return f"Vorlage {paper.reference} entworfen; um Mitzeichnung gebeten: {asked}"


async def _write(play: Play, paper: Paper, text: Text) -> None:
    step = {"committee": paper.committee, "purpose": "decision", "public": True, "on": paper.decided_on.isoformat()}
    said = {**text.model_dump(), "dated": paper.issued_on.isoformat(), "consultations": [step]}
    await play.office.send("meetings", "WritePaper", paper.paper, paper=paper.paper, text=said)


async def co_sign(play: Play) -> str:
    told = []
    for each in play.data.paper.co_signatures:
        await play.office.send(
            "meetings",
            "CoSign",
            each.department,
            paper=play.data.paper.paper,
            department=each.department,
            note=each.note,
        )
        told.append(f"{each.department.upper()} {'mit Hinweis' if each.note else 'ohne Hinweis'}")
    return f"Mitgezeichnet: {', '.join(told)}"


async def issue_paper(play: Play) -> str:
    paper = play.data.paper
    await play.office.send("meetings", "IssuePaper", paper.paper, paper=paper.paper, on=paper.issued_on.isoformat())
    return f"Vorlage {paper.reference} ausgegeben"


async def decide_paper(play: Play) -> str:
    paper = play.data.paper
    await play.office.send(
        "meetings",
        "RecordCommitteeDecision",
        paper.paper,
        paper=paper.paper,
        committee=paper.committee,
        on=paper.decided_on.isoformat(),
        decision=paper.decision,
    )
    return f"{paper.committee} beschließt die Vorlage"


async def establish(play: Play) -> str:
    conference = play.data.conference
    fields = conference.model_dump(exclude={"slug", "lines"})
    more = {"rules": play.data.invented.rules, "paper_key": play.data.paper.paper}
    await play.office.send("members", "EstablishConference", conference.slug, **more, **fields)
    for earlier in play.data.earlier:
        told = earlier.model_dump(mode="json", exclude={"lines"})
        await play.office.send("members", "CarryOverConference", earlier.earlier, **told)
    return f"{conference.name} eingerichtet"


async def open_groups(play: Play) -> str:
    data = play.data
    await together(_open(play, group) for group in data.groups)
    for pool in data.guest_pools:
        await play.office.send("members", "InviteGuestPool", pool.pool, pool=pool.pool, name=pool.name)
    return f"{len(data.groups)} Gruppen mit {len(data.seats)} Sitzen eröffnet"


async def _open(play: Play, group: Group) -> None:
    fields = group.model_dump(exclude={"line"})
    await play.office.send("members", "OpenSeatGroup", group.group, **fields)


async def nominate(play: Play) -> str:
    """People first, so that the members service knows the nominated ones."""
    people = people_of(play.data)
    await together(_record(play, person) for person in people)
    delegated = [group for group in play.data.groups if group.kind == "delegated"]
    await together(_nominate_for(play, group) for group in delegated)
    number = sum(seat in play.data.filled for group in delegated for seat in group.seat_names)
    return f"{len(people)} Personen erfasst, {number} Delegierte vorgeschlagen"


async def _record(play: Play, person: Person) -> None:
    await play.office.send(
        "members",
        "RecordPerson",
        person.id,
        person=person.id,
        details={
            "name": person.name,
            "salutation": "Guten Tag",
            "email": person.email,
            "postal_address": person.postal_address,
        },
    )


async def _nominate_for(play: Play, group: Group) -> None:
    for number, seat in enumerate(group.seat_names, start=1):
        if seat in play.data.filled:
            await nominate_for(play, group, number)


async def nominate_for(play: Play, group: Group, number: int) -> None:
    """By an organisation of its own."""
    seat, organisation = group.seat_names[number - 1], f"{group.group}-{number}"
    named = {"group": group.group, "organisation": organisation}
    name = f"Entsendende Stelle {number}: {group.name}"
    await play.office.send("members", "RegisterOrganisation", organisation, name=name, **named)
    await play.office.send("members", "NominateDelegate", seat, person=person_id(seat), **named)


async def appoint(play: Play) -> str:
    await together(_fill(play, group) for group in play.data.groups)
    vacant = len(play.data.seats) - len(play.data.filled)
    return f"{len(play.data.filled)} Sitze besetzt, {vacant} unbesetzt"


async def _fill(play: Play, group: Group) -> None:
    command = "AppointDelegate" if group.kind == "delegated" else "ChangePostHolder"
    for seat in group.seat_names:
        if seat in play.data.filled:
            await play.office.send(
                "members",
                command,
                seat,
                group=group.group,
                seat=seat,
                person=person_id(seat),
                since=play.data.invented.seated_since.isoformat(),
            )


async def establish_working_groups(play: Play) -> str:
    for group in play.data.working_groups:
        named = {"working_group": group.working_group}
        await play.office.send(
            "members",
            "EstablishWorkingGroup",
            group.working_group,
            name=group.name,
            topics=group.topics,
            **named,
        )
        for seat in group.members:
            key = f"{group.working_group}-{seat}"
            await play.office.send("members", "JoinWorkingGroup", key, person=person_id(seat), seat=seat, **named)
    told = ", ".join(f"{group.working_group.upper()} ({len(group.members)})" for group in play.data.working_groups)
    return f"Arbeitsgruppen eingerichtet: {told}"


async def set_focus_areas(play: Play) -> str:
    for area in play.data.focus_areas:
        told = area.model_dump(mode="json", exclude={"line"})
        await play.office.send("meetings", "SetFocusArea", area.focus_area, **told, reason=play.data.paper.reference)
    return f"{len(play.data.focus_areas)} Schwerpunkte gesetzt, solange gefördert wird"
