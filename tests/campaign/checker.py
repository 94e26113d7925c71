"""Judges a run by its history and by what the stores hold at its end. Pure: it asks nobody, least of all the system."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tests.campaign.checks import commands, delivery, mails, money, privacy, publication, rest
from tests.campaign.dump import Dump
from tests.campaign.evidence import Evidence, Violation
from tests.campaign.history import Line

CHECKS: tuple[Callable[[Evidence], Iterator[Violation]], ...] = (
    commands.acknowledged_is_kept,
    commands.refused_has_no_effect,
    commands.executed_once,
    publication.told_is_decided,
    publication.one_place_one_event,
    publication.in_order_without_a_gap,
    publication.newest_of_each_person,
    delivery.stands_where_topics_end,
    delivery.views_are_what_events_make,
    delivery.nothing_is_skipped,
    money.no_cent_is_lost,
    mails.everybody_is_written_to_once,
    privacy.erased_is_nowhere,
    privacy.personal_data_stay_where_they_belong,
    rest.nothing_waits,
    rest.outsiders_see_the_same,
)
INVARIANTS = ("I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I9", "I10", "I11", "I12", "I13", "I14", "I15")


def check(history: Sequence[Line], dump: Dump) -> list[Violation]:
    """Everything that is wrong, sorted by invariant; empty when the run was sound."""
    run = Evidence(history, dump)
    found = {violation for one in CHECKS for violation in one(run)}
    return sorted(found, key=lambda each: (int(each.invariant[1:]), each.what, each.where))
