"""I12 who is erased is nowhere any more · I15 no name, address or secret where it does not belong."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter

from tests.campaign.dump import Mail
from tests.campaign.evidence import CANARY, PEOPLE, SERVICES, Evidence, Violation


def erased_is_nowhere(run: Evidence) -> Iterator[Violation]:
    canaries = {run.people[person]["name"]: person for person in _erased(run)}
    for service in SERVICES:
        for name, documents in run.dump.databases.get(service, {}).items():
            for document in documents:
                yield from _found(canaries, repr(document), f"{service}.{name} {document['_id']}")
    for person, mails in _late_mails(run).items():
        for mail in mails:
            yield Violation("I12", "somebody who is erased was written to", f"{person} {mail.id}")


def _found(canaries: dict[str, str], text: str, where: str) -> Iterator[Violation]:
    if not CANARY.search(text):
        return
    for canary, person in canaries.items():
        if canary in text or canary.lower() in text:
            yield Violation("I12", f"{person} is erased and still known", where)


def _erased(run: Evidence) -> set[str]:
    told = (one for one in run.decided if one.type == "kpk.members.PersonErased.v1")
    return {one.stream.rpartition("/")[2] for one in told}


def _late_mails(run: Evidence) -> dict[str, list[Mail]]:
    """Accepted after the installation had come to rest behind the erasure."""
    drained = sorted(line["wall"] for line in run.lines("drained"))
    late: dict[str, list[Mail]] = {}
    for line in sorted(run.lines("ok"), key=itemgetter("t")):
        if line["op"] == "members.ErasePerson" and line["events"]:
            person = line["stream"].rpartition("/")[2]
            rested = next((wall for wall in drained if wall > line["wall"]), None)
            mails = [mail for mail in run.dump.mails if mail.to == run.people[person]["email"]]
            late[person] = [mail for mail in mails if rested is not None and mail.at > rested]
    return late


def personal_data_stay_where_they_belong(run: Evidence) -> Iterator[Violation]:
    for record in run.dump.records:
        if record.topic != PEOPLE and CANARY.search(f"{record.value!r} {record.headers!r}"):
            yield Violation("I15", "an event names a person", f"{record.topic}:{record.partition}:{record.offset}")
    for service in SERVICES:
        for commit in run.commits(service):
            if CANARY.search(repr(commit)):
                yield Violation("I15", "a journal names a person", f"{service} {commit['_id']}")
    for name, text in run.dump.logs.items():
        if CANARY.search(text):
            yield Violation("I15", "a log names a person", name)
        if any(secret in text for secret in run.dump.secrets):
            yield Violation("I15", "a log tells a secret", name)
