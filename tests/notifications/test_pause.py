"""Who refuses us makes everybody wait; who refuses one recipient makes nobody wait."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from services.notifications.mailserver.outcomes import Later, Never, Outcome, Sent, Unanswered
from services.notifications.mailserver.pause import PROBE_AFTER, TURN_SECONDS, Pause
from shared.contracts.notifications import OBSTACLES
from tests.kit.when import NOW, person
from tests.notifications.letterbox import INVITATION, details, queued
from tests.notifications.mailserver import Letterbox, listening
from tests.notifications.test_sending import work
from tests.notifications.world import World

REFUSED = Later("refused_us", sign="x.7")
AWAY = Later("unreachable")
CITY, COUNTY, CLINIC = "city.example.org", "county.example.org", "clinic.example.org"


@dataclass
class Watched:
    now: float = 0.0
    told: list[str | None] = field(default_factory=list)

    def pause(self) -> Pause:
        return Pause(lambda: self.now, self.told.append)


@pytest.mark.parametrize("reason", sorted(OBSTACLES))
def test_what_concerns_everybody_pauses_everybody(reason: str) -> None:
    pause = Watched().pause()
    pause.note(Later(reason), CITY, began=0)  # type: ignore[arg-type]
    assert pause.is_on and not pause.lets_go(COUNTY)


@pytest.mark.parametrize(
    "outcome",
    [Sent(), Unanswered(), Later("try_later"), Later("mailbox_full"), Later("timed_out"), Never("rejected"), REFUSED],
)
def test_what_concerns_one_recipient_pauses_nobody(outcome: Outcome) -> None:
    pause = Watched().pause()
    for _ in range(50):
        pause.note(outcome, CITY, began=0)
    assert not pause.is_on and pause.lets_go(CITY)


def test_two_domains_that_refuse_us_alike_pause_everybody() -> None:
    pause = Watched().pause()
    pause.note(REFUSED, CITY, began=0)
    pause.note(Later("refused_us", sign="x.5"), COUNTY, began=0)
    assert not pause.is_on
    pause.note(REFUSED, COUNTY, began=0)
    assert pause.is_on


def test_what_goes_out_in_between_says_that_both_are_merely_strict() -> None:
    pause = Watched().pause()
    for domain in (CITY, COUNTY, CITY, COUNTY):
        pause.note(REFUSED, domain, began=0)
        pause.note(Sent(), CLINIC, began=0)
    assert not pause.is_on


def test_a_pause_probes_with_one_mail_at_rising_intervals() -> None:
    watched = Watched()
    pause = watched.pause()
    pause.note(AWAY, CITY, began=0)
    probes = []
    for second in range(2000):
        watched.now = float(second)
        if pause.lets_go(CITY):
            probes.append(second)
            assert not pause.lets_go(COUNTY)
            pause.note(AWAY, CITY, began=watched.now)
    seconds = [int(one.total_seconds()) for one in PROBE_AFTER]
    assert seconds == [15, 30, 60, 120, 300], "as docs/operations.md says"
    between = [later - earlier for earlier, later in zip([0, *probes], probes, strict=False)]
    assert between == [*seconds, *[seconds[-1]] * (len(between) - len(seconds))]
    assert {one for one in watched.told if one} == {"unreachable"}


def test_a_pause_is_over_when_a_probe_is_taken_and_not_before() -> None:
    watched = Watched()
    pause = watched.pause()
    watched.now = 10.0
    pause.note(AWAY, CITY, began=9)
    assert pause.seconds == 0
    watched.now = 30.0
    pause.note(Sent(), CITY, began=9)
    assert (pause.is_on, pause.seconds) == (True, 20)
    pause.note(Sent(), CITY, began=30)
    assert (pause.is_on, pause.seconds) == (False, 0)
    assert watched.told == ["unreachable", None]


def test_probes_are_in_turn_for_those_who_have_not_refused_us_and_for_those_who_have() -> None:
    """So neither two strict servers nor one that puts off everybody once keeps the others waiting."""
    watched = Watched()
    pause = watched.pause()
    for domain in (CITY, COUNTY):
        pause.note(REFUSED, domain, began=0)
    watched.now = 15.0
    assert not pause.lets_go(CITY)
    assert pause.lets_go(CLINIC)
    pause.note(REFUSED, CLINIC, began=15)
    watched.now = 45.0
    assert not pause.lets_go("other.example.org")
    assert pause.lets_go(CITY)
    pause.note(Sent(), CITY, began=45)
    assert not pause.is_on


def test_whoever_is_there_takes_a_turn_that_nobody_else_wants() -> None:
    watched = Watched()
    pause = watched.pause()
    for domain in (CITY, COUNTY):
        pause.note(REFUSED, domain, began=0)
    watched.now = 15.0 + TURN_SECONDS
    assert pause.lets_go(CITY)


async def test_all_recipients_refused_alike_cost_no_mail_and_no_address() -> None:
    """For a week, by a real server: then everything goes out."""
    world, watched = World(Letterbox(answers={"RCPT": "554 5.7.1 Client host rejected"})), Watched()
    mails = [
        world.queue(queued(INVITATION, number), details(email=f"eva@{number}.example.org")) for number in range(1, 49)
    ]
    async with listening(world.box) as port:
        smtp = world.smtp(port)
        sending = world.sending(smtp.send, pause=watched.pause())
        for _ in range(14):
            await work(sending, world)
            world.now += timedelta(hours=12)
            watched.now += 12 * 3600
        tried = [sum(step == "Attempted" for step in world.told(mail)) for mail in mails]
        assert sum(tried) <= 16 + 14
        assert {step for mail in mails for step in world.told(mail)} <= {"Queued", "Attempted", "Deferred"}
        assert watched.told.count(None) == 0
        world.box.answers.clear()
        for _ in range(3):
            await work(sending, world)
            world.now += timedelta(hours=12)
            watched.now += 12 * 3600
        await smtp.close()
    assert {world.told(mail)[-1] for mail in mails} == {"Sent"}
    assert watched.told[-1] is None


async def test_one_strict_server_never_stops_the_others() -> None:
    world, watched = World(Letterbox()), Watched()
    world.box.answers = {"eva@strict.example.org": "550 5.7.1 we take no mail from you"}
    strict = world.queue(queued(INVITATION, 1), details(email="eva@strict.example.org"))
    others = [
        world.queue(queued(INVITATION, number), details(email=f"eva@{number}.example.org")) for number in range(2, 50)
    ]
    async with listening(world.box) as port:
        smtp = world.smtp(port)
        sending = world.sending(smtp.send, pause=watched.pause())
        with capture_logs() as lines:
            await work(sending, world)
        await smtp.close()
    assert {tuple(world.told(mail)) for mail in others} == {("Queued", "Attempted", "Sent")}
    assert world.told(strict) == ["Queued", "Attempted", "Deferred"]
    assert watched.told == []
    [line] = [line for line in lines if line["event"] == "mail deferred"]
    assert (line["reason"], line["answer"], line["log_level"]) == ("refused_us", "550 5.7.1", "warning")
    assert person(1) not in str(lines) and "example.org" not in str(lines)
    assert world.now == NOW


def refused(pause: Pause, *domains: str, began: float = 0.0) -> None:
    for domain in domains:
        pause.note(REFUSED, domain, began=began)


def paused(watched: Watched) -> Pause:
    """Two domains refuse us alike, from the beginning."""
    pause = watched.pause()
    refused(pause, CITY, COUNTY)
    return pause


def test_without_a_pause_nobody_waits_and_it_lasts_no_time() -> None:
    watched = Watched(now=100.0)
    pause = watched.pause()
    assert (pause.is_on, pause.seconds) == (False, 0.0)
    assert all(pause.lets_go(CITY) for _ in range(3))


def test_the_first_mail_probes_at_its_interval_and_not_before() -> None:
    watched = Watched(now=100.0)
    pause = watched.pause()
    pause.note(AWAY, CITY, began=100)
    first = 100.0 + PROBE_AFTER[0].total_seconds()
    assert pause.until == first
    watched.now = first - 0.001
    assert not pause.lets_go(CITY)
    watched.now = first
    assert pause.lets_go(CITY)
    assert pause.until == first + PROBE_AFTER[1].total_seconds()


def test_a_pause_that_begins_again_probes_from_the_first_interval() -> None:
    watched = Watched()
    pause = watched.pause()
    pause.note(AWAY, CITY, began=0)
    watched.now = 15.0
    assert pause.lets_go(CITY)
    pause.note(Sent(), CITY, began=15)
    watched.now = 1000.0
    pause.note(AWAY, CITY, began=1000)
    assert pause.until == 1000.0 + PROBE_AFTER[0].total_seconds()
    watched.now = pause.until
    assert pause.lets_go(CITY)
    assert pause.until == watched.now + PROBE_AFTER[1].total_seconds()


def test_a_pause_that_is_on_begins_no_second_time() -> None:
    """Whatever else comes back of what was under way: neither its beginning nor its next probe moves."""
    watched = Watched()
    pause = watched.pause()
    pause.note(AWAY, CITY, began=0)
    watched.now = 10.0
    pause.note(Later("busy"), COUNTY, began=9)
    assert (pause.until, pause.seconds) == (15.0, 10.0)
    assert watched.told == ["unreachable", "busy"]


def test_what_was_begun_in_the_moment_of_the_pause_may_end_it() -> None:
    watched = Watched(now=10.0)
    pause = watched.pause()
    pause.note(AWAY, CITY, began=9)
    pause.note(Sent(), CITY, began=9.999)
    assert pause.is_on
    pause.note(Sent(), CITY, began=10)
    assert not pause.is_on


def test_no_answer_says_nothing_of_the_server() -> None:
    """Neither does it end a pause nor does it make two refusals two strangers."""
    watched = Watched()
    pause = paused(watched)
    watched.now = 15.0
    pause.note(Unanswered(), CLINIC, began=15)
    assert pause.is_on
    other = Watched().pause()
    refused(other, CITY)
    other.note(Unanswered(), CLINIC, began=0)
    refused(other, COUNTY)
    assert other.is_on


@pytest.mark.parametrize("outcome", [Sent(), Later("try_later"), Never("rejected")])
def test_whatever_a_server_answers_about_one_recipient_ends_the_pause(outcome: Outcome) -> None:
    watched = Watched()
    pause = watched.pause()
    pause.note(AWAY, CITY, began=0)
    watched.now = 15.0
    pause.note(outcome, CITY, began=15)
    assert (pause.is_on, watched.told[-1]) == (False, None)


def test_a_single_refusal_of_us_ends_a_pause_of_another_reason() -> None:
    """The server is there and answers."""
    watched = Watched()
    pause = watched.pause()
    pause.note(AWAY, CITY, began=0)
    watched.now = 15.0
    refused(pause, CITY, began=15.0)
    assert not pause.is_on


def test_a_single_refusal_of_us_ends_no_pause_of_the_same_reason() -> None:
    watched = Watched()
    pause = paused(watched)
    watched.now = 15.0
    pause.note(Later("refused_us", sign="x.5"), CLINIC, began=15)
    assert pause.is_on and None not in watched.told


def test_who_refused_before_a_pause_that_is_not_over_goes_on_counting() -> None:
    """What was begun before the pause tells nothing new, and forgets nobody."""
    watched = Watched(now=10.0)
    pause = paused(watched)
    pause.note(Sent(), CLINIC, began=5)
    watched.now = 25.0
    assert not pause.lets_go(CITY), "the first turn is of those who have not refused us"
    assert pause.lets_go(CLINIC)


def test_after_a_pause_nobody_is_remembered_as_refusing() -> None:
    watched = Watched()
    pause = paused(watched)
    watched.now = 15.0
    assert pause.lets_go(CLINIC)
    pause.note(Sent(), CLINIC, began=15)
    refused(pause, CITY, began=16.0)
    assert not pause.is_on


def test_where_nobody_refuses_us_every_domain_may_probe_at_every_turn() -> None:
    watched = Watched()
    pause = watched.pause()
    pause.note(AWAY, CITY, began=0)
    for _ in range(4):
        watched.now = pause.until
        assert pause.lets_go(CITY)


def test_a_turn_that_is_not_taken_is_kept_for_its_time_and_no_longer() -> None:
    watched = Watched()
    pause = paused(watched)
    watched.now = 15.0 + TURN_SECONDS - 0.001
    assert not pause.lets_go(CITY)
    watched.now = 15.0 + TURN_SECONDS
    assert pause.lets_go(CITY)
    assert pause.until == watched.now + PROBE_AFTER[1].total_seconds()
