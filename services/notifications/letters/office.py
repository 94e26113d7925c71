"""Who writes: the office of one conference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from shared.contracts.meetings import Appointment
from shared.contracts.occupancies import group_of
from shared.declarations.projection import Document
from shared.kernel.identifiers import PersonId, Slug
from shared.kernel.personal_links import Invitee, LinkKeys


@dataclass(frozen=True, slots=True)
class AnswerLinks:
    """Of a conference, by its slug. ``url`` is where they lead, without a slash at its end."""

    conference: Slug
    url: str
    keys: LinkKeys

    def to(self, session: Slug, appointment: Appointment, person: PersonId) -> str:
        invitee = Invitee(
            conference=self.conference,
            session=session,
            person=person,
            revision=appointment.revision,
            until=appointment.starts,
        )
        return f"{self.url}/{self.keys.sign(invitee)}"


@dataclass(frozen=True, slots=True)
class Office:
    """``conference`` is what it is called, ``department`` where its office belongs.

    ``group`` is what the seat group is called that a mail is about, and ``by_post`` whether its seats follow a post.
    ``domain`` makes message ids and calendar ids unique in the world; every conference has its own. ``domain_before``
    did so for calendar entries that were sent before SEQUENCE was counted. ``links`` are for mails, never for paper.
    ``groups`` are what the seat groups are called whose seats a letter says.
    """

    conference: str
    email: str
    domain: str
    department: str | None = None
    phone: str | None = None
    group: str | None = None
    by_post: bool = False
    domain_before: str = ""
    links: AnswerLinks | None = None
    groups: Mapping[Slug, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"Geschäftsstelle {self.conference}"

    @property
    def reachable(self) -> str:
        return f"per E-Mail an {self.email}" + (f" oder unter Telefon {self.phone}" if self.phone else "")

    def seat_called(self, seat: Slug) -> str:
        """``Kliniken, Sitz 2``"""
        return f"{self.groups[group_of(seat)]}, Sitz {seat.rpartition('-')[2]}"

    @property
    def signature(self) -> tuple[str, ...]:
        phone = f"Telefon {self.phone}" if self.phone else None
        return tuple(line for line in ("Geschäftsstelle", self.conference, self.department, phone, self.email) if line)


OfficeOf = Callable[[Document], Office]
"""By a mail that is due, with the names that it says."""


def own_domain(conference: str, domain: str) -> str:
    """``stuttgart`` is not said twice where the city's own domain begins with it."""
    return domain if domain.startswith(f"{conference}.") else f"{conference}.{domain}"
