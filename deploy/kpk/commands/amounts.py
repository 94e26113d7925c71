"""Amounts as people type them, always with a unit: without one, 40000 could be euros or cents."""

from __future__ import annotations

import re

AMOUNT = "an amount with its unit (400,00 EUR or 400.00 EUR; in cents: 40000 cents)"

LONGEST = 40
"""Characters: a longer text is no amount."""

_EUROS = re.compile(r"(\d+|\d{1,3}(?:\.\d{3})+)(?:,(\d\d))?|(\d+|\d{1,3}(?:,\d{3})+)\.(\d\d)", re.ASCII)
"""Whole euros, or exactly two digits after the decimal mark: 1.000 is one thousand in one country
and one in another.
"""
_PARTS = re.compile(r"([\d.,]+)\s*(EUR|€|cents?)", re.ASCII | re.IGNORECASE)


def cents(text: str) -> int:
    """Raises ``ValueError`` with what is missing."""
    if len(text) > LONGEST:
        raise ValueError("it is too long")
    told = _PARTS.fullmatch(text.strip())
    if told is None:
        raise ValueError("its unit is missing" if re.fullmatch(r"[\d.,\s]+", text) else "")
    number, unit = told.groups()
    if unit.lower().startswith("cent"):
        return _whole_cents(number)
    found = _EUROS.fullmatch(number)
    if found is None or re.fullmatch(r"\d{1,3}(\.\d{3})+", number):
        raise ValueError("cents are two digits: 1.000,00 EUR or 1000.00 EUR")
    whole, part = found[1] or found[3], found[2] or found[4] or "00"
    return int(re.sub(r"[.,]", "", whole)) * 100 + int(part)


def _whole_cents(number: str) -> int:
    if not number.isdecimal():
        raise ValueError("cents are whole, without a mark: 40000 cents")
    return int(number)
