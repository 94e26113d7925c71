"""The main job from outside: one command plays the whole conference, and every figure is the data file's."""

import json
import re
from collections import Counter
from email import message_from_bytes

import pytest

from deploy.demo.data import Data, Session, read_data
from deploy.demo.expected import expected_mails, expected_own_contribution, expected_spending
from deploy.demo.people import deputies_of, people_of
from deploy.demo.story import OF_DRAWDOWN, OF_SESSION, PLAIN
from deploy.embedded.stack import OFFICE_PHONE
from deploy.embedded.state import read_state
from shared.contracts.topics import SERVICES
from tests.journeys.conftest import Played

DATA = read_data()


@pytest.mark.journey
@pytest.mark.timeout(600)
def test_the_demo_ends_well_and_leaves_nothing_running(played: Played) -> None:
    assert played.status == 0, played.said
    assert read_state(played.folder) is None


@pytest.mark.journey
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "row",
    [
        r"Sitze +│ 49, davon besetzt 49, frei 0",
        r"Sitzungen +│ 9, davon abgehalten 8, abgesagt 1",
        r"Zuwendung +│ 40\.000,00 EUR von 40\.000,00 EUR",
        r"Eigenanteil +│ 10\.000,00 EUR",
        r"Überholte Briefe +│ 1 durch neuere ersetzt",
        r"verify +│ ok",
        r"Zurückgewiesen: Die Ausgabe vom 15\.01\.2025 liegt außerhalb des Bewilligungszeitraums",
    ],
)
def test_the_summary_says(played: Played, row: str) -> None:
    assert re.search(row, played.said), played.said


@pytest.mark.journey
@pytest.mark.timeout(600)
def test_every_mail_that_the_data_file_asks_for_arrived_once(played: Played) -> None:
    mails = [message_from_bytes(file.read_bytes()) for file in (played.folder / "mail").glob("*.eml")]
    assert len({mail["Message-ID"] for mail in mails}) == len(mails)
    assert len(mails) == mails_counted_anew(DATA)
    assert all(mail["To"].count("@") == 1 and mail["Cc"] is None for mail in mails)
    told = [next(part for part in mail.walk() if part.get_content_type() == "text/plain") for mail in mails]
    signed = f"Geschäftsstelle\n{DATA.conference.name}\n"
    for plain in (part.get_payload(decode=True) for part in told):
        assert isinstance(plain, bytes)
        assert signed in plain.decode().replace("\r\n", "\n") and f"Telefon {OFFICE_PHONE}" in plain.decode()


@pytest.mark.journey
@pytest.mark.timeout(600)
def test_no_line_of_any_service_is_a_warning_or_an_error(played: Played) -> None:
    """From a clean start to an orderly end."""
    logs = sorted((played.folder / "logs").glob("*.log"))
    assert [log.stem for log in logs] == sorted(SERVICES)
    lines = [json.loads(line) for log in logs for line in log.read_text().splitlines()]
    assert [line for line in lines if line["level"] not in ("debug", "info")] == []
    assert {"prepared", "command accepted", "reaction executed", "ended"} <= {line["event"] for line in lines}


@pytest.mark.journey
@pytest.mark.timeout(600)
def test_the_picture_needs_no_network(played: Played) -> None:
    page = (played.folder / "demo" / "conference.html").read_text()
    assert "Trägerforum Altenhilfe" in page and "Workshop Personalwohnen" in page
    for said in (
        "Empfehlungen und Vorlagen",
        "GRDrs 905/2023 „",
        "Der Bericht an den Ausschuss ist bis",
        "Caring Community",
    ):
        assert said in page, said
    assert not re.search(r"https?://|<script|<link|url\(", page)


def mails_counted_anew(data: Data) -> int:
    """By another way than the demo's own count: per person, over what every session means to him."""
    letters = {each.seat for each in data.invented.without_email}
    changed = len(data.invented.late) + 2 * len(data.invented.hand_overs)
    welcomed = len(set(data.filled) - letters) + changed
    unanswered = [one for one in data.sessions if (one.silent or data.deputies_at(one)) and not one.cancelled_because]
    return (
        welcomed
        + len(unanswered)
        + sum(
            mails_of_session_to(data, session, seat)
            for session in data.sessions
            for seat in {*data.invited_seats(session), *session.guests, *session.late_guests} - letters
        )
        + sum(2 + bool(session.minutes) for session in data.sessions for _ in data.deputies_at(session))
    )


def mails_of_session_to(data: Data, session: Session, who: str) -> int:
    """Of minutes that are written here everybody gets the first edition, the corrected one and the approved one."""
    if session.cancelled_because:
        return 2
    reminded = session.answer_of(who) != "decline"
    minutes = 3 if session.texts else int(session.minutes is not None)
    return 1 + int(session.moved_to is not None) + int(reminded) + minutes + int(session.supplement is not None)


def test_the_paper_knows_49_seats_in_35_groups() -> None:
    assert (len(DATA.groups), len(DATA.seats), len(DATA.filled)) == (35, 49, 48)
    delegated = [group for group in DATA.groups if group.kind == "delegated"]
    assert (len(delegated), sum(group.seats for group in delegated)) == (27, 41)
    assert [group.number for group in DATA.groups] == list(range(1, 36))
    assert all(151 <= group.line <= 219 for group in DATA.groups)


def test_everybody_is_invented() -> None:
    people = people_of(DATA)
    assert len({person.id for person in people}) == len(people) == 52
    assert [person.seat for person in people if person.email is None] == ["city-seniors-council-1"]
    invented = [*people, *deputies_of(DATA)]
    assert all(person.email.endswith("@example.org") for person in invented if person.email)


def test_the_money_adds_up_to_the_cent() -> None:
    assert expected_spending(DATA) == {line.line: line.amount for line in DATA.grant.plan}
    assert sum(line.amount for line in DATA.grant.plan) == DATA.grant.amount == 4_000_000
    assert expected_own_contribution(DATA) == DATA.grant.own_contribution == 1_000_000
    assert sum(drawdown.amount for drawdown in DATA.money.drawdowns) == DATA.grant.amount
    assert all(entry.quarter_hours * DATA.money.hours.rate % 4 == 0 for entry in DATA.money.hours.entries)


def test_the_sessions_are_those_of_the_paper() -> None:
    kinds = Counter((session.kind, session.working_group) for session in DATA.sessions)
    assert kinds == {
        ("plenary", None): 4,
        ("working_group", "ag-a"): 2,
        ("working_group", "ag-b"): 2,
        ("workshop", None): 1,
    }
    named = [seat for session in DATA.sessions for seat in session.decline + session.deputy + session.silent]
    members = [seat for group in DATA.working_groups for seat in group.members]
    assert set(named) | set(members) <= set(DATA.filled)


def test_the_story_runs_forward_and_knows_its_steps() -> None:
    moments = [step.at for step in DATA.story]
    assert moments == sorted(set(moments))
    assert {step.do for step in DATA.story} == {*PLAIN, *OF_SESSION, *OF_DRAWDOWN}


def test_both_counts_of_the_mails_agree() -> None:
    mails = expected_mails(DATA)
    assert mails.emails.total() == mails_counted_anew(DATA)
    assert mails.letters.total() > 0


def test_a_letter_that_a_newer_one_makes_untrue_is_not_posted() -> None:
    """Of everybody whom only letters reach, the invitation to the session that is moved before any letter is posted."""
    [paper] = [each.seat for each in DATA.invented.without_email]
    moved = [one for one in DATA.sessions if one.moved_to and paper in DATA.invited_seats(one)]
    assert expected_mails(DATA).superseded == {"invitation": len(moved)} == {"invitation": 1}
    [move] = [place for place, step in enumerate(DATA.story) if step.do == "move"]
    post = next(step for step in DATA.story if step.do == "post_letters")
    posted_before = [*DATA.story[:move], post, *DATA.story[move:]]
    assert not expected_mails(DATA, posted_before).superseded
    assert expected_mails(DATA, posted_before).letters["invitation"] == expected_mails(DATA).letters["invitation"] + 1
