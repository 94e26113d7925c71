"""SMTP answers, sorted: what is our fault never uses up a citizen's mail, nor condemns an address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain.patience import USED_UP_BY
from services.notifications.mailserver.outcomes import Later, Never, Outcome, Stage, Unanswered, refused
from services.notifications.mailserver.status_codes import ENHANCED, enhanced_code

US = Later("refused_us", sign="x.7")
FULL, PASSING = Later("mailbox_full"), Later("try_later")
GONE, CONTENT = Never("rejected"), Never("content_refused")
EVERYBODY = Later("server_refused")
STAGES: tuple[Stage, ...] = ("recipient", "content")


@pytest.mark.parametrize(
    ("stage", "code", "outcome"),
    [
        ("recipient", 399, EVERYBODY),
        ("recipient", 450, PASSING),
        ("recipient", 499, PASSING),
        ("recipient", 451, PASSING),
        ("recipient", 452, PASSING),
        ("recipient", 421, Later("refused_us", sign="421")),
        ("recipient", 550, GONE),
        ("recipient", 551, GONE),
        ("recipient", 552, FULL),
        ("recipient", 553, GONE),
        ("recipient", 554, Later("refused_us", sign="plain")),
        ("recipient", 556, GONE),
        ("recipient", 503, Later("refused_us", sign="plain")),
        ("recipient", 530, Later("refused_us", sign="plain")),
        ("recipient", 500, Later("refused_us", sign="plain")),
        ("recipient", 599, Later("refused_us", sign="plain")),
        ("recipient", 600, EVERYBODY),
        ("content", 452, PASSING),
        ("content", 499, PASSING),
        ("content", 421, Later("refused_us", sign="421")),
        ("content", 552, FULL),
        ("content", 500, CONTENT),
        ("content", 554, CONTENT),
        ("content", -1, Unanswered()),
        ("sender", 550, EVERYBODY),
        ("sender", 450, EVERYBODY),
        ("connection", 554, EVERYBODY),
        ("connection", 421, Later("busy")),
    ],
)
def test_a_plain_answer_means(stage: Stage, code: int, outcome: Outcome) -> None:
    assert refused(stage, code) == outcome


@pytest.mark.parametrize(
    ("text", "at_recipient", "at_content"),
    [
        ("5.1.1 no such user", GONE, GONE),
        ("5.1.2 no such host", GONE, GONE),
        ("5.1.10 null MX", GONE, GONE),
        ("5.1.8 sender's domain unknown", Later("refused_us", sign="x.1"), Later("refused_us", sign="x.1")),
        ("5.2.1 disabled", GONE, GONE),
        ("4.2.1 disabled for now", PASSING, PASSING),
        ("5.2.2 full", FULL, FULL),
        ("4.2.2 full", FULL, FULL),
        ("5.2.3 too long for it", CONTENT, CONTENT),
        ("5.3.4 too big", CONTENT, CONTENT),
        ("4.3.1 disk full", PASSING, PASSING),
        ("5.4.4 no route", PASSING, PASSING),
        ("5.4.14 hop count exceeded", PASSING, PASSING),
        ("5.3.150 out of order", PASSING, PASSING),
        ("5.5.1 what", Later("refused_us", sign="x.5"), Later("refused_us", sign="x.5")),
        ("5.6.1 media", CONTENT, CONTENT),
        ("5.7.1 Client host rejected", US, US),
        ("5.7.26 multiple authentication checks failed", US, US),
        ("4.7.1 greylisted", US, US),
        ("5.0.0 whatever", GONE, CONTENT),
        ("5.1.99 not registered", GONE, CONTENT),
        ("4.9.9 not registered", PASSING, PASSING),
    ],
)
def test_an_enhanced_code_decides(text: str, at_recipient: Outcome, at_content: Outcome) -> None:
    code = 450 if text.startswith("4") else 550
    assert refused("recipient", code, text) == at_recipient
    assert refused("content", code, text) == at_content


@pytest.mark.parametrize(
    ("codes", "outcome"),
    [
        ("5.1.0 5.1.1 5.1.2 5.1.3 5.1.4 5.1.6 5.1.10 5.2.1", GONE),
        ("5.1.7 5.1.8", Later("refused_us", sign="x.1")),
        ("5.2.0 5.2.4 5.3.0 5.3.1 5.3.2 5.3.5", PASSING),
        ("5.4.0 5.4.1 5.4.2 5.4.3 5.4.4 5.4.5 5.4.6 5.4.7 5.5.3", PASSING),
        ("5.2.2", FULL),
        ("5.2.3 5.3.3 5.3.4", CONTENT),
    ],
)
def test_every_registered_code_means_the_same_at_the_recipient_and_at_the_content(codes: str, outcome: Outcome) -> None:
    for code in codes.split():
        assert [refused(stage, 550, f"{code} text") for stage in STAGES] == [outcome, outcome], code


@pytest.mark.parametrize(("code", "text"), [(450, "5.1.1 no such user"), (550, "4.1.1 no such user")])
def test_of_two_that_contradict_one_another_the_milder_counts(code: int, text: str) -> None:
    assert refused("recipient", code, text) == PASSING


def test_class_5_begins_at_500() -> None:
    text = "5.1.1 no such user"
    assert [refused("recipient", code, text) for code in (499, 500)] == [PASSING, GONE]


@pytest.mark.parametrize(
    "text",
    [
        "relay not permitted",
        "Relaying refused",
        "blocked using zen.example.org",
        "you are on a blacklist",
        "Rejected: poor reputation",
        "spam",
        "against our policy",
        "access denied",
        "your host is banned",
        "listed in an RBL",
        "no DNS entry for you",
        "bad HELO",
        "no reverse name",
        "Administrative prohibition",
        "Sender verify failed",
        "authentication required",
        "SPF check failed",
        "rejected by DMARC",
        "Client host 192.0.2.1 listed at zen.example.org",
        "192.0.2.1 is listed",
        "You are not allowed to send to this address",
        "sending rate exceeded",
        "not in my list of allowed rcpthosts",
    ],
)
def test_a_server_without_enhanced_codes_says_of_us_in_words(text: str) -> None:
    for stage in STAGES:
        assert [refused(stage, code, text) for code in (550, 552)] == [Later("refused_us", sign="plain")] * 2
    assert refused("recipient", 450, text) == Later("refused_us", sign="plain")
    assert refused("recipient", 550, "no such user") == GONE


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("mailbox full", FULL),
        ("User account is overquota", FULL),
        ("out of storage", FULL),
        ("temporarily unavailable", PASSING),
        ("not taken, please try again", PASSING),
        ("come back later", PASSING),
    ],
)
def test_a_server_without_enhanced_codes_says_in_words_what_may_pass(text: str, outcome: Outcome) -> None:
    assert [refused(stage, 550, text) for stage in STAGES] == [outcome] * 2
    assert refused("recipient", 450, text) == PASSING


@pytest.mark.parametrize(
    "text", ["mailbox name not allowed", "user not listed in the directory", "unrouteable address"]
)
def test_of_a_mailbox_that_is_not_there_no_word_says_that_it_may_pass(text: str) -> None:
    assert refused("recipient", 550, text) == GONE


def test_only_the_code_at_the_beginning_counts() -> None:
    assert enhanced_code("5.7.1 not you") == "5.7.1"
    assert enhanced_code("<5.7.1@example.org> unknown user") is None
    assert enhanced_code("said: 550 5.7.1 elsewhere") is None
    assert enhanced_code("5.7.1234 what") is None


CODES = st.integers(400, 599)
TEXTS = st.one_of(
    st.text(max_size=40),
    st.builds("{}.{}.{} text".format, st.sampled_from([2, 4, 5]), st.integers(0, 12), st.integers(0, 40)),
)


@given(st.sampled_from(["connection", "sender", "recipient", "content"]), CODES, TEXTS)
def test_no_answer_about_us_uses_up_a_mail_or_condemns_an_address(stage: Stage, code: int, text: str) -> None:
    outcome = refused(stage, code, text)
    if stage in ("connection", "sender"):
        assert isinstance(outcome, Later) and outcome.concerns_everybody
    if (enhanced_code(text) or "").split(".")[1:2] == ["7"]:
        assert isinstance(outcome, Later) and outcome.reason not in USED_UP_BY
    if code < 500 or (enhanced_code(text) or "").startswith("4"):
        assert isinstance(outcome, Later)


def test_every_code_of_the_table_is_of_class_5_and_stands_for_class_4_too() -> None:
    assert {code.split(".")[0] for code in ENHANCED} == {"5"}


def test_some_obstacles_stand_in_everybodys_way() -> None:
    assert Later("unreachable").concerns_everybody
    assert Later("tls_unavailable").concerns_everybody
    assert not Later("refused_us").concerns_everybody
    assert not Later("try_later").concerns_everybody
    assert not Later("timed_out").concerns_everybody
