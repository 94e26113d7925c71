"""People who are logged in elsewhere: their tokens are checked against a real issuer on this machine."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from httpx import ASGITransport, AsyncClient, Response
from joserfc.jwk import OctKey
from pydantic import TypeAdapter, ValidationError

from shared.kernel.identifiers import CallerName
from shared.runtime.http import issuer_keys
from shared.runtime.http.access import access
from shared.runtime.http.app import new_app
from shared.runtime.http.callers import Caller, Callers
from shared.runtime.http.oidc import Issuer
from shared.runtime.http.requests import READERS, Conference, about_own_conference, allowed
from shared.runtime.observing.alarms import Alarms
from shared.runtime.observing.metrics import Counters
from shared.runtime.settings import ServiceSettings
from tests.kit.eventually import eventually
from tests.kit.issuer import TestIssuer, elliptic, issuing, rsa

HOUR = 3600
NOW = 1_795_000_000


@pytest.fixture(scope="module")
def running() -> Iterator[TestIssuer]:
    with issuing() as issuer:
        yield issuer


@pytest.fixture
def issuer(running: TestIssuer) -> TestIssuer:
    running.begin_anew()
    return running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuer_keys, "PAUSE_SECONDS", 0.0)


class Edge:
    """A service's edge with one question about a conference, and the issuer whom it trusts."""

    def __init__(self, issuer: TestIssuer, folder: Path, **settings: Any) -> None:
        counters = Counters("members")
        self.alarms = Alarms(counters)
        self.issuer = Issuer(issuer.settings(folder, **settings), self.alarms)
        app = new_app("members", Callers([]), access(self.issuer, 1_000), counters)

        @app.get("/roster", dependencies=[about_own_conference()])
        async def roster(conference: Conference, caller: Annotated[Caller, allowed(*READERS)]) -> dict[str, str]:
            return {"by": caller.name, "role": caller.role}

        self._transport = ASGITransport(app)

    async def ask(self, token: str, conference: str = "stuttgart") -> Response:
        async with AsyncClient(transport=self._transport, base_url="http://members") as client:
            headers = {"authorization": f"Bearer {token}"}
            return await client.get("/roster", params={"conference": conference}, headers=headers)

    async def refuses(self, token: str, status: int = 401, rule: str = "TokenMissing") -> None:
        answer = await self.ask(token)
        assert (answer.status_code, answer.json()["type"]) == (status, rule)


@pytest.fixture
def edge(issuer: TestIssuer, tmp_path: Path) -> Edge:
    return Edge(issuer, tmp_path)


async def test_who_is_logged_in_there_acts_here_in_a_role_and_under_a_pseudonym(issuer: TestIssuer, edge: Edge) -> None:
    told = [(await edge.ask(issuer.token(sub=sub))).json() for sub in ("anna.muster@example.org", "other", "other")]
    assert [one["role"] for one in told] == ["office"] * 3
    names = [TypeAdapter[str](CallerName).validate_python(one["by"]) for one in told]
    assert names[0] != names[1] == names[2], "the same person has the same name"
    assert "anna" not in names[0]


async def test_a_pseudonym_is_made_with_the_installation_s_own_key(
    issuer: TestIssuer, edge: Edge, tmp_path: Path
) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    other = Edge(issuer, folder)
    other.issuer._pseudonym_key = os.urandom(32)
    token = issuer.token()
    assert (await edge.ask(token)).json()["by"] != (await other.ask(token)).json()["by"]


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW - 10 * HOUR},
        {"exp": None},
        {"exp": "4102444800"},
        {"exp": True},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"nbf": 4_102_444_800},
        {"iat": 4_102_444_800},
        {"aud": "another-program"},
        {"aud": ["another-program"]},
        {"aud": None},
        {"aud": ""},
        {"iss": "https://elsewhere.example.org"},
        {"iss": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
    ],
    ids=str,
)
async def test_a_token_that_says_another_thing_is_nobody_s(
    issuer: TestIssuer, edge: Edge, claims: dict[str, Any]
) -> None:
    await edge.refuses(issuer.token(**claims))


async def test_an_issuer_in_a_list_is_another_issuer(issuer: TestIssuer, edge: Edge) -> None:
    await edge.refuses(issuer.token(iss=[issuer.name, "https://elsewhere.example.org"]))
    await edge.refuses(issuer.token(iss=f"{issuer.name}/"))


async def test_for_several_audiences_is_also_for_us(issuer: TestIssuer, edge: Edge) -> None:
    assert (await edge.ask(issuer.token(aud=["pflegekonferenz", "other"]))).status_code == 200


@pytest.mark.parametrize("kind", ["logout+jwt", "dpop+jwt", "secevent+jwt", ""])
async def test_a_signed_thing_of_another_kind_is_no_access_token(issuer: TestIssuer, edge: Edge, kind: str) -> None:
    await edge.refuses(issuer.token(header={"typ": kind}))


@pytest.mark.parametrize("kind", ["JWT", "at+jwt", "application/at+jwt"])
async def test_access_tokens_are_called_in_several_ways(issuer: TestIssuer, edge: Edge, kind: str) -> None:
    assert (await edge.ask(issuer.token(header={"typ": kind}))).status_code == 200


def unsigned(token: str, algorithm: str, signature: str = "") -> str:
    """The same claims under a head that names no signature."""
    head = {"alg": algorithm, "kid": "one", "typ": "at+jwt"}
    coded = base64.urlsafe_b64encode(json.dumps(head).encode()).decode().rstrip("=")
    return f"{coded}.{token.split('.')[1]}.{signature}"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", "HS256"])
async def test_without_the_issuer_s_signature_it_is_nobody_s(issuer: TestIssuer, edge: Edge, algorithm: str) -> None:
    token = issuer.token()
    assert (await edge.ask(token)).status_code == 200
    await edge.refuses(unsigned(token, algorithm))
    await edge.refuses(unsigned(token, algorithm, token.split(".")[2]))


async def test_the_public_key_is_no_secret_to_sign_with(issuer: TestIssuer, edge: Edge) -> None:
    public = issuer.keys[0].as_dict(private=False)
    head_and_claims = unsigned(issuer.token(), "HS256")[:-1]
    for secret in (json.dumps(public), str(public["x"])):
        signature = base64.urlsafe_b64encode(hmac.digest(secret.encode(), head_and_claims.encode(), "sha256"))
        await edge.refuses(f"{head_and_claims}.{signature.decode().rstrip('=')}")


async def test_a_symmetric_or_weak_key_of_the_issuer_is_not_taken(issuer: TestIssuer, edge: Edge) -> None:
    weak, secret = rsa("weak", 1024), OctKey.generate_key(256, {"kid": "secret"})
    issuer.keys += [weak, secret]
    await edge.refuses(issuer.token(weak))
    await edge.refuses(issuer.token(secret))
    assert (await edge.ask(issuer.token())).status_code == 200


async def test_only_the_algorithms_that_were_chosen_count(issuer: TestIssuer, tmp_path: Path) -> None:
    issuer.keys = [rsa("one")]
    edge = Edge(issuer, tmp_path, algorithms=["RS256"])
    assert (await edge.ask(issuer.token())).status_code == 200
    await edge.refuses(issuer.token(header={"alg": "RS384"}))


async def test_another_s_key_under_a_known_name_signs_nothing(issuer: TestIssuer, edge: Edge) -> None:
    await edge.refuses(issuer.token(elliptic("one")))


async def test_a_token_brings_no_key_of_its_own(issuer: TestIssuer, edge: Edge) -> None:
    own = elliptic("mine")
    for header in ({"jwk": own.as_dict(private=False)}, {"jku": f"{issuer.name}/keys"}, {}):
        await edge.refuses(issuer.token(own, header=header))


@pytest.mark.parametrize("token", ["a.b.c", "..", "e30.e30.e30", "eyJhbGciOiJFUzI1NiJ9.e30.", "a.b.c.d.e", "x" * 9000])
async def test_what_is_no_token_is_nobody_s(edge: Edge, token: str) -> None:
    await edge.refuses(token)


@pytest.mark.parametrize(
    "claims",
    [
        {"roles": None},
        {"roles": []},
        {"roles": ["reader"]},
        {"roles": ["office", "approver"]},
        {"roles": {"office": 1}},
    ],
)
async def test_a_person_acts_in_exactly_one_role(issuer: TestIssuer, edge: Edge, claims: dict[str, Any]) -> None:
    await edge.refuses(issuer.token(**claims), 403, "RoleNotClear")


async def test_another_role_may_not(issuer: TestIssuer, edge: Edge) -> None:
    await edge.refuses(issuer.token(roles="monitor"), 403, "RoleNotAllowed")


@pytest.mark.parametrize(
    "conferences", [None, [], ["ulm"], "ulm", ["Stuttgart"], ["stuttgart "], [7], {"stuttgart": True}]
)
async def test_a_person_rules_the_conferences_that_are_named(
    issuer: TestIssuer, edge: Edge, conferences: object
) -> None:
    await edge.refuses(issuer.token(conferences=conferences), 403, "ConferenceNotAllowed")


async def test_an_operator_rules_every_conference(issuer: TestIssuer, edge: Edge) -> None:
    token = issuer.token(conferences=["*"])
    assert [(await edge.ask(token, one)).status_code for one in ("stuttgart", "ulm")] == [200, 200]


async def test_claims_may_be_elsewhere_and_roles_have_the_city_s_names(issuer: TestIssuer, tmp_path: Path) -> None:
    named = {"role_claim": "realm_access.roles", "conferences_claim": "https://kpk/conferences"}
    edge = Edge(issuer, tmp_path, roles={"pk-freigabe": "approver"}, **named)
    elsewhere = {"roles": ["x", "pk-freigabe", "office"]}
    claims: dict[str, Any] = {"realm_access": elsewhere, "https://kpk/conferences": "stuttgart"}
    assert (await edge.ask(issuer.token(**claims))).json()["role"] == "approver"


# The issuer's keys


@pytest.mark.usefixtures("impatient")
async def test_a_new_key_is_fetched_when_a_token_names_it(issuer: TestIssuer, edge: Edge) -> None:
    assert (await edge.ask(issuer.token())).status_code == 200
    issuer.keys.append(rsa("two"))
    assert (await edge.ask(issuer.token(issuer.keys[1]))).status_code == 200


@pytest.mark.usefixtures("impatient")
async def test_a_withdrawn_key_counts_no_more_after_the_next_look(issuer: TestIssuer, edge: Edge) -> None:
    old = issuer.token()
    assert (await edge.ask(old)).status_code == 200
    issuer.keys = [rsa("two")]
    await edge.issuer.keys.refresh()
    await edge.refuses(old)


async def test_names_that_nobody_knows_cost_the_issuer_one_question(issuer: TestIssuer, edge: Edge) -> None:
    assert (await edge.ask(issuer.token())).status_code == 200
    unknown = [issuer.token(elliptic(f"made-up-{n}")) for n in range(10)]
    await asyncio.gather(*map(edge.refuses, unknown))
    assert issuer.asked == 1


@pytest.mark.usefixtures("impatient")
async def test_while_the_issuer_is_away_its_keys_stand_and_then_people_are_refused(
    issuer: TestIssuer, edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = issuer.token()
    assert (await edge.ask(token)).status_code == 200
    issuer.away = True
    await edge.issuer.keys.refresh()
    assert (await edge.ask(token)).status_code == 200
    assert edge.alarms.sentences() == [issuer_keys.AWAY]
    monkeypatch.setattr(edge.issuer.keys, "_read", edge.issuer.keys._read - HOUR - 1)
    await edge.refuses(token, 503, "IssuerUnreachable")
    issuer.away = False
    assert (await edge.ask(token)).status_code == 200
    assert edge.alarms.sentences() == []


async def test_an_issuer_that_was_never_reached_lets_nobody_in(issuer: TestIssuer, edge: Edge) -> None:
    issuer.away = True
    await edge.refuses(issuer.token(), 503, "IssuerUnreachable")


@pytest.mark.parametrize(
    "page", [{"issuer": "https://elsewhere"}, {"jwks_uri": "http://elsewhere.example.org/keys"}, {"jwks_uri": None}]
)
async def test_a_page_of_another_issuer_is_not_believed(issuer: TestIssuer, edge: Edge, page: dict[str, Any]) -> None:
    issuer.page = page
    await edge.refuses(issuer.token(), 503, "IssuerUnreachable")


async def test_no_redirect_is_followed(issuer: TestIssuer, tmp_path: Path) -> None:
    edge = Edge(issuer, tmp_path, jwks_uri=f"{issuer.name}/elsewhere")
    await edge.refuses(issuer.token(), 503, "IssuerUnreachable")


async def test_too_long_an_answer_is_none(issuer: TestIssuer, edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuer_keys, "LARGEST_ANSWER", 100)
    await edge.refuses(issuer.token(), 503, "IssuerUnreachable")


@pytest.mark.usefixtures("impatient")
async def test_keys_are_looked_at_again_whether_or_not_anybody_calls(
    issuer: TestIssuer, edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer_keys, "REFRESH_SECONDS", 0.0)
    looking = asyncio.create_task(edge.issuer.keys.keep_fresh())
    await eventually(lambda: issuer.asked > 2, "asked again")
    looking.cancel()


# Settings


def settings(monkeypatch: pytest.MonkeyPatch, folder: Path, **oidc: str) -> ServiceSettings:
    key = folder / "key"
    key.write_text("0123456789abcdef" * 4)
    usual = {"issuer": "https://login.example.org/realms/city", "audience": "kpk", "pseudonym_key_file": str(key)}
    for name, value in {**usual, **oidc}.items():
        monkeypatch.setenv(f"KPK_OIDC_{name.upper()}", value)
    needed = {"mongo_uri": "mongodb://127.0.0.1:1", "kafka_bootstrap": "127.0.0.1:1", "http_port": 0}
    return ServiceSettings.model_validate({**needed, "callers_file": folder / "callers.json"})


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told = settings(
        monkeypatch, tmp_path, role_claim="realm_access.roles", algorithms='["ES384"]', roles='{"a": "admin"}'
    )
    assert told.oidc
    assert (told.oidc.audience, told.oidc.role_claim, told.oidc.roles) == ("kpk", "realm_access.roles", {"a": "admin"})
    assert told.oidc.algorithms == {"ES384"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "http://login.example.org"},
        {"jwks_uri": "http://login.example.org/keys"},
        {"jwks_uri": "file:///etc/passwd"},
        {"audience": ""},
        {"algorithms": '["none"]'},
        {"algorithms": '["HS256"]'},
        {"roles": '{"a": "root"}'},
        {"pseudonym_key_file": "/dev/null"},
        {"pseudonym_key_file": "/nowhere"},
        {"keys_stand_seconds": "100000000"},
        {"isuer": "https://login.example.org"},
    ],
    ids=str,
)
def test_wrong_settings_do_not_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="oidc"):
        settings(monkeypatch, tmp_path, **wrong)
