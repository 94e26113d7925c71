"""Proof of invitation: who was asked to a session in which words, when, and what the mail servers said to it.

Read from the journal, where each step of a mail stands with its moment. Recipients are their seats and opaque ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.notifications import mail_log
from services.notifications.domain.mail_state import MailEvent
from shared.contracts.german import WORDS
from shared.declarations.projection import Document
from shared.documents import table
from shared.documents.typeset import typeset
from shared.kernel.time import german_moment, iso

ASKING = ("invitation", "supplement", "update", "withdrawal", "cancellation")
"""Kinds of mails that say when and where a session is, and what is on its agenda."""

GERMAN = {
    "invitation": "Einladung",
    "supplement": "Ergänzung der Tagesordnung",
    "update": "Verlegung",
    "withdrawal": "Rücknahme",
    "cancellation": "Absage",
    "queued": "vorgemerkt",
    "attempted": "Versuch",
    "sent": "vom Mailserver angenommen",
    "deferred": "vertagt",
    "failed": "nicht zustellbar",
    "returned": "als unzustellbar zurückgekommen",
    "bounced": "Adresse abgelehnt",
    "held": "wartet, die Adresse ist gesperrt",
    "suppressed": "zurückgehalten",
    "superseded": "durch neueres ersetzt",
    "requeued": "erneut vorgemerkt",
    "due": "als Brief fällig",
    "posted": "als Brief aufgegeben",
}
HEADINGS = ("Sitz", "Person", "Schreiben", "Ausgabe", "Textfassung", "Termin", "Zeitpunkt", "Schritt", "Grund")

Step = tuple[datetime, MailEvent]


def line_of(mail: Document, steps: Iterable[Step]) -> Document:
    """``issue`` is null for other mails than invitations; ``revision`` counts the session's moves before it."""
    content = mail["content"]
    return {
        **{name: mail[name] for name in ("mail", "kind", "seat", "person", "state")},
        "issue": content.get("issue"),
        "revision": content["appointment"]["revision"],
        "starts": content["appointment"]["starts"],
        "steps": [_step(at, event) for at, event in steps],
    }


def _step(at: datetime, event: MailEvent) -> Document:
    what, reason = mail_log.counted(event)
    return {"at": iso(at), "what": what, "reason": reason or None, "template": getattr(event, "template", None)}


def rows_of(lines: Sequence[Document]) -> list[list[str]]:
    """A row for each step, in German words."""
    return [
        [
            line["seat"] or "Gast",
            line["person"],
            GERMAN[line["kind"]],
            str(line["issue"] or ""),
            str(step["template"] or ""),
            _moment(line["starts"]),
            _moment(step["at"]),
            GERMAN[step["what"]],
            WORDS.get(step["reason"], step["reason"]) or "",
        ]
        for line in lines
        for step in line["steps"]
    ]


def as_csv(lines: Sequence[Document]) -> bytes:
    return table.as_csv([HEADINGS, *rows_of(lines)])


def as_pdf(conference: str, session: str, lines: Sequence[Document]) -> bytes:
    told = {"conference": conference, "session": session, "headings": HEADINGS, "rows": rows_of(lines)}
    return typeset("invitation_proof.typ", {"proof": told})


def _moment(text: str) -> str:
    return german_moment(datetime.fromisoformat(text))
