"""What a roster would change: decided row by row by the rules of the commands, once for each thing, and never more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.members.domain.mandates import AppointDelegate, AppointDeputy
from services.members.domain.nominations import NominateDelegate, RegisterOrganisation
from services.members.domain.person import RecordPerson
from services.members.domain.posts import ChangePostHolder
from services.members.domain.seat_group import SEAT_GROUP
from services.members.domain.seat_group_state import SeatGroup
from services.members.roster.columns import split_heading
from services.members.roster.entries import Entry, Fault, Reading, Told
from services.members.roster.intake import Judged, _judged
from services.members.roster.known_people import KnownPeople, SeveralOfThatName, ToldDifferently
from services.members.roster.plan import GroupAmbiguous, Plan, group_meant, seat_meant, slug_of
from services.members.roster.sheet import File, read_sheet
from shared.contracts.members import (
    DelegateAppointed,
    DeputyAppointed,
    EntitlementChanged,
    OrganisationRegistered,
    PostHolderChanged,
    SeatGroupOpened,
)
from shared.contracts.people import PersonDetails
from shared.kernel.decider import Command
from tests.kit.when import edge, person

HEADING = "Nr.;Sitz;Funktion;Name;E-Mail;Anschrift;Entsendende Stelle;von;bis;Kennung"
HOSPITALS = SeatGroupOpened(
    group="hospitals", number=9, name="Kliniken", kind="delegated", seats=("hospitals-1", "hospitals-2")
)
HEAD = SeatGroupOpened(group="head", number=31, name="Amtsleitung", kind="ex_officio", seats=("head-1",))
NORTH = OrganisationRegistered(organisation="north", name="Klinik Nord", group="hospitals")
SINCE = date(2023, 11, 1)

EVA = PersonDetails(name="Eva Höh", salutation="Liebe Frau Höh", email="eva@example.org")


def sits(number: int, seat: str = "hospitals-1", since: date = SINCE, until: date | None = None) -> DelegateAppointed:
    return DelegateAppointed(
        group="hospitals", seat=seat, person=person(number), organisation="north", since=since, until=until
    )


def judge(*rows: str, history: Sequence[Any] = (), people: Mapping[int, PersonDetails] | None = None) -> list[Judged]:
    return judge_in(groups_of(history), {person(number): one for number, one in (people or {}).items()}, *rows)


def groups_of(history: Sequence[Any]) -> dict[str, SeatGroup]:
    groups = {"hospitals": SEAT_GROUP.fold([HOSPITALS]), "head": SEAT_GROUP.fold([HEAD])}
    for event in history:
        groups[event.group] = SEAT_GROUP.fold([event], groups[event.group])
    return groups


def judge_in(groups: Mapping[str, SeatGroup], people: Mapping[str, PersonDetails], *rows: str) -> list[Judged]:
    columns, found = split_heading(read_sheet(File("\n".join([HEADING, *rows]).encode(), "csv")))
    readings = [(reading, reading.entry()) for reading in (Reading(columns, row) for row in found)]
    known = KnownPeople(people, [entry.about for _, entry in readings if entry.about], new_id)
    plan = Plan(dict(groups), known, edge())
    return [_judged(plan, reading, entry) for reading, entry in readings]


NUMBERS = count(100)


def new_id() -> str:
    """Never one that was drawn before."""
    return person(next(NUMBERS))


def kinds(judged: Judged) -> list[type[Command]]:
    assert not judged.faults, judged.faults
    return [type(command) for command in judged.commands]


def fault(judged: Sequence[Judged]) -> Fault:
    (found,) = [fault for one in judged for fault in one.faults]
    return found


def test_somebody_new_is_recorded_nominated_and_appointed() -> None:
    (one,) = judge("9;1;;Eva Höh;eva@example.org;;Klinik Süd;1.11.2023;;")
    assert kinds(one) == [RecordPerson, RegisterOrganisation, NominateDelegate, AppointDelegate]
    record, register, _, appoint = one.commands
    assert isinstance(record, RecordPerson) and isinstance(register, RegisterOrganisation)
    assert isinstance(appoint, AppointDelegate) and record.person == appoint.person
    assert record.details == PersonDetails(name="Eva Höh", salutation="Guten Tag Eva Höh", email="eva@example.org")
    assert (register.organisation, register.name, appoint.seat) == ("klinik-sued", "Klinik Süd", "hospitals-1")
    assert one.detail == "Angaben zur Person erfassen; entsendende Stelle eintragen; vorschlagen; Sitz besetzen"


def test_a_post_is_followed_and_a_deputy_named() -> None:
    head, deputy = judge("31;;Mitglied;Eva;;;;1.1.2024;;", "31;;Stellvertretung;Ida;;;;1.1.2024;31.12.2024;")
    assert kinds(head) == [RecordPerson, ChangePostHolder]
    assert kinds(deputy) == [RecordPerson, AppointDeputy]


def test_each_command_says_what_the_row_says() -> None:
    (one,) = judge(f"9;2;;Eva Höh;;;Klinik Nord;2.1.2024;31.12.2024;{person(1)}", people={1: EVA})
    sits_there: dict[str, Any] = {"group": "hospitals", "person": person(1), "person_known": True}
    times: dict[str, Any] = {"since": date(2024, 1, 2), "until": date(2024, 12, 31)}
    assert one.commands == [
        RegisterOrganisation(**edge(group="hospitals", organisation="klinik-nord", name="Klinik Nord")),
        NominateDelegate(**edge(**sits_there, organisation="klinik-nord")),
        AppointDelegate(**edge(**sits_there, seat="hospitals-2", **times)),
    ]
    at_head = {**sits_there, "group": "head", "seat": "head-1"}
    for role, command in (("Amt", ChangePostHolder), ("Stv.", AppointDeputy)):
        (one,) = judge(f"31;;{role};Eva Höh;;;;2.1.2024;31.12.2024;{person(1)}", people={1: EVA})
        assert one.commands == [command(**edge(**at_head, **times))]


def test_whoever_is_recorded_is_left_as_they_are() -> None:
    (one,) = judge("9;1;;Eva Höh;eva@example.org;;;1.11.2023;;", history=[NORTH, sits(1)], people={1: EVA})
    assert (kinds(one), one.outcome, one.detail) == ([], "unchanged", "nichts zu tun")


def test_of_whoever_is_known_only_what_is_new_is_recorded() -> None:
    (one,) = judge("9;1;;Eva Höh;;Am Berg 1;;1.11.2023;;", history=[NORTH, sits(1)], people={1: EVA})
    (record,) = one.commands
    assert isinstance(record, RecordPerson)
    assert record.details == EVA.model_copy(update={"postal_address": "Am Berg 1"})


def test_without_a_seat_it_is_the_one_that_is_recorded_else_the_next_that_is_free() -> None:
    rows = ["9;;;Ida;;;;1.1.2024;;", "9;;;Eva Höh;;;;1.11.2023;;"]
    ida, eva = judge(*rows, history=[NORTH, sits(1)], people={1: EVA})
    appoint = ida.commands[-1]
    assert isinstance(appoint, AppointDelegate) and appoint.seat == "hospitals-2"
    assert kinds(eva) == []
    full = judge(*rows, "9;;;Ute;;;;1.1.2024;;", history=[NORTH, sits(1)], people={1: EVA})
    assert fault(full) == Fault("B4", "In dieser Zeit ist kein Sitz der Gruppe frei.")


@pytest.mark.parametrize("seat", ["", "2", "hospitals-2"])
def test_whoever_has_the_second_seat_is_recorded_there(seat: str) -> None:
    history = [NORTH, sits(1, seat="hospitals-2")]
    (one,) = judge(f"9;{seat};;Eva Höh;;;;1.11.2023;;", history=history, people={1: EVA})
    assert one.outcome == "unchanged"


def test_without_a_seat_a_vacant_row_says_nothing() -> None:
    (one,) = judge("9;;;vakant;;;;;;", history=[NORTH, sits(1)], people={1: EVA})
    assert one.outcome == "unchanged"


def test_a_seat_that_is_gone_is_not_meant() -> None:
    """The only one that there is then needs no name, also for a deputy."""
    fewer = EntitlementChanged(group="hospitals", seats=("hospitals-1",), since=date(2024, 1, 1))
    (one,) = judge("9;;Stellvertretung;Ida;;;;1.1.2024;;", history=[fewer])
    appoint = one.commands[-1]
    assert isinstance(appoint, AppointDeputy) and appoint.seat == "hospitals-1"


def test_who_is_followed_is_recorded_with_the_end_that_was_said_and_with_the_one_that_came_of_it() -> None:
    held = PostHolderChanged(group="head", seat="head-1", person=person(1), since=SINCE)
    follows = held.model_copy(update={"person": person(2), "since": date(2024, 3, 1)})
    for until in ("", "29.2.2024"):
        (one,) = judge(f"31;;;Eva Höh;;;;1.11.2023;{until};", history=[held, follows], people={1: EVA})
        assert one.outcome == "unchanged"
    other = judge("31;;;Eva Höh;;;;1.11.2023;1.2.2024;", history=[held, follows], people={1: EVA})
    assert fault(other).cell == "I2" and "vom 01.11.2023 bis 29.02.2024" in fault(other).detail


def test_one_person_may_have_seats_in_several_groups() -> None:
    first, second = judge("9;1;;Eva;eva@example.org;;A;1.1.2024;;", "31;;;Eva;;;;1.1.2024;;")
    assert kinds(second) == [ChangePostHolder]
    assert first.commands[-1].person == second.commands[-1].person  # type: ignore[attr-defined]  # both have one


def test_two_of_one_name_are_told_apart_by_their_addresses() -> None:
    rows = ["9;1;;Eva Höh;eva@example.org;;;1.11.2023;;", "9;2;;Eva Höh;other@example.org;;;1.1.2024;;"]
    known, other = judge(*rows, history=[NORTH, sits(1)], people={1: EVA})
    assert kinds(known) == [] and kinds(other) == [RecordPerson, NominateDelegate, AppointDelegate]
    for unclear in ([*rows, "31;;;Eva Höh;;;;1.1.2024;;"], ["31;;;Eva Höh;;;;1.1.2024;;", *rows]):
        assert fault(judge(*unclear, history=[NORTH])).cell == f"D{2 + unclear.index('31;;;Eva Höh;;;;1.1.2024;;')}"


def test_who_has_got_another_address_is_the_same_person() -> None:
    (one,) = judge("9;1;;Eva Höh;new@example.org;;;1.11.2023;;", history=[NORTH, sits(1)], people={1: EVA})
    [record] = one.commands
    assert isinstance(record, RecordPerson)
    assert (record.person, record.details.email) == (person(1), "new@example.org")


REFUSED = [
    ("34;1;;Eva;;;A;1.1.2024;;", "A2", "Eine Gruppe mit dieser Nummer oder Bezeichnung ist nicht eröffnet."),
    (
        "9;3;;Eva;;;A;1.1.2024;;",
        "B2",
        "Diesen Sitz hat die Gruppe nicht. Erwartet wird einer von: hospitals-1, hospitals-2.",
    ),
    (
        "9;;Stellvertretung;Eva;;;;1.1.2024;;",
        "B2",
        "Die Gruppe hat mehrere Sitze: Die Spalte „Sitz“ muss sagen, welcher vertreten wird.",
    ),
    (
        "9;1;;Ida;;;Klinik Nord;1.1.2024;;",
        "H2",
        (
            "Der Sitz „hospitals-1“ ist seit dem 01.11.2023 besetzt; "
            "frei ist er nur davor oder danach („until“ nennt den letzten Tag)."
        ),
    ),
    (
        "9;2;;Ida;;;Klinik Nord;1.1.2024;1.1.2023;",
        "I2",
        "Der letzte Tag (01.01.2023) liegt vor dem ersten (01.01.2024).",
    ),
    (
        "9;1;;Eva Höh;;;;1.11.2023;1.2.2024;",
        "I2",
        "Verzeichnet ist die Person seit dem 01.11.2023. Ein Ende erfasst „EndMandate“, einen Fehler „CorrectMandate“.",
    ),
    (
        "9;2;;Eva Höh;;;;1.1.2024;;",
        "D2",
        "Die Person hat in der Gruppe „hospitals“ in dieser Zeit bereits den Sitz „hospitals-1“.",
    ),
    (
        "9;1;;vakant;;;;;;",
        "D2",
        "Der Sitz „hospitals-1“ ist besetzt. Dass ein Mandat endet, erfasst „EndMandate“, nicht die Liste.",
    ),
    (
        "9;2;;Ida;;;Клиника;1.1.2024;;",
        "G2",
        "Aus dieser Bezeichnung lässt sich kein Kurzname bilden; „RegisterOrganisation“ trägt die Stelle ein.",
    ),
    (f"9;2;;Ida;;;;1.1.2024;;{person(9)}", "J2", "Die Person ist nicht erfasst."),
]
BESIDE: list[tuple[str, str, str, Any]] = [
    (
        "9;2;;Ida;;;Klinik West;1.1.2024;;",
        "G2",
        "Die Organisation „klinik-west“ ist unter anderem Namen erfasst; „CorrectOrganisation“ berichtigt ihn.",
        OrganisationRegistered(organisation="klinik-west", name="Klinik West gGmbH", group="hospitals"),
    ),
    (
        "9;3;;Ida;;;Klinik Nord;1.1.2024;;",
        "H2",
        "Den Sitz „hospitals-3“ gibt es nicht in der ganzen Zeit seit dem 01.01.2024.",
        EntitlementChanged(group="hospitals", seats=(*HOSPITALS.seats, "hospitals-3"), since=date(2024, 6, 1)),
    ),
    (
        "31;;;Ida;;;;1.1.2024;;",
        "H2",
        "Am 01.01.2024 war der Sitz besetzt, und der Tag ist vergangen: Ihn zu ändern braucht einen Grund („reason“).",
        PostHolderChanged(group="head", seat="head-1", person=person(7), since=SINCE),
    ),
]


@pytest.mark.parametrize(("row", "cell", "detail"), REFUSED)
def test_what_a_rule_refuses_is_shown_at_its_cell(row: str, cell: str, detail: str) -> None:
    found = fault(judge(row, history=[NORTH, sits(1)], people={1: EVA}))
    assert (found.cell, found.detail) == (cell, detail)


@pytest.mark.parametrize(("row", "cell", "detail", "recorded"), BESIDE)
def test_what_is_refused_for_what_is_recorded_beside_is_shown_at_its_cell(
    row: str, cell: str, detail: str, recorded: Any
) -> None:
    found = fault(judge(row, history=[NORTH, sits(1), recorded], people={1: EVA}))
    assert (found.cell, found.detail) == (cell, detail)


def test_without_an_organisation_it_is_the_only_one_or_refused() -> None:
    row = "9;2;;Ida;;;;1.1.2024;;"
    assert kinds(judge(row, history=[NORTH])[0]) == [RecordPerson, NominateDelegate, AppointDelegate]
    south = NORTH.model_copy(update={"organisation": "south", "name": "Klinik Süd"})
    for history in ([], [NORTH, south]):
        assert fault(judge(row, history=history)).cell == "G2"
    for called in ("KLINIK SÜD", "South"):
        named = row.replace("Ida;;;", f"Ida;;;{called}")
        assert kinds(judge(named, history=[NORTH, south])[0]) == [RecordPerson, NominateDelegate, AppointDelegate]


@pytest.mark.parametrize("name", ["Eva  Muster", "Eva\u00a0Muster", "Eva\u2009Muster", "EVA MUSTER"])
def test_blanks_make_no_second_person_of_a_name(name: str) -> None:
    people = KnownPeople({person(1): PersonDetails(name="Eva Muster", salutation="Guten Tag")}, [], new_id)
    assert people.meant(2, Told(name=name, addressed_as="Guten Tag"), None)[0] == person(1)


def known(*people: PersonDetails, told: Sequence[Told] = ()) -> KnownPeople:
    return KnownPeople({person(number): one for number, one in enumerate(people, start=1)}, told, new_id)


def test_of_two_who_are_known_by_one_name_the_address_says_who_is_meant() -> None:
    other = EVA.model_copy(update={"email": "other@example.org"})
    named = Told(name="Eva Höh", addressed_as="Guten Tag Eva Höh")
    assert known(EVA, other).meant(2, replace(named, email="OTHER@example.org"), None)[0] == person(2)
    for email in (None, "third@example.org"):
        with pytest.raises(SeveralOfThatName):
            known(EVA, other).meant(2, replace(named, email=email), None)


def test_what_a_row_says_is_recorded_and_what_it_leaves_out_stays() -> None:
    told = Told("Eva Höh", "Guten Tag", salutation="Sehr geehrte Frau Höh", postal_address="Am Berg 1")
    of_new = {"name": "Eva Höh", "salutation": "Sehr geehrte Frau Höh", "postal_address": "Am Berg 1"}
    assert known().meant(2, told, None)[1] == PersonDetails(**of_new)
    assert known(EVA).meant(2, told, None) == (person(1), EVA.model_copy(update=of_new))


def test_blanks_around_what_is_known_are_nothing_to_correct() -> None:
    spaced = EVA.model_copy(update={"salutation": " Liebe Frau Höh ", "postal_address": "Am Berg 1 "})
    told = Told("Eva Höh", "Guten Tag", salutation="Liebe Frau Höh", postal_address="Am Berg 1")
    assert known(spaced).meant(2, told, person(1)) == (person(1), None)


@pytest.mark.parametrize("field", ["salutation", "email", "postal_address"])
def test_two_who_are_one_person_have_to_agree_in_each_field(field: str) -> None:
    rows = [Told("Eva Höh", "Guten Tag", **{field: value}) for value in ("a@example.org", None, "b@example.org")]
    people = known(EVA)
    for row, told in enumerate(rows[:2], start=2):
        people.meant(row, told, person(1))
    with pytest.raises(ToldDifferently) as no:
        people.meant(4, rows[2], person(1))
    assert no.value.facts == {"row": 2, "fields": field}


def test_two_rows_about_one_person_have_to_agree() -> None:
    rows = ["9;1;;Eva;eva@example.org;Am Berg 1;A;1.1.2024;;", "31;;;Eva;eva@example.org;Im Tal 2;;1.1.2024;;"]
    assert fault(judge(*rows)) == Fault("D3", "Die Zeile 2 sagt über dieselbe Person etwas anderes (postal_address).")


def test_a_name_and_a_number_have_to_fit() -> None:
    (reading,) = judge("9;1;;Eva;;;A;1.1.2024;;")
    assert not reading.faults
    groups = groups_of(())
    text = "Nr.;Gruppe;Name;von\n9;Amtsleitung;Eva;1.1.2024\n;KLINIKEN;;\n;head;;"
    columns, rows = split_heading(read_sheet(File(text.encode(), "csv")))
    plan = Plan(groups, KnownPeople({}, [], new_id), edge())
    judged = [_judged(plan, one, one.entry()) for one in (Reading(columns, row) for row in rows)]
    assert [one.outcome for one in judged] == ["refused", "unchanged", "unchanged"]
    assert fault(judged) == Fault("B2", "Nummer und Bezeichnung passen zu verschiedenen Gruppen.")


def test_a_short_name_is_german_and_plain() -> None:
    assert slug_of("Träger für Größe & Pflege e. V.") == "traeger-fuer-groesse-pflege-e-v"
    assert slug_of("Café Olé") == "cafe-ole" and slug_of("€") == "" and len(slug_of("x-" * 99)) <= 80


DAYS = st.sampled_from(["1.11.2023", "31.12.2023", "1.1.2024", "2.1.2024", ""])
ROWS = st.builds(
    "{};{};{};{};{};;{};{};{};".format,
    st.sampled_from([9, 31]),
    st.sampled_from(["", "1", "2"]),
    st.sampled_from(["", "Stellvertretung"]),
    st.sampled_from(["Eva", "Ida", "Ute", "vakant"]),
    st.sampled_from(["", "a@example.org", "b@example.org"]),
    st.sampled_from(["Klinik Nord", "Klinik Süd", ""]),
    DAYS,
    DAYS,
)


@settings(max_examples=40)
@given(st.lists(ROWS, max_size=4))
def test_the_same_roster_again_changes_nothing(rows: list[str]) -> None:
    """Also from anywhere in between, as far as it was carried out."""
    groups, people = groups_of(()), dict[str, PersonDetails]()
    judged = judge_in(groups, people, *rows)
    if any(one.faults for one in judged):
        return
    commands = [command for one in judged for command in one.commands]
    for place in range(len(commands) + 1):
        so_far, known = carried_out(groups, commands[:place])
        rest = judge_in(so_far, known, *rows)
        assert not any(one.faults for one in rest), (place, rest)
        done, everybody = carried_out(so_far, [command for one in rest for command in one.commands], known)
        assert all(not one.commands for one in judge_in(done, everybody, *rows)), place


def carried_out(
    groups: Mapping[str, SeatGroup], commands: Sequence[Any], people: Mapping[str, PersonDetails] | None = None
) -> tuple[dict[str, SeatGroup], dict[str, PersonDetails]]:
    done, known = dict(groups), dict(people or {})
    for command in commands:
        if isinstance(command, RecordPerson):
            known[command.person] = command.details
        else:
            done[command.group] = SEAT_GROUP.fold(SEAT_GROUP.decide(done[command.group], command), done[command.group])
    return done, known


def test_what_is_shown_of_nobody_is_kept() -> None:
    """The row of a former member says nothing that could be compared."""
    former = f"9;1;;ehemaliges Mitglied;;;;1.11.2023;;{person(1)}"
    (one,) = judge(former, history=[NORTH, sits(1)])
    assert one.outcome == "unchanged"


def test_whoever_sits_is_not_recorded_as_deputy_by_that() -> None:
    (one,) = judge("9;1;Stellvertretung;Eva Höh;;;;1.11.2023;;", history=[NORTH, sits(1)], people={1: EVA})
    assert one.outcome != "unchanged"


def test_of_two_groups_of_one_name_the_number_says_which_is_meant() -> None:
    other = HOSPITALS.model_copy(update={"group": "clinics", "number": 10})
    groups = {**groups_of([NORTH]), "clinics": SEAT_GROUP.fold([other])}
    entry = Entry(None, "Kliniken", "", "principal", None, None, "", SINCE, None)
    with pytest.raises(GroupAmbiguous):
        group_meant(groups, entry)
    assert group_meant(groups, replace(entry, number=10)) == "clinics"


def test_the_seat_whose_deputy_somebody_is_is_not_taken_for_the_one_they_have() -> None:
    deputy = DeputyAppointed(group="hospitals", seat="hospitals-2", person=person(1), since=SINCE)
    group = groups_of([NORTH, deputy])["hospitals"]
    entry = Entry(9, "", "", "principal", None, None, "", SINCE, None)
    assert seat_meant(group, "hospitals", entry, person(1)).seat == "hospitals-1"
