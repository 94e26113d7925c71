"""The limits above which a number is an alarm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from shared.runtime.mongo.oplog import REACHES_DAYS

BATCH_FAILS, KAFKA_AWAY = "a batch keeps failing", "kafka unreachable"


class Limit(NamedTuple):
    """``sentence`` says what waits above the limit."""

    above: float
    sentence: str


LIMITS: Mapping[str, Limit] = {
    "oldest_unpublished_seconds": Limit(60, "commits wait to be published"),
    "stuck_records": Limit(0, "parked records wait for somebody: kpk parked list"),
    "fork_records": Limit(0, "a place in a stream is claimed by two events: kpk parked list"),
    "oldest_gap_seconds": Limit(60, "an event waits for one before it: kpk parked list"),
    "consumer_lag": Limit(10_000, "many records wait to be processed"),
    "consumer_standing_seconds": Limit(60, "records wait and no offset moves"),
    "failing_batch_seconds": Limit(30, BATCH_FAILS),
    "kafka_unreachable_seconds": Limit(60, KAFKA_AWAY),
    "histories_differ": Limit(0, "database and topics are not of one history"),
    "oplog_age_seconds": Limit(REACHES_DAYS * 24 * 3600, "mongod's oplog keeps what was erased for too long"),
    "clock_off_seconds": Limit(60, "this machine's clock and the database's differ: set both by NTP"),
    "open_points": Limit(0, "what follows by itself was refused by a rule, and waits for the office: kpk open"),
    "oldest_waiting_mail_seconds": Limit(86_400, "a mail has waited for more than a day: GET /mails?state=deferred"),
    "disk_used_percent": Limit(95, "the disk is nearly full: make room before a server ends"),
}
"""A number above its limit is an alarm."""

RISING = frozenset({"ambiguous_mails"})
"""Numbers that never fall: each rise is an alarm."""
