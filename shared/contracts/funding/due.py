"""What a grant obliges to by a day, said in stages until it is done."""

from __future__ import annotations

from typing import ClassVar

from shared.contracts.funding.notice import BudgetYear, OfGrant, Total
from shared.contracts.not_public import THE_OFFICE
from shared.contracts.obligations import ObligationDue
from shared.kernel.identifiers import Slug
from shared.kernel.text import Line


class ProofOfUseDue(OfGrant, ObligationDue):
    """The proof of use of grant {grant}, {title}, is owed by {due_on}.

    Said at each stage, until it is submitted.
    """

    german: ClassVar[str] = "Der Verwendungsnachweis zu {title} ist bis {due_on} vorzulegen."
    not_public: ClassVar[str] = THE_OFFICE

    title: Line
    """What the grant is called."""


class InterimProofDue(OfGrant, ObligationDue):
    """The interim proof of grant {grant} for {year} is owed by {due_on}.

    Said at each stage, until it is submitted.
    """

    german: ClassVar[str] = "Der Zwischennachweis für {year} zu {title} ist bis {due_on} vorzulegen."
    not_public: ClassVar[str] = THE_OFFICE

    year: BudgetYear
    """The budget year."""
    title: Line
    """What the grant is called."""


class DrawnMoneyDue(OfGrant, ObligationDue):
    """The money of draw-down {drawdown} has to be used by {due_on}.

    Said at each stage, until as much is spent or paid back as was drawn up to it.
    """

    german: ClassVar[str] = "Die Mittel aus dem Abruf {drawdown} sind bis {due_on} zu verwenden."
    not_public: ClassVar[str] = THE_OFFICE

    drawdown: Slug
    """The draw-down."""
    drawn: Total
    """How much was drawn with this payout and those before."""
