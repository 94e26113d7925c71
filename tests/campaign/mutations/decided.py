"""What was decided and told, spoiled: I1 to I6."""

from __future__ import annotations

from dataclasses import replace

from shared.kernel.identifiers import derived_id
from tests.campaign.dump import Record, Seen
from tests.campaign.mutations.draft import Draft, breaks


@breaks("I1")
def an_acknowledged_command_is_lost(run: Draft) -> None:
    key = run.ok("funding.BookExpense")["key"]
    journal = run.collection("funding", "journal")
    journal[:] = [commit for commit in journal if commit["command"]["id"] != key]


@breaks("I1")
def an_acknowledged_command_stands_elsewhere(run: Draft) -> None:
    run.ok("funding.BookExpense")["sequence"] += 1


@breaks("I1")
def an_acknowledged_person_is_lost(run: Draft) -> None:
    [line, *_] = [line for line in run.history if line["type"] == "ok" and line["op"] == "members.RecordPerson"]
    lost = derived_id("command", line["key"])
    for person in run.collection("members", "people"):
        person["commands"] = [given for given in person.get("commands", ()) if given["id"] != lost]


@breaks("I2")
def a_refused_command_has_an_effect(run: Draft) -> None:
    run.ok("meetings.ChangeAgenda").update(type="fail", http=409, rule="SessionIsClosed")


@breaks("I2")
def a_command_is_executed_that_nobody_gave(run: Draft) -> None:
    key = run.ok("members.NominateDelegate")["key"]
    run.history[:] = [line for line in run.history if line.get("key") != key]


@breaks("I3")
def one_key_is_executed_twice(run: Draft) -> None:
    first = run.commit("funding", "ExpenseBooked")
    events = [{**event, "id": event["id"][::-1]} for event in first["events"]]
    again = {**first, "first": first["last"] + 1, "last": first["last"] + len(events), "events": events}
    run.collection("funding", "journal").append({**again, "_id": f"{first['stream']}:{again['first']}"})


@breaks("I3")
def one_key_is_answered_in_two_ways(run: Draft) -> None:
    line = run.ok("meetings.ChangeAgenda")
    run.history.append({**line, "events": ["another"]})


@breaks("I3")
def what_was_executed_is_refused_when_said_again(run: Draft) -> None:
    line = run.ok("members.NominateDelegate")
    run.history.append({**line, "type": "fail", "http": 409, "rule": "SaidBefore"})


@breaks("I4")
def a_decided_event_is_in_no_topic(run: Draft) -> None:
    del run.records[run.record("ExpenseBooked")]


@breaks("I4")
def a_topic_tells_what_nobody_decided(run: Draft) -> None:
    one = run.records[run.record("ExpenseBooked")]
    headers = {**dict(one.headers), "ce_id": b"phantom", "ce_sequence": b"9999"}
    run.records.append(replace(one, offset=one.offset + 1000, headers=tuple(headers.items())))


@breaks("I4")
def a_topic_holds_what_no_service_wrote(run: Draft) -> None:
    run.records.append(Record("kpk.funding.v1", 0, 100_000, 0, b"key", b"{}", ()))


@breaks("I4")
def an_outsider_has_missed_a_record(run: Draft) -> None:
    del run.seen[len(run.seen) // 2]


@breaks("I5")
def one_byte_of_a_record_differs(run: Draft) -> None:
    place = run.record("InvitationIssued")
    run.change(place, value=(run.records[place].value or b"").replace(b"1", b"2", 1))


@breaks("I5")
def one_byte_of_the_journal_differs(run: Draft) -> None:
    [event, *_] = run.commit("funding", "ExpenseBooked")["events"]
    event["data"] = event["data"].replace("1", "2", 1)


@breaks("I5")
def one_place_is_taken_by_two_events(run: Draft) -> None:
    one = run.records[run.record("ExpenseBooked")]
    headers = {**dict(one.headers), "ce_id": b"another"}
    run.records.append(replace(one, offset=one.offset + 1000, headers=tuple(headers.items())))


@breaks("I5")
def an_outsider_has_read_something_else(run: Draft) -> None:
    one = run.seen[0]
    run.seen[0] = Seen(one.topic, one.partition, one.offset, one.key, "another")


@breaks("I6")
def two_records_of_a_stream_are_swapped(run: Draft) -> None:
    later = run.record("ExpenseBooked")
    earlier = next(place for place in range(later - 1, 0, -1) if run.records[place].key == run.records[later].key)
    a, b = run.records[earlier], run.records[later]
    run.records[earlier] = replace(b, offset=a.offset)
    run.records[later] = replace(a, offset=b.offset)


@breaks("I6")
def a_stream_lies_in_two_partitions(run: Draft) -> None:
    place = run.record("ExpenseBooked")
    run.change(place, partition=run.records[place].partition + 1)


@breaks("I6")
def a_journal_skips_a_number(run: Draft) -> None:
    commit = run.commit("funding", "ExpenseBooked")
    commit["first"] += 1
    commit["last"] += 1
