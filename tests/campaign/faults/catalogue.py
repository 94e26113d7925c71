"""Every fault that there is, in the order in which a campaign goes through them."""

from __future__ import annotations

from tests.campaign.fault import Fault
from tests.campaign.faults import (
    clients,
    clusters,
    crashes,
    disk,
    facts,
    groups,
    histories,
    kafka,
    mail,
    mongo,
    network,
    operators,
    processes,
    records,
    rights,
)

FAULTS: tuple[Fault, ...] = (
    *processes.FAULTS,
    *crashes.FAULTS,
    *kafka.FAULTS,
    *mongo.FAULTS,
    *records.FAULTS,
    *groups.FAULTS,
    *operators.FAULTS,
    *clients.FAULTS,
    *facts.FAULTS,
    *network.FAULTS,
    *clusters.FAULTS,
    *mail.FAULTS,
    *disk.FAULTS,
    *rights.FAULTS,
    *histories.FAULTS,
)
SHORT = tuple(fault for fault in FAULTS if fault.short)
