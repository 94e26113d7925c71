"""Documents that the services set: given on as they are, to whoever may ask for them."""

from __future__ import annotations

from starlette.responses import Response

from services.office.desk.forms.reading import slug
from services.office.desk.paper import HEADERS
from services.office.desk.visit import Visit

PDF = "application/pdf"
CSV = "text/csv; charset=utf-8"


async def minutes(visit: Visit) -> Response:
    session = visit.named["session"]
    return await _given_on(visit, "meetings", f"/sessions/{session}/minutes.pdf", PDF, f"niederschrift-{session}.pdf")


async def council_paper(visit: Visit) -> Response:
    paper = visit.named["paper"]
    return await _given_on(visit, "meetings", f"/papers/{paper}/paper.pdf", PDF, f"vorlage-{paper}.pdf")


async def report_draft(visit: Visit) -> Response:
    """Of the time until the day in question, by default today."""
    name = f"bericht-{visit.asked_day or visit.today}.pdf"
    return await _given_on(visit, "meetings", "/committee-report/draft.pdf", PDF, name, **until_asked(visit))


def until_asked(visit: Visit) -> dict[str, str]:
    """The day until which a report is drafted; None leaves it to the service."""
    day = visit.asked_day
    return {"until": day.isoformat()} if day else {}


async def proof_of_use(visit: Visit) -> Response:
    grant = visit.named["grant"]
    path = f"/grants/{grant}/proof-of-use.pdf"
    return await _given_on(visit, "funding", path, PDF, f"verwendungsnachweis-{grant}.pdf")


async def ledger(visit: Visit) -> Response:
    """Of the year in question, by default this one."""
    grant, year = visit.named["grant"], visit.query.get("year", "").strip() or str(visit.today.year)
    path, name = f"/grants/{grant}/ledger.csv", f"buchungen-{grant}-{slug(year)}.csv"
    return await _given_on(visit, "funding", path, CSV, name, year=year)


async def letter(visit: Visit) -> Response:
    mail = visit.named["mail"]
    return await _given_on(visit, "notifications", f"/mails/{mail}/letter.pdf", PDF, f"brief-{mail[:8]}.pdf")


async def roster(visit: Visit) -> Response:
    """With all addresses: for the office alone."""
    return await _given_on(visit, "members", "/roster.csv", CSV, "mitglieder.csv")


async def _given_on(visit: Visit, service: str, path: str, media_type: str, name: str, **query: str) -> Response:
    content = await visit.desk.others.fetch(service, path, visit.token, visit.asked(service, query))
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=media_type, headers=headers)
