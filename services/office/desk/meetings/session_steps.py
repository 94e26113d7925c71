"""What may be done with a session, from its date to its approved minutes, and when."""

from __future__ import annotations

from dataclasses import replace

from services.office.desk.forms.form import Body, Field, Form, Typed, agenda, one, short_name
from services.office.desk.forms.reading import NUMBER, Mistyped, moment, slug, whole
from services.office.desk.members.roster import RECORD
from shared.contracts.german import SESSION_KINDS
from shared.kernel.identifiers import LONGEST_SLUG

ABOUT = ("session",)
WHEN = (Field("starts", "Beginn", "moment"), Field("ends", "Ende", "moment"), Field("place", "Ort"))
WHY = Field(
    "reason", "Begründung", hint="Nötig, wenn die Frist kürzer ist, als die Geschäftsordnung verlangt.", required=False
)


AS_KNOWN = Field(
    "as_known",
    "Auch wenn der Mitgliederdienst gerade nicht zu hören ist: mit dem bekannten Stand",
    "yes",
    required=False,
)


def _called(typed: Typed) -> Body:
    """By default a session's name is its title and day, so that a form sent twice means one session."""
    title, starts = one(typed, "title"), one(typed, "starts")
    if not slug(title) or not starts:
        raise Mistyped("Bitte Bezeichnung und Beginn angeben.")
    return {"session": slug(one(typed, "session")) or f"{slug(title)}-{moment(starts)[:10]}"}


def _called_second(typed: Typed) -> Body:
    """After its day, too: where one was called off, another may be scheduled."""
    starts = one(typed, "starts")
    if not starts:
        raise Mistyped("Bitte den Beginn angeben.", "starts")
    of_day = f"-zweite-{moment(starts)[:10]}"
    first = one(typed, "second_of")[: LONGEST_SLUG - len(of_day)].rstrip("-")
    return {"session": slug(one(typed, "session")) or f"{first}{of_day}"}


SCHEDULED_ALREADY = dict.fromkeys(
    ("SessionScheduledDifferently", "SecondSessionScheduledDifferently", "SessionIsCancelled"), "session"
)
"""A day may have two sessions, or one after another was called off: then the short name says which."""

SCHEDULE = Form(
    "meetings",
    "ScheduleSession",
    "Sitzung ansetzen",
    "Sitzung ansetzen",
    "Die Sitzung ist angesetzt.",
    (
        Field("title", "Bezeichnung"),
        Field(
            "kind",
            "Art",
            "choice",
            choices=tuple(SESSION_KINDS.items()),
        ),
        Field("working_group", "Arbeitsgruppe", "choice", "Nur für die Sitzung einer Arbeitsgruppe.", required=False),
        *WHEN,
        short_name("session", "Bezeichnung und Tag"),
    ),
    at={"EndsBeforeItStarts": "ends", "WorkingGroupMismatch": "working_group", **SCHEDULED_ALREADY},
    read=_called,
)
AGENDA = Form(
    "meetings",
    "ChangeAgenda",
    "Tagesordnung",
    "Tagesordnung speichern",
    "Die Tagesordnung ist gespeichert.",
    (
        Field(
            "agenda",
            "Punkte",
            "agenda",
            "Ein Punkt je Zeile. Was nicht öffentlich ist, endet mit „(nicht öffentlich)“.",
        ),
    ),
    ABOUT,
)
INVITE = Form(
    "meetings",
    "IssueInvitation",
    "Einladen",
    "Einladung versenden",
    "Die Einladung ist versandt.",
    (WHY, AS_KNOWN),
    ABOUT,
    at={"NoticeTooShort": "reason"},
)
MOVE = Form(
    "meetings",
    "RescheduleSession",
    "Verlegen",
    "Sitzung verlegen",
    "Die Sitzung ist verlegt. Alle werden neu gefragt.",
    (*WHEN, WHY),
    ABOUT,
    at={"EndsBeforeItStarts": "ends", "MovedIntoThePast": "starts", "NoticeTooShort": "reason"},
)
CANCEL = Form(
    "meetings",
    "CancelSession",
    "Absagen",
    "Sitzung absagen",
    "Die Sitzung ist abgesagt.",
    (Field("reason", "Grund", hint="Er steht im Schreiben an alle Eingeladenen."),),
    ABOUT,
    at={"SessionCancelledDifferently": "reason"},
)
OPEN = Form(
    "meetings",
    "OpenSession",
    "Eröffnen",
    "Sitzung eröffnen",
    "Die Sitzung ist eröffnet.",
    (Field("opened_at", "Eröffnet um", "moment", "Leer: jetzt", required=False),),
    ABOUT,
    at={"NotOnItsDay": "opened_at", "NotYet": "opened_at"},
)
CLOSE = Form("meetings", "CloseSession", "Schließen", "Sitzung schließen", "Die Sitzung ist geschlossen.", (), ABOUT)
ITEM = Field("item", "Tagesordnungspunkt", "choice")
FOR = Field("recommendation", "Empfehlung", "choice", "Wenn damit eine Empfehlung beschlossen wird.", required=False)


def numbered(typed: Typed) -> Body:
    item = one(typed, "item")
    if not NUMBER.fullmatch(item):
        raise Mistyped("Bitte den Tagesordnungspunkt wählen.")
    return {"item": int(item)}


def _continued(typed: Typed) -> Body:
    items, first = agenda(one(typed, "more")), whole(one(typed, "from"))
    if not items:
        raise Mistyped("Bitte mindestens einen Punkt angeben.", "more")
    return {"items": [{**item, "number": item["number"] + first - 1} for item in items]}


CONSENSUS = Form(
    "meetings",
    "RecordConsensus",
    "Konsens festhalten",
    "Konsens festhalten",
    "Der Konsens ist festgehalten.",
    (ITEM, FOR),
    ABOUT,
    at={"AgendaItemDecided": "item", "AgendaItemUnknown": "item"},
    read=numbered,
)
VOTE = Form(
    "meetings",
    "RecordVote",
    "Abstimmung festhalten",
    "Abstimmung festhalten",
    "Die Abstimmung ist festgehalten.",
    (
        ITEM,
        FOR,
        Field("yes", "Ja", "number"),
        Field("no", "Nein", "number"),
        Field("abstentions", "Enthaltungen", "number"),
    ),
    ABOUT,
    at={"AgendaItemDecided": "item", "AgendaItemUnknown": "item", "VotesDoNotAddUp": "abstentions"},
    read=numbered,
)
CORRECT_DECISION = Form(
    "meetings",
    "CorrectDecision",
    "Beschluss berichtigen",
    "Berichtigen",
    "Der Beschluss ist berichtigt. Was daraus folgt, folgt von selbst.",
    (
        Field("item", "Tagesordnungspunkt", "fixed", is_read=True),
        Field("how", "Beschlossen", "choice", choices=(("consensus", "im Konsens"), ("vote", "durch Abstimmung"))),
        *(
            Field(name, label, "number", "Leer bei einem Konsens.", required=False)
            for name, label in (("yes", "Ja"), ("no", "Nein"), ("abstentions", "Enthaltungen"))
        ),
        Field("present", "Anwesende Sitze", "number"),
        Field("reason", "Grund der Berichtigung", hint="Ohne Namen."),
    ),
    ABOUT,
    at={
        "VotesBelongToAVote": "how",
        "VotesDoNotAddUp": "abstentions",
        "MorePresentThanAttended": "present",
        "QuorumWasMissing": "present",
    },
    read=numbered,
)
DRAFT = Form(
    "meetings",
    "DraftMinutes",
    "Niederschrift, die anderswo geschrieben ist",
    "Entwurf vermerken",
    "Der Entwurf ist vermerkt.",
    (Field("document", "Dokument", hint="Bezeichnung oder Aktenzeichen der Niederschrift."),),
    ABOUT,
)
SEND = Form(
    "meetings", "SendMinutes", "Niederschrift versenden", "Versenden", "Die Niederschrift ist versandt.", (), ABOUT
)
APPROVE = Form(
    "meetings",
    "ApproveMinutes",
    "Niederschrift genehmigen",
    "Genehmigen",
    "Die Niederschrift ist genehmigt.",
    (),
    ABOUT,
)

SUPPLEMENT = Form(
    "meetings",
    "SupplementAgenda",
    "Tagesordnung ergänzen",
    "Ergänzung mitteilen",
    "Die Ergänzung ist allen Eingeladenen mitgeteilt.",
    (
        Field("from", "Ab Nummer", "fixed", is_read=True),
        Field(
            "more",
            "Weitere Punkte",
            "area",
            "Ein Punkt je Zeile; alle Eingeladenen bekommen ein Schreiben.",
            is_read=True,
        ),
    ),
    ABOUT,
    at={"AgendaNotContinued": "more", "AgendaIsOfTheFirst": "more"},
    read=_continued,
)
GUEST_RECORDED = replace(RECORD, title="Gast erfassen", done="Der Gast ist erfasst und kann nun zugelassen werden.")
GUEST = Form(
    "meetings",
    "AdmitGuest",
    "Gast zulassen",
    "Als Gast zulassen",
    "Der Gast ist zugelassen.",
    (Field("person", "Person", "choice"),),
    ABOUT,
)
POOL = Form(
    "meetings",
    "AdmitGuestPool",
    "Gästekreis zulassen",
    "Alle auf der Liste zulassen",
    "Alle auf der Liste sind als Gäste zugelassen.",
    (Field("pool", "Gästekreis", "choice", "Wer schon eingeladen ist, bleibt es, wie er ist."),),
    ABOUT,
    at={"NobodyOnTheList": "pool"},
)
SECOND = Form(
    "meetings",
    "ScheduleSecondSession",
    "Zweite Sitzung ansetzen",
    "Zweite Sitzung ansetzen",
    "Die zweite Sitzung über das Unbeschlossene ist angesetzt.",
    (Field("second_of", "Erste Sitzung", "fixed"), *WHEN, short_name("session", "erster Sitzung und Tag")),
    at={"EndsBeforeItStarts": "ends", "NotBeforeTheFirst": "starts", **SCHEDULED_ALREADY},
    read=_called_second,
)

LIST_FORMS = (SCHEDULE,)
FORMS = (
    AGENDA,
    INVITE,
    MOVE,
    CANCEL,
    OPEN,
    CLOSE,
    CONSENSUS,
    VOTE,
    CORRECT_DECISION,
    DRAFT,
    SEND,
    APPROVE,
    SUPPLEMENT,
    GUEST_RECORDED,
    GUEST,
    POOL,
    SECOND,
)
BY_STATE = {
    "planned": (AGENDA, INVITE, OPEN, SUPPLEMENT, GUEST_RECORDED, GUEST, POOL, MOVE, CANCEL),
    "open": (CONSENSUS, VOTE, CLOSE),
    "closed": (),
    "cancelled": (),
}
BY_MINUTES = {None: (DRAFT,), "drafted": (SEND, DRAFT), "sent": (APPROVE,), "approved": ()}
