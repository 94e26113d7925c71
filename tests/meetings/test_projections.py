"""What the office sees of sessions, recommendations and papers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from services.meetings.projections import PROJECTIONS
from services.meetings.projections.papers import PAPERS, RECOMMENDATIONS
from services.meetings.projections.sessions import SESSIONS
from shared.contracts.meetings import (
    AttendanceCorrected,
    AttendanceWithdrawn,
    ConsensusRecorded,
    CoSignatureRefused,
    CoSignatureRequested,
    DeadlineStageReached,
    DepartureRecorded,
    DeputyInvited,
    GuestAdmitted,
    InvitationAnswered,
    MinutesApproved,
    MinutesDrafted,
    MinutesSent,
    PaperCoSigned,
    PaperDecided,
    PaperDrafted,
    PaperIssued,
    QuorumMissed,
    Recipient,
    RecommendationAdopted,
    RecommendationDrafted,
    RecommendationReported,
    RecommendationSubmitted,
    SessionCancelled,
    VoteRecorded,
)
from shared.declarations.projection import Document
from shared.kernel.time import iso
from tests.kit.delivered import delivered
from tests.kit.when import CONFERENCE, NOW, person
from tests.meetings.stuttgart import (
    CLOSED,
    EVERYBODY,
    GUEST,
    INVITED,
    MOVED,
    NAME,
    OPEN,
    PLANNED,
    SCHEDULED,
    STARTS,
    STREAM,
    SUPPLEMENTED,
    WHEN,
    arrived,
    extended,
    invited,
    seated,
    shown,
    withdrawn,
)

RECOMMENDATION = "staff-housing"
PAPER = "grdrs-905-2023"
COMMITTEE = "Sozial- und Gesundheitsausschuss"


def session(*events: Any) -> Document:
    return shown(SESSIONS, events)


def answered(number: int, answer: Any) -> InvitationAnswered:
    return InvitationAnswered(session=NAME, person=person(number), seat=f"hospitals-{number}", answer=answer)


def test_a_scheduled_session_is_shown_before_anything_else_is_known() -> None:
    document = session(SCHEDULED)
    assert document["_id"] == STREAM
    assert document["state"] == "planned"
    assert (document["session"], document["kind"], document["working_group"]) == (NAME, "plenary", None)
    assert (document["title"], document["place"]) == ("Frühjahrssitzung", "Rathaus, Raum 301")
    assert (document["starts"], document["ends"]) == ("2024-04-23T12:00:00.000Z", "2024-04-23T15:00:00.000Z")
    assert (document["issue"], document["invited"], document["answers"], document["present"]) == (0, 0, [], 0)


def test_an_agenda_is_shown_as_it_is_now() -> None:
    assert session(*PLANNED)["agenda"] == [
        {"number": 1, "title": "Begrüßung", "public": True},
        {"number": 2, "title": "Personalwohnen", "public": True},
    ]


def test_an_invitation_shows_its_issue_and_who_got_it() -> None:
    document = session(*INVITED)
    assert (document["issue"], document["invited"], document["quorum_needed"]) == (1, 3, 2)
    assert session(*PLANNED)["quorum_needed"] is None
    assert session(*PLANNED, invited(quorum=0))["quorum_needed"] == 0
    assert document["recipients"][0] == {"person": person(1), "seat": "hospitals-1"}


def test_a_late_guest_is_added_and_another_issue_counts_anew() -> None:
    admitted = GuestAdmitted(session=NAME, person=GUEST.person)
    document = session(*INVITED, admitted, invited(GUEST))
    assert (document["guests"], document["issue"], document["invited"]) == ([GUEST.person], 1, 4)
    document = session(*INVITED, invited(*EVERYBODY[:2], issue=2))
    assert (document["issue"], document["invited"]) == (2, 2)


def test_the_last_answer_of_a_seat_is_shown() -> None:
    document = session(*INVITED, answered(1, "accept"), answered(2, "deputy"), answered(1, "decline"))
    assert document["answers"] == [
        {"person": person(2), "seat": "hospitals-2", "answer": "deputy", "revision": 0, "counts": True},
        {"person": person(1), "seat": "hospitals-1", "answer": "decline", "revision": 0, "counts": True},
    ]


def test_answers_before_a_move_are_kept_and_do_not_count() -> None:
    again = answered(1, "accept").model_copy(update={"revision": 1})
    document = session(*INVITED, answered(1, "decline"), MOVED, again)
    told = [(one["answer"], one["revision"], one["counts"]) for one in document["answers"]]
    assert told == [("decline", 0, False), ("accept", 1, True)]


def test_who_is_invited_now_is_shown() -> None:
    fourth, third = seated(4), seated(3)
    document = session(*INVITED, answered(3, "accept"), arrived(3), extended(fourth), withdrawn(third))
    assert [one["person"] for one in document["recipients"]] == [person(1), person(2), person(4)]
    assert (document["invited"], document["answers"], document["present"]) == (3, [], 0)


def test_deputies_are_shown_until_they_are_not_needed_any_more() -> None:
    deputy = Recipient(person=person(11), seat="hospitals-1")
    told = DeputyInvited(**extended(deputy).model_dump(exclude={"places"}))
    document = session(*INVITED, answered(1, "decline"), told)
    assert (document["deputies"], document["invited"]) == ([deputy.model_dump()], 4)
    document = session(*INVITED, told, withdrawn(deputy, as_deputies=True))
    assert (document["deputies"], document["invited"]) == ([], 3)
    assert session(*INVITED, told, invited(issue=2))["deputies"] == []


def test_a_supplement_shows_the_whole_agenda() -> None:
    assert [item["title"] for item in session(*INVITED, SUPPLEMENTED)["agenda"]] == [
        "Begrüßung",
        "Personalwohnen",
        "Verschiedenes",
    ]


def test_a_move_shows_the_new_date() -> None:
    document = session(*INVITED, MOVED)
    assert (document["starts"], document["revision"]) == ("2024-05-07T12:00:00.000Z", 1)
    assert document["title"] == "Frühjahrssitzung"


def test_a_cancellation_shows_its_reason() -> None:
    cancelled = SessionCancelled(session=NAME, appointment=WHEN, reason="Saal gesperrt", recipients=EVERYBODY)
    document = session(*INVITED, cancelled)
    assert (document["state"], document["cancelled_because"]) == ("cancelled", "Saal gesperrt")


def test_a_reminder_shows_when_it_went_out() -> None:
    reminded = DeadlineStageReached(session=NAME, deadline="session", appointment=WHEN, recipients=EVERYBODY)
    assert session(*INVITED)["reminded"] is None
    assert session(*INVITED, reminded)["reminded"] == iso(NOW)


def test_attendance_shows_who_came_and_left_and_counts_seats() -> None:
    left = DepartureRecorded(session=NAME, person=person(1), seat="hospitals-1", left_at=STARTS)
    guest = arrived(1).model_copy(update={"person": GUEST.person, "seat": None})
    document = session(*INVITED, arrived(1), arrived(2), arrived(3), guest, left)
    assert [stay["left"] for stay in document["attendance"]] == [iso(STARTS), None, None, None]
    gone = {"person": person(1), "seat": "hospitals-1", "arrived": iso(STARTS), "left": iso(STARTS)}
    assert document["attendance"][0] == gone
    assert document["present"] == 2
    assert session(*INVITED, arrived(1), left, arrived(1))["present"] == 1


def test_who_comes_back_and_goes_again_has_two_stays() -> None:
    came = arrived(1).model_copy(update={"arrived_at": None})
    left = DepartureRecorded(session=NAME, person=person(1), seat="hospitals-1")
    document, times = session(*INVITED), [NOW + timedelta(minutes=passed) for passed in range(4)]
    for sequence, (event, at) in enumerate(zip([came, left] * 2, times, strict=True), start=9):
        document = SESSIONS.fold(document, *delivered(event, STREAM, sequence, at))
    assert [(stay["arrived"], stay["left"]) for stay in document["attendance"]] == [
        (iso(times[0]), iso(times[1])),
        (iso(times[2]), iso(times[3])),
    ]


def test_attendance_of_old_has_the_time_at_which_it_was_recorded() -> None:
    came = arrived(1).model_copy(update={"arrived_at": None})
    went = DepartureRecorded(session=NAME, person=person(1), seat="hospitals-1")
    [stay] = session(*INVITED, came, went)["attendance"]
    assert (stay["arrived"], stay["left"]) == (iso(NOW), iso(NOW))


def test_attendance_is_shown_as_corrected_and_without_what_was_withdrawn() -> None:
    who = {"session": NAME, "person": person(1), "seat": "hospitals-1", "reason": "Falsch notiert"}
    corrected = AttendanceCorrected(**who, arrived_at=NOW, left_at=STARTS)
    document = session(*INVITED, arrived(1), arrived(2), corrected)
    assert [(stay["arrived"], stay["left"]) for stay in document["attendance"]] == [
        (iso(STARTS), None),
        (iso(NOW), iso(STARTS)),
    ]
    assert document["present"] == 1
    gone = session(*INVITED, arrived(1), AttendanceWithdrawn(**who))
    assert (gone["attendance"], gone["present"]) == ([], 0)


def test_an_open_session_shows_its_quorum() -> None:
    missed = QuorumMissed(session=NAME, present=1, voting_seats=4, needed=2)
    document = session(*OPEN)
    assert document["state"] == "open"
    assert document["quorum"] == {"established": True, "present": 2, "voting_seats": 4, "needed": 2}
    assert session(*OPEN, missed)["quorum"]["established"] is False


def test_decisions_are_shown_by_item() -> None:
    agreed = ConsensusRecorded(session=NAME, item=1, recommendation=None, present=2)
    voted = VoteRecorded(
        session=NAME,
        item=2,
        recommendation=RECOMMENDATION,
        yes=2,
        no=0,
        abstentions=0,
        present=2,
        carried=True,
    )
    consensus, vote = session(*OPEN, agreed, voted)["decisions"]
    assert consensus == {"by": "consensus", "item": 1, "recommendation": None, "present": 2}
    assert (vote["by"], vote["item"], vote["yes"], vote["carried"]) == ("vote", 2, 2, True)


def test_minutes_are_followed_to_their_approval() -> None:
    drafted = MinutesDrafted(session=NAME, document="Niederschrift 2024-1")
    sent = MinutesSent(session=NAME, document="Niederschrift 2024-1", appointment=WHEN, recipients=EVERYBODY)
    assert session(*CLOSED)["state"] == "closed"
    assert session(*CLOSED)["minutes"] is None
    assert session(*CLOSED, drafted)["minutes"] == {"state": "drafted", "document": "Niederschrift 2024-1"}
    assert session(*CLOSED, drafted, sent)["minutes"]["state"] == "sent"
    document = session(*CLOSED, drafted, sent, MinutesApproved(session=NAME))
    assert document["minutes"] == {"state": "approved", "document": "Niederschrift 2024-1"}


def test_a_recommendation_is_followed_to_the_committee() -> None:
    drafted = RecommendationDrafted(recommendation=RECOMMENDATION, working_group="staff", title="Wohnraum")
    submitted = RecommendationSubmitted(recommendation=RECOMMENDATION, session=NAME)
    adopted = RecommendationAdopted(recommendation=RECOMMENDATION, session=NAME, by="majority")
    reported = RecommendationReported(recommendation=RECOMMENDATION, committee=COMMITTEE, on=date(2024, 9, 23))
    history = (drafted, submitted, adopted, reported)
    documents = [shown(RECOMMENDATIONS, history[:told]) for told in range(1, 5)]
    assert [document["state"] for document in documents] == ["drafted", "submitted", "adopted", "reported"]
    unsettled: Document = {"title": "Wohnraum", "session": None, "adopted_by": None, "reports": []}
    assert unsettled.items() <= documents[0].items()
    assert (documents[2]["session"], documents[2]["adopted_by"]) == (NAME, "majority")
    assert documents[3]["reports"] == [{"committee": COMMITTEE, "on": "2024-09-23"}]


def test_a_paper_is_followed_to_its_decision() -> None:
    drafted = PaperDrafted(paper=PAPER, reference="GRDrs 905/2023", title="Konferenz", kind="decision")
    issued = PaperIssued(paper=PAPER, on=date(2023, 9, 13))
    decided = PaperDecided(paper=PAPER, committee=COMMITTEE, on=date(2023, 9, 25), decision="adopted")
    unsettled: Document = {"co_signatures": [], "issued_on": None, "decisions": []}
    assert unsettled.items() <= shown(PAPERS, [drafted]).items()
    document = shown(PAPERS, [drafted, issued, decided])
    assert (document["reference"], document["issued_on"]) == ("GRDrs 905/2023", "2023-09-13")
    assert document["decisions"] == [{"committee": COMMITTEE, "on": "2023-09-25", "decision": "adopted"}]
    states = [shown(PAPERS, [drafted, issued, decided][:told])["state"] for told in (1, 2, 3)]
    assert states == ["drafted", "issued", "decided"]
    council = decided.model_copy(update={"committee": "Gemeinderat"})
    decisions = shown(PAPERS, [drafted, issued, decided, council])["decisions"]
    assert [one["committee"] for one in decisions] == [COMMITTEE, "Gemeinderat"]


def test_a_paper_shows_what_each_department_said_last() -> None:
    drafted = PaperDrafted(paper=PAPER, reference="GRDrs 905/2023", title="Konferenz", kind="decision")
    asked = [CoSignatureRequested(paper=PAPER, department=name) for name in ("akr", "wfb", "kbs")]
    signed = PaperCoSigned(paper=PAPER, department="akr", note="Mit Hinweis")
    refused = CoSignatureRefused(paper=PAPER, department="wfb")
    assert shown(PAPERS, [drafted, *asked, signed, refused])["co_signatures"] == [
        {"department": "kbs", "state": "requested", "note": None},
        {"department": "akr", "state": "signed", "note": "Mit Hinweis"},
        {"department": "wfb", "state": "refused", "note": None},
    ]


def test_folds_keep_what_the_runtime_keeps_in_a_document() -> None:
    kept = {"_id": STREAM, "conference": CONFERENCE, "stream": STREAM, "sequence": 3, "unknown": "stays"}
    folded = SESSIONS.fold({**session(*INVITED), **kept}, *delivered(MOVED, STREAM, 4))
    assert kept.items() <= folded.items()


def test_view_names_are_different() -> None:
    names = [projection.name for projection in PROJECTIONS]
    assert len(set(names)) == len(names)


def test_an_answer_says_which_appointment_it_is_about() -> None:
    about = answered(1, "accept").model_copy(update={"revision": 7})
    assert [one["revision"] for one in session(*INVITED, about)["answers"]] == [7]
