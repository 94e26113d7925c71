"""A mail with which a mail server reports that it could not deliver another mail (RFC 3464)."""

from __future__ import annotations

from collections.abc import Mapping

BOUNDARY = "AAA1.1712736000/mx.example.org"


def reported(original: bytes, recipient: str, status: str = "5.1.1", **fields: str) -> bytes:
    """As Postfix writes it, with the whole mail; ``fields`` of the recipient's block, with ``_`` for each hyphen."""
    told = {
        "Final-Recipient": f"rfc822; {recipient}",
        "Original-Recipient": f"rfc822;{recipient}",
        "Action": "failed",
        "Status": status,
        "Remote-MTA": "dns; mx.example.org",
        "Diagnostic-Code": f"smtp; 550 {status} <{recipient}>: Recipient address rejected",
        **{name.replace("_", "-").title(): value for name, value in fields.items()},
    }
    return report_of(told, b"Content-Type: message/rfc822\n\n" + original)


def report_of(block: Mapping[str, str], returned: bytes) -> bytes:
    """``returned`` is the third part with its own headers."""
    status = "".join(f"{name}: {value}\n" for name, value in block.items() if value)
    head = f"""From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: office@example.org
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="{BOUNDARY}"

This is a MIME-encapsulated message.

--{BOUNDARY}
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--{BOUNDARY}
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
Arrival-Date: Wed, 10 Apr 2024 10:00:00 +0200 (CEST)

{status}
--{BOUNDARY}
"""
    return head.encode() + returned + f"\n--{BOUNDARY}--\n".encode()
