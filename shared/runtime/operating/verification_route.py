"""Verification over HTTP: an admin starts it with a reason; its progress can be queried at any time."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request, Response

from shared.kernel.time import iso
from shared.runtime.http.app import Shown, as_json
from shared.runtime.http.page import takes
from shared.runtime.operating.acts import Act, Acts, Admin, begun
from shared.runtime.operating.verification import Verification, Verified


class Verify(Act):
    """No other field is needed."""


class DifferenceAnswer(Shown):
    """``places`` are streams, sequences or opaque ids: some of ``number``."""

    what: str
    number: int
    places: list[str]


class VerifiedAnswer(Shown):
    """``records``, commits included, were read in this ``look``. If the first has found something, a second follows.

    ``failed`` is the error because of which nothing is known.
    """

    state: Literal["never", "running", "done", "failed"]
    began: datetime | None
    ended: datetime | None
    look: int
    records: int
    events: int
    differences: list[DifferenceAnswer]
    failed: str


def verification_router(verification: Verification, acts: Acts) -> APIRouter:
    router = APIRouter()

    @router.post("/admin/verify", openapi_extra=takes(Verify), response_model=VerifiedAnswer)
    async def begin(request: Request, caller: Admin) -> Response:
        await begun(acts, request, Verify, caller)
        await verification.begin()
        return _answer(verification.told)

    @router.get("/admin/verify", response_model=VerifiedAnswer)
    async def told(caller: Admin) -> Response:
        return _answer(verification.told)

    return router


def _answer(told: Verified) -> Response:
    return as_json(
        {
            "state": told.state,
            "began": told.began and iso(told.began),
            "ended": told.ended and iso(told.ended),
            "look": told.look,
            "records": told.records,
            "events": told.events,
            "differences": [one._asdict() for one in told.differences],
            "failed": told.failed,
        }
    )
