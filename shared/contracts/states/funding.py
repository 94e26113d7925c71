"""Grants as they are now: what was granted, paid out and proved; no receipt, payee or staff hour."""

from __future__ import annotations

from datetime import date
from typing import Literal

from shared.contracts.funding.notice import Amount, Total
from shared.contracts.states.state import PublicState
from shared.kernel.identifiers import Slug
from shared.kernel.text import Line
from shared.kernel.values import LeftOut, Value

SERVICE = "funding.state"


class ProofOfUse(Value):
    """How far the proof of use is."""

    state: Literal["frozen", "submitted", "audited"]
    """``frozen``: its figures stand. ``submitted``: the grantor has it. ``audited``: the grantor has answered."""
    spent: Total
    """How much was spent."""
    unspent: Total
    """How much is left of the grant."""
    submitted_on: LeftOut[date | None] = None
    """The day that it went; absent before."""
    audited_on: LeftOut[date | None] = None
    """The day of the grantor's answer; absent before."""
    recognised: LeftOut[Total | None] = None
    """What the grant pays in the end; absent before it is audited."""


class Grant(PublicState):
    """The grant of {grantor}: {title}."""

    grant: Slug
    """The grant: the last part of the stream's name."""
    title: Line
    """What the grant is for, in one line."""
    grantor: Line
    """Who is asked for the money."""
    reference: Line
    """The council paper that decides to apply, as the council quotes it."""
    paper: LeftOut[Slug | None] = None
    """The key of the same paper, where it is one of this system."""
    state: Literal["applied", "awarded", "refused", "closed"]
    """How far it is."""
    amount: Amount
    """How much is granted; how much is applied for where nothing is granted."""
    start: date
    """The first day that expenses may lie on."""
    until: date
    """The last day that expenses may lie on."""
    notice_on: LeftOut[date | None] = None
    """The day of the last notice; absent before the first."""
    own_contribution_due: LeftOut[Total | None] = None
    """How much the city has to contribute itself; absent where nothing is granted."""
    proof_due: LeftOut[date | None] = None
    """The day that the proof of use is due; absent where nothing is granted."""
    paid_out: Total
    """How much has arrived."""
    paid_back: Total
    """How much of it was paid back."""
    proof: LeftOut[ProofOfUse | None] = None
    """The proof of use; absent while its figures are open."""
    paid: LeftOut[Total | None] = None
    """What the grantor has paid in the end; absent before the grant is closed."""
