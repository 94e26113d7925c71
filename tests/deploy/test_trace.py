"""`kpk trace`: what led to something and what followed, and nothing beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from deploy.kpk.stories.story import Found, Node, Sought, Told, pruned, tree_of
from shared.contracts.envelope import Envelope
from shared.kernel.identifiers import derived_id
from shared.runtime.kafka.record import KeptRecord

CALLERS = frozenset({"office", "admin"})
COMMAND = derived_id("command", "office:my-key")
EVA, ADA = derived_id("eva"), derived_id("ada")


@dataclass
class History:
    """Events one second apart, by a name of the test's own."""

    told: dict[str, Told]

    def say(
        self, name: str, stream: str, cause: str, story: str = COMMAND, sequence: int = 1, value: str = "{}"
    ) -> None:
        time = datetime(2024, 4, 23, tzinfo=UTC) + timedelta(seconds=len(self.told))
        cause = self.told[cause].envelope.id if cause in self.told else cause
        envelope = Envelope(
            derived_id(name), "kpk.members.X.v1", "s", stream, time, sequence, "stuttgart", story, cause
        )
        record = KeptRecord("kpk.members.v1", 0, len(self.told), stream.encode(), value.encode(), envelope.headers())
        self.told[name] = Told(envelope, record, 0.0)

    def found(self, name: str) -> list[str]:
        """As the command does, on what lies in the topics; each line indented by its depth."""
        sought, found, size = Sought(name, CALLERS), Found(), -1
        for told in self.told.values():
            if sought.names(told.envelope):
                found.take(told.envelope, found.named)
            elif sought.is_mentioned(told.record):
                found.take(told.envelope, found.mentioned)
        while found.size > size:
            size = found.size
            events = [told for told in self.told.values() if found.has(told.envelope)]
            for told in events:
                found.take(told.envelope)
        return self.lines(pruned(tree_of(list(reversed(events))), found.named, found.mentioned))

    def lines(self, nodes: Sequence[Node], depth: int = 0) -> list[str]:
        names = {told.envelope.id: name for name, told in self.told.items()}
        lines = []
        for node in nodes:
            lines += ["  " * depth + names.get(node.id, "command"), *self.lines(node.follows, depth + 1)]
        return lines


@pytest.fixture
def history() -> History:
    """Two are invited because of one command; the sender's own commands begin stories of their own."""
    made = History({})
    made.say("invited", "stuttgart/session/first", COMMAND, value=f'["{EVA}", "{ADA}"]')
    for who, person in (("eva", EVA), ("ada", ADA)):
        stream = f"stuttgart/mail/{derived_id('mail', who)}"
        made.say(f"queued {who}", stream, "invited", value=f'"{person}"')
        made.say(f"attempted {who}", stream, derived_id(f"a {who}"), derived_id(f"a {who}"), 2)
        made.say(f"sent {who}", stream, derived_id(f"s {who}"), derived_id(f"s {who}"), 3)
    made.say("elsewhere", "stuttgart/grant/g", derived_id("other"), derived_id("other"))
    return made


WHOLE = [
    "command",
    "  invited",
    *("    queued eva", "      attempted eva", "        sent eva"),
    *("    queued ada", "      attempted ada", "        sent ada"),
]
OF_EVA = WHOLE[:5]


@pytest.mark.parametrize(
    "name", ["office:my-key", "my-key", COMMAND, COMMAND[:8], derived_id("invited"), "stuttgart/session/first"]
)
def test_a_command_or_its_event_is_the_whole_story_down_to_the_accepted_mails(name: str, history: History) -> None:
    assert history.found(name) == WHOLE


@pytest.mark.parametrize(
    "name", [derived_id("mail", "eva"), derived_id("mail", "eva")[:8], derived_id("queued eva"), EVA]
)
def test_a_mail_or_a_person_is_told_with_what_led_there_and_without_the_others(name: str, history: History) -> None:
    assert history.found(name) == OF_EVA


def test_the_last_event_of_a_mail_leads_back_to_the_request(history: History) -> None:
    assert history.found(derived_id("sent eva")) == OF_EVA


@pytest.mark.parametrize("name", ["nonsense", "office:other-key", "12345678", "stuttgart/session", "e"])
def test_what_nothing_has_to_do_with_is_nothing(name: str, history: History) -> None:
    assert history.found(name) == []
