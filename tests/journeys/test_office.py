"""What an office does with its conference between sessions, over HTTP and with `kpk`, on a running stack."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from deploy.embedded.tokens import read_tokens
from deploy.kpk.commands.roster import FORMATS
from shared.kernel.time import BERLIN
from tests.journeys.clerk import Clerk, clerk_of
from tests.journeys.desk import Visitor
from tests.journeys.stack import RunningStack
from tests.journeys.work import establish, found_conference, invite_everybody, seat_delegate
from tests.kit.eventually import eventually
from tests.meetings import grdrs_905

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]

NAME = "spring"
OBJECTION_DAYS = 14
FIRST = "Es wurde beraten: 1 < 2 & #strong[nichts]."
CORRECTED = "Es wurde ausführlich beraten."
ROSTER = """Mitglieder der Pflegekonferenz, Stand 1.11.2023;;;;;;;
Nr.;Sitz;Funktion;Anrede;Name;E-Mail;Entsendende Stelle;seit
9;1;Mitglied;Frau;Höh;hoeh@{0}.example.org;Klinik Nord;1.11.2023
9;2;Mitglied;Herr;=Maß;mass@{0}.example.org;Klinik Süd;1.1.2024
31;;Amt;;Ida Straß;strass@{0}.example.org;;1.11.2023
31;;Stellvertretung;;Ute Tal;tal@{0}.example.org;;1.11.2023
"""


async def open_groups(clerk: Clerk) -> None:
    await establish(clerk)
    groups = (("hospitals", 9, "Kliniken", "delegated", 2), ("head", 31, "Amtsleitung", "ex_officio", 1))
    for group, number, name, kind, seats in groups:
        about = {"number": number, "name": name, "kind": kind, "seats": seats}
        await clerk.give("members", "OpenSeatGroup", group, group=group, **about)


async def test_a_roster_comes_in_as_the_office_has_it_and_goes_out_again(stack: RunningStack, tmp_path: Path) -> None:
    """In two conferences of the same groups and seats: each has its own people, of each day, and its own mails."""
    ours, theirs = tmp_path / "ours.csv", ROSTER.format("roster-b").encode("cp1252")
    ours.write_bytes(ROSTER.format("roster-a").encode("cp1252"))
    named = ("--conference", "roster-a", "--encoding", "windows-1252")
    async with clerk_of(stack, "roster-a") as a, clerk_of(stack, "roster-b") as b:
        await open_groups(a)
        await open_groups(b)
        assert "ändert: 4" in stack.kpk("roster", "import", str(ours), "--dry-run", *named).stdout
        assert await seated(a, "2024-02-01") == [None, None, None]
        assert "ändert: 4" in stack.kpk("roster", "import", str(ours), *named).stdout
        assert (await read_in(b, theirs, encoding="windows-1252"))["change"] == 4
        for clerk in (a, b):
            await eventually(lambda: welcomed(clerk), "all three on their seats are welcomed", 60)  # noqa: B023 - at once
            await eventually(lambda: knows_the_deputy(clerk), "the roster has whom nobody welcomes, too", 60)  # noqa: B023
            assert await seated(clerk, "2023-12-01") == ["Höh", None, "Ida Straß"]
            assert await seated(clerk, "2024-02-01") == ["Höh", "=Maß", "Ida Straß"]
            for ending in ("csv", "xlsx"):
                file = await clerk.ask("GET", "members", f"/roster.{ending}", params={"conference": clerk.conference})
                again = await read_in(clerk, file.content, ending)
                assert (again["unchanged"], again["change"], again["refused"]) == (4, 0, 0), again
        written = stack.kpk("roster", "export", str(ours), "--conference", "roster-a")
        assert written.returncode == 0 and b";'=Ma\xc3\x9f;" in ours.read_bytes()
        assert b"hoeh@roster-a" in ours.read_bytes() and b"roster-b" not in ours.read_bytes()
    ours.write_text("Nr.;Name;seit\n99;Eva;1.1.2024\n")
    told = stack.kpk("roster", "import", str(ours), *named)
    assert (told.returncode, "2: A2: Eine Gruppe mit dieser Nummer" in told.stderr) == (1, True), told.stderr


async def test_whose_contact_data_have_had_their_time_waits_for_the_office_until_they_are_erased(
    stack: RunningStack,
) -> None:
    async with clerk_of(stack, "left") as clerk:
        await establish(clerk)
        await seat_delegate(clerk, "first")
        ended = {"group": "first", "seat": "first-1", "until": "2024-06-30", "reason": "resigned"}
        await clerk.give("members", "EndMandate", "", **ended)
        [left] = await clerk.read("members", "/people/to-erase", on="2025-07-01")
        assert (left["person_name"], left["last_day"]) == ("Delegierte first", "2024-06-30")
        assert await clerk.read("members", "/people/to-erase", on="2025-06-30") == []
        with Visitor(stack.state.services["office"], read_tokens(stack.folder)["office"]) as office:
            await eventually(lambda: "auf keinem Sitz mehr seit 30.06.2024" in office.text("/left/"), "it is told")
            assert f"/people/{left['person']}" in office.text("/left/")
            erase = {"conference": "left", "person": left["person"]}
            key = {"Idempotency-Key": "left-erase"}
            await clerk.ask("POST", "members", "/commands/ErasePerson", "admin", json=erase, headers=key)
            await eventually(
                lambda: "Alle Kontaktdaten werden noch" in office.text("/left/"), "nobody is left to erase"
            )


async def test_rules_that_change_are_those_of_later_sessions(stack: RunningStack) -> None:
    """The invitation says by which version; one that was issued before keeps its own."""
    async with clerk_of(stack, "rules") as clerk:
        await found_conference(clerk)
        before = await invite_everybody(clerk, "before")
        about = {"rules": {"quorum_percent": 50}, "reason": "Beschluss", "since": "2024-01-01"}
        changed = await clerk.give("members", "ChangeRules", "half", **about)
        await clerk.read("meetings", "/roster", seen=changed.seen)
        after = await invite_everybody(clerk, "after")
        told = [[event["data"] for event in one.events][-1] for one in (before, after)]
        assert [(one["rules_version"], one.get("quorum", 0)) for one in told] == [(1, 0), (2, 1)]
        versions = await clerk.read("members", "/rules")
        assert [(one["rules_version"], one["rules"]["quorum_percent"]) for one in versions] == [(1, None), (2, 50)]


async def test_minutes_are_sent_objected_to_corrected_and_approved(stack: RunningStack) -> None:
    async with clerk_of(stack, "minutes") as clerk:
        await found_conference(clerk)
        person = await hold_session(stack, clerk)
        about = {"session": NAME}
        texts = [{"number": 1, "text": FIRST}]
        await clerk.give("meetings", "DraftMinutes", "", **about, document="Niederschrift 1", items=texts)
        sent = await clerk.give("meetings", "SendMinutes", "", **about)
        await eventually(lambda: came(stack, person, "Niederschrift: "), "the minutes are sent", 60)

        objection = {"person": person, "item": 1, "text": "Es wurde mehr gesagt."}
        await clerk.give("meetings", "ObjectToMinutes", "", **about, **objection)
        second = [{"number": 1, "text": CORRECTED}]
        last = await clerk.give("meetings", "CorrectMinutes", "", **about, items=second, reason="Einwendung")
        assert (last.events[0]["data"]["edition"], sent.events[0]["data"]["edition"]) == (2, 1)
        await eventually(lambda: came(stack, person, "Berichtigte Niederschrift: "), "the correction is sent", 60)

        asked = {"conference": clerk.conference}
        [proof] = await clerk.read("notifications", f"/sessions/{NAME}/proof")
        assert (proof["person"], proof["issue"], proof["steps"][-1]["what"]) == (person, 1, "sent")
        sheet = await clerk.ask("GET", "notifications", f"/sessions/{NAME}/proof.csv", params=asked)
        assert f";{person};Einladung;1;" in sheet.text
        document = await clerk.ask("GET", "notifications", f"/sessions/{NAME}/proof.pdf", params=asked)
        assert "Einladungsnachweis" in PdfReader(BytesIO(document.content)).pages[0].extract_text()

        await clerk.let_pass(timedelta(days=OBJECTION_DAYS + 1))
        done = await clerk.give("meetings", "ApproveMinutes", "", **about)
        await eventually(lambda: came(stack, person, "Genehmigte Niederschrift: "), "the approved ones are sent", 60)
        assert len({attached(mail) for mail in mails_to(stack, person) if attached(mail)}) == 3

        asked |= {"seen": done.seen}
        shown = (await clerk.ask("GET", "meetings", f"/sessions/{NAME}/minutes", params=asked)).json()
        assert (shown["state"], len(shown["editions"])) == ("approved", 2)
        assert [one["answer"] for one in shown["objections"]] == ["corrected"]
        pdf = await clerk.ask("GET", "meetings", f"/sessions/{NAME}/minutes.pdf", params=asked)
        assert pdf.content == attached(came(stack, person, "Genehmigte Niederschrift: "))
        page = await clerk.ask("GET", "meetings", f"/sessions/{NAME}/minutes.html", params={**asked, "edition": "1"})
        assert "1 &lt; 2 &amp; #strong[nichts]" in page.text and CORRECTED not in page.text


async def test_a_council_paper_goes_from_its_draft_to_the_decision_on_each_item(stack: RunningStack) -> None:
    """Before its conference is there: one of them establishes it."""
    async with clerk_of(stack, "papers") as clerk:
        about, on = {"paper": grdrs_905.NAME}, {"committee": grdrs_905.COMMITTEE, "on": "2023-09-25"}
        named = {"reference": grdrs_905.REFERENCE, "title": grdrs_905.TITLE, "kind": "decision"}
        await clerk.give("meetings", "DraftPaper", "", **about, **named)
        text = grdrs_905.TEXT.model_dump(mode="json")
        await clerk.give("meetings", "WritePaper", "", **about, text=text)
        for department, note in (("akr", grdrs_905.NOTE), ("wfb", None)):
            asked = {**about, "department": department}
            await clerk.give("meetings", "RequestCoSignature", department, **asked)
            await clerk.give("meetings", "CoSign", department, **asked, note=note)
        await clerk.give("meetings", "IssuePaper", "", **about, on="2023-09-13")
        for item, decision in ((1, "adopted"), (2, "amended")):
            wording = "Beantragt werden 35.000 EUR." if decision == "amended" else None
            told = {**about, **on, "item": item, "decision": decision, "wording": wording}
            await clerk.give("meetings", "RecordItemDecision", str(item), **told)
        last = await clerk.give("meetings", "RecordItemDecision", "3", **about, **on, item=3, decision="adopted")
        assert [one["data"]["decision"] for one in last.events] == ["adopted", "adopted"]

        [shown] = await clerk.read("meetings", "/papers", seen=last.seen)
        assert (shown["state"], shown["text"], len(shown["items"])) == ("decided", text, 3)
        at = f"/papers/{grdrs_905.NAME}/paper"
        asked = {"conference": clerk.conference}
        page = (await clerk.ask("GET", "meetings", f"{at}.html", params=asked)).text
        document = (await clerk.ask("GET", "meetings", f"{at}.pdf", params=asked)).content
        set_in_pdf = "".join(page.extract_text() for page in PdfReader(BytesIO(document)).pages)
        for said in ("Beschlussvorlage", "AKR: mitgezeichnet mit Hinweis", "Nr. 2: geändert beschlossen"):
            assert said in page and said in set_in_pdf


async def read_in(clerk: Clerk, content: bytes, ending: str = "csv", **more: str) -> dict[str, Any]:
    headers = {"Content-Type": FORMATS[f".{ending}"], "Idempotency-Key": f"{clerk.conference}-{len(content)}"}
    asked = {"conference": clerk.conference, **more}
    answer = await clerk.ask("POST", "members", "/roster/import", headers=headers, params=asked, content=content)
    told: dict[str, Any] = answer.json()
    return told


async def seated(clerk: Clerk, on: str) -> list[str | None]:
    return [seat.get("person_name") for seat in await clerk.read("members", "/roster", on=on)]


async def knows_the_deputy(clerk: Clerk) -> bool:
    file = await clerk.ask("GET", "members", "/roster.csv", params={"conference": clerk.conference})
    return b"Ute Tal" in file.content


async def welcomed(clerk: Clerk) -> bool:
    """Three, and no more."""
    return len(await clerk.read("notifications", "/mails", state="sent")) == 3


async def test_a_letter_is_printed_and_due_until_it_is_posted(stack: RunningStack) -> None:
    async with clerk_of(stack, "on-paper") as clerk:
        await establish(clerk)
        await seat_delegate(clerk, "first", postal_address="Hauptstraße 1\n70173 Stuttgart")
        [letter] = await eventually(lambda: clerk.read("notifications", "/mails", state="letter"), "it is due", 60)
        asked, path = {"conference": clerk.conference}, f"/mails/{letter['mail']}/letter.pdf"
        before = await clerk.ask("GET", "notifications", path, params=asked)
        [page] = PdfReader(BytesIO(before.content)).pages
        assert all(line in page.extract_text() for line in ("Delegierte first", "Hauptstraße 1", "70173 Stuttgart"))
        posted = await clerk.give("notifications", "MarkLetterPosted", "", mail=letter["mail"])
        assert not await clerk.read("notifications", "/mails", state="letter", seen=posted.seen)
        again = await clerk.ask("GET", "notifications", path, params=asked)
        assert again.content == before.content


async def test_all_mails_of_a_conference_wait_while_the_office_has_stopped_them(stack: RunningStack) -> None:
    async with clerk_of(stack, "stopped") as clerk, clerk_of(stack, "not-stopped") as other:
        for one in (clerk, other):
            await establish(one)
        stopped = await clerk.give("notifications", "StopDispatch", "", reason="Die Gruppen heißen noch falsch.")
        asked = {"conference": clerk.conference, "seen": stopped.seen}
        told = (await clerk.ask("GET", "notifications", "/dispatch", params=asked)).json()
        assert (told["is_stopped"], told["reason"]) == (True, "Die Gruppen heißen noch falsch.")
        await seat_delegate(clerk, "first")
        [mail] = await eventually(lambda: clerk.read("notifications", "/mails", state="queued"), "it waits", 60)
        await seat_delegate(other, "first")
        [sent] = await eventually(lambda: other.read("notifications", "/mails", state="sent"), "theirs goes out", 60)
        assert came(stack, sent["person"], "") and not came(stack, mail["person"], "")
        await clerk.give("notifications", "ResumeDispatch", "", reason="Sie sind berichtigt.")
        await eventually(lambda: came(stack, mail["person"], ""), "it goes out", 60)


async def hold_session(stack: RunningStack, clerk: Clerk) -> str:
    """Tomorrow at noon, which comes at once; its one delegate is there."""
    rules = {"rules": {"objection_days": OBJECTION_DAYS, "notice_days": 14}, "since": "2024-01-01"}
    await clerk.give("members", "ChangeRules", "", **rules, reason="Geschäftsordnung")
    now = datetime.now(UTC) + clerk.ahead
    noon = datetime.combine(now.astimezone(BERLIN).date() + timedelta(days=1), time(12), BERLIN)
    hours = {"starts": noon.isoformat(), "ends": (noon + timedelta(hours=2)).isoformat()}
    about = {"kind": "plenary", "working_group": None, "title": "Frühjahrssitzung", "place": "Rathaus"}
    agenda = [{"number": 1, "title": "Aussprache", "public": True}]
    await clerk.give("meetings", "ScheduleSession", NAME, session=NAME, **about, **hours)
    await clerk.give("meetings", "ChangeAgenda", NAME, session=NAME, agenda=agenda)
    invited = await clerk.give("meetings", "IssueInvitation", NAME, session=NAME, reason="Eilt")
    [place] = invited.events[0]["data"]["recipients"]
    person: str = place["person"]
    await eventually(lambda: came(stack, person, "Einladung"), "who is not invited before it begins never is", 60)
    await clerk.let_pass(noon - now)
    await clerk.give("meetings", "OpenSession", NAME, session=NAME)
    await clerk.give("meetings", "RecordArrival", NAME, session=NAME, person=person)
    await clerk.give("meetings", "CloseSession", NAME, session=NAME)
    return person


def mails_to(stack: RunningStack, person: str) -> Iterator[EmailMessage]:
    for file in Path(stack.state.mail_folder).glob("*.eml"):
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        if person in str(mail["To"]):
            yield mail


def came(stack: RunningStack, person: str, subject: str) -> EmailMessage | None:
    return next((mail for mail in mails_to(stack, person) if str(mail["Subject"]).startswith(subject)), None)


def attached(mail: EmailMessage | None) -> bytes | None:
    """The document that came with it."""
    found = list(mail.iter_attachments()) if mail else []
    return next((one.get_content() for one in found if one.get_content_type() == "application/pdf"), None)
