"""Contracts that will cost a grant's money, and how they came about."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.funding.notice import Amount, OfGrant, Total
from shared.contracts.not_public import A_RECEIPT
from shared.kernel.identifiers import Slug
from shared.kernel.text import Line
from shared.kernel.time import Day
from shared.kernel.values import OPEN, LeftOut, Value

Way = Annotated[
    Literal[
        "direct_order",
        "negotiated",
        "negotiated_after_competition",
        "restricted",
        "restricted_after_competition",
        "public",
        "framework_call",
        "other",
    ],
    OPEN,
]
"""Direktauftrag (§ 14 UVgO), the ways of § 8, a call on a framework agreement (§ 15), or one that the reason names."""


class Offer(Value):
    """What somebody would have done it for."""

    bidder: Slug
    """Who offered: an opaque reference, as `payee` of expenses."""
    amount: Amount
    """The price offered."""


Offers = Annotated[tuple[Offer, ...], Field(max_length=50)]


class Procurement(Value):
    """How a contract came about."""

    way: Way
    """The way of award."""
    contract: LeftOut[Line | None] = None
    """The contract's own file or order number."""
    contractor: LeftOut[Slug | None] = None
    """Who got it: an opaque reference; one of those that offered, where offers are said."""
    offers: LeftOut[Offers | None] = None
    """What was offered; null: nothing is said of offers."""
    reason: LeftOut[Line | None] = None
    """Why this way, and why this offer."""


class CommitmentRegistered(OfGrant):
    """{amount} cents of {line} are committed by {commitment} on {on}.

    Said for a contract that will cost money; nothing is spent by it.
    """

    german: ClassVar[str] = "{amount} aus {line} sind am {on} durch {commitment} gebunden."
    not_public: ClassVar[str] = A_RECEIPT

    commitment: Slug
    """The contract."""
    line: Slug
    """The plan line that it will be paid from."""
    amount: Amount
    """How much it will cost."""
    on: Day
    """The day of the contract."""
    procurement: LeftOut[Procurement | None] = None
    """How it came about; null where nobody has said it."""


class CommitmentCorrected(OfGrant):
    """Commitment {commitment} costs {amount} cents now.

    Said when a contract costs another amount, or came about otherwise, than was registered.
    """

    german: ClassVar[str] = "Der Auftrag {commitment} kostet jetzt {amount} statt {was}."
    not_public: ClassVar[str] = A_RECEIPT

    commitment: Slug
    """The contract."""
    line: Slug
    """The plan line that it is paid from."""
    amount: Amount
    """How much it will cost."""
    was: Amount
    """How much it was to cost before."""
    reason: Line
    """Why."""
    procurement: LeftOut[Procurement | None] = None
    """How it came about, where that is corrected; null: as it was said before."""


class CommitmentCancelled(OfGrant):
    """Commitment {commitment} will cost nothing more.

    Said when a contract ends early or never came about; what was paid for it stays paid.
    """

    german: ClassVar[str] = "Der Auftrag {commitment} ist aufgehoben; {unpaid} werden frei."
    not_public: ClassVar[str] = A_RECEIPT

    commitment: Slug
    """The contract."""
    line: Slug
    """The plan line that it was to be paid from."""
    unpaid: Total
    """How much of it will not be paid any more."""
    reason: Line
    """Why."""
