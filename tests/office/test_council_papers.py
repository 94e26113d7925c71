"""The text of a council paper as it is typed, and typed again from what is shown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from html import unescape
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.meetings.domain.paper_state import PaperEvent
from services.meetings.domain.paper_writing import WritePaper
from services.meetings.projections import PAPERS, RECOMMENDATIONS
from services.office.desk.documents import until_asked
from services.office.desk.forms.form import Form, body_of
from services.office.desk.meetings.council_papers import (
    EXPECTED_STEP,
    PATH,
    WRITE,
    committee,
    decided,
    decided_items,
    typed,
)
from services.office.desk.meetings.registers import FORMS
from services.office.desk.paper import ENVIRONMENT
from services.office.desk.visit import Visit
from shared.contracts.meetings import (
    CoSignatureRequested,
    MotionItemDecided,
    PaperCoSigned,
    PaperDrafted,
    PaperIssued,
    PaperSuperseded,
    PaperWritten,
    RecommendationDrafted,
)
from shared.kernel.identifiers import stream_name
from tests.kit.delivered import folded
from tests.kit.when import CONFERENCE, edge
from tests.meetings.grdrs_905 import COMMITTEE, DATED, NAME, NOTE, REFERENCE, SITTING, TEXT, TITLE


def shown(**changed: Any) -> dict[str, Any]:
    return {"paper": NAME, "text": TEXT.model_copy(update=changed).model_dump(mode="json"), "decisions": []}


def form(**changed: str) -> dict[str, list[str]]:
    return {name: [value] for name, value in {"paper": NAME, **typed(shown()), **changed}.items()}


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"file_sign": None, "climate": None, "finances": None},
        {"pending": ("Anfrage 1", "Antrag 2"), "annexes": ()},
        {"reasons": ("a)\nb)", "c)")},
        {"consultations": (TEXT.consultations[0].model_copy(update={"committee": "Ausschuss; öffentlich;"}),)},
    ],
)
def test_what_is_shown_of_a_text_is_the_same_text_when_it_is_sent_again(changed: dict[str, Any]) -> None:
    told = {name: [value.replace("\n", "\r\n")] for name, value in typed(shown(**changed)).items()}
    fields = {"paper": [NAME], **told}
    body, faults = body_of(WRITE, fields, {})
    assert not faults
    written = WritePaper.model_validate_json(json.dumps({**edge(), **body}, default=str))
    assert written.text == TEXT.model_copy(update=changed)


def test_an_item_that_another_system_wrote_with_an_empty_line_stays_one_item() -> None:
    """Decisions name items by their numbers."""
    body, _ = body_of(WRITE, form(**typed(shown(motion=("1\n\n \n2\n", "3"), reasons=("\n\na",)))), {})
    assert body["text"]["motion"] == ["1\n2", "3"] and body["text"]["reasons"] == ["a"]


@pytest.mark.parametrize(
    "path",
    ["Ausschuss", "Ausschuss; Beratung; öffentlich; 25.09.2023", "Ausschuss; Vorberatung; öffentlich; 31.02.2023"],
)
def test_a_path_that_cannot_be_read_is_said_at_its_field(path: str) -> None:
    _, faults = body_of(WRITE, form(**{PATH: path}), {})
    assert faults == {PATH: EXPECTED_STEP}


def test_a_day_that_is_none_is_said_at_its_field() -> None:
    assert "text.dated" in body_of(WRITE, form(**{"text.dated": "gestern"}), {})[1]


def test_the_committee_that_decides_next_is_proposed() -> None:
    council = TEXT.consultations[0].model_copy(update={"committee": "Gemeinderat"})
    paper = shown(consultations=(*TEXT.consultations, council))
    assert committee(paper) == COMMITTEE
    assert committee({**paper, "decisions": [{"committee": COMMITTEE, "decision": "adopted"}]}) == "Gemeinderat"
    assert committee({"paper": NAME, "text": None, "decisions": []}) == ""


class Looking:
    """A visit as the page of registers needs it: everything may be done, nothing was typed."""

    conference = form_token = address = path = done = ""
    conference_name = "Pflegekonferenz"
    refusal, caller = None, SimpleNamespace(name="office", role="office")
    silent: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
    strays: tuple[str, ...] = ()
    today = date(2024, 5, 2)
    query: Mapping[str, str] = {}
    titles = SimpleNamespace(of=lambda _, key: key)

    def may(self, _: Form) -> bool:
        return True

    def typed_at(self, _: Form, __: Mapping[str, str]) -> None:
        return None


def registers(**shown: Any) -> str:
    lists = (
        "recommendations",
        "papers",
        "groups",
        "sessions",
        "texts",
        "committees",
        "reports_due",
        "issued",
        "reported",
    )
    nothing: dict[str, Any] = {"draft": "Zu berichten ist noch nichts.", "on": None, **{name: [] for name in lists}}
    forms = {form.command: form for form in FORMS}
    return ENVIRONMENT.get_template("registers.html.j2").render({**nothing, **shown}, visit=Looking(), forms=forms)


@pytest.mark.parametrize("told", [{}, {"text": "Ambulant vor stationär."}, {"reasons": "Bedarf"}])
def test_the_register_shows_a_recommendation_with_and_without_its_text(told: dict[str, str]) -> None:
    drafted = RecommendationDrafted(recommendation="one", working_group="ag-b", title="Wohnen", **told)
    [one] = folded(RECOMMENDATIONS, [drafted], stream_name(CONFERENCE, "recommendation", "one")).values()
    page = registers(recommendations=[one])
    assert all(text in page for text in ("Wohnen", "ReviseRecommendation", *told.values()))


ABOUT = {"reference": REFERENCE, "title": TITLE}
DRAFTED: list[PaperEvent] = [
    PaperDrafted(paper=NAME, kind="decision", **ABOUT),
    CoSignatureRequested(paper=NAME, department="akr"),
]
WRITTEN = PaperWritten(paper=NAME, text=TEXT)
SIGNED = [WRITTEN, PaperCoSigned(paper=NAME, department="akr", note="Hinweis")]
IN_FULL = [WRITTEN, PaperCoSigned(paper=NAME, department="akr", note="Hinweis", statement=NOTE)]
ISSUED = PaperIssued(paper=NAME, on=DATED, **ABOUT)
AMENDED = MotionItemDecided(paper=NAME, committee=COMMITTEE, on=SITTING, item=1, decision="amended", wording="Neu.")
REFUSED = MotionItemDecided(paper=NAME, committee=COMMITTEE, on=SITTING, item=2, decision="rejected")
OVER = PaperSuperseded(paper=NAME, successor="grdrs-1-2024", reason="Neufassung")


@pytest.mark.parametrize(
    ("history", "forms"),
    [
        (DRAFTED, {"WritePaper", "CoSign", "IssuePaper"}),
        ([*DRAFTED, *SIGNED], {"WritePaper", "IssuePaper"}),
        ([*DRAFTED, *IN_FULL, ISSUED], {"RecordCommitteeDecision", "RecordItemDecision", "CorrectPaper"}),
        ([*DRAFTED, ISSUED], {"RecordCommitteeDecision"}),
        ([*DRAFTED, *SIGNED, ISSUED, AMENDED, REFUSED], {"RecordItemDecision", "CorrectPaper"}),
        ([*DRAFTED, *SIGNED, ISSUED, OVER], set()),
    ],
)
def test_the_register_shows_a_paper_at_every_moment_with_what_may_be_done_then(
    history: Sequence[PaperEvent], forms: set[str]
) -> None:
    [paper] = folded(PAPERS, history, stream_name(CONFERENCE, "paper", NAME)).values()
    seen = {"decided": {NAME: decided(paper)}, "decided_items": {NAME: decided_items(paper)}}
    page = registers(papers=[paper], texts={NAME: typed(paper)}, committees={NAME: committee(paper)}, **seen)
    placed = set(re.findall(r'name="command" value="(\w+)"', page))
    after = {"WritePaper", "CoSign", "IssuePaper", "RecordCommitteeDecision", "RecordItemDecision", "CorrectPaper"}
    assert forms <= placed and not (after - forms - {"RecordCommitteeDecision"}) & placed
    for event in history:
        if isinstance(event, PaperCoSigned):
            assert (event.statement or event.note or "") in unescape(page)
        if isinstance(event, MotionItemDecided) and event.wording:
            assert event.wording in page


def test_the_register_says_by_when_the_committee_is_to_be_reported_to_and_takes_the_report() -> None:
    page = registers(reports_due=["2024-10-16"], issued=[(NAME, "GRDrs 905/2023")])
    assert "Der nächste Bericht ist bis 16.10.2024 vorzulegen." in page
    assert "SubmitReport" in page and f'value="{NAME}"' in page
    assert "Der nächste Bericht" not in registers() and "report.pdf" not in registers()


def test_beside_the_report_stands_what_it_would_say() -> None:
    block = {"title": "Personalwohnen", "paragraphs": ["Beschlossen."], "points": ["SWSG: überfällig."]}
    sections = [{"heading": "3. Empfehlungen", "blocks": [block]}, {"heading": "6. Vorlagen", "blocks": []}]
    page = registers(draft={"about": "K", "facts": [("Zeitraum", "2024")], "sections": sections})
    told = " ".join(re.sub(r"<[^>]+>", " ", page.split("Entwurf des nächsten Berichts")[1]).split())
    assert told.startswith(
        "Zeitraum: 2024. PDF 3. Empfehlungen Personalwohnen Beschlossen. SWSG: überfällig. 6. Vorlagen Keine."
    )
    assert "/registers/report.pdf" in page


def test_a_report_is_drafted_until_the_day_that_is_asked_about_and_says_why_where_it_cannot_be() -> None:
    until = {"about": "K", "facts": [], "sections": []}
    page = registers(draft=until, on=date(2024, 3, 1))
    assert '/registers/report.pdf?on=2024-03-01"' in page and 'value="01.03.2024"' in page
    assert 'value="02.05.2024"' in registers(draft=until) and "Zu berichten ist noch nichts." in registers()


def test_the_day_that_is_asked_about_goes_to_the_service_that_drafts() -> None:
    asked = SimpleNamespace(asked_day=date(2024, 3, 1))
    assert until_asked(cast("Visit", asked)) == {"until": "2024-03-01"}
    assert until_asked(cast("Visit", SimpleNamespace(asked_day=None))) == {}


def test_a_recorded_report_stands_on_the_page_and_is_taken_back_by_day_and_paper() -> None:
    both = [("2024-09-30 p-1", {"on": "2024-09-30", "paper": "p-1"}), ("2024-03-01", {"on": "2024-03-01"})]
    page = registers(reported=both)
    assert "Bericht vom 30.09.2024, p-1" in page and "Bericht vom 01.03.2024<" in page
    form = next(form for form in FORMS if form.command == "WithdrawReport")
    for key, body in both:
        assert f'value="{key}"' in page
        told, faults = body_of(form, {"report": [key], "reason": ["Verschrieben"]}, {})
        assert (told, faults) == ({**body, "reason": "Verschrieben"}, {})
    assert body_of(form, {"reason": ["x"]}, {})[1] == {"report": "Bitte angeben."}
    assert "WithdrawReport" not in registers()
