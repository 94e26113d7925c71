"""What follows from it, spoiled: I7 to I11."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from bson import json_util

from tests.campaign.dump import Mail
from tests.campaign.mutations.draft import Draft, breaks, parked, retell


@breaks("I7")
def a_service_stands_one_event_behind(run: Draft) -> None:
    position = next(row for row in run.collection("meetings", "positions") if "/session/" in row["_id"])
    position["last"] -= 1


@breaks("I7")
def a_service_has_taken_another_event(run: Draft) -> None:
    run.collection("funding", "positions")[0]["event"] = "another"


@breaks("I7")
def a_service_knows_a_stream_of_nowhere(run: Draft) -> None:
    run.collection("funding", "positions").append({"_id": "stuttgart/grant/nowhere", "last": 1, "event": "x"})


@breaks("I8")
def a_view_is_altered(run: Draft) -> None:
    run.collection("meetings", "view_sessions")[0]["appointment"] = None


@breaks("I8")
def a_view_lacks_a_document(run: Draft) -> None:
    del run.collection("members", "view_seats")[0]


@breaks("I8")
def a_view_has_a_document_too_many(run: Draft) -> None:
    rows = run.collection("funding", "view_expenses")
    rows.append({**rows[0], "_id": "stuttgart/grant/grant-1/of-nowhere"})


@breaks("I9")
def the_budget_shows_a_cent_too_much(run: Draft) -> None:
    run.collection("funding", "view_budget")[0]["lines"][0]["booked"] += 1


@breaks("I9")
def the_grant_shows_a_cent_too_little(run: Draft) -> None:
    run.collection("funding", "view_grants")[0]["spent"] -= 1


@breaks("I9")
def more_is_booked_than_was_granted(run: Draft) -> None:
    retell(run.commit("funding", "ExpenseBooked"), amount=10**9)


@breaks("I9")
def who_booked_has_approved(run: Draft) -> None:
    retell(run.commit("funding", "ExpenseApproved"), approved_by="office")


@breaks("I9")
def an_approval_names_another_amount(run: Draft) -> None:
    retell(run.commit("funding", "ExpenseApproved"), amount=1)


@breaks("I10")
def a_mail_comes_twice(run: Draft) -> None:
    run.mails.append(run.mails[0])


@breaks("I10")
def a_mail_never_came(run: Draft) -> None:
    del run.mails[0]


@breaks("I10")
def a_mail_went_to_somebody_else(run: Draft) -> None:
    run.mails[0] = replace(run.mails[0], to="somebody-else@example.org")


@breaks("I10")
def a_mail_comes_that_nobody_queued(run: Draft) -> None:
    run.mails.append(Mail("<nobody@stuttgart.example.org>", "somebody@example.org", 0, ""))


@breaks("I10")
def two_copies_differ(run: Draft) -> None:
    run.mails.append(replace(run.mails[0], sha="another"))


@breaks("I10")
def nobody_is_written_to_because_of_an_event(run: Draft) -> None:
    journal = run.collection("notifications", "journal")
    stream = run.commit("notifications", "NotificationQueued")["stream"]
    journal[:] = [commit for commit in journal if commit["stream"] != stream]


@breaks("I10")
def one_event_leads_to_two_mails(run: Draft) -> None:
    journal = run.collection("notifications", "journal")
    stream = run.commit("notifications", "PrintLetterDue")["stream"]
    old = stream.rpartition("/")[2]
    for commit in [one for one in journal if one["stream"] == stream]:
        again = json_util.loads(json_util.dumps(commit).replace(old, "another"))
        journal.append({**again, "events": [{**event, "id": event["id"] + "x"} for event in again["events"]]})


@breaks("I10")
def a_mail_is_given_up(run: Draft) -> None:
    commit = run.commit("notifications", "NotificationSent")
    [event] = commit["events"]
    event["type"] = "kpk.notifications.NotificationFailed.v1"
    retell(commit, reason="no_contact")


@breaks("I10")
def a_mail_without_an_answer_never_came(run: Draft) -> None:
    name = run.mails[0].id.strip("<>").partition("@")[0]
    del run.mails[0]
    for commit in run.collection("notifications", "journal"):
        if name in commit["stream"] and "NotificationSent" in commit["events"][0]["type"]:
            commit["events"][0]["type"] = "kpk.notifications.NotificationFailed.v1"
            retell(commit, reason="unanswered")


@breaks("I10")
def a_mail_is_overtaken(run: Draft) -> None:
    """The first word about a session comes last."""
    journal = run.collection("notifications", "journal")
    told = [
        json.loads(event["data"])
        for commit in journal
        for event in commit["events"]
        if ".NotificationQueued." in event["type"]
    ]
    later = {
        (one["person"], one["content"]["session"]) for one in told if one["content"]["kind"] in ("update", "reminder")
    }
    first = {one["mail"] for one in told if one["content"]["kind"] == "invitation" and _about(one) in later}
    place = next(place for place, mail in enumerate(run.mails) if mail.id.strip("<>").partition("@")[0] in first)
    run.mails[place] = replace(run.mails[place], at=10**15)


def _about(queued: dict[str, Any]) -> tuple[str, str]:
    return queued["person"], queued["content"]["session"]


@breaks("I10")
def a_mail_gives_way_to_nothing(run: Draft) -> None:
    commit = run.commit("notifications", "NotificationSent")
    [event] = commit["events"]
    event["type"] = "kpk.notifications.NotificationSuperseded.v1"
    retell(commit, by="nothing")


@breaks("I11")
def a_record_is_parked_that_nobody_spoiled(run: Draft) -> None:
    run.collection("funding", "parked").append(parked(run.records[run.record("ExpenseBooked")]))


@breaks("I11")
def a_planted_record_is_notparked(run: Draft) -> None:
    one = run.records[run.record("ExpenseBooked")]
    place = {"topic": one.topic, "partition": one.partition, "offset": one.offset}
    run.history.append({"t": 0, "wall": 0, "type": "planted", **place, "expect": {"funding": "poison"}})


@breaks("I11")
def a_person_was_not_heard_of(run: Draft) -> None:
    for row in run.collection("notifications", "contacts"):
        row["version"] = 0
