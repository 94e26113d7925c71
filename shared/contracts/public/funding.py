"""What funding says in public: what was applied for, granted, paid out and proved; no receipt, payee or staff hour."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from shared.contracts.funding.notice import Amount, Total
from shared.contracts.public.event import PublicEvent
from shared.kernel.identifiers import Slug
from shared.kernel.text import Line
from shared.kernel.values import LeftOut

SERVICE = "funding.public"


class _TellsGrant(PublicEvent):
    grant: Slug
    """The grant: the last part of the stream's name."""
    title: Line
    """What the grant is for, in one line."""


class _TellsNotice(_TellsGrant):
    grantor: Line
    """Who is asked for the money."""
    amount: Amount
    """How much is applied for or granted."""


class GrantApplied(_TellsNotice):
    """{amount} cents are applied for from {grantor}: {title}.

    Said once for each grant, before anything else of it.
    """

    german: ClassVar[str] = "{amount} sind bei „{grantor}“ beantragt: {title}."

    start: date
    """The first day that expenses may lie on."""
    until: date
    """The last day that expenses may lie on."""
    reference: Line
    """The council paper that decides to apply, as the council quotes it."""
    paper: LeftOut[Slug | None] = None
    """The key of the same paper, where it is one of this system."""


class _TellsTerms(_TellsNotice):
    notice_on: date
    """The day of the notice."""
    start: date
    """The first day that expenses may lie on."""
    until: date
    """The last day that expenses may lie on."""
    own_contribution_due: Total
    """How much the city has to contribute itself."""
    proof_due: date
    """The day that the proof of use is due."""


class GrantAwarded(_TellsTerms):
    """{amount} cents are awarded by {grantor} with the notice of {notice_on}: {title}.

    Said once, when the notice grants the money.
    """

    german: ClassVar[str] = "{amount} sind mit Bescheid vom {notice_on} bewilligt ({grantor}): {title}."


class GrantAmended(_TellsTerms):
    """{amount} cents in all are awarded by {grantor} with the amended notice of {notice_on}: {title}.

    Said for each further notice; what it says stands in place of all that was said before.
    """

    german: ClassVar[str] = "{amount} sind laut Änderungsbescheid vom {notice_on} nun bewilligt: {title}."


class GrantRefused(_TellsNotice):
    """{amount} cents are refused by {grantor} with the notice of {notice_on}: {title}.

    Said once, when the notice refuses the money.
    """

    german: ClassVar[str] = "{amount} sind mit Bescheid vom {notice_on} abgelehnt ({grantor}): {title}."

    notice_on: date
    """The day of the notice."""


class PayoutRecorded(_TellsGrant):
    """{amount} cents are paid out on {on}, to be used by {use_by}: {title}.

    Said when a part of the granted money has arrived.
    """

    german: ClassVar[str] = "{amount} sind am {on} ausgezahlt, zu verwenden bis {use_by}: {title}."

    amount: Amount
    """How much has arrived."""
    on: date
    """The day that it arrived."""
    use_by: date
    """The day until which it has to be used."""


class PayoutReversed(_TellsGrant):
    """The payout of {amount} cents on {on} no longer counts: {title}.

    Said when its amount or day was recorded wrongly. Right after it the payout is recorded anew.
    """

    german: ClassVar[str] = "Die Auszahlung von {amount} am {on} zählt nicht mehr: {title}."

    amount: Amount
    """How much was recorded."""
    on: date
    """The day that was recorded."""


class ProofOfUseFrozen(_TellsGrant):
    """The figures are frozen, {spent} of {awarded} cents are spent: {title}.

    Said once, after the period; nothing is booked afterwards.
    """

    german: ClassVar[str] = "Der Verwendungsnachweis ist abgeschlossen, {spent} von {awarded}: {title}."

    awarded: Amount
    """How much was granted."""
    spent: Total
    """How much was spent."""
    unspent: Total
    """How much is left of the grant."""
    due: date
    """The day that the proof of use is due."""


class ProofOfUseSubmitted(_TellsGrant):
    """The proof of use is submitted on {on}: {title}.

    Said when it has gone to the grantor.
    """

    german: ClassVar[str] = "Der Verwendungsnachweis ist am {on} eingereicht: {title}."

    on: date
    """The day that it went."""


class ProofOfUseReopened(_TellsGrant):
    """The figures of the proof of use are open again: {title}.

    Said when the grantor asks; they are frozen and submitted anew.
    """

    german: ClassVar[str] = "Der Verwendungsnachweis ist wieder offen: {title}."


class ProofOfUseAudited(_TellsGrant):
    """The proof of use is audited on {on}, {recognised} cents are recognised: {title}.

    Said once, when the grantor's answer has come.
    """

    german: ClassVar[str] = "Der Verwendungsnachweis ist am {on} geprüft, anerkannt sind {recognised}: {title}."

    on: date
    """The day of the answer."""
    recognised: Total
    """What the grant pays in the end."""


class RepaymentRecorded(_TellsGrant):
    """{amount} cents are paid back on {on}: {title}.

    Said for money that was paid out and not used, or not recognised.
    """

    german: ClassVar[str] = "{amount} sind am {on} zurückgezahlt: {title}."

    amount: Amount
    """How much."""
    on: date
    """The day that it was paid."""


class GrantClosed(_TellsGrant):
    """The grant is closed, {paid} cents of it were kept: {title}.

    Said once, when it is audited and nothing is owed any more.
    """

    german: ClassVar[str] = "Die Zuwendung ist abgeschlossen, gezahlt sind {paid}: {title}."

    paid: Total
    """What the grantor has paid in the end."""
