"""Sessions: scheduled, invited, answered, moved or cancelled, held and written down."""

from __future__ import annotations

from deploy.demo.data import Place, Session, person_id
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
    seats, guests = len(play.data.invited_seats(session)), len(session.guests + session.late_guests)
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
            about = {"session": session.session, "person": person_id(seat)}
            await play.office.send("meetings", "AnswerInvitation", key, answer=told, **about)
    given = list(answers.values())
    return (
        f"{session.title}: Zusagen {given.count('accept')}, Absagen {given.count('decline')}, "
        f"mit Stellvertretung {given.count('deputy')}, ohne Antwort {given.count(None)}"
    )


async def answer_again(play: Play, session: Session) -> str:
    """A move asks everybody again; the office types the whole list."""
    told = {seat: session.answer_of(seat) for seat in play.data.invited_seats(session)}
    answers = [{"person": person_id(seat), "answer": answer} for seat, answer in told.items() if answer]
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
    """Nobody sends this: the clock has passed the day, and the service says so itself."""
    return f"{session.title}: Erinnerung, von der Uhr ausgelöst"


async def hold(play: Play, session: Session) -> str:
    name, when_held = session.session, session.held_at
    there = [seat for seat in play.data.invited_seats(session) if session.answer_of(seat) == "accept"]
    for who in [*there, *session.guests, *session.late_guests]:
        about = {"session": name, "person": person_id(who)}
        await play.office.send("meetings", "RecordArrival", f"{name}-{who}", **about)
    await play.office.set_clock(when_held.starts)
    await play.office.send("meetings", "OpenSession", name, session=name)
    agreed = await agree(play, session)
    await play.office.set_clock(when_held.ends)
    await play.office.send("meetings", "CloseSession", name, session=name)
    return f"{session.title} abgehalten: {len(there)} Sitze anwesend{agreed}"


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
    await play.office.send("meetings", "DraftMinutes", name, session=name, document=session.minutes)
    await play.office.send("meetings", "SendMinutes", name, session=name)
    return f"{session.minutes} versandt"


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
