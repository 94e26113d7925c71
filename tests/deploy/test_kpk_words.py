"""What `kpk` says and understands: events in business words, commands from words, the page of all events."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from typer.main import get_command

from deploy.embedded.data_folder import Refused
from deploy.embedded.process import ROOT
from deploy.kpk.calls import sentence_of_problem
from deploy.kpk.commands.amounts import cents
from deploy.kpk.commands.fields import fields_of
from deploy.kpk.commands.send import arguments, over, read_body, schema_of, whole
from deploy.kpk.services import service_called
from deploy.kpk.stories.events import page
from deploy.kpk.stories.sentences import Teller
from deploy.kpk.stories.watch import BEGINNING, Telling, Wanted, moment_of
from deploy.kpk.tools import app_for
from services.funding.domain.drawdowns import RequestDrawdown
from services.funding.domain.notice import RecordAward
from services.meetings.domain.session_invitation import IssueInvitation
from services.meetings.domain.session_planning import ScheduleSession
from services.members.domain.mandates import AppointDelegate
from services.members.domain.person import RecordPerson
from services.members.domain.seat_group import OpenSeatGroup
from services.members.domain.working_group import EstablishWorkingGroup
from shared.contracts.envelope import Envelope
from shared.contracts.people import PERSON_DETAILS
from shared.contracts.registry import EVENTS
from shared.contracts.topics import PEOPLE, SERVICES
from shared.kernel.decider import Command
from shared.kernel.money import euros
from shared.runtime.commands.routes import body_model

APP = app_for([])

NOW = datetime(2024, 4, 23, 12, tzinfo=UTC)
ID = "00000000-0000-0000-0000-000000000001"
APPOINTED = "kpk.members.DelegateAppointed.v1"


@dataclass(frozen=True)
class Raw:
    topic: str
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    key: bytes | None = b"someone"
    partition: int = 0
    offset: int = 7
    timestamp: int = 0


def record(
    type_name: str,
    value: bytes | None,
    topic: str = "kpk.members.v1",
    sequence: int = 1,
    stream: str = "stuttgart/seat-group/hospitals",
    conference: str = "stuttgart",
    at: datetime = NOW,
) -> Raw:
    envelope = Envelope(ID, type_name, "urn:kpk:members", stream, at, sequence, conference, ID, ID)
    return Raw(topic, value, envelope.headers())


def shown(*records: Raw, wanted: Wanted | None = None, as_json: bool = False) -> list[str]:
    return Telling(wanted, as_json=as_json).lines(records)


def test_an_event_is_told_by_its_own_sentence() -> None:
    told = {"seat": "hospitals-1", "person": ID, "since": "2024-04-23"}
    assert Teller().event(APPOINTED, told) == "Seat hospitals-1 is filled by person 00000000 from 2024-04-23."
    assert Teller("de").event(APPOINTED, told) == "Der Sitz hospitals-1 ist ab 23.04.2024 mit Person 00000000 besetzt."


def test_the_german_sentence_of_an_event_names_only_fields_that_it_has() -> None:
    for name, event in EVENTS.items():
        fields = {field for _, field, _, _ in Formatter().parse(event.german) if field}
        assert fields <= set(event.model_fields), name


def test_amounts_are_told_as_money_in_either_language() -> None:
    told = {"amount": 4_000_050, "grant": "g", "drawdown": "d", "on": "2024-04-23"}
    drawdown = "kpk.funding.DrawdownRequested.v1"
    assert Teller().event(drawdown, told) == "40,000.50 EUR of grant g are called by d."
    assert Teller("de").event(drawdown, told) == "40.000,50 EUR der Zuwendung g sind mit d abgerufen."


def test_what_somebody_typed_is_told_as_it_was_typed_and_words_and_days_in_german() -> None:
    answered = {"recommendation": "open", "name": "queued", "answer": "partly"}
    kind = "kpk.meetings.RecommendationAnswered.v1"
    said = "Zur Empfehlung {} liegt die Antwort vor: {}, teilweise berücksichtigt."
    assert Teller("de").event(kind, answered) == said.format("open", "queued")
    for typed in ("2024-04-23", "2024-04-23T10:00:00.000Z", ID, "partly"):
        told = Teller("de").event(kind, {**answered, "recommendation": "2024-04-23", "name": typed})
        assert told == said.format("2024-04-23", typed)


def test_things_are_told_by_the_names_that_events_gave_them_within_their_conference() -> None:
    opened = {"group": "hospitals", "name": "Krankenhäuser", "seats": ["hospitals-1", "hospitals-2"]}
    scheduled = {"session": "first", "appointment": {"title": "Erste Sitzung"}}
    telling = Telling(language="de")
    lines = telling.lines(
        [
            record("kpk.members.SeatGroupOpened.v1", json.dumps(opened).encode()),
            record(APPOINTED, b'{"seat": "hospitals-2", "person": "p", "since": "2024-04-23"}', sequence=2),
            record("kpk.meetings.SessionScheduled.v1", json.dumps(scheduled).encode(), sequence=3),
            record(APPOINTED, b'{"seat": "hospitals-2"}', sequence=4, conference="ulm"),
        ]
    )
    assert [line.partition("members        ")[2] for line in lines] == [
        "Die Sitzgruppe „Krankenhäuser“ ist eröffnet.",
        "Der Sitz „Krankenhäuser 2“ ist ab 23.04.2024 mit p besetzt.",
        "Die Sitzung „Erste Sitzung“ ist angesetzt.",
        "Der Sitz hospitals-2 ist ab ? mit ? besetzt.",
    ]


MAIL = [
    (
        "NotificationQueued",
        {"seat": "hospitals-1", "person": ID, "content": {"kind": "invitation", "session": "first"}},
    ),
    ("NotificationAttempted", {"attempt": 1}),
    ("NotificationDeferred", {"attempt": 1, "reason": "busy"}),
    ("NotificationAttempted", {"attempt": 2}),
    ("NotificationSent", {"attempt": 2}),
]


def mail_events() -> list[Raw]:
    return [
        record(f"kpk.notifications.{name}.v1", json.dumps(told).encode(), sequence=place, stream=f"stuttgart/mail/{ID}")
        for place, (name, told) in enumerate(MAIL, start=1)
    ]


def test_a_mail_is_one_line_unless_every_event_is_asked_for() -> None:
    [line] = Telling().lines(mail_events())
    assert line.endswith("Mail “invitation” about session first for seat hospitals-1: sent, 2 attempts.")
    [line] = Telling(language="de").lines(mail_events())
    assert line.endswith("Schreiben „Einladung“ zur Sitzung first an den Sitz hospitals-1: versandt, 2 Versuche.")
    for all_of_it in (
        Telling(every=True),
        Telling(as_json=True),
        Telling(Wanted(type="NotificationDeferred")),
    ):
        assert len(all_of_it.lines(mail_events())) == (1 if all_of_it._wanted.type else len(MAIL))


@pytest.mark.parametrize("order", [*permutations(range(4))], ids=str)
def test_a_batch_is_told_in_the_order_of_its_events_whatever_order_it_came_in(order: Sequence[int]) -> None:
    """Those of one moment in the order of their stream; what is no event comes first."""
    opened = (("members", 1, NOW), ("members", 2, NOW), ("meetings", 1, NOW + timedelta(seconds=1)))
    told = [
        Raw("kpk.members.v1", b"{}", [("ce_id", b"x")]),
        *(
            record(APPOINTED, b'{"seat": "s-%d"}' % number, f"kpk.{topic}.v1", number, at=at)
            for topic, number, at in opened
        ),
    ]
    lines = Telling().lines([told[place] for place in order])
    assert lines == [line for one in told for line in Telling().lines([one])]


def test_a_mail_whose_beginning_was_not_seen_is_told_too() -> None:
    assert Telling().lines(mail_events()[2:])[0].endswith("Mail: sent, 2 attempts.")


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (b"{}", "Seat ? is filled by ? from ?."),
        (b"no json", "Seat ? is filled by ? from ?."),
        (None, "Seat ? is filled by ? from ?."),
        (b'{"seat": "\\u001b[2J", "person": 1, "since": null}', "Seat ?[2J is filled by 1 from null."),
    ],
)
def test_whatever_arrives_is_told_and_no_terminal_obeys_it(value: bytes | None, sentence: str) -> None:
    assert shown(record(APPOINTED, value)) == [f"23.04.2024 14:00:00  stuttgart     members        {sentence}"]


def test_an_unknown_type_stands_for_itself() -> None:
    assert shown(record("kpk.members.SomethingNew.v7", b"{}"))[0].endswith("kpk.members.SomethingNew.v7")


@pytest.mark.parametrize("as_json", [False, True])
def test_nothing_of_a_persons_details_is_ever_shown(as_json: bool) -> None:
    lines = shown(record(PERSON_DETAILS.name, b'{"name": "Geheim"}', topic=PEOPLE.name), as_json=as_json)
    assert "The details of someone are recorded." in lines[0] and "Geheim" not in lines[0]
    assert "someone is erased." in shown(record(PERSON_DETAILS.name, None, topic=PEOPLE.name), as_json=as_json)[0]


def test_a_record_without_headers_is_named_by_its_place() -> None:
    strange = Raw("kpk.members.v1", b"Geheim", [])
    assert shown(strange) == ["a record that is no event: kpk.members.v1, partition 0, offset 7"]
    assert shown(strange, wanted=Wanted(service="members")) == []


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Wanted(conference="stuttgart", service="members", type="DelegateAppointed"), 1),
        (Wanted(type="kpk.members.delegateappointed.v1"), 1),
        (Wanted(stream="stuttgart/seat-group"), 1),
        (Wanted(conference="ulm"), 0),
        (Wanted(service="funding"), 0),
        (Wanted(type="MandateEnded"), 0),
        (Wanted(stream="stuttgart/session"), 0),
    ],
)
def test_filters(wanted: Wanted, count: int) -> None:
    assert len(shown(record(APPOINTED, b"{}"), wanted=wanted)) == count


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("start", BEGINNING),
        ("30m", NOW - timedelta(minutes=30)),
        ("2d", NOW - timedelta(days=2)),
        ("2024-04-23T14:00:00+02:00", NOW),
        ("2024-04-23T14:00:00", NOW),
        ("999999d", BEGINNING),
    ],
)
def test_since(text: str, moment: datetime) -> None:
    assert moment_of(text, NOW) == moment


def test_a_moment_that_is_none_is_refused() -> None:
    with pytest.raises(Refused, match="yesterday"):
        moment_of("yesterday", NOW)
    with pytest.raises(Refused, match=r"no one moment: summer time.*\+01:00"):
        moment_of("2026-10-25 02:30", NOW)


def test_words_become_the_commands_fields() -> None:
    words = ["--conference", "stuttgart", "--group=hospitals", "--number", "7", "--name", "null", "--seats", "2"]
    assert arguments(OpenSeatGroup, words) == {
        "conference": "stuttgart",
        "group": "hospitals",
        "number": 7,
        "name": "null",
        "seats": 2,
    }


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--at", "2024-04-23"], "does not understand --at"),
        (["--by", "office"], "does not understand --by"),
        (["hospitals"], "does not understand hospitals"),
        (["--seat"], "--seat needs a value"),
    ],
)
def test_words_that_are_no_field_are_refused(words: list[str], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        arguments(AppointDelegate, words)


@pytest.mark.parametrize(
    ("command", "words", "reason"),
    [
        (OpenSeatGroup, "--number seven", "--number takes a whole number from 1 to 999, and seven is none"),
        (OpenSeatGroup, "--number 1000", "--number takes a whole number from 1 to 999"),
        (OpenSeatGroup, "--kind string", "--kind takes delegated or ex_officio"),
        (AppointDelegate, "--since tomorrow", r"--since takes a day \(2026-01-31 or 31.01.2026\)"),
        (AppointDelegate, "--since 31.02.2026", "--since takes a day"),
        (ScheduleSession, "--starts 2026-01-31", "the time of day is missing"),
        (IssueInvitation, "--as-known perhaps", "--as-known takes yes or no"),
        (RequestDrawdown, "--amount 40000", "400,00 EUR or 400.00 EUR; in cents: 40000 cents.*its unit is missing"),
        (RequestDrawdown, "--amount 1.000EUR", "cents are two digits"),
        (RequestDrawdown, "--amount 400,0EUR", "cents are two digits"),
        (RequestDrawdown, "--amount 1.5cents", "cents are whole"),
        (RequestDrawdown, f"--amount {'9' * 5000}cents", r"is none \(it is too long\)$"),
        (OpenSeatGroup, f"--number {'9' * 5000}", "and 9+ is none$"),
        (OpenSeatGroup, "--number 1_0", "and 1_0 is none$"),
        (OpenSeatGroup, "--number ７", "and ７ is none$"),
        (AppointDelegate, "--since someday", "and someday is none$"),
        (ScheduleSession, "--starts someday", "and someday is none$"),
        (ScheduleSession, "--starts 2026-03-29T02:30", "summer time begins or ends then"),
        (RecordAward, '--lines [{"amount":1,"amount":2}]', "a key stands twice"),
        (RecordAward, "--lines " + "[" * 100_000, "nested deeper than"),
        (RequestDrawdown, "--amount -5EUR", "--amount takes an amount"),
        (RequestDrawdown, "--amount 400USD", "--amount takes an amount"),
        (RecordAward, '--lines [{"amount":"40000"}]', "its unit is missing"),
        (RecordAward, "--lines [NaN]", "NaN and Infinity are not JSON"),
    ],
)
def test_what_a_field_does_not_take_is_refused_with_what_it_takes(
    command: type[Command], words: str, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        arguments(command, words.split())


@pytest.mark.parametrize(
    ("command", "words", "reason"),
    [
        (OpenSeatGroup, "--name A --name B", "^--name is said twice"),
        (OpenSeatGroup, "--number 1 --seats 2 --number=1", "^--number is said twice"),
        (RecordPerson, "--details.name A --details.name B", "^--details.name is said twice"),
        (
            RecordPerson,
            "--details [] --details.name B",
            "^--details.name is a part of --details, and that is no object",
        ),
    ],
)
def test_of_two_values_for_one_field_none_is_lost(command: type[Command], words: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        arguments(command, words.split())


@pytest.mark.parametrize(
    ("command", "words", "told"),
    [
        (
            RecordPerson,
            ["--details.email", "x@y.de", "--details.name=Eva"],
            {"details": {"email": "x@y.de", "name": "Eva"}},
        ),
        (RecordPerson, ["--details", '{"name": "A"}', "--details.name", "B"], {"details": {"name": "B"}}),
        (EstablishWorkingGroup, ["--topics", "a", "--topics", "b"], {"topics": ["a", "b"]}),
        (EstablishWorkingGroup, ["--topics", '["a", "b"]'], {"topics": ["a", "b"]}),
        (AppointDelegate, ["--since", "31.01.2026"], {"since": "2026-01-31"}),
        (ScheduleSession, ["--starts", "2026-07-01T10:00"], {"starts": "2026-07-01T08:00:00.000Z"}),
        (ScheduleSession, ["--starts", "2026-07-01T10:00Z"], {"starts": "2026-07-01T10:00:00.000Z"}),
        (IssueInvitation, ["--as-known", "ja", "--reason", "null"], {"as_known": True, "reason": None}),
        (RequestDrawdown, ["--amount", "400,00 EUR"], {"amount": 40000}),
        (RequestDrawdown, ["--amount", "40000 cents"], {"amount": 40000}),
        (RequestDrawdown, ["--amount", "400 €"], {"amount": 40000}),
        (
            RecordAward,
            ["--lines", '[{"amount": 5}, {"amount": "5,00 EUR"}]'],
            {"lines": [{"amount": 5}, {"amount": 500}]},
        ),
    ],
)
def test_values_are_read_as_people_write_them(
    command: type[Command], words: list[str], told: dict[str, object]
) -> None:
    assert arguments(command, words) == told


@pytest.mark.parametrize("amount", [1, 99, 100, 4711, 40_000, 123_456, 100_000_000, 10**11])
def test_an_amount_is_read_in_either_way_of_writing_it(amount: int) -> None:
    german = euros(amount)
    english = german.translate(str.maketrans(",.", ".,"))
    plain_german = german.replace(".", "")
    for text in (german, english, plain_german, plain_german.replace(",", "."), f"{amount} cents"):
        assert cents(text) == amount


def test_what_may_be_empty_may_be_left_out_and_what_may_not_is_named() -> None:
    person = {"conference": "stuttgart", "person": ID, "details": {"name": "Eva", "salutation": "Liebe Eva"}}
    asked = body_model(RecordPerson).model_validate_json(json.dumps(whole(RecordPerson, person)))
    assert asked.model_dump()["details"] == {**person["details"], "email": None, "postal_address": None}  # type: ignore[dict-item]
    with pytest.raises(Refused, match=r"(?s)lacks these:\n  --person \(an id.*--details.name \(text of 1 to 300"):
        whole(RecordPerson, {"conference": "stuttgart"})


@pytest.mark.parametrize("service", SERVICES)
def test_of_every_field_is_told_what_it_takes(service: str) -> None:
    for command in service_called(service).given.values():
        for field in fields_of(schema_of(command)):
            assert field.takes != "JSON", f"{command.__name__} {field.option}"


@pytest.mark.parametrize("service", SERVICES)
def test_every_command_of_every_service_can_be_sent(service: str) -> None:
    commands = service_called(service).given
    assert commands or service == "office", "whose pages give the others' commands"
    for command in commands.values():
        with pytest.raises(Refused, match="it takes --conference"):
            arguments(command, ["--no-such-field", "1"])


def test_the_command_line_stands_over_a_body_and_leaves_the_rest_of_an_object() -> None:
    body: dict[str, Any] = {
        "group": "a",
        "rules": {"notice_days": 21, "quorum_percent": 30},
        "topics": ["x", "y"],
        "details": None,
    }
    said = {"group": "b", "rules": {"quorum_percent": 50}, "topics": ["z"], "details": {"name": "Eva"}}
    assert over(body, said) == {**said, "rules": {"notice_days": 21, "quorum_percent": 50}}
    assert over(body, {}) == over({}, body) == body
    assert over(body, {"rules": None}) == {**body, "rules": None}


def test_a_body_is_an_object(tmp_path: Path) -> None:
    file = tmp_path / "body.json"
    file.write_text('{"group": "hospitals"}')
    assert read_body(str(file)) == {"group": "hospitals"}
    file.write_text("[]")
    with pytest.raises(Refused, match="not a JSON object"):
        read_body(str(file))
    for content in (b'{"group": "a", "group": "b"}', b"[" * 100_000, b'{"name": "M\xfcller"}', b'{"x": NaN}', b""):
        file.write_bytes(content)
        with pytest.raises(Refused, match="not JSON that a service takes"):
            read_body(str(file))
    with pytest.raises(Refused, match="cannot be read"):
        read_body(str(tmp_path / "none.json"))


def test_a_problem_is_its_german_sentence_and_its_fields() -> None:
    problem = {
        "type": "FieldsInvalid",
        "detail": "Die Angaben sind ungültig.",
        "fields": [{"field": "seat", "fault": "missing", "detail": "Diese Angabe fehlt."}],
    }
    assert (
        sentence_of_problem(422, problem)
        == "Die Angaben sind ungültig. (FieldsInvalid, 422)\n  seat: Diese Angabe fehlt."
    )
    assert sentence_of_problem(500, {}) == "the service refuses (problem, 500)"


def test_the_page_of_all_events_is_current() -> None:
    assert (ROOT / "docs" / "events.md").read_text() == page(), "write it anew: kpk events > docs/events.md"


FOR_PEOPLE = {
    "up",
    "down",
    "demo",
    "events",
    "make",
    "add",
    "revoke",
    "rotate",
    "remove",
    "passwords",
    "secrets",
    "page",
    "form",
}
"""They start and end things, write pages, or make secrets, which are no program's to read from a screen."""

ALWAYS_JSON = {"show"}


def leaves(group: Any, above: str = "kpk") -> Iterator[tuple[str, set[str]]]:
    for name, one in group.commands.items():
        if hasattr(one, "commands"):
            yield from leaves(one, f"{above} {name}")
        elif name not in FOR_PEOPLE | ALWAYS_JSON:
            yield f"{above} {name}", {option for each in one.params for option in each.opts}


def test_whatever_answers_a_question_or_mends_something_has_a_form_for_programs() -> None:
    found = dict(leaves(get_command(APP)))
    assert len(found) > 15
    assert [name for name, options in found.items() if "--json" not in options] == []
