"""The rows of the table, one module each, in the order in which they are measured."""

from __future__ import annotations

from tests.bench.row import Row
from tests.bench.rows.p1_catch_up import CatchUp
from tests.bench.rows.p2_one_event_each import OneEventEach
from tests.bench.rows.p3_commands import CommandsAccepted
from tests.bench.rows.p4_relay import FromJournal
from tests.bench.rows.p5_into_another_view import IntoAnotherView
from tests.bench.rows.p6_mails import Mails
from tests.bench.rows.p7_growth import Growth
from tests.bench.rows.p8_two_workers import TwoWorkers
from tests.bench.rows.p9_idle import Idle
from tests.bench.rows.p9_start import Start
from tests.bench.rows.p10_rights import RelayWithRights, WithRights
from tests.bench.rows.p11_verify import Verify

ROWS: tuple[type[Row], ...] = (
    CatchUp,
    OneEventEach,
    CommandsAccepted,
    FromJournal,
    IntoAnotherView,
    Mails,
    Growth,
    TwoWorkers,
    Start,
    Idle,
    WithRights,
    RelayWithRights,
    Verify,
)
QUICK: tuple[type[Row], ...] = (CatchUp, OneEventEach, CommandsAccepted, FromJournal)
"""What can be measured within two minutes."""
