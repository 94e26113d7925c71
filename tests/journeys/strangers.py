"""Two conferences with the same things under the same names, and every route asked by whoever acts for one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from deploy.kpk.services import service_called
from services.office.desk.front import PAGES
from shared.kernel.identifiers import derived_id
from shared.runtime.commands.routes import body_model
from shared.runtime.mongo.driver import Database
from tests.contracts.test_cloudevents import value_of
from tests.journeys.clerk import Clerk
from tests.journeys.work import found_conference, invite_everybody

LIST = Path("tests/architecture/routes.txt")
NAMED = re.compile(r"\{(\w+)(?::\w+)?\}")
GRANT, SESSION, GROUP = "state-grant", "plenum", "ag"
PARTS_OF_ADDRESSES = {"kind", "key", "id", "slug"}
"""Of pages alone: in a command they say something else."""
AMOUNT = 7_654_321
"""Of no other grant; ``76.543,21`` on pages."""


async def lay(clerk: Clerk, words: str, amount: int) -> None:
    """One of everything that has an address, called ``words`` wherever it is called anything."""
    await found_conference(clerk)
    await clerk.give("members", "EstablishWorkingGroup", "", working_group=GROUP, name=words, topics=[words])
    await clerk.give("members", "InviteGuestPool", "", pool="press", name=words)
    await _grant(clerk, words, amount)
    draft = {"paper": SESSION, "reference": words, "title": words, "kind": "decision"}
    await clerk.give("meetings", "DraftPaper", "", **draft)
    await invite_everybody(clerk, SESSION)


async def _grant(clerk: Clerk, words: str, amount: int) -> None:
    about: dict[str, Any] = {"grant": GRANT, "amount": amount}
    period = {"start": "2024-01-01", "until": "2024-12-31"}
    asked = {"title": words, "grantor": words, "own_share_percent": 20, "purposes": ["facilitation"]}
    await clerk.give("funding", "ApplyForGrant", "", **about, **asked, period=period, paper=words, paper_key=SESSION)
    line = {"line": "facilitation", "purpose": "facilitation", "name": words, "amount": amount}
    award = {"lines": [line], "conditions": {"own_share_percent": 20}, "notice_on": "2023-12-20"}
    await clerk.give("funding", "RecordAward", "", **about, **award, period=period)
    contract = {"commitment": "contract", "line": "facilitation", "amount": 500_000, "on": "2024-02-01"}
    await clerk.give("funding", "RegisterCommitment", "", grant=GRANT, **contract)


@dataclass(frozen=True)
class Theirs:
    """A conference, and what in it has an id."""

    conference: str
    mail: str
    event: str

    @property
    def person(self) -> str:
        return derived_id(self.conference, "first")

    @property
    def names(self) -> Mapping[str, str]:
        """For each part of an address that may be named. Whoever adds one says here what stands for it."""
        own = {
            "grant": GRANT,
            "session": SESSION,
            "paper": SESSION,
            "slug": SESSION,
            "seat": "first-1",
            "group": "first",
        }
        ids = {"mail": self.mail, "person": self.person, "id": self.event, "row_id": "topic:0:1"}
        here = {"conference": self.conference, "stream": f"{self.conference}/session/{SESSION}"}
        return {**own, **ids, **here, "kind": "grant", "key": GRANT}

    def at(self, address: str) -> str:
        return NAMED.sub(lambda found: self.names[found[1]], address)


@dataclass(frozen=True)
class Request:
    service: str
    method: str
    path: str
    asked: dict[str, Any]
    is_of_a_conference: bool

    def __str__(self) -> str:
        return f"{self.service} {self.method} {self.path}"


def routes() -> Iterator[tuple[str, str, str, str]]:
    """Service, method, path, who may ask. The list is complete: ``tests/architecture/test_routes.py``."""
    for line in LIST.read_text().splitlines():
        service, method, path, who = line.split(" ", 3)
        yield service, method, path, who


def requests(theirs: Theirs, conference: str) -> Iterator[Request]:
    """Every route once, about what is theirs, in the name of ``conference``."""
    for service, method, path, who in routes():
        about = {"conference": conference}
        asked: dict[str, Any] = {"params": about} if method == "GET" else {"params": about, "json": {}}
        if path.startswith("/commands/"):
            asked = {"json": body(service, path.rpartition("/")[2], theirs) | about}
        tells_of_one = who != "everybody" and path not in ("/status", "/metrics")
        yield Request(service, method, theirs.at(path), asked, tells_of_one)


def body(service: str, command: str, theirs: Theirs) -> dict[str, Any]:
    """As the schema has it, but for what they have under that name."""
    schema = body_model(service_called(service).given[command]).model_json_schema()
    made: dict[str, Any] = value_of(schema, schema.get("$defs", {}))
    if "details" in made:
        made["details"]["email"] = None
    return made | {name: value for name, value in theirs.names.items() if name in made.keys() - PARTS_OF_ADDRESSES}


def pages(theirs: Theirs) -> Iterator[str]:
    return map(theirs.at, (page.address for page in PAGES))


def ask(client: httpx.Client, services: Mapping[str, str], token: str, one: Request) -> httpx.Response:
    key = re.sub(r"[^A-Za-z0-9]+", "-", f"stranger{one.path}")
    headers = {"authorization": f"Bearer {token}", "idempotency-key": key[:60]}
    return client.request(one.method, f"{services[one.service]}{one.path}", headers=headers, **one.asked)


async def recorded(database: Database, conference: str) -> int:
    """How often anything was decided in a conference."""
    return await database["journal"].count_documents({"stream": {"$regex": f"^{conference}/"}})
