"""What is kept, and kept quiet, spoiled: I12 to I15."""

from __future__ import annotations

from tests.campaign.dump import Mail
from tests.campaign.evidence import PEOPLE
from tests.campaign.load.people import canaries
from tests.campaign.mutations.draft import Draft, breaks, erased


@breaks("I12")
def an_address_is_noterased(run: Draft) -> None:
    person = erased(run)
    row = next(row for row in run.collection("members", "people") if row["_id"] == person)
    row["details"] = {"name": canaries(person)}


@breaks("I12")
def an_address_is_remembered_elsewhere(run: Draft) -> None:
    run.collection("meetings", "view_sessions")[0]["remark"] = canaries(erased(run))


@breaks("I12")
def somebody_who_is_erased_is_written_to(run: Draft) -> None:
    person = erased(run)
    line = next(line for line in run.history if line["type"] == "person" and line["person"] == person)
    line["email"] = "erased@example.org"
    run.mails.append(Mail("<x>", "erased@example.org", run.history[-1]["wall"] + 1, ""))


@breaks("I13")
def the_newest_record_of_a_person_is_missing(run: Draft) -> None:
    place = max(place for place, one in enumerate(run.records) if one.topic == PEOPLE)
    del run.records[place]


@breaks("I13")
def a_person_is_told_of_who_is_not_kept(run: Draft) -> None:
    del run.collection("members", "people")[0]


@breaks("I13")
def notifications_keeps_another_address(run: Draft) -> None:
    row = next(row for row in run.collection("notifications", "contacts") if row["details"])
    row["details"]["email"] = "another@example.org"


@breaks("I14")
def a_commit_is_not_published(run: Draft) -> None:
    commit = run.commit("meetings", "AgendaChanged")
    run.collection("meetings", "unpublished").append({"_id": commit["_id"], "recorded": commit["recorded"]})


@breaks("I14")
def an_offset_is_not_committed(run: Draft) -> None:
    place = max(run.committed["meetings"])
    run.committed["meetings"][place] -= 1


@breaks("I14")
def the_house_does_not_come_to_rest(run: Draft) -> None:
    next(line for line in run.history if line["type"] == "drained")["complete"] = False


@breaks("I14")
def the_house_takes_too_long(run: Draft) -> None:
    next(line for line in run.history if line["type"] == "drained")["seconds"] = 61.0


@breaks("I15")
def an_event_names_a_person(run: Draft) -> None:
    run.change(run.record("DelegateNominated"), value=b'{"name": "Zeisig0123"}')


@breaks("I15")
def a_journal_names_a_person(run: Draft) -> None:
    run.commit("meetings", "GuestAdmitted")["command"]["by"] = "Zeisig0123"


@breaks("I15")
def a_log_names_a_person(run: Draft) -> None:
    run.logs["members.log"] = "written to zeisig0123@post.example.org"


@breaks("I15")
def a_log_tells_a_secret(run: Draft) -> None:
    run.logs["members.log"] = "Bearer the-token"
