"""Reads public events of the care conference over HTTP, without Kafka: each once, and nothing is missed unseen.

Python alone, no package. Settings: FEED_URLS (services, by comma), FEED_TOKEN_FILE, FEED_CONFERENCE. How far each
service was read stands in a file beside the events, written after them.
"""

import http.client
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from events import Events, Record, must_be_set, say

TOLD = os.environ
WAIT, GONE, BUSY = 20, 410, 503


class Feed:
    """One service's."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._place = folder / f"{urllib.parse.quote(url, safe='')}.next"
        self._token = Path(TOLD["FEED_TOKEN_FILE"]).read_text().strip()

    def read(self, events: Events, wait: int) -> bool:
        """One page, and whether there is more already. Raises ``HTTPError`` for what only a person can mend."""
        page = self._page(wait)
        events.take(map(told, page["items"]))
        part = self._place.with_suffix(".part")
        part.write_text(page["next"])
        part.replace(self._place)
        return bool(page["more"])

    def _page(self, wait: int) -> Any:
        after = {"after": self._place.read_text()} if self._place.exists() else {}
        asked = {"conference": TOLD["FEED_CONFERENCE"], "limit": "500", "wait": str(wait), **after}
        request = urllib.request.Request(f"{self._url}/feed?{urllib.parse.urlencode(asked)}")
        request.add_header("Authorization", f"Bearer {self._token}")
        try:
            with urllib.request.urlopen(request, timeout=wait + 30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            if refusal.code != GONE or not after:
                raise
        say(f"{self._url} begins anew: what is known is known")
        self._place.unlink()
        return self._page(wait)


def told(event: Any) -> Record:
    """As it stands on the topic."""
    headers = {f"ce_{name}": event[name] for name in ("id", "type", "subject", "sequence", "previous", "conference")}
    data = json.dumps(event["data"], ensure_ascii=False, separators=(",", ":"))
    return f"kpk.{event['source'].rpartition(':')[2]}.public.v1", headers, data


def main() -> None:
    must_be_set("FEED_URLS", "FEED_TOKEN_FILE", "FEED_CONFERENCE")
    file = Path(TOLD.get("SUBSCRIBER_FILE", "events.tsv"))
    events = Events(file, [name for name in TOLD.get("SUBSCRIBER_TYPES", "").split(",") if name])
    feeds = [Feed(url, file.parent) for url in TOLD["FEED_URLS"].split(",")]
    wait = WAIT // len(feeds)  # one after the other: what is new is known within so many seconds
    while True:
        for feed in feeds:
            try:
                while feed.read(events, wait):
                    pass
            except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
                if isinstance(error, urllib.error.HTTPError) and error.code != BUSY:
                    raise
                say(f"tried again in a moment: {error}")
                time.sleep(5)


if __name__ == "__main__":
    main()
