"""The office among those who are written to: known by an id like everybody else, and in no register of people."""

from __future__ import annotations

from shared.contracts.people import PersonDetails
from shared.kernel.identifiers import ConferenceSlug, PersonId, derived_id


def office_in(conference: ConferenceSlug) -> PersonId:
    return derived_id("office", conference)


def contact_of_office(email: str) -> PersonDetails:
    return PersonDetails(name="Geschäftsstelle", salutation="Guten Tag in der Geschäftsstelle", email=email)
