"""Money is whole cents of EUR, 0 <= x <= 10**11. No float is used."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from shared.kernel.values import counted_in

IN_CENTS: Any = {
    "description": "Betrag in Cent, z. B. 40000 für 400,00 EUR",
    "json_schema_extra": {"unit": "cents"},
}
"""What a schema says of an amount, so that nobody takes cents for euros."""

Cents = Annotated[int, Field(ge=0, le=10**11, **IN_CENTS)]
Percent = Annotated[int, Field(ge=0, le=100, description="Prozent als ganze Zahl"), counted_in("percent")]


def percent_of(amount: int, percent: int) -> int:
    """Rounded half up to a cent: 80 percent of 48,562.00 EUR are 38,849.60 EUR."""
    return (amount * percent + 50) // 100


def euros(amount: int) -> str:
    """As a German office writes it: ``40.000,00 EUR``."""
    whole, cents = divmod(abs(amount), 100)
    sign = "-" if amount < 0 else ""
    return f"{sign}{whole:,}".replace(",", ".") + f",{cents:02d} EUR"
