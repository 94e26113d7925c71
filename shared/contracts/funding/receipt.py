"""What counts of one receipt, over all grants of a conference: a stream of its own for each payee and number."""

from __future__ import annotations

from typing import ClassVar

from shared.contracts.funding.notice import Amount
from shared.contracts.not_public import A_RECEIPT
from shared.kernel.decider import Event
from shared.kernel.identifiers import Slug, Uuid
from shared.kernel.text import Line
from shared.kernel.time import UtcTime
from shared.kernel.values import LeftOut


class ReceiptClaimed(Event):
    """Expense {expense} of {grant} claims {amount} cents of receipt {receipt} for {line}.

    Said before the expense is booked: no other expense has this part of the receipt from then on.
    """

    german: ClassVar[str] = "Die Ausgabe {expense} zu {grant} beansprucht vom Beleg {receipt} {amount}."
    not_public: ClassVar[str] = A_RECEIPT

    receipt: Uuid
    """The receipt: the last part of the stream's name, the same for every way to type its number."""
    grant: Slug
    """The grant that is to pay it."""
    expense: Slug
    """The expense that it is claimed for."""
    line: Slug
    """The plan line that it is to be paid from."""
    amount: Amount
    """How much of the receipt."""
    payee: Slug
    """Who was paid: an opaque reference."""
    receipt_number: Line
    """The number of the receipt, as it was typed."""
    receipt_amount: LeftOut[Amount | None] = None
    """The whole receipt, where only a part of it is claimed."""
    attempt: LeftOut[Uuid | None] = None
    """The event that books it, if it comes to that; null of what was claimed before this was said."""
    at: LeftOut[UtcTime | None] = None
    """Since when it is claimed."""


class ReceiptReleased(Event):
    """Expense {expense} of {grant} gives receipt {receipt} free.

    Said when its booking was refused, given up or reversed: another expense may claim the receipt.
    """

    german: ClassVar[str] = "Die Ausgabe {expense} zu {grant} gibt den Beleg {receipt} frei."
    not_public: ClassVar[str] = A_RECEIPT

    gives_up: ClassVar[bool] = True

    receipt: Uuid
    """The receipt: the last part of the stream's name."""
    grant: Slug
    """The grant that was to pay it."""
    expense: Slug
    """The expense that it was claimed for."""
    attempt: LeftOut[Uuid | None] = None
    """The try that gives it free; null of what was claimed before this was said."""
