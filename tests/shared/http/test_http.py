"""The HTTP edge of a real service on the real mongod while Kafka is down: bad input gets a problem, never an effect."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from deploy.embedded.mongod import Mongod
from deploy.embedded.ports import free_port
from shared.runtime.commands.journal import Journal
from shared.runtime.http import requests as http
from shared.runtime.http.access import WRONG_TOKENS
from shared.runtime.http.callers import Account, Callers
from shared.runtime.http.heads import LARGEST_HEAD
from shared.runtime.http.limits import Limit
from shared.runtime.mongo.driver import UNAUTHORIZED, OperationFailure, connect
from tests.kit.when import person
from tests.shared.members_service import ESTABLISHED, Service

pytestmark = pytest.mark.infra

STREAM = "stuttgart/seat-group/hospitals"
GROUP = {"conference": "stuttgart", "group": "hospitals", "number": 9, "name": "Kliniken", "kind": "delegated"}
OPEN = {**GROUP, "seats": 2}
KEYED = {"idempotency-key": "only"}
PLANTED = "geheim4711"
SAID = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


@pytest.fixture
async def service(mongod: Mongod, tmp_path: Path) -> AsyncIterator[Service]:
    service = await Service(mongod.uri, tmp_path, "system").prepare()
    yield service
    await service.close()


@pytest.fixture
async def demo(mongod: Mongod, tmp_path: Path) -> AsyncIterator[Service]:
    """A service whose clock may be set."""
    service = await Service(mongod.uri, tmp_path, "settable").prepare()
    yield service
    await service.close()


def with_seats(number: str) -> bytes:
    return json.dumps(GROUP).encode()[:-1] + b', "seats": ' + number.encode() + b"}"


def with_name(name: str) -> dict[str, object]:
    return {**OPEN, "name": name}


def is_problem(answer: Response, status: int, rule: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    content: dict[str, Any] = answer.json()
    assert (content["type"], content["status"]) == (rule, status)
    assert content["title"] and content["detail"].endswith(".")
    assert PLANTED not in answer.text
    return content


async def refused(service: Service, answer: Response, status: int, rule: str) -> dict[str, Any]:
    content = is_problem(answer, status, rule)
    assert await service.events() == 0
    return content


# What is well is done, while Kafka is down


async def test_a_command_is_answered_with_its_events(service: Service) -> None:
    answer = await service.give(OPEN)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["stream"], told["sequence"]) == (STREAM, 1)
    assert told["events"][0]["type"] == "kpk.members.SeatGroupOpened.v1"
    assert told["events"][0]["data"]["seats"] == ["hospitals-1", "hospitals-2"]
    assert "idempotent-replayed" not in answer.headers
    history = (await service.ask(f"/streams/{STREAM}")).json()["items"]
    assert [(event["sequence"], event["by"], event["command"]) for event in history] == [(1, "office", "OpenSeatGroup")]


async def test_a_command_s_log_line_names_it_by_its_story_and_says_nothing_else(service: Service) -> None:
    with capture_logs(processors=[merge_contextvars]) as lines:
        answer = await service.give(with_name(PLANTED))
    [line] = [line for line in lines if line["event"] == "command accepted"]
    assert {name: line[name] for name in ("command", "conference", "stream", "sequence")} == {
        "command": "OpenSeatGroup",
        "conference": "stuttgart",
        "stream": STREAM,
        "sequence": 1,
    }
    [kept] = await service.process.journal.read(STREAM)
    assert (line["correlation"], line["causation"]) == (kept.correlation, kept.causation)
    assert answer.status_code == 200
    assert PLANTED not in str(lines)


async def test_a_rule_says_no_in_german_and_by_name(service: Service) -> None:
    await service.give(OPEN)
    told = is_problem(await service.give({**OPEN, "seats": 3}), 409, "SeatGroupOpenedDifferently")
    assert told["detail"] == "Die Gruppe „hospitals“ ist bereits mit anderen Angaben eröffnet."
    assert told["title"] == "Seat group opened differently"


# Bodies


@pytest.mark.parametrize(
    "body",
    [
        with_seats('2, "seats": 3'),
        with_seats("NaN"),
        with_seats("-Infinity"),
        with_seats("[" * 100_000),
        with_seats("9" * 5000),
        with_seats("2") + b"x",
        b"",
        b"\xff",
        json.dumps(with_name(PLANTED)).encode()[:-1],
    ],
    ids=["twice", "nan", "infinity", "deep", "5000 digits", "trailing", "empty", "not utf-8", "cut"],
)
async def test_what_is_not_strict_json_gets_400(service: Service, body: bytes) -> None:
    await refused(service, await service.give(body), 400, "BodyNotJson")


@pytest.mark.parametrize("seats", ['"5"', "5.0", "true", "null", "1" + "0" * 30, "1e400", "51", '{"$gt": ""}'])
async def test_an_integer_is_an_integer_within_bounds(service: Service, seats: str) -> None:
    told = await refused(service, await service.give(with_seats(seats)), 422, "FieldsInvalid")
    assert {fault["field"] for fault in told["fields"]} == {"seats"}


@pytest.mark.parametrize("field", ["role", "at", "by", "person_known"])
async def test_an_unknown_or_supplied_field_is_refused(service: Service, field: str) -> None:
    told = await refused(service, await service.give({**OPEN, field: PLANTED}), 422, "FieldsInvalid")
    [told_of] = told["fields"]
    assert (told_of["field"], told_of["fault"]) == (field, "unknown")
    assert (
        told_of["detail"] == "Diese Angabe gibt es hier nicht. Es gibt: conference, group, number, name, kind, seats."
    )


@pytest.mark.parametrize("field", ["at", "by", "person_known"])
async def test_a_fact_that_the_service_reads_can_not_be_claimed(service: Service, field: str) -> None:
    body = {"conference": "stuttgart", "group": "hospitals", "person": person(1), "organisation": "klinik"}
    answer = await service.give({**body, field: True}, "NominateDelegate")
    assert (await refused(service, answer, 422, "FieldsInvalid"))["fields"][0]["field"] == field


@pytest.mark.parametrize("key", [f"Frau {PLANTED}", "$where", "a.b", "ü", "x" * 10_000])
async def test_an_odd_field_name_is_not_repeated(service: Service, key: str) -> None:
    answer = await service.give({**OPEN, key: 1})
    told = await refused(service, answer, 422, "FieldsInvalid")
    assert [(one["field"], one["fault"]) for one in told["fields"]] == [("?", "unknown")]


@pytest.mark.parametrize(
    "name",
    ["\\ud800", "\\u0000", "\\u001b", "\\u007f", "\\n", "\\u202e", "\\u2066", "\\u200b", "\\u2028", "=?utf-8?q?x?="],
)
async def test_text_that_deceives_is_refused(service: Service, name: str) -> None:
    body = json.dumps(with_name("NAME")).replace("NAME", f"{PLANTED}{name}").encode()
    await refused(service, await service.give(body), 422, "FieldsInvalid")


async def test_one_name_is_one_name_however_it_was_typed(service: Service) -> None:
    typed = unicodedata.normalize("NFD", "Städtische Häuser")
    told = (await service.give(with_name(typed))).json()
    assert told["events"][0]["data"]["name"] == unicodedata.normalize("NFC", typed) != typed


@pytest.mark.parametrize("group", ["../other", "%2e%2e", "a/b", "A", "", f"{PLANTED}\\n", {"$gt": ""}, ["a"]])
async def test_an_id_is_a_slug(service: Service, group: object) -> None:
    await refused(service, await service.give({**OPEN, "group": group}), 422, "FieldsInvalid")


async def test_no_planted_value_comes_back(service: Service) -> None:
    everywhere = dict.fromkeys(OPEN, f"{PLANTED} ")
    told = await refused(service, await service.give(everywhere), 422, "FieldsInvalid")
    assert {fault["field"] for fault in told["fields"]} >= {"conference", "group", "number", "kind", "seats"}
    assert set(told["fields"][0]) == {"field", "fault", "detail"}


async def test_a_body_has_a_size(service: Service) -> None:
    padding = b" " * (http.LARGEST_BODY - len(with_seats("2")))
    await refused(service, await service.give(with_seats("2") + padding + b" "), 413, "BodyTooLarge")
    assert (await service.give(with_seats("2") + padding)).status_code == 200


async def test_a_body_tells_its_length(service: Service) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield with_seats("2")

    headers = {"content-type": "application/json", "idempotency-key": "a"}
    answer = await service.ask("/commands/OpenSeatGroup", method="POST", content=chunks(), headers=headers)
    await refused(service, answer, 411, "LengthRequired")


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1"]
)
async def test_the_content_is_json_in_utf_8(service: Service, kind: str) -> None:
    await refused(service, await service.give(OPEN, content_type=kind), 415, "ContentTypeUnsupported")


async def test_compressed_content_is_refused(service: Service) -> None:
    await refused(service, await service.give(OPEN, content_encoding="gzip"), 415, "ContentTypeUnsupported")


# Repetition


async def test_a_write_needs_a_key(service: Service) -> None:
    await refused(service, await service.give(OPEN, idempotency_key=""), 400, "IdempotencyKeyMissing")


@pytest.mark.parametrize("key", [" ", "-a", f"{PLANTED} a", "a" * 129, "a\tb", '"a"', "office:a/b"])
async def test_a_key_is_a_plain_word(service: Service, key: str) -> None:
    await refused(service, await service.give(OPEN, key=key), 400, "IdempotencyKeyInvalid")


async def test_the_same_again_gets_the_first_answer_also_after_a_restart(service: Service) -> None:
    first = await service.give(OPEN, key="k")
    for restarted in (False, True):
        if restarted:
            await service.restart()
        again = await service.give(OPEN, key="k")
        assert again.status_code == 200
        assert again.headers["idempotent-replayed"] == "true"
        assert again.content == first.content
    assert await service.events() == 1


async def test_a_key_stands_for_one_body(service: Service) -> None:
    await service.give(OPEN, key="k")
    is_problem(await service.give({**OPEN, "group": "homes"}, key="k"), 422, "CommandIdReused")
    assert await service.events() == 1


async def test_a_key_stands_for_one_command_also_where_two_have_the_same_fields(service: Service) -> None:
    await service.give({**OPEN, "kind": "ex_officio"})
    who = {"conference": "stuttgart", "person": person(1)}
    details = {"name": "A", "salutation": "Guten Tag", "email": None, "postal_address": None}
    await service.give({**who, "details": details}, "RecordPerson")
    seat = {**who, "group": "hospitals", "seat": "hospitals-1", "since": "2024-01-15"}
    assert (await service.give(seat, "ChangePostHolder", key="k")).status_code == 200
    is_problem(await service.give(seat, "AppointDelegate", key="k"), 422, "CommandIdReused")


async def test_each_caller_has_keys_of_his_own(service: Service) -> None:
    await service.give(OPEN, key="k")
    other = await service.give({**OPEN, "group": "homes"}, caller="office-2", key="k")
    assert other.status_code == 200
    assert "idempotent-replayed" not in other.headers
    assert await service.events() == 2


async def test_a_refused_command_leaves_its_key_free(service: Service) -> None:
    await refused(service, await service.give(with_seats("0"), key="k"), 422, "FieldsInvalid")
    assert (await service.give(OPEN, key="k")).status_code == 200


# Callers


@pytest.mark.parametrize("header", ["", "Bearer", f"Bearer {PLANTED}", "Basic office", "office", "Bearer  office"])
async def test_without_a_known_token_nothing_is_answered(service: Service, header: str) -> None:
    answer = await service.give(OPEN, caller=None, authorization=header)
    await refused(service, answer, 401, "TokenMissing")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/roster?conference=stuttgart", f"/streams/{STREAM}", "/status", "/metrics"])
async def test_questions_need_a_token(service: Service, path: str) -> None:
    await service.give(OPEN)
    is_problem(await service.ask(path, caller=None), 401, "TokenMissing")
    assert (await service.ask(path, caller="admin")).status_code == 200


async def test_another_role_may_not(service: Service) -> None:
    for caller in ("approver", "admin", "monitor"):
        await refused(service, await service.give(OPEN, caller=caller), 403, "RoleNotAllowed")
    erase = {"conference": "stuttgart", "person": person(1)}
    await refused(service, await service.give(erase, "ErasePerson"), 403, "RoleNotAllowed")
    is_problem(await service.ask("/roster?conference=stuttgart", caller="monitor"), 403, "RoleNotAllowed")
    is_problem(await service.ask("/status", caller="approver"), 403, "RoleNotAllowed")
    is_problem(await service.set_clock("2030-01-01T00:00:00Z", caller="office"), 403, "RoleNotAllowed")


async def test_who_lacks_a_right_is_told_to_the_operator_by_account_and_route(service: Service) -> None:
    with capture_logs() as lines:
        await service.give({**OPEN, "name": PLANTED}, caller="monitor")
        await service.ask(f"/streams/{PLANTED}", caller="monitor")
    told = [line for line in lines if line["event"] == "request refused"]
    assert [(line["by"], line["rule"], line["route"]) for line in told] == [
        ("monitor", "RoleNotAllowed", "POST /commands/OpenSeatGroup"),
        ("monitor", "RoleNotAllowed", "GET /streams/{stream}"),
    ]
    assert PLANTED not in str(lines)
    metrics = (await service.ask("/metrics", caller="monitor")).text
    assert 'kpk_refused_requests_total{rule="RoleNotAllowed",service="members"} 2.0' in metrics


@pytest.mark.parametrize("ground", ["consent_withdrawn", None])
async def test_an_erasure_is_told_to_the_operator_with_its_ground(service: Service, ground: str | None) -> None:
    erase = {"conference": "stuttgart", "person": person(1), **({"ground": ground} if ground else {})}
    with capture_logs(processors=[merge_contextvars]) as lines:
        assert (await service.give(erase, "ErasePerson", caller="admin")).status_code == 200
        await service.give({**erase, "ground": "Frau Muster bat darum"}, "ErasePerson", caller="admin")
    [line] = [line for line in lines if line["event"] == "admin act"]
    told = {name: line[name] for name in ("act", "by", "why", "stream")}
    stream = f"stuttgart/person/{person(1)}"
    assert told == {"act": "ErasePerson", "by": "admin", "why": ground, "stream": stream}


async def test_a_caller_who_asks_too_often_waits_and_others_do_not(service: Service) -> None:
    service.app.state.access = replace(service.app.state.access, requests=Limit(per_second=0.1, burst=2))
    asked = "/vacancies?conference=stuttgart"
    assert [(await service.ask(asked)).status_code for _ in range(2)] == [200, 200]
    answer = await service.ask(asked)
    is_problem(answer, 429, "TooManyRequests")
    assert answer.headers["retry-after"] == "10"
    await refused(service, await service.give(OPEN), 429, "TooManyRequests")
    assert (await service.ask(asked, caller="office-2")).status_code == 200
    assert (await service.ask("/health/ready", caller=None)).status_code == 200


async def test_who_tries_out_tokens_waits_and_who_has_one_does_not(service: Service) -> None:
    tried = [(await service.ask("/status", caller=f"guess-{n}")).status_code for n in range(WRONG_TOKENS + 1)]
    assert tried == [401] * WRONG_TOKENS + [429]
    assert (await service.ask("/status", caller="monitor")).status_code == 200
    is_problem(await service.ask("/status", caller=None), 401, "TokenMissing")


@pytest.mark.parametrize("path", ["/health/live", "/status", "/nowhere", "/openapi.json"])
async def test_no_browser_keeps_guesses_frames_or_runs_an_answer(service: Service, path: str) -> None:
    for headers in ({}, {"host": "members", "x": "a" * LARGEST_HEAD}):
        answer = await service.ask(path, headers=headers)
        assert {name: answer.headers.get(name) for name in SAID} == SAID
        assert "html" not in answer.headers["content-type"]
        assert "server" not in answer.headers


async def test_how_to_write_to_somebody_is_in_no_answer_and_no_line(service: Service) -> None:
    """But in the roster's, which joins names for the office."""
    who = {"conference": "stuttgart", "person": person(1)}
    details = {"name": "A", "salutation": "Guten Tag", "email": f"{PLANTED}@example.org", "postal_address": None}
    with capture_logs() as lines:
        answers = [await service.give({**who, "details": details}, "RecordPerson")]
        for path in ("/vacancies", "/working-groups", f"/streams/stuttgart/person/{person(1)}", "/status", "/metrics"):
            answers += [await service.ask(f"{path}?conference=stuttgart", caller) for caller in ("office", "admin")]
    assert PLANTED not in "".join(answer.text for answer in answers) + str(lines)


# Routes and questions


@pytest.mark.parametrize(
    "path", ["/", f"/{PLANTED}", "/commands/Unknown", "/roster/", "/docs", "/streams/%2e%2e/status", "/admin/parked"]
)
async def test_an_unknown_route_is_a_problem(service: Service, path: str) -> None:
    is_problem(await service.ask(path, method="POST" if "commands" in path else "GET"), 404, "NotFound")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "TRACE", "PROPFIND"])
async def test_an_unknown_method_is_a_problem_that_names_the_right_one(service: Service, method: str) -> None:
    answer = await service.ask("/commands/OpenSeatGroup", method=method)
    is_problem(answer, 405, "MethodNotAllowed")
    assert answer.headers["allow"] == "POST"


async def test_an_error_of_ours_tells_nothing(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError(PLANTED)

    monkeypatch.setattr(service.process.executor, "execute", fail)
    is_problem(await service.give(OPEN), 500, "Failed")


@pytest.mark.parametrize("day", ["2024-02-30", PLANTED, "", "15.01.2024"])
async def test_a_wrong_question_is_a_problem(service: Service, day: str) -> None:
    told = is_problem(await service.ask(f"/roster?conference=stuttgart&on={day}"), 422, "FieldsInvalid")
    assert [fault["field"] for fault in told["fields"]] == ["query.on"]


async def test_the_published_schema_refers_to_what_is_there(service: Service) -> None:
    schema = (await service.ask("/openapi.json")).json()
    found = references(schema)
    assert found
    for reference in found:
        place = schema
        for step in reference.removeprefix("#/").split("/"):
            place = place[step.replace("~1", "/").replace("~0", "~")]


def references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(references(value) for value in part.values()))
    return set().union(*(references(value) for value in part)) if isinstance(part, list) else set()


async def test_seen_answers_at_once_when_it_is_there(service: Service) -> None:
    await service.process.positions.advance([({"_id": STREAM, "last": 2}, None)])
    answer = await service.ask(f"/vacancies?conference=stuttgart&seen={STREAM}:2")
    assert (answer.status_code, answer.json()) == (200, {"items": []})


async def test_seen_waits_and_then_asks_to_come_again(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "SEEN_WITHIN", 0.05)
    await service.process.positions.advance([({"_id": STREAM, "last": 2}, None)])
    answer = await service.ask(f"/vacancies?conference=stuttgart&seen={STREAM}:3")
    late = is_problem(answer, 503, "NotUpToDate")
    assert f"{STREAM}:3" in late["detail"]
    assert answer.headers["retry-after"] == "1"


async def test_everything_that_is_named_is_waited_for(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "SEEN_WITHIN", 0.05)
    await service.process.positions.advance([({"_id": STREAM, "last": 2}, None)])
    other = f"{STREAM}-2:1"
    answer = await service.ask(f"/vacancies?conference=stuttgart&seen={other}&seen={STREAM}:2")
    assert other in is_problem(answer, 503, "NotUpToDate")["detail"]


async def test_a_command_says_what_is_wrong_with_a_position(service: Service) -> None:
    answer = await service.ask(f"/commands/OpenSeatGroup?seen={STREAM}", method="POST", json=OPEN, headers=KEYED)
    is_problem(answer, 422, "SeenInvalid")
    assert await service.events() == 0


async def test_a_position_of_a_stream_that_no_fact_rests_on_holds_up_nobody(service: Service) -> None:
    path = "/commands/OpenSeatGroup?seen=stuttgart/grant/plan:7&seen=stuttgart/seat-group/hospitals:9"
    assert (await service.ask(path, method="POST", json=OPEN, headers=KEYED)).status_code == 200


@pytest.mark.parametrize(
    "seen", ["", PLANTED, STREAM, f"{STREAM}:0", f"{STREAM}:-1", f"{STREAM}:1x", f"{STREAM}:{'9' * 17}", "a/b:1"]
)
async def test_seen_names_a_stream_and_a_number(service: Service, seen: str) -> None:
    is_problem(await service.ask(f"/vacancies?conference=stuttgart&seen={seen}"), 422, "SeenInvalid")


# Clock


async def test_the_system_clock_can_not_be_set(service: Service) -> None:
    is_problem(await service.set_clock("2030-01-01T00:00:00Z"), 403, "ClockIsNotSettable")


async def test_a_settable_clock_runs_forward_only_and_survives_a_restart(demo: Service) -> None:
    assert (await demo.set_clock("2024-01-15T09:00:00Z")).json()["now"].startswith("2024-01-15T09:00:0")
    assert (await demo.set_clock("2024-03-01T09:00:00+01:00")).json()["now"].startswith("2024-03-01T08:00:0")
    for _ in range(2):
        told = is_problem(await demo.set_clock("2024-02-01T09:00:00Z"), 409, "ClockRunsForward")
        assert "01.03.2024" in told["detail"]
        await demo.restart()
    await demo.give(OPEN)
    history = (await demo.ask(f"/streams/{STREAM}")).json()["items"]
    assert history[0]["at"].startswith("2024-03-01T08:0")


async def test_a_clock_that_could_not_be_kept_is_not_set(demo: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = demo.process.clock
    monkeypatch.setattr(clock, "_collection", object())
    before = clock.now()
    assert (await demo.set_clock("2090-01-01T00:00:00Z")).status_code == 500
    assert (clock.now() - before).total_seconds() < 60


@pytest.mark.parametrize(
    "moment",
    [
        "2024-01-15T09:00:00",
        "2024-02-30T09:00:00Z",
        "2024-01-15T24:00:00Z",
        "1999-12-31T23:59:59Z",
        "9999-12-31T23:59:59Z",
        PLANTED,
    ],
)
async def test_a_moment_has_a_zone_and_exists(demo: Service, moment: str) -> None:
    is_problem(await demo.set_clock(moment), 422, "FieldsInvalid")


# Health


async def test_health_needs_no_token_and_says_ready_without_kafka(service: Service) -> None:
    assert (await service.ask("/health/live", caller=None)).json() == {"status": "live"}
    assert (await service.ask("/health/ready", caller=None)).json() == {"status": "ready", "degraded": []}


async def test_readiness_tells_of_an_alarm_as_long_as_it_stands(service: Service) -> None:
    for sentence, degraded in (("the mail server is away", ["the mail server is away"]), (None, [])):
        service.process.alarms.tell("mail_server", sentence)
        assert (await service.ask("/health/ready", caller=None)).json()["degraded"] == degraded


async def test_status_and_metrics_tell_what_waits(service: Service) -> None:
    await service.give(OPEN)
    status = (await service.ask("/status", caller="monitor")).json()
    assert (status["ready"], status["commits"], status["unpublished"]) == (True, 2, 2), "the conference and the group"
    metrics = await service.ask("/metrics", caller="monitor")
    assert metrics.headers["content-type"].startswith("text/plain")
    assert "unpublished_commits" in metrics.text


async def test_without_its_database_a_service_lives_and_is_not_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.runtime.process.connect", partial(connect, within=0.2))
    service = Service(f"mongodb://127.0.0.1:{free_port()}", tmp_path, "system")
    try:
        for prepared in (False, True):
            service.process.prepared = prepared
            assert (await service.ask("/health/live", caller=None)).status_code == 200
            assert (await service.ask("/health/ready", caller=None)).status_code == 503
            assert (await service.ask("/status", caller="monitor")).json()["ready"] is False
        answer = await service.give(OPEN)
        is_problem(answer, 503, "Busy")
        assert answer.headers["retry-after"] == "1"
    finally:
        await service.close()


async def test_what_mongodb_refuses_is_told_the_operator_and_not_what_it_was_about(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(_: object, stream: str) -> None:
        raise OperationFailure(f"not authorized to find {stream}", UNAUTHORIZED)

    monkeypatch.setattr(Journal, "read", refused)
    with capture_logs() as lines:
        is_problem(await service.ask("/streams/stuttgart/seat-group/somebody"), 503, "Busy")
    [told] = [line for line in lines if line["event"] == "mongodb refuses a request"]
    assert (told["error"], told["code"], told["route"]) == ("OperationFailure", 13, "GET /streams/{stream}")
    assert "somebody" not in str(lines)


async def test_a_clerk_rules_his_own_conference_only(service: Service) -> None:
    only_ulm = frozenset({"ulm"})
    token = hashlib.sha256(b"office").hexdigest()
    service.app.state.callers = Callers([Account(name="ulm.office", role="office", sha256=token, conferences=only_ulm)])
    own = {**OPEN, "conference": "ulm"}
    is_problem(await service.give(own), 404, "ConferenceNotEstablished")
    assert (await service.give({"conference": "ulm", **ESTABLISHED}, "EstablishConference")).status_code == 200
    assert (await service.give(own)).json()["stream"] == f"ulm/seat-group/{OPEN['group']}"
    assert (await service.ask(f"/streams/ulm/seat-group/{OPEN['group']}")).status_code == 200
    assert (await service.ask("/roster?conference=ulm")).status_code == 200
    is_problem(await service.give(OPEN), 403, "ConferenceNotAllowed")
    assert await service.events() == 2
