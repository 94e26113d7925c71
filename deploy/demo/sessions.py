"""Sessions: scheduled, invited, answered, moved or cancelled, held and written down."""

from __future__ import annotations

from deploy.demo.data import Objection, Place, Session, person_id
from deploy.demo.play import Play
from shared.kernel.time import german_moment


async def schedule(play: Play, session: Session) -> str:
    about = {"session": session.session}
    await play.office.send(
        "meetings",
        "ScheduleSession",
        session.session,
        kind=session.kind,
        working_group=session.working_group,
        title=session.title,
        **when(session),
        **about,
    )
    agenda = [
        {"number": number, "title": title, "public": session.kind == "plenary"}
        for number, title in enumerate(session.agenda, start=1)
    ]
    await play.office.send("meetings", "ChangeAgenda", session.session, agenda=agenda, **about)
    return f"{session.title} angesetzt auf {german_moment(session.starts)}; {len(agenda)} Tagesordnungspunkte"


async def invite(play: Play, session: Session) -> str:
    await admit(play, session, session.guests)
    await play.office.send("meetings", "IssueInvitation", session.session, session=session.session, reason=None)
    await admit(play, session, session.late_guests)
    seats = len(play.data.invited_seats(session, play.today))
    guests = len(session.guests + session.late_guests)
    return f"{session.title}: {seats} Sitze eingeladen" + (f", dazu Gäste: {guests}" if guests else "")


async def admit(play: Play, session: Session, guests: list[str]) -> None:
    for guest in guests:
        key = f"{session.session}-{guest}"
        await play.office.send("meetings", "AdmitGuest", key, session=session.session, person=person_id(guest))


async def answer(play: Play, session: Session) -> str:
    answers = {seat: session.answer_of(seat) for seat in play.data.invited_seats(session)}
    for seat, told in answers.items():
        if told:
            key = f"{session.session}-{seat}"
            about = {"session": session.session, "person": play.data.holder(seat, session.day)}
            await play.office.send("meetings", "AnswerInvitation", key, answer=told, **about)
    given = list(answers.values())
    return (
        f"{session.title}: Zusagen {given.count('accept')}, Absagen {given.count('decline')}, "
        f"mit Stellvertretung {given.count('deputy')}, ohne Antwort {given.count(None)}"
    )


async def answer_again(play: Play, session: Session) -> str:
    """A move asks everybody again; the office records the whole list."""
    told = {play.data.holder(seat, session.day): session.answer_of(seat) for seat in play.data.invited_seats(session)}
    answers = [{"person": person, "answer": answer} for person, answer in told.items() if answer]
    await play.office.send("meetings", "RecordAnswers", session.session, session=session.session, answers=answers)
    return f"{session.title}: {len(answers)} haben nach der Verlegung erneut geantwortet"


async def move(play: Play, session: Session) -> str:
    to = session.held_at
    await play.office.send("meetings", "RescheduleSession", session.session, session=session.session, **when(to))
    return f"{session.title} verlegt auf {german_moment(to.starts)}, {to.place}"


async def cancel(play: Play, session: Session) -> str:
    about = {"session": session.session, "reason": session.cancelled_because}
    await play.office.send("meetings", "CancelSession", session.session, **about)
    return f"{session.title} abgesagt: {session.cancelled_because}"


async def remind(_: Play, session: Session) -> str:
    """No command is needed: once the clock has passed the day, the service sends reminders itself."""
    return f"{session.title}: Erinnerung, von der Uhr ausgelöst"


async def hold(play: Play, session: Session) -> str:
    name, when_held = session.session, session.held_at
    there = [seat for seat in play.data.invited_seats(session) if session.answer_of(seat) == "accept"]
    there = there[: session.came]
    people = [play.data.holder(seat, session.day) for seat in there]
    people += [person_id(guest) for guest in session.guests + session.late_guests]
    people += await deputies_of(play, session)
    for who in people:
        await play.office.send("meetings", "RecordArrival", f"{name}-{who}", session=name, person=who)
    await play.office.set_clock(when_held.starts)
    await play.office.send("meetings", "OpenSession", name, session=name)
    agreed = await agree(play, session)
    await play.office.set_clock(when_held.ends)
    await play.office.send("meetings", "CloseSession", name, session=name)
    present = len(there) + len(play.data.deputies_at(session))
    missed = "" if session.came is None else "; nicht beschlussfähig"
    return f"{session.title} abgehalten: {present} Sitze anwesend{agreed}{missed}"


async def deputies_of(play: Play, session: Session) -> list[str]:
    """The deputies of the absent holders, with the ids that the import has given them."""
    wanted = play.data.deputies_at(session)
    if not wanted:
        return []
    roster = await play.office.items("members", "/roster", on=session.day.isoformat())
    return [one["deputy"]["person"] for one in roster if one["seat"] in wanted]


async def agree(play: Play, session: Session) -> str:
    recommendation = play.data.recommendation
    if recommendation.session != session.session:
        return ""
    about = {"session": session.session, "item": recommendation.item}
    await play.office.send(
        "meetings", "RecordConsensus", session.session, recommendation=recommendation.recommendation, **about
    )
    stream = f"{play.data.conference.slug}/recommendation/{recommendation.recommendation}"
    await play.until_told(stream, "consensus")
    return "; Empfehlung im Konsens beschlossen"


async def send_minutes(play: Play, session: Session) -> str:
    name = session.session
    written = [{"number": number, "text": text} for number, text in enumerate(session.texts, start=1)]
    told = {"document": session.minutes, **({"items": written} if written else {})}
    await play.office.send("meetings", "DraftMinutes", name, session=name, **told)
    await play.office.send("meetings", "SendMinutes", name, session=name)
    return f"{session.minutes} versandt"


async def object_to_minutes(play: Play, session: Session) -> str:
    objection = _objection(session)
    about = {"session": session.session, "person": play.data.holder(objection.seat, session.day)}
    told = {"item": objection.item, "text": objection.text}
    await play.office.send("meetings", "ObjectToMinutes", session.session, **about, **told)
    return f"{session.minutes}: Einwendung gegen TOP {objection.item}"


async def correct_minutes(play: Play, session: Session) -> str:
    """Another text for the item answers the objection."""
    objection = _objection(session)
    about = {"session": session.session, "reason": objection.reason}
    items = [{"number": objection.item, "text": objection.answer}]
    await play.office.send("meetings", "CorrectMinutes", session.session, items=items, **about)
    return f"{session.minutes} berichtigt und erneut versandt: {objection.reason}"


def _objection(session: Session) -> Objection:
    assert session.objection, f"nobody objects to the minutes of {session.session}"
    return session.objection


async def supplement(play: Play, session: Session) -> str:
    item = {"number": len(session.agenda) + 1, "title": session.supplement, "public": True}
    await play.office.send("meetings", "SupplementAgenda", session.session, session=session.session, items=[item])
    return f"{session.title}: Tagesordnung ergänzt um „{session.supplement}“"


async def schedule_second(play: Play, session: Session) -> str:
    """Its agenda is what the first has left undecided."""
    about = {"session": session.session, "second_of": session.second_of}
    await play.office.send("meetings", "ScheduleSecondSession", session.session, **about, **when(session))
    return f"Zweite Sitzung angesetzt auf {german_moment(session.starts)}: {session.title}"


async def approve_minutes(play: Play, session: Session) -> str:
    await play.office.send("meetings", "ApproveMinutes", session.session, session=session.session)
    return f"{session.minutes} genehmigt"


async def draft_recommendation(play: Play) -> str:
    wanted = play.data.recommendation
    fields = wanted.model_dump(include={"recommendation", "working_group", "title"})
    await play.office.send("meetings", "DraftRecommendation", wanted.recommendation, **fields)
    return f"{wanted.working_group.upper()} entwirft die Empfehlung „{wanted.title}“"


async def submit_recommendation(play: Play) -> str:
    fields = play.data.recommendation.model_dump(include={"recommendation", "session"})
    await play.office.send("meetings", "SubmitRecommendation", fields["recommendation"], **fields)
    return f"Empfehlung der Sitzung vorgelegt: {play.data.session(fields['session']).title}"


async def report_recommendation(play: Play) -> str:
    adopted = play.data.recommendation
    await play.office.send(
        "meetings",
        "ReportRecommendation",
        adopted.recommendation,
        recommendation=adopted.recommendation,
        committee=adopted.committee,
        on=adopted.reported_on.isoformat(),
    )
    return f"Empfehlung berichtet: {adopted.committee}"


def when(place: Place) -> dict[str, str]:
    return {"starts": place.starts.isoformat(), "ends": place.ends.isoformat(), "place": place.place}
