"""Folds a mail's own events to one line: its kind, its recipient, and its outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deploy.kpk.stories.names import own_name
from deploy.kpk.stories.sentences import Teller, plain
from shared.contracts import german
from shared.contracts.envelope import Envelope
from shared.runtime.recent import Recent

REMEMBERED = 50_000
"""The most unfinished mails in memory. For an older one only its end is shown."""

ENDS = {
    "NotificationSent": ("sent", "versandt"),
    "NotificationFailed": ("not sent", "nicht versandt"),
    "NotificationReturned": ("came back", "kam zurück"),
    "NotificationSuppressed": ("held back", "zurückgehalten"),
    "NotificationSuperseded": ("not sent, a newer one says what is true", "nicht versandt, ein neueres gilt"),
    "NotificationRequeued": ("to be sent again", "wird erneut versandt"),
    "PrintLetterDue": ("to be printed as a letter", "als Brief auszudrucken"),
    "LetterPosted": ("posted as a letter", "als Brief aufgegeben"),
}


class Mails:
    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._queued: Recent[str, Mapping[str, Any]] = Recent(REMEMBERED)

    def fold(self, envelope: Envelope, fields: Mapping[str, Any]) -> str | None:
        """The line at its end; None for everything before."""
        event = own_name(envelope.type)
        if event == "NotificationQueued":
            self._queued.update({envelope.stream: about(fields)})
        if event not in ENDS:
            return None
        known = self._queued.get(envelope.stream) or {}
        return self._line(envelope, event, {**known, **fields})

    def _line(self, envelope: Envelope, event: str, told: Mapping[str, Any]) -> str:
        teller, conference, is_german = self._teller, envelope.conference, self._teller.language == "de"
        parts = ["Schreiben" if is_german else "Mail"]
        if kind := told.get("mail_kind"):
            parts.append(f"„{german.WORDS.get(kind, plain(kind))}“" if is_german else f"“{plain(kind)}”")
        for field in ("session", "group", "seat", "person"):
            if told.get(field) and not (field in ("group", "person") and told.get("seat")):
                word = WORDS[field][is_german]
                parts.append(f"{word} {teller.value(field, told[field], envelope.type, conference)}")
        end = ENDS[event][is_german]
        reason = f" ({teller.value('reason', told['reason'], envelope.type, conference)})" if told.get("reason") else ""
        tries = told.get("attempt")
        often = f", {tries} {'Versuche' if is_german else 'attempts'}" if isinstance(tries, int) and tries > 1 else ""
        return f"{' '.join(parts)}: {end}{reason}{often}."


WORDS = {
    "session": ("about session", "zur Sitzung"),
    "group": ("about", "zu"),
    "seat": ("for seat", "an den Sitz"),
    "person": ("for", "an"),
}


def about(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What has to be kept of a mail until it has ended."""
    content = fields.get("content")
    told = content if isinstance(content, dict) else {}
    kept = {"mail_kind": told.get("kind"), "session": told.get("session"), "group": told.get("group")}
    return {**kept, "seat": fields.get("seat"), "person": fields.get("person")}


def is_about_mail(envelope: Envelope) -> bool:
    return envelope.stream.split("/")[1:2] == ["mail"]
