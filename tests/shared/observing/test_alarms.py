"""An alarm is one line when it begins, one when it is over, and meanwhile a gauge and a sentence."""

from __future__ import annotations

from structlog.typing import EventDict

from shared.runtime.observing.alarms import Alarms
from shared.runtime.observing.metrics import Counters

AWAY = "the mail server is away"


def test_however_often_it_is_told_it_is_one_line_when_it_begins_and_one_when_it_is_over(lines: list[EventDict]) -> None:
    alarms = Alarms(Counters("test"))
    for sentence in (None, AWAY, AWAY, AWAY, None, None, AWAY):
        alarms.tell("mail_server", sentence, answer="4.3.2")
    raised = {
        "event": "alarm raised",
        "log_level": "error",
        "alarm": "mail_server",
        "sentence": AWAY,
        "answer": "4.3.2",
    }
    assert lines == [raised, {"event": "alarm over", "log_level": "info", "alarm": "mail_server"}, raised]


def test_the_sentence_is_the_one_that_was_told_last(lines: list[EventDict]) -> None:
    alarms = Alarms(Counters("test"))
    for name, sentence in (("disk", "full"), ("mail_server", "slow"), ("mail_server", AWAY), ("disk", None)):
        alarms.tell(name, sentence)
    assert alarms.sentences() == [AWAY]
    assert [line["alarm"] for line in lines] == ["disk", "mail_server", "disk"]


def test_the_gauge_is_there_before_the_alarm_and_after_it() -> None:
    counters = Counters("test")
    alarms, gauges = Alarms(counters), []
    for sentence in (None, AWAY, None):
        alarms.tell("mail_server", sentence)
        [gauge] = [line for line in counters.text().decode().splitlines() if line.startswith("kpk_alarm{")]
        gauges.append(gauge)
    assert gauges == [f'kpk_alarm{{alarm="mail_server",service="test"}} {value}' for value in ("0.0", "1.0", "0.0")]
