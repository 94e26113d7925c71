"""People log in at the city's issuer: what it answers is looked at, and opens the desk for its own browser alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import ASGITransport, AsyncClient, Response
from pydantic import ValidationError

from services.office.desk.front import desk_app
from services.office.desk.login.entrance import ATTEMPT, COOKIE
from services.office.desk.login.issuer_login import AWAY, DECLINED, NOT_TRUSTED, NOT_YOURS, Attempt, IssuerLogin
from services.office.desk.login.logins import Logins
from services.office.desk.visit import Desk
from services.office.settings import LoginSettings, OfficeSettings
from shared.runtime.http.access import access
from shared.runtime.http.app import new_app
from shared.runtime.http.callers import Callers
from shared.runtime.http.oidc import Issuer
from shared.runtime.mongo.driver import Database
from shared.runtime.observing.alarms import Alarms
from shared.runtime.observing.metrics import Counters
from tests.kit.issuer import TestIssuer, elliptic, issuing

pytestmark = pytest.mark.infra

DESK = "https://desk.example"
GOAL = "/desk/stuttgart/sessions/plenum-2"


@pytest.fixture(scope="module")
def running() -> Iterator[TestIssuer]:
    with issuing() as issuer:
        yield issuer


@pytest.fixture
def issuer(running: TestIssuer) -> TestIssuer:
    running.begin_anew()
    return running


class Browser:
    """One browser before the desk. It keeps cookies as their attributes say, but for where they are sent from."""

    def __init__(
        self, issuer: TestIssuer, folder: Path, database: Database, *, configured: bool = True, **more: Any
    ) -> None:
        oidc, counters = issuer.settings(folder), Counters("office")
        service = new_app("office", Callers([]), access(Issuer(oidc, Alarms(counters)), 1_000), counters)
        told = LoginSettings(client_id="desk", address=DESK, **more)
        self.logins = Logins(database["logins"])
        desk = Desk(*cast("Any", (None, None, None, self.logins, None, None, None)))
        service.mount("/desk", desk_app(desk, service, IssuerLogin(told, oidc) if configured else None))
        self._transport = ASGITransport(service)
        self.cookies: dict[str, str] = {}

    async def get(self, address: str) -> Response:
        """Where an address leads, without going on by itself."""
        return await self._ask("GET", address)

    async def send(self, address: str, typed: dict[str, str]) -> Response:
        return await self._ask("POST", address, data=typed)

    async def _ask(self, method: str, address: str, **more: Any) -> Response:
        cookies = {"cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        async with AsyncClient(transport=self._transport, base_url=DESK) as client:
            answer = await client.request(method, address, headers=cookies, **more)
        for line in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                assert morsel["secure"] and morsel["httponly"] and morsel["path"] == "/" and not morsel["domain"]
                assert morsel["samesite"] == ("lax" if name == ATTEMPT else "strict")
                self.cookies[name] = morsel.value
        return answer

    async def logged_in(self) -> str | None:
        """The token that the desk acts with for this browser."""
        login = await self.logins.login(self.cookies.get(COOKIE, ""))
        return login.token if login else None

    async def sent_back(self) -> str:
        """From the desk to the issuer, where somebody logs in at once, to the address that leads back."""
        sent = await self.get(f"/desk/login/issuer?next={GOAL}")
        assert sent.status_code == 303
        async with AsyncClient() as client:
            return (await client.get(sent.headers["location"])).headers["location"]


async def test_whoever_logs_in_there_is_logged_in_here(issuer: TestIssuer, tmp_path: Path, database: Database) -> None:
    browser = Browser(issuer, tmp_path, database)
    assert f'href="/desk/login/issuer?next={GOAL}"' in (await browser.get(f"/desk/login?next={GOAL}")).text
    back = await browser.sent_back()
    assert back.startswith(f"{DESK}/desk/login/return?")
    answer = await browser.get(back)
    assert answer.status_code == 200 and f"url={GOAL}" in answer.text
    assert await browser.logged_in() and not browser.cookies[ATTEMPT]
    assert (await browser.get(back)).status_code == 400, "the way back leads in once"


async def test_whose_token_has_run_out_goes_to_the_issuer_at_once_and_comes_back_to_the_page(
    issuer: TestIssuer, tmp_path: Path, database: Database
) -> None:
    """Not so whoever has not worked for half an hour: nobody may be there. And no account's token leads there."""
    browser = Browser(issuer, tmp_path, database)
    over = int(time.time()) - 3600
    browser.cookies[COOKIE] = await browser.logins.begin(issuer.token(iat=over - 300, exp=over))
    sent = await browser.get(GOAL)
    assert (sent.status_code, sent.headers["location"]) == (303, f"/desk/login/issuer?next={GOAL}")
    back = await browser.get(await browser.sent_back())
    assert back.status_code == 200 and f"url={GOAL}" in back.text and await browser.logged_in()
    await browser.logins.end(browser.cookies[COOKIE])
    assert (await browser.get(GOAL)).headers["location"] == f"/desk/login?next={GOAL}"
    browser.cookies[COOKIE] = await browser.logins.begin("an-account-that-is-no-more")
    assert (await browser.get(GOAL)).headers["location"] == f"/desk/login?next={GOAL}"


async def test_what_was_typed_when_the_token_ran_out_stays_on_the_page_that_leads_to_the_issuer(
    issuer: TestIssuer, tmp_path: Path, database: Database
) -> None:
    browser = Browser(issuer, tmp_path, database)
    over = int(time.time()) - 3600
    browser.cookies[COOKIE] = await browser.logins.begin(issuer.token(iat=over - 300, exp=over))
    ended = await browser.send(GOAL, {"command": "ChangeAgenda", "agenda": "Begrüßung"})
    assert ended.status_code == 401 and f'href="/desk/login?next={GOAL}"' in ended.text
    assert 'name="agenda" value="Begrüßung"' in ended.text and f'action="{GOAL}"' in ended.text


async def test_the_issuer_is_asked_with_what_only_this_browser_can_answer(
    issuer: TestIssuer, tmp_path: Path, database: Database
) -> None:
    browser = Browser(issuer, tmp_path, database)
    sent = await browser.get("/desk/login/issuer?next=https://evil.example")
    asked = {name: one for name, [one] in parse_qs(urlsplit(sent.headers["location"]).query).items()}
    attempt = Attempt.kept(browser.cookies[ATTEMPT])
    assert attempt and attempt.goal == "/desk/"
    assert asked == {
        "response_type": "code",
        "client_id": "desk",
        "redirect_uri": f"{DESK}/desk/login/return",
        "scope": "openid",
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": attempt.challenge,
        "code_challenge_method": "S256",
    }
    secrets = {attempt.secret, attempt.verifier}
    assert not any(one in sent.headers["location"] for one in secrets)
    assert len({attempt.state, attempt.nonce, attempt.verifier, attempt.challenge}) == 4


@pytest.mark.parametrize(
    ("said", "granted", "status", "sentence"),
    [
        ({"nonce": "another"}, {}, 400, NOT_TRUSTED),
        ({"nonce": None}, {}, 400, NOT_TRUSTED),
        ({"aud": "another"}, {}, 400, NOT_TRUSTED),
        ({"aud": ["desk", "another"]}, {}, 400, NOT_TRUSTED),
        ({"azp": "another"}, {}, 400, NOT_TRUSTED),
        ({"iss": "https://evil.example"}, {}, 400, NOT_TRUSTED),
        ({"exp": 1_700_000_000}, {}, 400, NOT_TRUSTED),
        ({}, {"aud": "another"}, 401, "kein gültiges Zugangskennzeichen"),
        ({}, {"exp": 1_700_000_000}, 401, "kein gültiges Zugangskennzeichen"),
        ({}, {"roles": ["visitor"]}, 403, "genau eine Rolle"),
        ({}, {"roles": None}, 403, "genau eine Rolle"),
    ],
)
async def test_what_is_not_for_us_opens_nothing(
    said: dict[str, Any],
    granted: dict[str, Any],
    status: int,
    sentence: str,
    issuer: TestIssuer,
    tmp_path: Path,
    database: Database,
) -> None:
    browser = Browser(issuer, tmp_path, database)
    issuer.id_claims, issuer.access_claims = said, granted
    answer = await browser.get(await browser.sent_back())
    assert (answer.status_code, sentence in answer.text) == (status, True)
    assert await browser.logged_in() is None and 'id="token"' in answer.text


async def test_an_id_token_that_another_key_has_signed_is_nobodys(
    issuer: TestIssuer, tmp_path: Path, database: Database
) -> None:
    browser = Browser(issuer, tmp_path, database)
    await browser.get(await browser.sent_back())  # now the issuer's key is known
    browser.cookies.pop(COOKIE)
    back = await browser.sent_back()
    issuer.keys = [elliptic(issuer.keys[0].kid or "")]
    assert NOT_TRUSTED in (await browser.get(back)).text
    assert await browser.logged_in() is None


async def test_an_answer_is_only_for_the_browser_that_asked(
    issuer: TestIssuer, tmp_path: Path, database: Database
) -> None:
    browser, other = (Browser(issuer, tmp_path, database) for _ in range(2))
    back = await browser.sent_back()
    assert NOT_YOURS in (await other.get(back)).text
    await other.sent_back()
    assert NOT_YOURS in (await other.get(back)).text
    assert await other.logged_in() is None
    assert len(issuer.codes) == 2, "nothing was exchanged"
    await browser.get(back)
    assert await browser.logged_in()


@pytest.mark.parametrize(
    ("answer", "status", "sentence"),
    [
        ("error=access_denied", 403, DECLINED),
        ("code=made-up", 503, AWAY),
        ("code=made-up&iss=https://evil.example", 400, NOT_TRUSTED),
    ],
)
async def test_whoever_is_sent_away_there_reads_why(
    answer: str, status: int, sentence: str, issuer: TestIssuer, tmp_path: Path, database: Database
) -> None:
    browser = Browser(issuer, tmp_path, database)
    await browser.sent_back()
    attempt = Attempt.kept(browser.cookies[ATTEMPT])
    assert attempt
    told = await browser.get(f"/desk/login/return?{answer}&state={attempt.state}")
    assert (told.status_code, sentence in told.text) == (status, True)
    assert await browser.logged_in() is None


async def test_a_program_with_a_secret_shows_it(issuer: TestIssuer, tmp_path: Path, database: Database) -> None:
    issuer.secret, secret = "known/to both", tmp_path / "secret"
    secret.write_text("another\n")
    browser = Browser(issuer, tmp_path, database, client_secret_file=secret)
    assert (await browser.get(await browser.sent_back())).status_code == 503
    issuer.secret = "known"
    secret.write_text("known\n")
    assert (await browser.get(await browser.sent_back())).status_code == 200
    assert await browser.logged_in()


async def test_where_no_issuer_is_configured_there_is_the_token_alone(
    issuer: TestIssuer, tmp_path: Path, database: Database
) -> None:
    browser = Browser(issuer, tmp_path, database, configured=False)
    page = await browser.get("/desk/login")
    assert "Konto der Stadt" not in page.text and 'id="token"' in page.text
    for address in ("/desk/login/issuer", "/desk/login/return?code=x&state=y"):
        assert (await browser.get(address)).status_code == 404


async def test_an_issuer_that_is_away_is_said_on_the_login_page(
    issuer: TestIssuer, tmp_path: Path, database: Database
) -> None:
    browser = Browser(issuer, tmp_path, database)
    issuer.page = {"issuer": "https://evil.example"}
    answer = await browser.get("/desk/login/issuer")
    assert (answer.status_code, AWAY in answer.text, ATTEMPT in browser.cookies) == (503, True, False)


def test_a_login_needs_an_issuer() -> None:
    told = {f"url_{name}": "http://x" for name in ("members", "meetings", "funding", "notifications")}
    needed = {"mongo_uri": "mongodb://x", "kafka_bootstrap": "x", "http_port": 0, "callers_file": "x"}
    with pytest.raises(ValidationError, match="KPK_OIDC_ISSUER"):
        OfficeSettings.model_validate({**told, **needed, "login": {"client_id": "desk", "address": DESK}})
