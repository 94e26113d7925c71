"""A funded year over HTTP, on the real parts: what is recommended and reported, and the grant to its last cent.

Every number of the grant is derived a second time: in euros, as fractions, from what the office says.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from io import BytesIO, StringIO
from typing import Any

import pytest
from pypdf import PdfReader

from shared.kernel.time import BERLIN, local_day
from tests.journeys.clerk import Clerk, clerk_of
from tests.journeys.stack import RunningStack
from tests.journeys.work import establish, found_conference
from tests.kit.eventually import eventually

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]

GRANT = {"grant": "state-grant"}
PERIOD = {"start": "2023-11-01", "until": "2024-12-31"}
PLAN = {"facilitation": "30.000", "workshop": "7.000", "material": "3.000"}
COMMITTEE = "Sozial- und Gesundheitsausschuss"
SPENT = {
    "facilitation-1": ("facilitation", "12.345,67"),
    "facilitation-2": ("facilitation", "13.456,78"),
    "workshop-1": ("workshop", "6.999,99"),
    "material-1": ("material", "1.234,06"),
}
HOURS = {"hours-1": (40, "62,75"), "hours-2": (39, "61,99"), "hours-3": (33, "61,99")}
DRAWN = {"call-1": "20.000", "call-2": "6.000"}
CENT = Fraction(1, 100)


def euros(text: str) -> Fraction:
    return Fraction(text.replace(".", "").replace(",", "."))


def cents(amount: Fraction | str) -> int:
    """Half up."""
    exact = euros(amount) if isinstance(amount, str) else amount
    return int((exact / CENT + Fraction(1, 2)).__floor__())


def total(amounts: Iterable[str]) -> Fraction:
    return sum(map(euros, amounts), Fraction(0))


def worth() -> Fraction:
    """Each entry is rounded to its cent."""
    return sum((cents(Fraction(quarters, 4) * euros(rate)) * CENT for quarters, rate in HOURS.values()), Fraction(0))


def paid_by_grant(spent: Fraction) -> Fraction:
    """Four fifths of the whole cost; of that, what was spent and what was granted the least."""
    return min(spent, euros("40.000"), cents((spent + worth()) * Fraction(4, 5)) * CENT)


async def apply(clerk: Clerk) -> None:
    about = {"title": "Pflegekonferenzen", "grantor": "Ministerium", "paper": "GRDrs 905/2023"}
    asked = {"amount": cents("50.000"), "purposes": [*PLAN], "period": PERIOD, "own_share_percent": 20}
    await clerk.give("funding", "ApplyForGrant", "", **GRANT, **about, **asked)


def notice(**fields: Any) -> dict[str, Any]:
    lines = [{"line": one, "purpose": one, "name": one.title(), "amount": cents(sum_)} for one, sum_ in PLAN.items()]
    terms = {"amount": cents("40.000"), "period": PERIOD, "lines": lines, "notice_on": "2023-10-20"}
    return {**GRANT, **terms, "conditions": {"own_share_percent": 20}, **fields}


def receipt(name: str, line: str, amount: str, **fields: Any) -> dict[str, Any]:
    days = {"service_on": "2024-03-20", "paid_on": "2024-03-20"}
    told = {"line": line, "purpose": line, "amount": cents(amount), "payee": "kreditor-1", "receipt_number": name}
    return {**GRANT, "expense": name, **days, **told, **fields}


async def awarded(clerk: Clerk) -> None:
    await establish(clerk)
    await apply(clerk)
    await clerk.give("funding", "RecordAward", "", **notice())


async def spend(clerk: Clerk, name: str, line: str, amount: str) -> None:
    of = {"commitment": "contract"} if line == "facilitation" else {}
    await clerk.give("funding", "BookExpense", name, **receipt(name, line, amount, **of))
    await clerk.approve("funding", "ApproveExpense", name, **GRANT, expense=name)


async def spend_all(clerk: Clerk) -> None:
    contract = {"commitment": "contract", "line": "facilitation", "amount": cents("30.000"), "on": "2023-11-06"}
    offers = [{"bidder": name, "amount": cents(sum_)} for name, sum_ in (("kreditor-1", "30.000"), ("other", "31.000"))]
    how = {"way": "negotiated", "contractor": "kreditor-1", "offers": offers, "reason": "wirtschaftlicher"}
    nobody = {**contract, "procurement": {**how, "contractor": "nobody"}}
    assert await clerk.refused("funding", "RegisterCommitment", "no", **GRANT, **nobody) == "ContractorMadeNoOffer"
    await clerk.give("funding", "RegisterCommitment", "", **GRANT, **contract, procurement=how)
    for name, (line, amount) in SPENT.items():
        await spend(clerk, name, line, amount)
    for day, (entry, (quarters, rate)) in enumerate(HOURS.items(), start=1):
        work = {"role": "planner", "on": f"2024-03-0{day}", "activity": "Planung", "rate_source": "VwV"}
        fields = {"entry": entry, "quarter_hours": quarters, "rate": cents(rate)}
        await clerk.give("funding", "RecordStaffHours", entry, **GRANT, **work, **fields)
    for name, amount in DRAWN.items():
        asked = {**GRANT, "drawdown": name, "amount": cents(amount)}
        await clerk.give("funding", "RequestDrawdown", name, **asked)
        await clerk.give("funding", "RecordPayout", name, **asked, on="2024-04-15")


async def shown(clerk: Clerk, seen: str) -> dict[str, Any]:
    [grant] = await clerk.read("funding", "/grants", seen=seen)
    return grant


async def test_a_grant_is_applied_for_and_awarded(stack: RunningStack) -> None:
    async with clerk_of(stack, "awarded") as clerk:
        await establish(clerk)
        assert await clerk.refused("funding", "RecordAward", "", **notice()) == "GrantNotApplied"
        await apply(clerk)
        less = notice(amount=cents("39.999,99"))
        assert await clerk.refused("funding", "RecordAward", "less", **less) == "PlanDoesNotAddUp"
        said = await clerk.give("funding", "RecordAward", "", **notice())
        grant = await shown(clerk, said.seen)
        assert (grant["state"], grant["applied"], grant["awarded"]) == ("awarded", 5_000_000, 4_000_000)
        assert said.events[0]["data"]["own_contribution_due"] == cents(euros("40.000") / Fraction(4, 5) / 5)
        later = notice(period={**PERIOD, "until": "2025-03-31"}, reason="Verlängerung", notice_on="2024-09-01")
        amended = await clerk.give("funding", "AmendAward", "", **later)
        assert amended.events[0]["data"]["proof_due"] == "2025-09-30"
        other = notice(notice_on="2023-10-21")
        assert await clerk.refused("funding", "RecordAward", "again", **other) == "GrantAnsweredDifferently"


async def test_expenses_become_a_proof_of_use(stack: RunningStack) -> None:
    async with clerk_of(stack, "proved") as clerk:
        await awarded(clerk)
        await spend_all(clerk)
        for rule, fields in {
            "ExpenseOutsidePeriod": receipt("late", "material", "1", paid_on="2025-01-15"),
            "PurposeNotOfLine": receipt("plenary", "material", "1", purpose="plenary"),
            "LineExceeded": receipt("tolerance", "workshop", "1.400,02"),
            "GrantExceeded": receipt("beyond", "material", "1.765,96"),
            "ReceiptAlreadyBooked": receipt("twice", "workshop", "1", receipt_number="workshop-1"),
        }.items():
            assert await clerk.refused("funding", "BookExpense", rule, **fields) == rule
        await must_be_listed_before_it_is_frozen(clerk)
        said = await clerk.give("funding", "FreezeProofOfUse", "", **GRANT)
        figures, spent = said.events[0]["data"], total(amount for _, amount in SPENT.values())
        assert {one["line"]: one["spent"] for one in figures["lines"]} == {
            line: cents(total(amount for of, amount in SPENT.values() if of == line)) for line in PLAN
        }
        assert (figures["spent"], figures["unspent"]) == (cents(spent), cents(euros("40.000") - spent))
        assert (figures["own_contribution"], figures["drawn"]) == (cents(worth()), cents(total(DRAWN.values())))
        assert figures["payable"] == cents(paid_by_grant(spent)) < figures["spent"], "the own share falls short"
        await must_be_the_same_document(clerk)


async def must_be_listed_before_it_is_frozen(clerk: Clerk) -> None:
    """For the finance system: each receipt with its two events."""
    asked = {"conference": clerk.conference, "year": 2024}
    file = (await clerk.ask("GET", "funding", "/grants/state-grant/ledger.csv", params=asked)).content
    rows = list(csv.DictReader(StringIO(file.decode("utf-8-sig"), newline=""), delimiter=";"))
    spent = {one["Beleg"]: one["Betrag"] for one in rows if one["Art"] == "Ausgabe"}
    assert spent == {name: amount for name, (_, amount) in SPENT.items()}
    assert all(len(one["Ereignisse"].split()) == 2 for one in rows if one["Stand"] == "freigegeben")


async def must_be_the_same_document(clerk: Clerk) -> None:
    """A revision does not change, whatever is said after it."""
    path, asked = "/grants/state-grant/proof-of-use.pdf", {"conference": clerk.conference}
    first = (await clerk.ask("GET", "funding", path, params=asked)).content
    words = "".join(page.extract_text() for page in PdfReader(BytesIO(first)).pages)
    history = await clerk.history(f"{clerk.conference}/grant/state-grant")
    booked = {one["id"] for one in history if ".ExpenseBooked." in one["type"]}
    assert len(booked) == len(SPENT) and all(id_ in words for id_ in booked)
    await clerk.approve("funding", "ReopenProofOfUse", "", **GRANT, reason="Beleg nachgereicht")
    await spend(clerk, "material-2", "material", "0,01")
    await clerk.give("funding", "FreezeProofOfUse", "again", **GRANT)
    assert (await clerk.ask("GET", "funding", path, params={**asked, "revision": 1})).content == first
    assert (await clerk.ask("GET", "funding", path, params=asked)).content != first


async def test_a_grant_ends_when_nothing_is_owed_and_the_conference_goes_on(stack: RunningStack) -> None:
    async with clerk_of(stack, "ended") as clerk:
        await awarded(clerk)
        await spend_all(clerk)
        await clerk.give("funding", "FreezeProofOfUse", "", **GRANT)
        await clerk.give("funding", "SubmitProofOfUse", "", **GRANT)
        today, reduced = local_day(datetime.now(UTC) + clerk.ahead).isoformat(), euros("1.234,56")
        answer = {**GRANT, "on": today, "reduced_by": cents(reduced)}
        assert await clerk.refused("funding", "RecordAudit", "bare", **answer) == "ReductionWithoutReason"
        said = await clerk.give("funding", "RecordAudit", "", **answer, reason="Ohne Beleg")
        kept = paid_by_grant(total(amount for _, amount in SPENT.values()) - reduced)
        assert said.events[0]["data"]["recognised"] == cents(kept)
        missing = cents(kept - total(DRAWN.values()))
        assert missing > 0, "the last instalment is paid after the audit"
        asked = {**GRANT, "drawdown": "last", "amount": missing}
        too_much = {**asked, "amount": missing + 1}
        assert await clerk.refused("funding", "RequestDrawdown", "much", **too_much) == "DrawdownExceedsGrant"
        await clerk.give("funding", "RequestDrawdown", "last", **asked)
        await clerk.give("funding", "RecordPayout", "last", **asked, on=today)
        closed = await clerk.approve("funding", "CloseGrant", "", **GRANT)
        assert closed.events[0]["data"]["paid"] == cents(kept)
        assert await clerk.refused("funding", "BookExpense", "late", **receipt("x", "material", "1")) == "GrantIsClosed"
        assert await clerk.read("funding", "/obligations", seen=closed.seen) == []
        group = {"working_group": "ag-next", "name": "Neuer Schwerpunkt", "topics": ["Übergänge"]}
        await clerk.give("members", "EstablishWorkingGroup", "", **group)


async def test_a_recommendation_is_adopted_answered_and_reported_to_the_committee(stack: RunningStack) -> None:
    """And the regular report is a paper for information that lays it before the council."""
    async with clerk_of(stack, "recommended") as clerk:
        await found_conference(clerk)
        about = {"recommendation": "housing"}
        await clerk.give("members", "EstablishWorkingGroup", "", working_group="ag-a", name="AG", topics=["Wohnen"])
        words = {"title": "Personalwohnen", "text": "Wohnraum schaffen.", "reasons": "Es fehlt."}
        await clerk.give("meetings", "DraftRecommendation", "", **about, working_group="ag-a", **words)
        today = await adopt(clerk)
        due = (today + timedelta(days=90)).isoformat()
        addressee = {"addressee": "housing-office", "name": "Amt für Stadtplanung und Wohnen", "due_on": due}
        said = await clerk.give("meetings", "AddressRecommendation", "", **about, **addressee)
        [owed] = await owed_by(clerk, "ResponseDue", said.seen)
        assert (owed["due_on"], owed["about"]) == (due, said.stream)
        reply = {"addressee": "housing-office", "answer": "partly", "reasons": "Zwei Standorte werden geprüft."}
        said = await clerk.give("meetings", "RecordResponse", "", **about, **reply, on=today.isoformat())
        assert await owed_by(clerk, "ResponseDue", said.seen) == []
        await report(clerk, today)
        said = await clerk.give(
            "meetings", "ReportRecommendation", "", **about, committee=COMMITTEE, on=today.isoformat()
        )
        [shown_] = await clerk.read("meetings", "/recommendations", seen=said.seen)
        assert (shown_["state"], shown_["title"]) == ("reported", "Personalwohnen")
        said = await clerk.give("meetings", "SubmitReport", "", paper="report-1", on=today.isoformat())
        [following] = await owed_by(clerk, "ReportDue", said.seen)
        assert following["due_on"] == said.events[0]["data"]["next_due"]
        table = await clerk.ask("GET", "meetings", "/recommendations.csv", params={"conference": clerk.conference})
        assert "Personalwohnen" in table.text


async def test_the_minutes_of_a_session_and_the_first_report_are_owed_from_the_start(stack: RunningStack) -> None:
    async with clerk_of(stack, "owing") as clerk:
        await found_conference(clerk)
        await clerk.give("members", "EstablishWorkingGroup", "", working_group="ag-a", name="AG", topics=["Wohnen"])
        first = {"name": "Erste Konferenz", "since": "2021-03-01", "until": "2022-08-31", "document": "GRDrs 463/2022"}
        groups = ["Ambulante und stationäre Pflege", "Caring Community", "Digitale Teilhabe"]
        await clerk.give("members", "CarryOverConference", "", earlier="first", **first, working_groups=groups)
        words = {"recommendation": "housing", "working_group": "ag-a", "title": "Personalwohnen"}
        await clerk.give("meetings", "DraftRecommendation", "", **words)
        held_on = await adopt(clerk)
        owed = {one["obligation"]: one["due_on"] for one in await clerk.read("meetings", "/obligations")}
        assert owed.keys() == {"MinutesDraftDue", "ReportDue"}, "what was carried over is owed by nobody"
        asked = {"conference": clerk.conference}
        draft = (await clerk.ask("GET", "meetings", "/committee-report/draft", params=asked)).json()
        assert [(one["name"], one["working_groups"]) for one in draft["earlier"]] == [("Erste Konferenz", groups)]
        assert owed["MinutesDraftDue"] == (held_on + timedelta(days=30)).isoformat()
        said = await clerk.give("meetings", "DraftMinutes", "", session="plenum", document="Niederschrift 1")
        assert await owed_by(clerk, "MinutesDraftDue", said.seen) == []


async def owed_by(clerk: Clerk, obligation: str, seen: str) -> list[dict[str, Any]]:
    found = await clerk.read("meetings", "/obligations", seen=seen)
    return [one for one in found if one["obligation"] == obligation]


async def adopt(clerk: Clerk) -> date:
    """By consensus of a session tomorrow at noon, which comes at once."""
    now = datetime.now(UTC) + clerk.ahead
    noon = datetime.combine(local_day(now) + timedelta(days=1), time(12), BERLIN)
    hours = {"starts": noon.isoformat(), "ends": (noon + timedelta(hours=2)).isoformat()}
    about = {"kind": "plenary", "working_group": None, "title": "Sitzung", "place": "Rathaus"}
    session = {"session": "plenum"}
    await clerk.give("meetings", "ScheduleSession", "", **session, **about, **hours)
    await clerk.give("meetings", "SubmitRecommendation", "", recommendation="housing", **session)
    agenda = [{"number": 1, "title": "Personalwohnen", "public": True}]
    await clerk.give("meetings", "ChangeAgenda", "", **session, agenda=agenda)
    invited = await clerk.give("meetings", "IssueInvitation", "", **session, reason="Eilt")
    [place] = invited.events[0]["data"]["recipients"]
    await clerk.let_pass(noon - now)
    await clerk.give("meetings", "OpenSession", "", **session)
    await clerk.give("meetings", "RecordArrival", "", **session, person=place["person"])
    await clerk.give("meetings", "RecordConsensus", "", **session, item=1, recommendation="housing")
    await clerk.give("meetings", "CloseSession", "", **session)

    async def is_adopted() -> bool:
        return [one["state"] for one in await clerk.read("meetings", "/recommendations")] == ["adopted"]

    await eventually(is_adopted, "what the session agreed on is adopted", 60)
    return local_day(noon)


async def report(clerk: Clerk, today: date) -> None:
    paper, on = {"paper": "report-1"}, today.isoformat()
    step = {"committee": COMMITTEE, "purpose": "information", "public": True, "on": on}
    text = {"originator": "Referat", "dated": on, "consultations": [step], "reasons": ["Bericht."], "signed_as": "Amt"}
    titled = {"reference": "GRDrs 1/2025", "title": "Bericht der Pflegekonferenz", "kind": "information"}
    await clerk.give("meetings", "DraftPaper", "", **paper, **titled)
    await clerk.give("meetings", "WritePaper", "", **paper, text={**text, "recommendations": ["housing"]})
    await clerk.give("meetings", "IssuePaper", "", **paper, on=on)
    noted = {"committee": COMMITTEE, "on": on, "decision": "noted"}
    await clerk.give("meetings", "RecordCommitteeDecision", "", **paper, **noted)
