"""What a browser posts: read within bounds, and only from a page of our own."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request

from services.office.desk.forms.form import Typed
from shared.runtime.http.problems import Refused
from shared.runtime.http.requests import KEY

LARGEST_FORM = 256 * 1024
MOST_FIELDS = 2000


def must_be_ours(request: Request) -> None:
    """A browser names a form's origin; a form from another site is refused."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "same-origin")
    if site not in ("same-origin", "none") or (origin and origin.partition("://")[2] != request.headers.get("host")):
        raise Refused(403, "FormForeign", "Das Formular kommt von einer fremden Seite.")


async def read_typed(request: Request) -> Typed:
    if request.headers.get("content-type", "").split(";")[0] != "application/x-www-form-urlencoded":
        raise Refused(415, "ContentTypeUnsupported", "Das ist kein Formular dieser Seiten.")
    if not request.headers.get("content-length", "").isdecimal() or (
        int(request.headers["content-length"][:15]) > LARGEST_FORM
    ):
        raise Refused(413, "BodyTooLarge", f"Das Formular ist zu groß: erlaubt sind {LARGEST_FORM} Byte.")
    try:
        content = (await request.body()).decode()
        typed = parse_qs(content, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except (ValueError, ClientDisconnect):
        raise Refused(400, "FormUnreadable", "Das Formular ist nicht lesbar.") from None
    if any(len(texts) > 1 for texts in typed.values()):
        raise Refused(400, "FieldRepeated", "Das Formular nennt eine Angabe zweimal; welche gilt, ist nicht zu sagen.")
    if any(key and not KEY.fullmatch(key) for key in typed.get("key", ())):
        raise Refused(400, "FormUnreadable", "Das Formular ist verändert: Bitte die Seite neu laden.")
    return typed
