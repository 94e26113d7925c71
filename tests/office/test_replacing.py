"""Forms that replace values carry what was seen: a stranger's change in between is told, and nothing is overwritten."""

from __future__ import annotations

import json
from html import unescape
from typing import Any

from services.funding.projections import BUDGET, GRANTS
from services.office.desk.forms.form import Form, Refusal, body_of, refused
from services.office.desk.funding import grants
from services.office.desk.meetings import council_papers
from services.office.desk.members import groups
from services.office.desk.others import Problem
from services.office.desk.paper import ENVIRONMENT
from services.office.projections import ENTRIES
from tests.funding.stuttgart import GRANTED, STREAM, paid, requested, shown

SEEN = {"number": 9, "name": "Kliniken"}
TYPED = {"number": ["9"], "name": ["Krankenhäuser"], "reason": ["Schreibweise"], "replaces": [json.dumps(SEEN)]}


class Looks:
    """Who may do all, and has typed this."""

    form_token, address = "f", "/desk/x"

    def __init__(self, refusal: Refusal | None = None) -> None:
        self._refusal = refusal

    def may(self, _form: Form) -> bool:
        return True

    def typed_at(self, _form: Form, _fixed: dict[str, str]) -> Refusal | None:
        return self._refusal


def drawn(refusal: Refusal | None = None) -> str:
    """The form to correct a group, as it stands after somebody else has named it otherwise."""
    module: Any = ENVIRONMENT.get_template("macros.html.j2").module
    now = {"number": 9, "name": "Spitäler"}
    return str(module.folded(Looks(refusal), groups.CORRECT, now, replaces=now))


def test_a_form_says_what_stood_there_when_it_was_drawn() -> None:
    body, faults = body_of(groups.CORRECT, TYPED, {"group": "hospitals"})
    assert (body["replaces"], body["name"], faults) == (SEEN, "Krankenhäuser", {})
    assert "Spitäler" in json.loads(_seen_in(drawn()))["name"]
    assert "replaces" not in body_of(groups.CORRECT, {**TYPED, "replaces": [""]}, {"group": "hospitals"})[0]
    assert body_of(groups.CORRECT, {**TYPED, "replaces": ["{"]}, {"group": "hospitals"})[0]["replaces"] == "{", (
        "the service refuses it"
    )


def test_what_was_seen_stays_until_somebody_is_told_what_stands_there_now() -> None:
    """A draft, or what is mistyped, goes on from what its writer has seen, though the page is drawn anew."""
    for earlier in (Refusal(groups.CORRECT, TYPED, 200, "", is_draft=True), Refusal(groups.CORRECT, TYPED, 422, "")):
        assert json.loads(_seen_in(drawn(earlier))) == SEEN
    told = refused(groups.CORRECT, TYPED, Problem(409, "ChangedMeanwhile", "Jetzt steht da: „Spitäler“."))
    page = drawn(told)
    assert "Spitäler“." in page and 'value="Krankenhäuser"' in page
    assert json.loads(_seen_in(page)) == {"number": 9, "name": "Spitäler"}, "sent again it is meant"


def _seen_in(page: str) -> str:
    return unescape(page.partition('name="replaces" value="')[2].partition('"')[0])


def test_of_a_page_that_has_seen_several_goes_along_what_the_form_is_about() -> None:
    stood = json.dumps({"": {}, "Gemeinderat|1": {"decision": "postponed"}})
    for item, seen in (("1", {"decision": "postponed"}), ("2", {})):
        typed = {"committee": ["Gemeinderat"], "item": [item], "replaces": [stood]}
        assert body_of(council_papers.DECIDE_ITEM, typed, {})[0]["replaces"] == seen
    typed = {"commitment": ["new"], "replaces": [json.dumps({"old": {"amount": 1}})]}
    assert "replaces" not in body_of(grants.CORRECT_COMMITMENT, typed, {"grant": "state-grant"})[0], (
        "of what it had not seen it says nothing"
    )


def test_a_payout_is_recorded_of_a_call_without_one_and_corrected_as_the_page_shows_it() -> None:
    history = [*GRANTED, requested(), requested("call-2"), paid()]
    grant, budget = (shown(projection, history)[STREAM] for projection in (GRANTS, BUDGET))
    steps = grants.next_steps(grant, budget, [], list(shown(ENTRIES, history).values()))
    [record, correct] = [step for step in steps if step.form in (grants.PAYOUT, grants.CORRECT_PAYOUT)]
    assert (record.choices["drawdown"], record.replaces) == ([("call-2", "call-2")], None)
    assert correct.choices["drawdown"] == [("call-1", "call-1")]
    assert correct.replaces == {"call-1": {"amount": 1_000_000, "on": "2024-03-20"}}
