"""Mail as it goes over the wire, written so that whatever reads it by the standards reads what was meant.

Headers by RFC 5322 with encoded words by RFC 2047, bodies by RFC 2045 and 2046. Lines end in CRLF, all of it is ASCII,
and no value can begin a header, a recipient or a part of its own.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

LONGEST_LINE = 76
"""RFC 2047 (2) for lines with encoded words, RFC 2045 (6.7) for quoted-printable."""

ENCODED_BYTES = 39
"""In base64, with ``=?utf-8?b??=`` around it and the blank before it, no longer than a line behind ``Subject:``."""


LONGEST_WORD = 900
"""A line has at most 998 octets (RFC 5322, 2.1.1): a server on the way may refuse a longer one or break it anywhere."""

ATOM_SIGNS = frozenset("!#$%&'*+-/^`{|}~")
"""RFC 5322 (3.2.3), but for the signs of encoded words."""

Q_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!*+-/")
"""RFC 2047 (5), within a name."""

BLANK = 0x20


@dataclass(frozen=True, slots=True)
class Part:
    """``kind`` is its whole Content-Type; ``body`` ends each line in a line feed."""

    kind: str
    body: str
    encoding: str = "quoted-printable"


@dataclass(frozen=True, slots=True)
class Attachment:
    """``name`` is ASCII, without quotation marks."""

    name: str
    kind: str
    content: bytes


def header(name: str, words: Iterable[str]) -> str:
    """``words`` stand on a line each where they do not fit together; each is ASCII."""
    lines = [f"{name}:"]
    for word in words:
        if len(lines[-1]) + 1 + len(word) <= LONGEST_LINE or lines[-1] == f"{name}:":
            lines[-1] += f" {word}"
        else:
            lines.append(f" {word}")
    return "\r\n".join(lines)


def unstructured(text: str) -> Sequence[str]:
    """As it is where every reader takes it so, else in encoded words. Raises ``ValueError`` for a line of its own."""
    _must_be_one_line(text)
    is_plain = text.isascii() and "=?" not in text and text == " ".join(text.split())
    if is_plain and all(len(word) <= LONGEST_LINE - len("Subject: ") for word in text.split()):
        return text.split()
    return _encoded(text)


def mailbox(name: str, address: str) -> Sequence[str]:
    """A name and an address in angle brackets (RFC 5322, 3.4). Raises ``ValueError`` for what is neither.

    Of several blanks in a name one is left: readers do not agree on more.
    """
    _must_be_one_line(f"{name}{address}")
    if not address.isascii() or any(sign in address for sign in ' <>,;:"()[]\\'):
        raise ValueError("the address cannot stand in a header")
    return [*_phrase(re.sub(r"\s{2,}", " ", name).strip()), f"<{address}>"]


def _phrase(name: str) -> Sequence[str]:
    """Words that need no encoding as they are, runs of others in one encoded word each, however long.

    Python's parser (3.11) puts a blank between two encoded words of a name, where RFC 2047 (6.2) has none: a run that
    is broken only where its line would be too long reads the same everywhere, and the bound of 75 characters (2) is one
    that no reader insists on.
    """
    runs: list[str] = []
    for is_atom, words in groupby(name.split(" "), key=_is_atom):
        run = list(words)
        runs += run if is_atom else _in_few_words(" ".join(run))
    return runs


def _in_few_words(text: str) -> list[str]:
    word, half = _in_one_word(text), len(text) // 2
    return [word] if len(word) <= LONGEST_WORD else [*_in_few_words(text[:half]), *_in_few_words(text[half:])]


def _is_atom(word: str) -> bool:
    return word.isascii() and not word.startswith("=?") and all(sign.isalnum() or sign in ATOM_SIGNS for sign in word)


def _in_one_word(text: str) -> str:
    """In the shorter of both encodings."""
    octets = text.encode()
    q = "".join(chr(one) if chr(one) in Q_SIGNS else "_" if one == BLANK else f"={one:02X}" for one in octets)
    b = base64.b64encode(octets).decode()
    return f"=?utf-8?q?{q}?=" if len(q) <= len(b) else f"=?utf-8?b?{b}?="


def _must_be_one_line(text: str) -> None:
    if any(sign < " " or sign == "\x7f" for sign in text) or not text.strip():
        raise ValueError("a header takes one line of text, without control characters")


def _encoded(text: str) -> list[str]:
    """Encoded words, each of whole characters (RFC 2047, 5): blanks between them are not part of the text."""
    words, word = [], b""
    for character in text:
        more = character.encode()
        if len(word) + len(more) > ENCODED_BYTES:
            words.append(word)
            word = b""
        word += more
    return [f"=?utf-8?b?{base64.b64encode(one).decode()}?=" for one in (*words, word)]


def message(headers: Iterable[str], parts: Sequence[Part], boundary: str) -> bytes:
    """``parts`` are alternatives, the plainest first. No part can contain ``boundary``: in both encodings a line
    cannot begin with ``--=_``, as an equals sign is always written as a number.
    """
    pieces = [f"--{boundary}\r\n{_part(part)}" for part in parts]
    kind = header("Content-Type", ["multipart/alternative;", f'boundary="{boundary}"'])
    head = "\r\n".join((*headers, "MIME-Version: 1.0", kind))
    return f"{head}\r\n\r\n{''.join(pieces)}--{boundary}--\r\n".encode("ascii")


def with_attachment(written: bytes, attached: Attachment, boundary: str) -> bytes:
    """The same message with a file beside it (RFC 2046, 5.1.3). Neither part can contain ``boundary``: see above."""
    head, body = written.split(b"\r\n\r\n", 1)
    fields, kind = head.split(b"\r\nContent-Type: ", 1)
    mixed = header("Content-Type", ["multipart/mixed;", f'boundary="{boundary}"'])
    name = header("Content-Disposition", ["attachment;", f'filename="{attached.name}"'])
    file = base64.encodebytes(attached.content).decode().rstrip("\n").replace("\n", "\r\n")
    pieces = (
        fields.decode(),
        f"{mixed}\r\n",
        f"--{boundary}\r\nContent-Type: {kind.decode()}\r\n",
        f"{body.decode()}--{boundary}",
        f"Content-Type: {attached.kind}\r\n{name}\r\nContent-Transfer-Encoding: base64\r\n",
        f"{file}\r\n--{boundary}--\r\n",
    )
    return "\r\n".join(pieces).encode("ascii")


def _part(part: Part) -> str:
    kind = header("Content-Type", part.kind.split(" "))
    return f"{kind}\r\nContent-Transfer-Encoding: {part.encoding}\r\n\r\n{_body(part)}\r\n"


def _body(part: Part) -> str:
    if part.encoding == "base64":
        return base64.encodebytes(part.body.encode()).decode().rstrip("\n").replace("\n", "\r\n")
    written = binascii.b2a_qp(part.body.encode(), quotetabs=False, istext=True, header=False)
    return written.decode().replace("\r\n", "\n").replace("\n", "\r\n")
