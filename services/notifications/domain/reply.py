"""A calendar's reply to an invitation: proposed to the office until it is taken over, or dismissed here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.contracts.notifications import ReplyDismissed
from shared.kernel.decider import Command, Decider
from shared.kernel.identifiers import Slug, Uuid, stream_name
from shared.kernel.rejections import Kind, Rejected

# State


@dataclass(frozen=True, slots=True)
class Reply:
    is_dismissed: bool = False


def evolve(_: Reply, event: ReplyDismissed) -> Reply:
    return Reply(is_dismissed=True)


# Commands


class DismissReply(Command):
    """Dismiss a calendar's reply; the mail stays in the mailbox."""

    session: Slug
    reply: Uuid

    @property
    def stream(self) -> str:
        return stream_name(self.conference, "reply", self.reply)


# Rejections


class ReplyUnknown(Rejected):
    """Diese Antwort aus einem Kalender liegt nicht mehr im Postfach, oder eine neuere gilt."""

    kind = Kind.NOT_FOUND


# decide


def decide(reply: Reply, command: DismissReply) -> Sequence[ReplyDismissed]:
    return [] if reply.is_dismissed else [ReplyDismissed(reply=command.reply, session=command.session)]


REPLY = Decider("reply", Reply(), evolve, decide)
