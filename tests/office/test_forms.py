"""What somebody types becomes a command's body to the cent and the minute, or a sentence at its field."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, time
from importlib import import_module
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from services.office.desk.forms.form import Field, Form, Refusal, agenda, body_of, refused, typed_agenda
from services.office.desk.forms.reading import EXPECTED, Mistyped, cents, day, moment, slug
from services.office.desk.front import PAGES
from services.office.desk.funding.notices import row
from services.office.desk.meetings.council_papers import REQUEST
from services.office.desk.meetings.recommendations import ADDRESS
from services.office.desk.meetings.room import _sheet
from services.office.desk.meetings.session_steps import SECOND
from services.office.desk.others import Others, Problem, Silent
from services.office.desk.paper import typed_moment
from shared.kernel.identifiers import Slug
from shared.kernel.money import euros
from shared.kernel.text import AS_TYPED, Line
from shared.kernel.time import BERLIN, german_day
from shared.runtime.commands.routes import body_model

FORMS = [form for page in PAGES for form in page.forms]
COMMANDS = [form for form in FORMS if form.service and not form.path]
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LINE = TypeAdapter[str](Line)


def parts(schema: object) -> set[str]:
    """The name of every part of a body, however deep."""
    match schema:
        case dict():
            return set(schema.get("properties", ())).union(*map(parts, schema.values()))
        case list():
            return set().union(*map(parts, schema))
        case _:
            return set()


@pytest.mark.parametrize("form", COMMANDS, ids=[form.command for form in COMMANDS])
def test_a_form_whose_command_names_or_describes_a_person_is_never_kept(form: Form) -> None:
    """Whatever the fields of the form are called."""
    command = import_module(f"services.{form.service}.service").SERVICE.given[form.command]
    if parts(body_model(command).model_json_schema()) & {"person", "details", "email", "postal_address"}:
        assert not form.may_be_kept


def test_what_is_long_to_type_is_kept_and_a_roster_is_not() -> None:
    kept = {form.command for form in FORMS if form.may_be_kept}
    assert {"DraftMinutes", "CorrectMinutes", "DraftRecommendation", "BookExpense", "ChangeAgenda"} <= kept
    assert not kept & {"CheckRoster", "ImportRoster", "RecordAnswers", "RecordAttendance", "RecordPerson"}


def may_be_a_line(text: str) -> bool:
    """As the desk takes it: without blanks around it."""
    try:
        return LINE.validate_python(text, context=AS_TYPED) == text == text.strip()
    except ValidationError:
        return False


FORM = Form(
    "funding",
    "Book",
    "",
    "",
    "",
    (Field("amount", "Betrag", "euros"), Field("details.name", "Name"), Field("note", "", required=False)),
    at={"TooMuch": "amount"},
)


@given(st.integers(0, 10**11))
def test_what_is_shown_as_an_amount_can_be_typed_as_one(amount: int) -> None:
    shown = euros(amount)
    assert cents(shown) == cents(shown.removesuffix(" EUR")) == cents(shown.replace(".", "")) == amount


@pytest.mark.parametrize(
    ("text", "amount"), [("12", 1200), ("12,5", 1250), ("1.234,56 €", 123456), ("0,05", 5), ("1234", 123400)]
)
def test_amounts_are_read_as_people_write_them(text: str, amount: int) -> None:
    assert cents(text) == amount


@pytest.mark.parametrize(
    "text", ["12.5", "1,234", "-1", "1.23,00", "1,", "zwölf", "1e3", "1 2", "1.2345", "0.001", "１２", "9" * 5000]
)
def test_what_could_be_read_as_two_amounts_is_refused(text: str) -> None:
    with pytest.raises(Mistyped, match=r"1\.234,56"):
        cents(text)


def test_a_browsers_time_is_berlins() -> None:
    assert datetime.fromisoformat(moment("2024-07-01T14:00")) == datetime(2024, 7, 1, 14, tzinfo=BERLIN)
    assert moment("2024-01-01T14:00").endswith("+01:00") and moment("2024-07-01T14:00").endswith("+02:00")
    for text in (
        "morgen",
        "1.7.2024",
        "14:00",
        "31.2.2024 14:00",
        "1.7.2024 25:00",
        "1.7.2024 14:00Z",
        "1.7.2024 14:00+00",
    ):
        with pytest.raises(Mistyped, match=r"23\.4\.2024 14:00"):
            moment(text)


@pytest.mark.parametrize("at", ["29.3.2026 2:30", "29.03.2026, 02:00 Uhr", "2026-10-25T02:30", "25.10.2026 2 Uhr"])
def test_a_time_that_is_not_or_is_twice_is_asked_for_again(at: str) -> None:
    with pytest.raises(Mistyped, match="nicht genau einmal"):
        moment(at)
    with pytest.raises(Mistyped, match="nicht genau einmal"):
        _sheet({"day": ["25.10.2026"], "begins": ["1:00"], "is.x": ["ja"], "until.x": ["2:59"]})
    for around in ("29.3.2026 1:59", "29.3.2026 3:00", "25.10.2026 1:59", "25.10.2026 3:00"):
        moment(around)


@given(st.dates(date(1990, 1, 1), date(2199, 12, 31)), st.times().filter(lambda at: at.hour != 2))
def test_a_day_and_a_moment_can_be_typed_as_they_are_shown(on: date, at: time) -> None:
    """In German, whatever language the browser speaks; with or without leading zeros."""
    short = f"{on.day}.{on.month}.{on.year}"
    assert day(german_day(on)) == day(short) == day(on.isoformat()) == on
    shown = typed_moment(datetime.combine(on, at, BERLIN).isoformat())
    assert moment(shown) == moment(f"{short}, {at.hour}.{at:%M} Uhr") == moment(f"{on}T{at:%H:%M}")
    apart = f"{on.day}. {on.month}. {on.year}"
    assert day(apart) == on and moment(f"{apart} {at:%H:%M}") == moment(f"{apart}, {at:%H:%M}") == moment(shown)
    assert datetime.fromisoformat(moment(shown)) == datetime.combine(on, at.replace(second=0, microsecond=0), BERLIN)


@pytest.mark.parametrize("text", ["2024", "31.2.2024", "1.1.24", "1/2/2024", "heute"])
def test_what_could_be_another_day_is_refused(text: str) -> None:
    with pytest.raises(Mistyped, match=r"23\.4\.2024"):
        day(text)


def test_an_agenda_is_numbered_line_by_line() -> None:
    assert agenda("Begrüßung\n\n  Personal (nicht öffentlich)\n") == [
        {"number": 1, "title": "Begrüßung", "public": True},
        {"number": 2, "title": "Personal", "public": False},
    ]


SITTINGS = ("", " (nicht öffentlich)", " (öffentlich)", "(NICHT ÖFFENTLICH)")
TITLES = st.tuples(st.text(max_size=20), st.sampled_from(SITTINGS)).map("".join).filter(may_be_a_line)
ITEMS = st.lists(st.fixed_dictionaries({"title": TITLES, "public": st.booleans()}), max_size=5)


@given(ITEMS)
def test_an_agenda_is_typed_as_it_is_shown(items: list[dict[str, Any]]) -> None:
    """Nothing in a title decides whether the public may hear the item, or makes two of it."""
    numbered = [{**one, "number": number} for number, one in enumerate(items, start=1)]
    assert agenda(typed_agenda(numbered)) == numbered


@given(TITLES | st.sampled_from(["a; b", ";", "Miete; Strom; 1,00"]))
def test_a_line_of_the_plan_is_typed_as_it_is_shown(name: str) -> None:
    told = row(
        f"begleitung; moderation; {name}; 30.000,00", "plan", "", line=slug, purpose=slug, name=str, amount=cents
    )
    assert told == {"line": "begleitung", "purpose": "moderation", "name": name, "amount": 3_000_000}


@pytest.mark.parametrize("text", ["a; b; c", "a; 1", "a; b; c; d; e", "a; b; c; 1,00;"])
def test_a_line_of_the_plan_that_cannot_be_read_is_said(text: str) -> None:
    with pytest.raises(Mistyped):
        row(text, "plan", "", line=slug, purpose=slug, name=str, amount=cents)


def test_without_a_free_text_each_semicolon_separates() -> None:
    with pytest.raises(Mistyped):
        row("a; b; 1,00", "offers", "", bidder=slug, amount=cents)


@given(st.text(max_size=200))
def test_a_name_for_addresses_is_one_or_nothing(text: str) -> None:
    assert not slug(text) or NAME.fullmatch(slug(text))


def test_a_name_for_addresses_can_be_read() -> None:
    assert slug("Größere Sitzung 2024/1") == "groessere-sitzung-2024-1"


def test_a_name_for_addresses_is_the_same_however_its_umlauts_are_written() -> None:
    assert slug("A\u0308rzte") == slug("Ärzte") == "aerzte"


@pytest.mark.parametrize(
    ("form", "field"), [(form, field) for form in FORMS for field in form.fields if field.kind == "area"]
)
def test_lines_are_taken_as_a_browser_sends_them(form: Form, field: Field) -> None:
    """In CR LF, which no text of a service contains."""
    body, faults = body_of(form, {field.name: ["a; b; c; 1\r\n\r\nd"]}, dict.fromkeys(form.about, "a"))
    assert "\\r" not in json.dumps([body, faults])


def test_what_is_left_empty_is_left_out_and_parts_stand_within() -> None:
    body, faults = body_of(FORM, {"amount": ["1,50"], "details.name": [" Frau Muster "], "note": [""]}, {})
    assert (body, faults) == ({"amount": 150, "details": {"name": "Frau Muster"}}, {})
    body, faults = body_of(FORM, {"amount": ["viel"]}, {})
    assert faults.keys() == {"amount"}


def test_a_sentence_stands_at_the_field_that_it_is_about() -> None:
    faults = [
        {"field": "amount", "detail": "ganze Zahl"},
        {"field": "details.name", "detail": "fehlt"},
        {"field": "x", "detail": "Das gibt es nicht."},
    ]
    told = refused(FORM, {}, Problem(422, "FieldsInvalid", "Die Angaben sind ungültig.", faults))
    assert told.faults == {
        "amount": EXPECTED["euros"],
        "details.name": "fehlt",
    }
    assert told.sentence == "Das gibt es nicht."
    cents_ = {"field": "amount", "detail": "Erwartet wird: Betrag in Cent, z. B. 40000 für 400,00 EUR (1 bis 100000)."}
    told = refused(FORM, {}, Problem(422, "FieldsInvalid", "Die Angaben sind ungültig.", [cents_]))
    assert told.faults == {"amount": "Erwartet wird ein Betrag von 0,01 EUR bis 1.000,00 EUR."}
    told = refused(FORM, {}, Problem(409, "TooMuch", "Zu viel."))
    assert told.faults == {"amount": "Zu viel."}
    assert refused(FORM, {}, Problem(409, "Other", "Anders.")) == Refusal(FORM, {}, 409, "Anders.", rule="Other")


@pytest.mark.parametrize("form", COMMANDS, ids=[form.command for form in COMMANDS])
def test_every_form_is_a_command_that_its_role_may_give(form: Form) -> None:
    command = import_module(f"services.{form.service}.service").SERVICE.given[form.command]
    assert command.given_by == form.role
    fields = body_model(command).model_fields
    typed = {asked.name.split(".")[0] for asked in form.fields if not asked.is_read} | set(form.about)
    assert typed <= fields.keys()
    needed = {name for name, info in fields.items() if info.is_required()} - {"conference"}
    assert form.read or needed <= typed, "without these nobody can send it"
    assert set(form.at.values()) <= {asked.name for asked in form.fields}


SENT = st.lists(
    st.sampled_from(["", "1", "x", "²", "1.1.2024", "14:05", "a; b; c; 1", "a|b", "9" * 5000]) | st.text(max_size=20),
    max_size=2,
)


@pytest.mark.parametrize("form", FORMS, ids=[f"{number}-{form.command}" for number, form in enumerate(FORMS)])
def test_whatever_is_sent_becomes_a_body_or_sentences(form: Form) -> None:
    """Also what no page would send: fields that are not the form's, twice, empty, of any characters."""
    names = [field.name for field in form.fields] + [
        "is.1",
        "was.1",
        "from.1",
        f"text.{'9' * 5000}",
        "text.1",
        "text.x",
        "from",
        "day",
        "key",
    ]
    about = dict.fromkeys(form.about, "a")

    @settings(max_examples=8)
    @given(st.dictionaries(st.sampled_from(names), SENT))
    def tried(typed: dict[str, list[str]]) -> None:
        body, faults = body_of(form, typed, about)
        assert body.items() >= about.items() and all(faults.values())
        json.dumps(body)

    tried()


async def test_a_service_that_does_not_answer_is_silent_and_what_was_typed_may_be_sent_again() -> None:
    others = Others({"funding": "http://127.0.0.1:1"})
    with pytest.raises(Silent, match="funding"):
        await others.give("funding", "/commands/BookExpense", "token", {}, "key")
    await others.close()


async def test_what_only_a_worker_answers_is_asked_of_the_worker() -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.url.host} {request.url.path}")
        return httpx.Response(200, json={"items": []})

    others = Others({"a": "http://a-api", "b": "http://b"}, {"a": "http://a-worker"}, httpx.MockTransport(answer))
    for service in ("a", "b"):
        await others.ask(service, "/admin/parked", "token", {})
        await others.ask(service, "/status", "token", {})
    await others.give("a", "/admin/parked/drop", "token", {}, "key")
    await others.close()
    looked = ["a-worker /admin/parked", "a-api /status", "b /admin/parked", "b /status"]
    assert asked == [*looked, "a-worker /admin/parked/drop"]


def test_how_a_contract_came_about_is_typed_in_lines_or_not_at_all() -> None:
    [form] = [form for form in FORMS if form.command == "RegisterCommitment"]
    asked = {"commitment": ["v-1"], "line": ["workshop"], "amount": ["1,00"], "on": ["1.2.2024"]}
    about = {"grant": "state-grant"}
    assert "procurement" not in body_of(form, asked, about)[0]
    typed = {**asked, "procurement.way": ["direct_order"], "procurement.offers": ["Kreditor 101; 1.000,50\nb; 2"]}
    body, faults = body_of(form, typed, about)
    offers = [{"bidder": "kreditor-101", "amount": 100_050}, {"bidder": "b", "amount": 200}]
    assert (body["procurement"], faults) == ({"way": "direct_order", "offers": offers}, {})
    assert body_of(form, {**asked, "procurement.reason": ["eilig"]}, about)[1] == {"procurement.way": "Bitte wählen."}
    assert [*body_of(form, {**typed, "procurement.offers": ["b"]}, about)[1]] == ["procurement.offers"]


@pytest.mark.parametrize("first", ["herbst-2024", "z" * 80, f"{'z' * 60}-{'y' * 19}"])
def test_another_second_session_can_be_scheduled_where_one_was_called_off(first: str) -> None:
    def called(starts: str, session: str = "") -> str:
        typed = {"second_of": [first], "starts": [starts], "session": [session]}
        body, faults = body_of(SECOND, typed, {})
        assert not faults
        return str(TypeAdapter(Slug).validate_python(body["session"]))

    names = [called("9.4.2024 16:00"), called("2024-04-10T16:00"), called("9.4.2024 16:00", "Neuer Anlauf")]
    assert len({*names, first}) == 4 and names[2] == "neuer-anlauf"
    assert names[0] == called("9.4.2024 18:00"), "sent twice, it is one session"


def test_a_second_session_without_a_beginning_is_asked_for_it() -> None:
    assert body_of(SECOND, {"second_of": ["herbst-2024"]}, {})[1] == {"starts": "Bitte den Beginn angeben."}


LONG = "Ministerium für Soziales, Gesundheit und Integration Baden-Württemberg, Referat"


def addressee(name: str) -> str:
    body, faults = body_of(ADDRESS, {"name": [name], "recommendation": ["housing"], "due_on": ["1.9.2024"]}, {})
    assert not faults
    return str(TypeAdapter(Slug).validate_python(body["addressee"]))


def test_a_department_that_is_asked_to_co_sign_is_not_taken_for_another_of_a_long_name() -> None:
    first, second = (body_of(REQUEST, {"department": [f"{LONG} {one}"]}, {})[0]["department"] for one in (33, 34))
    assert first != second
    assert body_of(REQUEST, {"department": ["AKR"]}, {})[0]["department"] == "akr"


def test_whoever_is_asked_for_an_answer_never_takes_the_place_of_another_of_a_long_name() -> None:
    assert addressee("Land Baden-Württemberg") == "land-baden-wuerttemberg"
    assert addressee(f"{LONG} 33") == addressee(f"{LONG}  33") != addressee(f"{LONG} 34")
    assert addressee("a" * 60) == "a" * 60 and len(addressee("a" * 61)) == 60
    assert body_of(ADDRESS, {"name": ["„–“"]}, {})[1] == {"name": "Bitte angeben."}
