"""How contracts come about: what the notice asks of them, and what one has to say of itself to make sense."""

from __future__ import annotations

from shared.contracts.funding import Conditions, Offer, Procurement
from shared.kernel.money import euros
from shared.kernel.rejections import Rejected

# Rejections


class TooFewOffers(Rejected):
    """Ab {amount} verlangt der Bescheid {asked} Angebote oder eine Begründung; erfasst sind {offers}."""


class ContractorMadeNoOffer(Rejected):
    """„{contractor}“ ist unter den erfassten Angeboten nicht."""


class BidderRepeated(Rejected):
    """Von „{bidder}“ ist mehr als ein Angebot erfasst; anzugeben ist das letzte."""


class WayNotNamed(Rejected):
    """Eine andere Vergabeart ist in der Begründung zu nennen."""


# Rules


def must_be_procured(procurement: Procurement | None, amount: int, conditions: Conditions) -> None:
    """A contract's registration needs what the notice asks for; its correction has a reason of its own."""
    must_hold_together(procurement)
    asked, offers = conditions.offers, _offers(procurement)
    if asked is None or amount < asked.from_amount or len(offers) >= asked.number:
        return
    if procurement is None or procurement.reason is None:
        raise TooFewOffers(amount=euros(asked.from_amount), asked=asked.number, offers=len(offers))


def must_hold_together(procurement: Procurement | None) -> None:
    if procurement is None:
        return
    if procurement.way == "other" and procurement.reason is None:
        raise WayNotNamed
    bidders = [offer.bidder for offer in _offers(procurement)]
    for bidder in bidders:
        if bidders.count(bidder) > 1:
            raise BidderRepeated(bidder=bidder)
    if bidders and procurement.contractor not in (None, *bidders):
        raise ContractorMadeNoOffer(contractor=procurement.contractor)


def _offers(procurement: Procurement | None) -> tuple[Offer, ...]:
    return (procurement and procurement.offers) or ()
