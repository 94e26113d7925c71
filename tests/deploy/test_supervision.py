"""What dies is started again, but not for ever."""

from deploy.embedded.supervision import CALM_SECONDS, PAUSES, Patience


def test_pauses_grow_and_come_to_an_end() -> None:
    patience, now, pauses = Patience(), 1000.0, []
    while (pause := patience.next_pause(now)) is not None:
        pauses.append(pause)
        now += pause + 0.5
    assert pauses == list(PAUSES) == sorted(PAUSES)


def test_a_minute_of_calm_forgives_everything() -> None:
    patience, now = Patience(), 1000.0
    for _ in PAUSES:
        now += patience.next_pause(now) or 0.0
    assert patience.next_pause(now) is None
    assert patience.next_pause(now + CALM_SECONDS + 1) == PAUSES[0]
