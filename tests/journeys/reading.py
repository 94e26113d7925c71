"""What of a page somebody reads or hears, and what in it only programs should have to read."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import httpx

ALONE = frozenset({"input", "meta", "link", "br", "img"})
OF_PROGRAMS = frozenset({"script", "style", "code", "pre"})
"""And whatever is of class ``small``: the short name or id beside what a thing is called."""

PATTERNS = {
    "an ISO day or moment": re.compile(r"\b\d{4}-\d\d-\d\d"),
    "a short name": re.compile(r"(?<![\w./@-])[a-z]+[a-z0-9]*(?:[-_][a-z0-9]+)+(?![\w./@-])"),
    "a list, a flag or nothing, as Python has it": re.compile(r"\['|\{'|\b(?:None|True|False)\b"),
    "an amount with a point": re.compile(r"\b\d+\.\d\d\b(?!\.)"),
    "an English word": re.compile(
        r"\b(?:members|meetings|funding|notifications|invitation|reminder|failed|queued|closed|drafted|accept|decline"
        r"|deputy|principal|delegated|ex_officio|plenary|withdrawn|resigned|approved|booked|open|unknown)\b"
    ),
}

TYPED_SO = re.compile(
    r"Zum Beispiel [a-z-]+-?\d*$|\b(?:kreditor|abruf|beleg|vertrag|material|begleitung|workshop|stunden)-[a-z0-9-]+"
)
"""Short names that whoever works with money has given himself, and reads again: payees, draw-downs, receipts."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.said += [told.get("aria-label") or "", "\n"]
        if tag not in ALONE:
            self._open.append(tag in OF_PROGRAMS or told.get("class") == "small")

    def handle_endtag(self, tag: str) -> None:
        if tag not in ALONE:
            self._open.pop()
        self.said.append("\n")

    def handle_data(self, data: str) -> None:
        if not any(self._open):
            self.said.append(data)


def only_for_programs(page: httpx.Response) -> list[tuple[str, str]]:
    """What kind each is, with its line; nothing of what is no page."""
    if not page.headers.get("content-type", "").startswith("text/html"):
        return []
    reader = _Reader()
    reader.feed(page.text)
    lines = [TYPED_SO.sub("", line).strip() for line in "".join(reader.said).splitlines()]
    return [(kind, line) for line in lines for kind, pattern in PATTERNS.items() if pattern.search(line)]
