"""What is wanted of meetings: a few sessions at a time, invited, answered, moved and called off."""

from __future__ import annotations

from collections import deque
from random import Random

from tests.campaign.load.caller import Order
from tests.campaign.load.people import Register

AT_A_TIME = 5


def order(command: str, **fields: object) -> Order:
    return Order("meetings", command, {"conference": "stuttgart", **fields})


class Meetings:
    """Sessions lie so far ahead that no clock of a run reaches them: no invitation goes out of date."""

    def __init__(self, dice: Random, people: Register) -> None:
        self._dice = dice
        self._people = people
        self._count = 0
        self._current: deque[str] = deque(maxlen=AT_A_TIME)
        self._waiting: list[Order] = []

    def founding(self) -> list[Order]:
        return self._new_session()[:2]

    def next(self) -> Order:
        if self._waiting:
            return self._waiting.pop(0)
        wants = {
            self._another: 3,
            self._agenda: 4,
            self._invite: 4,
            self._answer: 8,
            self._admit: 2,
            self._move: 1,
            self._cancel: 1,
        }
        [want] = self._dice.choices(list(wants), list(wants.values()))
        return want()

    def _another(self) -> Order:
        first, *self._waiting = self._new_session()
        return first

    def _new_session(self) -> list[Order]:
        self._count += 1
        session = f"session-{self._count}"
        self._current.append(session)
        about = {"kind": "plenary", "working_group": None, "title": session, **self._when(18)}
        return [order("ScheduleSession", session=session, **about), self._agenda(session), self._invite(session)]

    def _agenda(self, session: str = "") -> Order:
        items = [
            {"number": number, "title": f"Punkt {self._dice.randrange(1000)}", "public": True}
            for number in range(1, self._dice.randint(2, 4))
        ]
        return order("ChangeAgenda", session=session or self._session(), agenda=items)

    def _invite(self, session: str = "") -> Order:
        return order("IssueInvitation", session=session or self._session(), reason=None)

    def _answer(self) -> Order:
        answer = self._dice.choice(["accept", "decline", "deputy"])
        return order("AnswerInvitation", session=self._session(), person=self._somebody(), answer=answer)

    def _admit(self) -> Order:
        return order("AdmitGuest", session=self._session(), person=self._somebody())

    def _move(self) -> Order:
        """Now and then it would end before it starts."""
        ends = self._dice.choice([16, 17, 18, 19, 9])
        return order("RescheduleSession", session=self._session(), **self._when(ends))

    def _cancel(self) -> Order:
        return order("CancelSession", session=self._session(), reason="Krankheit")

    def _when(self, ends: int) -> dict[str, object]:
        day, place = self._dice.randint(10, 28), f"Saal {self._dice.randrange(100)}"
        return {"starts": f"2088-06-{day}T14:00:00Z", "ends": f"2088-06-{day}T{ends:02}:00:00Z", "place": place}

    def _session(self) -> str:
        return self._dice.choice(self._current)

    def _somebody(self) -> str:
        return self._dice.choice(self._people.known)
