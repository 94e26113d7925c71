"""What a reply of a mail server is about: us, the mailbox or the message; and whether it may pass.

Sources: enhanced status codes RFC 3463 and the registry of RFC 5248, with RFC 4954 (x.7.8 to x.7.12), RFC 6531 (x.6.7),
RFC 7372 (x.7.20 to x.7.26) and RFC 7505 (x.1.10, x.7.27); plain reply codes RFC 5321 (4.2.3), RFC 4954 (530, 534,
535, 538) and RFC 7504 (521, 556). What stands in none of them is judged by its words, or by its first digit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

Bearing = Literal["us", "mailbox_full", "mailbox_passing", "mailbox_final", "message"]
"""``us``: it may concern all our mails, to any recipient. It never suspends a mailbox."""

ENHANCED: Mapping[str, Bearing] = {
    # Addressing (RFC 3463, 3.2). Those of the sender are ours.
    "5.1.0": "mailbox_final",
    "5.1.1": "mailbox_final",  # no such mailbox
    "5.1.2": "mailbox_final",  # no such system
    "5.1.3": "mailbox_final",  # syntax of the address
    "5.1.4": "mailbox_final",  # ambiguous
    "5.1.6": "mailbox_final",  # moved, no forwarding address
    "5.1.7": "us",  # syntax of the sender's address
    "5.1.8": "us",  # the sender's system
    "5.1.10": "mailbox_final",  # null MX (RFC 7505)
    # Mailbox (RFC 3463, 3.3)
    "5.2.0": "mailbox_passing",
    "5.2.1": "mailbox_final",  # disabled; in class 4 for the time being
    "5.2.2": "mailbox_full",
    "5.2.3": "message",  # longer than this mailbox takes
    "5.2.4": "mailbox_passing",  # mailing list cannot be expanded
    # Mail system (RFC 3463, 3.4)
    "5.3.3": "message",  # cannot do what the message asks for
    "5.3.4": "message",  # too big
    "5.5.3": "mailbox_passing",  # too many recipients (RFC 5321, 4.5.3.1.10: like 452)
}

SUBJECTS: Mapping[str, Bearing] = {
    "3": "mailbox_passing",  # mail system: its disk is full, it is wrongly configured
    "4": "mailbox_passing",  # network and routing, also what only one maker's servers say (5.4.14)
    "5": "us",  # protocol: what we said was not understood
    "6": "message",  # content or media
    "7": "us",  # security and policy, in class 4 and 5 alike
}
"""By the second number, for codes that are not listed."""

PLAIN: Mapping[int, Bearing] = {
    550: "mailbox_final",
    551: "mailbox_final",  # not local
    552: "mailbox_full",
    553: "mailbox_final",  # name not allowed
    556: "mailbox_final",  # the domain takes no mail (RFC 7504)
}
"""At the recipient, without an enhanced code. Other codes of class 5 are about protocol, login or policy: about us."""

_CODE = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_WORDS: Sequence[tuple[re.Pattern[str], Bearing]] = (
    (re.compile(r"quota|\bfull\b|storage", re.IGNORECASE), "mailbox_full"),
    (
        re.compile(
            r"relay|rcpthosts|block|black|spam|reputation|policy|denied|banned|rbl\b|dns|helo|reverse|sender|prohibit|abuse"
            r"|authenti|authori[sz]|spf\b|dkim|dmarc|client host|\bip\b|is listed|access not|not allowed to|\brate\b",
            re.IGNORECASE,
        ),
        "us",
    ),
    (re.compile(r"temporar|again|later", re.IGNORECASE), "mailbox_passing"),
)
"""Servers without enhanced codes say ``550 relay not permitted``, or ``550 mailbox full``, as ``550 no such user``."""


def enhanced_code(text: str) -> str | None:
    """The code at the beginning of the text (RFC 2034): a later one may quote another server, or be an address."""
    found = _CODE.match(text.lstrip())
    return found.group() if found else None


def bearing_at_recipient(code: int, text: str) -> Bearing:
    """``code`` from 400 to 599."""
    if enhanced := enhanced_code(text):
        return _by_enhanced(code, enhanced, unknown="mailbox_final")
    said = _in_words(text)
    if code < 500:
        return "us" if said == "us" else "mailbox_passing"
    return said or PLAIN.get(code, "us")


def bearing_at_content(code: int, text: str) -> Bearing:
    """``code`` from 400 to 599."""
    if enhanced := enhanced_code(text):
        return _by_enhanced(code, enhanced, unknown="message")
    if code < 500:
        return "mailbox_passing"
    return _in_words(text) or ("mailbox_full" if code == 552 else "message")


def _in_words(text: str) -> Bearing | None:
    return next((bearing for words, bearing in _WORDS if words.search(text)), None)


def _by_enhanced(code: int, enhanced: str, unknown: Bearing) -> Bearing:
    """By the milder class of the two codes; everything of class 4 is temporary."""
    digit, subject, detail = enhanced.split(".")
    bearing = ENHANCED.get(f"5.{subject}.{detail}") or SUBJECTS.get(subject) or unknown
    passes = code < 500 or digit != "5"
    return "mailbox_passing" if passes and bearing in ("mailbox_final", "message") else bearing
