"""The roster as a file: read in by the office, and given out to it with everybody's addresses."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response

from services.members.answers import RosterImport
from services.members.queries import Register
from services.members.roster.export import Line, as_csv, as_xlsx, lines_of
from services.members.roster.intake import ImportInterrupted, Intake, Judged
from services.members.roster.sheet import LARGEST_FILE, Encoding, File, Format
from shared.kernel.rejections import Rejected
from shared.kernel.time import Day, local_day
from shared.runtime.http.app import as_json
from shared.runtime.http.callers import Caller
from shared.runtime.http.page import takes_file
from shared.runtime.http.problems import Refused
from shared.runtime.http.requests import KEY_HEADER, Conference, Reached, allowed, command_key, read_file, seen_by

FORMATS: dict[Format, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Office = Annotated[Caller, allowed("office")]


class Csv(Response):
    media_type = FORMATS["csv"]


class Xlsx(Response):
    media_type = FORMATS["xlsx"]


def roster_router(register: Register, intake: Intake, reached: Reached) -> APIRouter:
    router = APIRouter(dependencies=[allowed("office"), seen_by(reached)])

    @router.post(
        "/roster/import",
        response_model=RosterImport,
        openapi_extra=takes_file(KEY_HEADER, **FORMATS),
        summary="Read in a roster: all of it or nothing; with dry_run only say what it would change",
    )
    async def take_in(
        request: Request,
        caller: Office,
        conference: Conference,
        dry_run: bool = False,
        encoding: Encoding = "utf-8",
        idempotency_key: Annotated[str | None, Header(include_in_schema=False)] = None,
    ) -> Response:
        key = command_key(caller, idempotency_key)
        format_, content = await read_file(request, LARGEST_FILE, FORMATS)
        file = File(content, format_, encoding)
        if dry_run:
            return as_json(_report(await intake.judge(conference, caller.name, file), dry_run=True))
        try:
            report = _report(await intake.take_in(conference, caller.name, key, file), dry_run=False)
        except ImportInterrupted as stopped:
            status = 409 if isinstance(stopped.cause, Rejected) else 503
            raise Refused(status, "ImportInterrupted", stopped.detail, row=stopped.row) from None
        if report["refused"]:
            raise Refused(422, "RosterRefused", "Nichts wurde eingelesen; erst die genannten Zeilen ändern.", **report)
        return as_json(report)

    async def lines(conference: Conference, on: Day | None = None, known_on: Day | None = None) -> list[Line]:
        return await lines_of(register, conference, on or local_day(intake.clock.now()), known_on)

    @router.get("/roster.csv", response_class=Csv)
    async def in_csv(conference: Conference, on: Day | None = None, known_on: Day | None = None) -> Response:
        return _attached(Csv(as_csv(await lines(conference, on, known_on))), conference, on, "csv")

    @router.get("/roster.xlsx", response_class=Xlsx)
    async def in_xlsx(conference: Conference, on: Day | None = None, known_on: Day | None = None) -> Response:
        return _attached(Xlsx(as_xlsx(await lines(conference, on, known_on))), conference, on, "xlsx")

    return router


def _attached(file: Response, conference: str, on: date | None, format_: Format) -> Response:
    day = f"-{on.isoformat()}" if on else ""
    file.headers["Content-Disposition"] = f'attachment; filename="roster-{conference}{day}.{format_}"'
    return file


def _report(judged: list[Judged], *, dry_run: bool) -> dict[str, Any]:
    """Row by row, without any of its content."""
    rows = [{"row": one.row, "outcome": one.outcome, "detail": one.detail} for one in judged]
    counted = {outcome: sum(one.outcome == outcome for one in judged) for outcome in ("change", "unchanged", "refused")}
    return {"dry_run": dry_run, **counted, "rows": rows}
