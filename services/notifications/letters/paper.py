"""A letter for who has no e-mail address, ready to be printed and folded: DIN 5008, form B, PDF/UA."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from services.notifications.domain.correspondence import Background
from services.notifications.letters.letter import Block, Facts, Link, Paragraph, Points
from services.notifications.letters.office import Office
from services.notifications.letters.phrases import day_of_month
from services.notifications.letters.plain import GREETING
from services.notifications.letters.words import write
from shared.contracts.notifications import Content, Minutes, NotificationQueued
from shared.contracts.people import PersonDetails, lines_of
from shared.declarations.projection import Document
from shared.documents.minutes import status_of, told
from shared.documents.typeset import typeset
from shared.kernel.time import local_day


def on_paper(queued: NotificationQueued, to: PersonDetails, office: Office, background: Background) -> bytes:
    return typeset("letter.typ", laid_out(queued, to, office, background))


def laid_out(queued: NotificationQueued, to: PersonDetails, office: Office, background: Background) -> Document:
    """The same text as the mail, with what a letter needs around it, and what is attached behind it."""
    letter = write(queued, to, replace(office, links=None), background)
    about = {
        "sender": " · ".join(part for part in (office.name, office.department) if part),
        "address": [to.name, *lines_of(to.postal_address or "")],
        "contact": office.signature,
        "day": day_of_month(local_day(queued.queued_at)),
        "subject": letter.subject,
        "salutation": letter.salutation,
        "blocks": [_block(block) for block in letter.blocks],
        "greeting": GREETING,
        "signature": letter.signature[:2],
    }
    return {"letter": about, "minutes": _attached(background.content)}


def _block(block: Block) -> Document:
    match block:
        case Paragraph():
            return {"text": block.text}
        case Facts():
            return {"rows": block.rows}
        case Points():
            return {"title": block.title, "items": block.items, "first": block.first}
        case Link():
            raise AssertionError("nobody opens a link from paper")
        case _:
            assert_never(block)


def _attached(content: Content) -> Document | None:
    if not isinstance(content, Minutes) or content.protocol is None:
        return None
    status = status_of(content.edition, content.objections_until, is_approved=bool(content.approved))
    return told(content.protocol, content.document, status)
