"""The invariants, read off the evidence alone: never asks the system whether it is right.

I9 (money) has no part in these stories, and time to heal (I14) is the storm's own bound.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from shared.contracts.registry import decode
from shared.contracts.topics import PEOPLE, events_of
from tests.storms.case import Case, commits_of, envelope_of, subscribed
from tests.storms.evidence import Document, Evidence
from tests.storms.known_facts import invitations_rest_on_what_was_known
from tests.storms.mail_checks import every_mail_is_sent_once


def violations(evidence: Evidence) -> list[str]:
    case = Case(evidence)
    return [f"{name}: {sentence}" for name, check in CHECKS for sentence in check(case)]


def acknowledged_commands_are_kept(case: Case) -> Iterable[str]:
    final = Counter(line.key for line in case.evidence.history if line.kind != "info")
    yield from (f"command {key} has no answer" for key in case.evidence.served if final[key] != 1)
    for line in case.evidence.history:
        if line.kind == "ok" and line.events:
            commits = commits_of(case, line.service, line.key)
            told = [event["id"] for commit in commits for event in commit["events"]]
            if not set(line.events) <= set(told):
                yield f"command {line.key} was acknowledged and is not in the journal"
            elif commits[0]["stream"] != line.stream or line.sequence < commits[0]["last"]:
                yield f"command {line.key} was answered with another place than it has"


def refused_commands_have_no_effect(case: Case) -> Iterable[str]:
    """None at all when every attempt was answered with a refusal, and none that was durable before a refused attempt.

    A refusal leaves no trace: an earlier attempt whose outcome is unknown may still be decided otherwise, later.
    """
    answers = Counter(line.key for line in case.evidence.history if line.kind != "info")
    for line in case.evidence.history:
        for commit in commits_of(case, line.service, line.key) if line.kind == "fail" else ():
            since = case.evidence.services[line.service].durable_since[commit["_id"]]
            if case.evidence.served[line.key] == answers[line.key] or since < line.asked:
                yield f"command {line.key} was refused ({line.rule}) and is in the journal at {commit['_id']}"


def one_key_is_one_execution(case: Case) -> Iterable[str]:
    for service, commits in case.commits.items():
        for key, number in Counter(commit["command"]["id"] for commit in commits).items():
            if number > 1:
                yield f"{service} executed {key} {number} times"
        effects = Counter(effect for commit in commits for effect in reaction_effects(commit))
        for effect, number in effects.items():
            if number > 1:
                yield f"{service} reacted {number} times: {effect}"


def reaction_effects(commit: Document) -> Iterable[tuple[str, ...]]:
    """What one event may lead to once only, said without looking at ids that we mint."""
    for told in commit["events"]:
        if told["type"].endswith(".NotificationQueued.v1"):
            queued: Any = decode(told["type"], told["data"])
            yield "mail", queued.cause, queued.content.kind, queued.person
        elif commit["command"]["by"] == "reaction":
            yield "reaction", commit["causation"], told["data"]
        elif commit["command"]["by"] == "clock":
            reminded: Any = decode(told["type"], told["data"])
            yield told["type"], commit["stream"], reminded.appointment.starts.date().isoformat()


def journal_and_topic_have_the_same_events(case: Case) -> Iterable[str]:
    for service, places in case.events.items():
        decided = {place.id for place in places}
        heard = {envelope.id for _, envelope in case.heard[events_of(service).name]}
        yield from (f"{place.name} is not in its topic" for place in places if place.id not in heard)
        yield from (f"{service}'s topic tells of {phantom}, which nobody decided" for phantom in heard - decided)


def a_place_is_one_event(case: Case) -> Iterable[str]:
    for service, places in case.events.items():
        told = defaultdict[str, set[tuple[str, bytes | None]]](set)
        for place in places:
            told[place.name].add((place.id, place.data.encode()))
        for record, envelope in case.heard[events_of(service).name]:
            told[f"{envelope.stream}:{envelope.sequence}"].add((envelope.id, record.value))
        yield from (f"{name} names {len(events)} events" for name, events in told.items() if len(events) > 1)


def topics_are_in_order(case: Case) -> Iterable[str]:
    for service in case.evidence.services:
        last, partitions = Counter[str](), defaultdict[str, set[int]](set)
        for record, envelope in case.heard[events_of(service).name]:
            partitions[envelope.stream].add(record.partition)
            if not record.planted and envelope.sequence > last[envelope.stream]:
                if envelope.sequence != last[envelope.stream] + 1:
                    yield f"{envelope.stream}:{envelope.sequence} came behind {last[envelope.stream]}"
                last[envelope.stream] = envelope.sequence
        yield from (
            f"{stream} lies in {len(found)} partitions" for stream, found in partitions.items() if len(found) > 1
        )


def journals_are_whole(case: Case) -> Iterable[str]:
    for service, commits in case.commits.items():
        last, previous = Counter[str](), dict[str, str]()
        for commit in commits:
            stream = commit["stream"]
            if commit["first"] != last[stream] + 1:
                yield f"{service}'s journal has a hole before {commit['_id']}"
            if commit["previous"] != previous.get(stream, "0" * 64):
                yield f"{service}'s chain of hashes breaks at {commit['_id']}"
            last[stream], previous[stream] = commit["last"], commit["hash"]


def each_event_is_applied_once_and_in_order(case: Case) -> Iterable[str]:
    for service, state in case.evidence.services.items():
        expected = defaultdict[str, list[list[Any]]](list)
        for place in subscribed(case, state):
            expected[place.stream].append([place.sequence, place.id])
        told = {stream: row["told"] for stream, row in state.documents("view_told").items()}
        for stream in expected.keys() | told.keys():
            if told.get(stream, []) != expected.get(stream, []):
                yield f"{service} applied {shown(told.get(stream))} of {shown(expected.get(stream))} in {stream}"
        at = {stream: row["last"] for stream, row in state.documents("positions").items()}
        yield from (
            f"{service} stands at {at.get(stream)} in {stream}, which has {len(events)}"
            for stream, events in expected.items()
            if at.get(stream) != len(events)
        )


def views_are_what_their_events_make_them(case: Case) -> Iterable[str]:
    if any(journals_are_whole(case)):
        return  # said under I5; what has holes cannot be folded
    for service, state in case.evidence.services.items():
        folded: dict[str, dict[str, Document]] = {projection.name: {} for projection in state.service.projections}
        for place in subscribed(case, state):
            envelope, event = envelope_of(place), decode(place.type, place.data)
            for projection in state.service.projections:
                if type(event) in projection.events:
                    for key in projection.keys(event, envelope):
                        known = folded[projection.name].get(key)
                        kept = {"_id": key, "conference": envelope.conference}
                        folded[projection.name][key] = {
                            **projection.fold(known, event, envelope),
                            **kept,
                            "stream": place.stream,
                            "sequence": place.sequence,
                        }
        for projection in state.service.projections:
            stored = state.documents(f"view_{projection.name}")
            for key in folded[projection.name].keys() | stored.keys():
                if folded[projection.name].get(key) != stored.get(key):
                    yield f"{service}'s projection {projection.name} is not what its events make of {key}"


def nothing_is_skipped(case: Case) -> Iterable[str]:
    """What cannot be read is kept; what was parked on the way has been applied and is parked no longer."""
    for service, state in case.evidence.services.items():
        strange = [record for record in case.evidence.records if record.key == b"junk"] + case.forged
        junk = {
            f"{record.topic}:{record.partition}:{record.offset}"
            for record in strange
            if record.topic in state.service.topics
        }
        parked = set(state.documents("parked"))
        yield from (f"{service} skipped {row}" for row in junk - parked)
        yield from (f"{service} still keeps {row}" for row in parked - junk)


def erased_people_are_gone(case: Case) -> Iterable[str]:
    erased = {
        row["_id"] for state in case.evidence.services.values() for row in state.documents("view_erased").values()
    }
    for service, state in case.evidence.services.items():
        for collection in ("people", "contacts"):
            known = state.documents(collection)
            yield from (f"{service} still knows {key}" for key in erased & known.keys() if known[key]["details"])
        elsewhere = [rows for name, rows in state.collections.items() if name not in ("people", "contacts")]
        if "canary" in repr(elsewhere):
            yield f"an address stands in {service}'s database where none belongs"
    events = [record.value for record in case.evidence.records if record.topic != PEOPLE.name]
    if any(b"canary" in (value or b"") for value in events):
        yield "an address stands in a topic of events"


def heads_are_present(case: Case) -> Iterable[str]:
    if "notifications" not in case.evidence.services:
        return
    heads = {envelope.stream: (envelope.sequence, record.value) for record, envelope in case.heard[PEOPLE.name]}
    people = case.evidence.services["members"].documents("people") if "members" in case.evidence.services else {}
    for person, row in people.items():
        version, value = heads.get(person, (0, None))
        if version != row["version"] or (value is None) != (row["details"] is None):
            yield f"the topic's last word on {person} is version {version}, and {row['version']} is kept"
        contact = case.evidence.services["notifications"].documents("contacts").get(person, {})
        if contact.get("version") != row["version"] or contact.get("details") != row["details"]:
            yield f"notifications knows version {contact.get('version')} of {person}, and {row['version']} is kept"


def everything_is_settled(case: Case) -> Iterable[str]:
    yield from case.evidence.unsettled[:5]
    yield from (f"a process died of itself: {death}" for death in case.evidence.died)


def logs_are_discreet(case: Case) -> Iterable[str]:
    yield from (
        f"a log line tells an address: {line['event']}" for line in case.evidence.logs if "canary" in repr(line)
    )


Check = Callable[[Case], Iterable[str]]
CHECKS: Sequence[tuple[str, Check]] = (
    ("I1", acknowledged_commands_are_kept),
    ("I2", refused_commands_have_no_effect),
    ("I3", one_key_is_one_execution),
    ("I4", journal_and_topic_have_the_same_events),
    ("I5", a_place_is_one_event),
    ("I5", journals_are_whole),
    ("I6", topics_are_in_order),
    ("I7", each_event_is_applied_once_and_in_order),
    ("I8", views_are_what_their_events_make_them),
    ("I10", every_mail_is_sent_once),
    ("I11", nothing_is_skipped),
    ("I12", erased_people_are_gone),
    ("I13", heads_are_present),
    ("I14", everything_is_settled),
    ("I15", logs_are_discreet),
    ("I16", invitations_rest_on_what_was_known),
)


def shown(told: Sequence[Sequence[Any]] | None) -> str:
    return str([sequence for sequence, *_ in told or ()])
