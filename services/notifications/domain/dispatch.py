"""The sending of a conference's mails and letters: it goes on until the office stops it, and again when it says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from shared.contracts.notifications import DispatchResumed, DispatchStopped
from shared.kernel.decider import Command, Decider
from shared.kernel.identifiers import stream_name
from shared.kernel.rejections import Rejected
from shared.kernel.text import Line

# State

DispatchEvent = DispatchStopped | DispatchResumed


@dataclass(frozen=True, slots=True)
class Dispatch:
    is_stopped: bool = False


def evolve(_: Dispatch, event: DispatchEvent) -> Dispatch:
    match event:
        case DispatchStopped():
            return Dispatch(is_stopped=True)
        case DispatchResumed():
            return Dispatch()
        case _:
            assert_never(event)


# Commands


class _AboutDispatch(Command):
    reason: Line

    @property
    def stream(self) -> str:
        return dispatch_of(self.conference)


class StopDispatch(_AboutDispatch):
    """Send no more mails of the conference, and print no letters, until this is resumed."""


class ResumeDispatch(_AboutDispatch):
    """Send the waiting mails that are still of use, and go on."""


DispatchCommand = StopDispatch | ResumeDispatch


def dispatch_of(conference: str) -> str:
    """Its stream: a conference has one."""
    return stream_name(conference, "dispatch", "all")


# Rejections


class DispatchIsStopped(Rejected):
    """Der Versand ist schon angehalten."""


class DispatchNotStopped(Rejected):
    """Der Versand ist nicht angehalten."""


# decide


def decide(dispatch: Dispatch, command: DispatchCommand) -> Sequence[DispatchEvent]:
    match command:
        case StopDispatch():
            if dispatch.is_stopped:
                raise DispatchIsStopped
            return [DispatchStopped(reason=command.reason)]
        case ResumeDispatch():
            if not dispatch.is_stopped:
                raise DispatchNotStopped
            return [DispatchResumed(reason=command.reason)]
        case _:
            assert_never(command)


DISPATCH = Decider("dispatch", Dispatch(), evolve, decide)
