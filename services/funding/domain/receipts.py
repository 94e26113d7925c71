"""A receipt counts once over all grants. It may be split, up to its own amount, where each expense says that amount.

An expense claims its part of the receipt before it is booked, in the receipt's own stream. What is booked counts as the
grants' own streams tell it; a claim counts until its expense is booked or reversed there, or its booking was refused.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, assert_never

from shared.contracts.funding import ExpenseBooked, ReceiptClaimed, ReceiptReleased
from shared.kernel.decider import Command, Decider, GivenBy
from shared.kernel.identifiers import Slug, Uuid, derived_id, stream_name
from shared.kernel.money import euros
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.time import german_since

# Events

ReceiptEvent = ReceiptClaimed | ReceiptReleased

Part = ExpenseBooked | ReceiptClaimed
"""Amounts of a receipt: booked, or claimed and not yet booked."""

# State

PartName = tuple[Slug, Slug]
"""Grant and expense."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The tries to book each part that are not refused, given up or reversed."""

    tries: Mapping[PartName, Mapping[Uuid | None, ReceiptClaimed]] = field(default_factory=dict)

    @property
    def claims(self) -> Mapping[PartName, ReceiptClaimed]:
        """Any of its tries may book a part, so the largest one counts."""
        return {name: max(tries.values(), key=lambda one: one.amount) for name, tries in self.tries.items()}


def evolve(receipt: Receipt, event: ReceiptEvent) -> Receipt:
    name = name_of(event)
    others = {other: tries for other, tries in receipt.tries.items() if other != name}
    of_name = receipt.tries.get(name, {})
    match event:
        case ReceiptClaimed():
            return Receipt({**others, name: {**of_name, event.attempt: event}})
        case ReceiptReleased():
            left = {attempt: one for attempt, one in of_name.items() if attempt != event.attempt}
            return Receipt({**others, name: left} if left else others)
        case _:
            assert_never(event)


# Commands


class _AboutReceipt(Command):
    given_by: ClassVar[GivenBy] = "service"

    receipt: Uuid

    @property
    def stream(self) -> str:
        return stream_name(self.conference, "receipt", self.receipt)


class ClaimReceipt(_AboutReceipt):
    """Claim the amount that an expense is about to book; ``attempt`` is the event that then books it.

    ``standing`` are the expenses with this receipt that count in any grant, ``reversed`` those that do not count any
    more.
    """

    attempt: Uuid
    booking: ExpenseBooked
    standing: tuple[ExpenseBooked, ...]
    reversed: tuple[ExpenseBooked, ...]


class ReleaseReceipt(_AboutReceipt):
    """Release what an expense has claimed by these tries and does not book; None: what it claimed by any try."""

    grant: Slug
    expense: Slug
    attempts: tuple[Uuid | None, ...] | None = None


ReceiptCommand = ClaimReceipt | ReleaseReceipt

# Rejections


class ReceiptAlreadyBooked(Rejected):
    """Der Beleg „{receipt_number}“ ist bereits mit der Ausgabe „{expense}“ der Zuwendung „{grant}“ gebucht."""


class ReceiptIsClaimed(Rejected):
    """Der Beleg „{receipt_number}“ ist für die Ausgabe „{expense}“ der Zuwendung „{grant}“ vorgemerkt, {since}."""


class ReceiptAmountDiffers(Rejected):
    """Der Beleg „{receipt_number}“ lautet nach der Ausgabe „{expense}“ der Zuwendung „{grant}“ über {amount}."""


class ReceiptExceeded(Rejected):
    """Vom Beleg „{receipt_number}“ sind noch {left} weder gebucht noch gerade in Buchung."""


class PartExceedsReceipt(Rejected):
    """Die Ausgabe von {amount} ist höher als ihr Beleg über {receipt_amount}."""

    kind = Kind.INVALID


# decide


def decide(receipt: Receipt, command: ReceiptCommand) -> Sequence[ReceiptEvent]:
    match command:
        case ClaimReceipt():
            return _claim(receipt, command)
        case ReleaseReceipt():
            return _release(receipt, command)
        case _:
            assert_never(command)


def _claim(receipt: Receipt, claim: ClaimReceipt) -> Sequence[ReceiptEvent]:
    wanted = _claimed(receipt, claim)
    known = receipt.tries.get(name_of(wanted), {}).get(claim.attempt)
    if known and known.model_copy(update={"at": wanted.at}) == wanted:
        return []
    parts: tuple[Part, ...] = (*claim.standing, *waiting(receipt, claim))
    must_be_left_of_receipt([part for part in parts if name_of(part) != name_of(wanted)], wanted)
    return [wanted]


def waiting(receipt: Receipt, claim: ClaimReceipt) -> list[ReceiptClaimed]:
    """The claimed parts that are neither booked nor reversed in their grants."""
    told = {name_of(booked) for booked in (*claim.standing, *claim.reversed)}
    return [claimed for name, claimed in receipt.claims.items() if name not in told]


def _claimed(receipt: Receipt, claim: ClaimReceipt) -> ReceiptClaimed:
    """An expense that claims again keeps the larger amount: the other try may still be running."""
    booking = claim.booking
    before = receipt.claims.get(name_of(booking))
    return ReceiptClaimed(
        receipt=claim.receipt,
        grant=booking.grant,
        expense=booking.expense,
        line=booking.line,
        amount=max(booking.amount, before.amount if before else 0),
        payee=booking.payee,
        receipt_number=booking.receipt_number,
        receipt_amount=booking.receipt_amount,
        attempt=claim.attempt,
        at=claim.at,
    )


def _release(receipt: Receipt, release: ReleaseReceipt) -> Sequence[ReceiptEvent]:
    told = release.model_dump(include={"receipt", "grant", "expense"})
    tries = receipt.tries.get((release.grant, release.expense), {})
    ended = tries if release.attempts is None else release.attempts
    return [ReceiptReleased(**told, attempt=attempt) for attempt in tries if attempt in ended]


def name_of(part: Part | ReceiptReleased) -> PartName:
    return part.grant, part.expense


def receipt_of(part: Part) -> Uuid:
    """The receipt of payee and number. Width, case, blanks and dashes of a number make no difference."""
    number = unicodedata.normalize("NFKC", part.receipt_number).casefold()
    return derived_id("receipt", part.payee, "".join(sign for sign in number if not _is_blank_or_dash(sign)))


_MINUS = "\N{MINUS SIGN}"
"""Unicode calls it a sign; people type it as a dash."""


def _is_blank_or_dash(sign: str) -> bool:
    return unicodedata.category(sign) in ("Zs", "Pd") or sign == _MINUS


def must_be_left_of_receipt(others: Sequence[Part], wanted: Part) -> None:
    whole, receipt = wanted.receipt_amount, receipt_of(wanted)
    parts = [other for other in others if receipt_of(other) == receipt]
    for part in parts:
        _must_be_parts_of_one(part, wanted)
    left = (whole or wanted.amount) - sum(part.amount for part in parts)
    if not parts and wanted.amount > left:
        raise PartExceedsReceipt(amount=euros(wanted.amount), receipt_amount=euros(left))
    if wanted.amount > left:
        raise ReceiptExceeded(receipt_number=wanted.receipt_number, left=euros(left))


def _must_be_parts_of_one(part: Part, wanted: Part) -> None:
    told = {"receipt_number": wanted.receipt_number, "expense": part.expense, "grant": part.grant}
    if part.receipt_amount is None or wanted.receipt_amount is None:
        if isinstance(part, ReceiptClaimed):
            raise ReceiptIsClaimed(**told, since=german_since(part.at))
        raise ReceiptAlreadyBooked(**told)
    if part.receipt_amount != wanted.receipt_amount:
        raise ReceiptAmountDiffers(amount=euros(part.receipt_amount), **told)


RECEIPT = Decider("receipt", Receipt(), evolve, decide)
