"""What a reply of a mail server is about: us, the mailbox or the message; and whether it may pass.

Sources: enhanced status codes RFC 3463 and the registry of RFC 5248, with RFC 4954 (x.7.8 to x.7.12), RFC 6531 (x.6.7),
RFC 7372 (x.7.20 to x.7.26) and RFC 7505 (x.1.10, x.7.27); plain reply codes RFC 5321 (4.2.3), RFC 4954 (530, 534,
535, 538) and RFC 7504 (521, 556). What stands in none of them is judged by its first digit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
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
    "5.3.0": "mailbox_passing",
    "5.3.1": "mailbox_passing",  # its disk is full
    "5.3.2": "mailbox_passing",  # takes no messages at present
    "5.3.3": "message",  # cannot do what the message asks for
    "5.3.4": "message",  # too big
    "5.3.5": "mailbox_passing",  # wrongly configured
    # Network and routing (RFC 3463, 3.5): all of them may pass
    "5.4.0": "mailbox_passing",
    "5.4.1": "mailbox_passing",
    "5.4.2": "mailbox_passing",
    "5.4.3": "mailbox_passing",
    "5.4.4": "mailbox_passing",
    "5.4.5": "mailbox_passing",
    "5.4.6": "mailbox_passing",
    "5.4.7": "mailbox_passing",
    "5.5.3": "mailbox_passing",  # too many recipients (RFC 5321, 4.5.3.1.10: like 452)
}

SUBJECTS: Mapping[str, Bearing] = {
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
_OF_POLICY = re.compile(r"relay|block|black|spam|reputation|policy|denied|banned|rbl\b|dns|helo|reverse", re.IGNORECASE)
"""Servers without enhanced codes say ``550 relay not permitted`` as they say ``550 no such user``."""


def enhanced_code(text: str) -> str | None:
    """The code at the beginning of the text (RFC 2034): a later one may quote another server, or be an address."""
    found = _CODE.match(text.lstrip())
    return found.group() if found else None


def bearing_at_recipient(code: int, text: str) -> Bearing:
    """``code`` from 400 to 599."""
    if enhanced := enhanced_code(text):
        return _by_enhanced(code, enhanced, unknown="mailbox_final")
    if code < 500:
        return "us" if _OF_POLICY.search(text) else "mailbox_passing"
    if _OF_POLICY.search(text):
        return "us"
    return PLAIN.get(code, "us")


def bearing_at_content(code: int, text: str) -> Bearing:
    """``code`` from 400 to 599."""
    if enhanced := enhanced_code(text):
        return _by_enhanced(code, enhanced, unknown="message")
    if code < 500:
        return "mailbox_passing"
    return "us" if _OF_POLICY.search(text) else {552: "mailbox_full"}.get(code, "message")  # type: ignore[return-value]


def _by_enhanced(code: int, enhanced: str, unknown: Bearing) -> Bearing:
    """By the milder class of the two codes; everything of class 4 is temporary."""
    digit, subject, detail = enhanced.split(".")
    bearing = ENHANCED.get(f"5.{subject}.{detail}") or SUBJECTS.get(subject) or unknown
    passes = code < 500 or digit != "5"
    return "mailbox_passing" if passes and bearing in ("mailbox_final", "message") else bearing
