"""A receipt counts once. It may be split over expenses, up to its own amount, where each of them says that amount."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from shared.contracts.funding import ExpenseBooked
from shared.kernel.money import euros
from shared.kernel.rejections import Kind, Rejected

_MINUS = "\N{MINUS SIGN}"
"""A sign to Unicode, a dash to whoever types."""


class ReceiptAlreadyBooked(Rejected):
    """Der Beleg „{receipt_number}“ ist bereits mit der Ausgabe „{expense}“ gebucht."""


class ReceiptAmountDiffers(Rejected):
    """Der Beleg „{receipt_number}“ lautet nach der Ausgabe „{expense}“ über {amount}."""


class ReceiptExceeded(Rejected):
    """Vom Beleg „{receipt_number}“ sind noch {left} nicht gebucht."""


class PartExceedsReceipt(Rejected):
    """Die Ausgabe von {amount} ist höher als ihr Beleg über {receipt_amount}."""

    kind = Kind.INVALID


def receipt_of(booked: ExpenseBooked) -> tuple[str, str]:
    """Payee and number, however the number is typed: width, case, blanks and dashes make no other receipt."""
    number = unicodedata.normalize("NFKC", booked.receipt_number).casefold()
    return booked.payee, "".join(sign for sign in number if not _is_blank_or_dash(sign))


def _is_blank_or_dash(sign: str) -> bool:
    return unicodedata.category(sign) in ("Zs", "Pd") or sign == _MINUS


def must_be_left_of_receipt(standing: Sequence[ExpenseBooked], booked: ExpenseBooked) -> None:
    whole, receipt = booked.receipt_amount, receipt_of(booked)
    parts = [other for other in standing if receipt_of(other) == receipt]
    for part in parts:
        _must_be_parts_of_one(part, booked)
    left = (whole or booked.amount) - sum(part.amount for part in parts)
    if not parts and booked.amount > left:
        raise PartExceedsReceipt(amount=euros(booked.amount), receipt_amount=euros(left))
    if booked.amount > left:
        raise ReceiptExceeded(receipt_number=booked.receipt_number, left=euros(left))


def _must_be_parts_of_one(part: ExpenseBooked, booked: ExpenseBooked) -> None:
    if part.receipt_amount is None or booked.receipt_amount is None:
        raise ReceiptAlreadyBooked(receipt_number=booked.receipt_number, expense=part.expense)
    if part.receipt_amount != booked.receipt_amount:
        raise ReceiptAmountDiffers(
            receipt_number=booked.receipt_number, expense=part.expense, amount=euros(part.receipt_amount)
        )
