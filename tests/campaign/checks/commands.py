"""I1 nothing acknowledged is lost · I2 what was refused has no effect · I3 one key is executed once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from shared.kernel.identifiers import derived_id
from tests.campaign.dump import Document
from tests.campaign.evidence import SERVICES, Evidence, Violation
from tests.campaign.history import Line

CALLERS = ("office", "office-2", "approver", "admin")

Said = tuple[str, str]
"""Key, and hash of what was said under it."""


def acknowledged_is_kept(run: Evidence) -> Iterator[Violation]:
    """By the events that the answer named: a journal that was recovered from its topic has them in other commits.

    Of a key under which a person was recorded its mark is kept.
    """
    recorded = {row["id"] for person in run.dump.collection("members", "people") for row in person.get("commands", ())}
    for line in run.lines("ok"):
        if line["op"] == "members.RecordPerson":
            if derived_id("command", line["key"]) not in recorded:
                yield Violation("I1", "an acknowledged record of a person is lost", line["key"])
        elif not _stands(run, line):
            yield Violation("I1", "an acknowledged command is lost", f"{line['op']} {line['key']}")


def _stands(run: Evidence, line: Line) -> bool:
    """Its events are the stream's last ones up to the number that was answered."""
    first = line["sequence"] - len(line["events"]) + 1
    found = [run.decided_by_id.get(event) for event in line["events"]]
    return all(
        one is not None and (one.stream, one.sequence) == (line["stream"], first + place)
        for place, one in enumerate(found)
    )


def refused_has_no_effect(run: Evidence) -> Iterator[Violation]:
    """A refusal behind an answer that never came proves nothing: the first try may still have been on its way."""
    commits = _by_command(run)
    for said, lines in _by_said(run).items():
        kinds = [line["type"] for line in lines]
        late = any(line["type"] == "info" and line["how"] == "timeout" for line in lines)
        done = [commit for commit in commits.get(said[0], []) if commit["command"]["body"] == said[1]]
        if "fail" in kinds and "ok" not in kinds and done and not late:
            yield Violation("I2", "a refused command was executed", f"{lines[0]['op']} {said[0]}")
    given = {(line["key"], line["body"]) for line in run.lines("invoke")}
    for key, found in commits.items():
        for commit in found:
            if key.split(":")[0] in CALLERS and (key, commit["command"]["body"]) not in given:
                yield Violation("I2", "a command was executed that nobody gave", key)


def executed_once(run: Evidence) -> Iterator[Violation]:
    for key, found in _by_command(run).items():
        if len(found) > 1:
            yield Violation("I3", "one key was executed more than once", key)
    for said, lines in _by_said(run).items():
        executed = [place for place, line in enumerate(lines) if line["type"] == "ok" and line["events"]]
        if len({tuple(lines[place]["events"]) for place in executed}) > 1:
            yield Violation("I3", "one key was answered in two ways", said[0])
        if executed and any(line["type"] == "fail" for line in lines[executed[0] :]):
            yield Violation("I3", "what was executed was refused when it was said again", said[0])


def _by_command(run: Evidence) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = defaultdict(list)
    for service in SERVICES:
        for commit in run.commits(service):
            found[commit["command"]["id"]].append(commit)
    return found


def _by_said(run: Evidence) -> dict[Said, list[Line]]:
    found: dict[Said, list[Line]] = defaultdict(list)
    for line in run.lines("ok", "fail", "info"):
        found[line["key"], line["body"]].append(line)
    return found
