"""Which differences `kpk verify` can repair by itself, and which need a person who understands the cause."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from deploy.embedded.state import Where
from deploy.kpk.calls import call
from deploy.kpk.histories.recovery import publish_again, publish_in_public, read_again
from shared.runtime.operating.audit import BEGINNING_GONE, FORKED, POSITION_AHEAD
from shared.runtime.operating.public_audit import NO_TOPIC, NOT_FILLED, PUBLIC_DIFFERS, PUBLIC_LACKS, UNFOUNDED
from shared.runtime.operating.state_audit import STATE_DIFFERS, STATE_LACKS, STATE_STALE, STATE_UNFOUNDED

AN_HOUR = 3600.0
PROJECTION = re.compile(r"projection (\S+) .*")
TOPIC_LACKS, POSITION, TOPIC_OF_PEOPLE, CONTACTS = (
    "an event is missing in the topic",
    "the position ",
    "the topic differs about",
    "notifications differs about",
)

WHY_NOT = {
    FORKED: "no record can be taken out of a topic; a service that only hears it may have obeyed: kpk parked list",
    UNFOUNDED: "no record can be taken out of a topic: whoever reads it has to be told",
    STATE_UNFOUNDED: "no record can be taken out of a topic: whoever reads it has to be told",
    NOT_FILLED: "its worker fills it by itself: kpk status",
    NO_TOPIC: "make it: kpk topics apply",
    POSITION_AHEAD: "an event was taken that its owner never decided; its effects need somebody who knows them",
}


@dataclass(frozen=True, slots=True, order=True)
class Repair:
    """Each is harmless if nothing is wrong, and may be repeated."""

    how: Literal["republish", "republish in public", "read again", "rebuild"]
    service: str
    projection: str = ""

    def __str__(self) -> str:
        return f"{self.how} {self.service} {self.projection}".rstrip()


def repairs_of(service: str, findings: Iterable[str]) -> list[Repair]:
    """For each kind of difference its repair, if there is one."""
    return [repair for finding in findings for repair in _repairs_of(service, finding)]


def beyond_repair(service: str, found: Mapping[str, str]) -> list[str]:
    """The sentences, by kind, for which there is no repair, with the reason if it is known."""
    left = {kind: sentence for kind, sentence in found.items() if not _repairs_of(service, kind)}
    return [f"{sentence} ({WHY_NOT[kind]})" if kind in WHY_NOT else sentence for kind, sentence in left.items()]


def _repairs_of(service: str, finding: str) -> list[Repair]:
    if finding in (TOPIC_LACKS, BEGINNING_GONE):
        return [Repair("republish", service)]
    if finding in (PUBLIC_LACKS, PUBLIC_DIFFERS, STATE_LACKS, STATE_DIFFERS, STATE_STALE):
        return [Repair("republish in public", service)]
    if finding == TOPIC_OF_PEOPLE:
        return [Repair("republish", "members")]
    if finding == CONTACTS:
        return [Repair("read again", "notifications")]
    if finding.startswith(POSITION) and finding != POSITION_AHEAD:
        return [Repair("read again", service)]
    if named := PROJECTION.fullmatch(finding):
        return [Repair("rebuild", service, named[1])]
    return []


def name_of(differences: Sequence[str], repairs: Sequence[Repair]) -> str:
    """The same differences have the same name: a plan is carried out only on the differences that it was made for."""
    said = "\n".join([*sorted(differences), *map(str, sorted(repairs))])
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def carry_out(where: Where, repair: Repair, why: str) -> None:
    """Raises ``Problem`` with the service's sentence if it refuses."""
    match repair.how:
        case "republish":
            publish_again(where, repair.service, since=None, why=why)
        case "republish in public":
            publish_in_public(where, repair.service, why)
        case "read again":
            read_again(where, repair.service, why)
        case "rebuild":
            body = {"view": repair.projection, "why": why}
            call(where, repair.service, "POST", "/admin/rebuild", body=body, seconds=AN_HOUR)
        case _:
            assert_never(repair.how)
