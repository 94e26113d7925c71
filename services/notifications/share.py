"""Which of the due mails a process begins with when several send: those whose events it hears itself.

Kafka has divided these among the processes already, and divides them anew when one comes, leaves or dies. It is a
preference and no right: the journal refuses the second attempt at a mail, whoever makes it. So a mail that nobody
has moved for a while is anybody's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

from shared.contracts.notifications import MailId
from shared.contracts.topics import PARTITIONS
from shared.declarations.projection import Document
from shared.runtime.kafka.partitioner import number_of

NEGLECTED_SECONDS = 10.0
"""So long another process's mail may stand among the due ones; as long as Kafka waits for a silent member."""

Heard = Callable[[], AbstractSet[int] | None]
"""The partitions of the service's own events that this process reads; None while it is not connected."""


class Share:
    """``clock`` are seconds of the machine's own clock."""

    def __init__(self, heard: Heard, clock: Callable[[], float]) -> None:
        self._heard, self._clock = heard, clock
        self._since: dict[MailId, float] = {}

    def of(self, due: Sequence[Document]) -> list[Document]:
        """In the same order. Without Kafka all of them: who else sends is not known then."""
        heard, now = self._heard(), self._clock()
        self._since = {mail["mail"]: self._since.get(mail["mail"], now) for mail in due}
        if heard is None or len(heard) == PARTITIONS:
            return [*due]
        return [mail for mail in due if _partition_of(mail) in heard or self._is_neglected(mail)]

    def _is_neglected(self, mail: Document) -> bool:
        return self._clock() - self._since[mail["mail"]] >= NEGLECTED_SECONDS


def _partition_of(mail: Document) -> int:
    return number_of(mail["stream"].encode(), tuple(range(PARTITIONS)))
