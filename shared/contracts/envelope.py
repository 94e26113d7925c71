"""CloudEvents 1.0 in Kafka's binary mode: the attributes are headers, the value the event's JSON, the key the stream.

Written by hand because the SDK costs ten times as much; a test reads every type back with the SDK.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from shared.kernel.time import iso, utc

Headers = tuple[tuple[str, bytes], ...]
LARGEST_SEQUENCE = 2**53

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TYPE = re.compile(r"kpk\.[a-z]+(?:\.public|\.state)?\.[A-Za-z]+\.v[1-9][0-9]*")
_REQUIRED = (
    "ce_specversion",
    "ce_id",
    "ce_type",
    "ce_source",
    "ce_subject",
    "ce_time",
    "ce_sequence",
    "ce_conference",
    "ce_correlationid",
    "ce_causationid",
)
_first, _second = itemgetter(0), itemgetter(1)
_NAMES = (*_REQUIRED, "traceparent", "content-type")
_LINE = r"([^\n]*)"
_VALUES = re.compile(
    rf"1\.0\n({_UUID.pattern})\n({_TYPE.pattern})\n{_LINE}\n{_LINE}\n"
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\n([1-9][0-9]{0,15})\n"
    rf"{_LINE}\n({_UUID.pattern})\n({_UUID.pattern})\n[^\n]*\n[^\n]*",
    re.ASCII,
)


class Malformed(ValueError):
    """The headers are not those of an event. The text names the header, never its value."""


def source_of(service: str) -> str:
    return f"urn:kpk:{service}"


class Envelope(NamedTuple):
    """Who said what, where in which stream, and because of what. ``sequence`` counts 1, 2, 3 … within the stream."""

    id: str
    type: str
    source: str
    stream: str
    time: datetime
    sequence: int
    conference: str
    correlation: str
    causation: str

    def headers(self) -> Headers:
        return (
            ("ce_specversion", b"1.0"),
            ("ce_id", self.id.encode()),
            ("ce_type", self.type.encode()),
            ("ce_source", self.source.encode()),
            ("ce_subject", self.stream.encode()),
            ("ce_time", iso(self.time).encode()),
            ("ce_sequence", str(self.sequence).encode()),
            ("ce_conference", self.conference.encode()),
            ("ce_correlationid", self.correlation.encode()),
            ("ce_causationid", self.causation.encode()),
            ("traceparent", self.traceparent.encode()),
            ("content-type", b"application/json"),
        )

    @property
    def traceparent(self) -> str:
        """W3C Trace Context: the correlation is the trace, the event its span."""
        return f"00-{self.correlation.replace('-', '')}-{self.id.replace('-', '')[:16]}-01"

    @property
    def type_and_version(self) -> tuple[str, int]:
        """``("kpk.members.DelegateAppointed", 1)``."""
        name, _, version = self.type.rpartition(".v")
        return name, int(version)


def read_headers(headers: Iterable[tuple[str, bytes | None]]) -> Envelope:
    """Raises ``Malformed`` for anything that is not exactly an event of ours; never any other error."""
    told = tuple(headers)
    return _as_we_write_them(told) or _read_one_by_one(told)


def _as_we_write_them(headers: Sequence[tuple[str, bytes | None]]) -> Envelope | None:
    """All at once, eight times as fast; None if anything is unusual, for the reader that can say what."""
    if tuple(map(_first, headers)) != _NAMES:
        return None
    try:
        found = _VALUES.fullmatch(b"\n".join(map(_second, headers)).decode())
        if found is None:
            return None
        event, kind, source, stream, time, sequence, conference, correlation, causation = found.groups()
        number, moment = int(sequence), datetime.fromisoformat(time)
    except (TypeError, ValueError):  # no value, not UTF-8, no such day
        return None
    if number > LARGEST_SEQUENCE:
        return None
    return Envelope(event, kind, source, stream, moment, number, conference, correlation, causation)


def _read_one_by_one(headers: Sequence[tuple[str, bytes | None]]) -> Envelope:
    texts = _as_texts(headers)
    if missing := [name for name in _REQUIRED if name not in texts]:
        raise Malformed(f"header {missing[0]} is missing")
    _must(texts["ce_specversion"] == "1.0", "ce_specversion")
    return Envelope(
        id=_matching(_UUID, texts, "ce_id"),
        type=_matching(_TYPE, texts, "ce_type"),
        source=texts["ce_source"],
        stream=texts["ce_subject"],
        time=_moment(texts["ce_time"]),
        sequence=read_sequence(texts["ce_sequence"]),
        conference=texts["ce_conference"],
        correlation=_matching(_UUID, texts, "ce_correlationid"),
        causation=_matching(_UUID, texts, "ce_causationid"),
    )


def read_sequence(text: str) -> int:
    _must(text.isascii() and text.isdigit() and len(text) <= 16, "ce_sequence")
    number = int(text)
    _must(1 <= number <= LARGEST_SEQUENCE, "ce_sequence")
    return number


def _as_texts(headers: Iterable[tuple[str, bytes | None]]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, value in headers:
        if not name.startswith("ce_"):
            continue
        _must(value is not None and name not in texts, name)
        try:
            texts[name] = (value or b"").decode()
        except UnicodeDecodeError:
            raise Malformed(f"header {name} is not UTF-8") from None
    return texts


def _matching(pattern: re.Pattern[str], texts: dict[str, str], name: str) -> str:
    _must(pattern.fullmatch(texts[name]) is not None, name)
    return texts[name]


def _moment(text: str) -> datetime:
    try:
        return utc(datetime.fromisoformat(text))
    except ValueError:
        raise Malformed("header ce_time is not a moment") from None


def _must(holds: bool, name: str) -> None:
    if not holds:
        raise Malformed(f"header {name} is not valid")
