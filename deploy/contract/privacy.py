"""The table of topics in `docs/privacy.md`: what is on each, on which basis, who reads it and how long it is kept."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.rights.kafka import READER, TopicRights
from deploy.rights.kafka import TOPICS as RIGHTS
from deploy.rights.page import table
from shared.contracts.topics import DAY, GONE_WITHIN, PEOPLE, PUBLIC_TOPICS, STATE_TOPICS, TOPICS, Topic

BEGIN, END = "<!-- topics: written by make contract -->\n", "<!-- end of topics -->\n"

TASK = "the city's own task by the council's decision (Art. 6(1)(e) GDPR)"
PSEUDONYMOUS = {
    "members": "who is recorded, and has or had which seat, by opaque ids",
    "meetings": "who is invited, answers and attends, by opaque ids",
    "funding": "payees by references, and the accounts that book and approve",
    "office": "nothing yet: the office's pages decide nothing",
    "notifications": "who is written to about what, by opaque ids",
}
NAMED_SYSTEMS = {"all": f"every `{READER}…`", "named": f"`{READER}…` to whom it was granted", "none": "no other system"}


def with_topics(page: str) -> str:
    """The page with its table of topics up to date. Raises ``ValueError`` if its place is not marked."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"docs/privacy.md has no place for the table of topics: {BEGIN.strip()} … {END.strip()}")
    return f"{before}{BEGIN}{_topics()}{END}{after}"


def _topics() -> str:
    rights = {one.name: one for one in RIGHTS}
    rows = ((f"`{topic.name}`", *_data(topic), _readers(rights[topic.name]), _period(topic)) for topic in TOPICS)
    return table(("topic", "data", "basis", "readers", "kept"), rows)


def _data(topic: Topic) -> Iterator[str]:
    """With the legal basis."""
    if topic == PEOPLE:
        yield from ("names, salutations and addresses", f"{TASK}, until the erasure (Art. 17)")
    elif topic in (*PUBLIC_TOPICS, *STATE_TOPICS):
        yield from ("nothing about a person, field by field (`contract/public-fields.txt`)", "no personal data")
    else:
        yield from (f"{PSEUDONYMOUS[topic.owner]}; pseudonymous (Art. 4(5))", TASK)


def _readers(topic: TopicRights) -> str:
    return f"{', '.join(topic.readers)}; {NAMED_SYSTEMS[topic.other_systems]}"


def _period(topic: Topic) -> str:
    if topic == PEOPLE:
        return f"the present state; {GONE_WITHIN // DAY} days after the null value"
    if topic in STATE_TOPICS:
        return "the present state, for ever"
    return (
        "for ever: the ids tell nobody who it was once the details are erased"
        if topic not in PUBLIC_TOPICS
        else "for ever"
    )
