"""Somebody at the desk, with a browser's manners and no script: asks for pages, fills in forms, keeps a cookie."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Self
from urllib.parse import urljoin

import httpx

from tests.kit.eventually import eventually

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)


def form_in(page: str, command: str, **fixed: str) -> dict[str, str]:
    found = (HIDDEN.findall(form) for form in FORM.findall(page))
    forms = [{name: unescape(value) for name, value in hidden} for hidden in found]
    [form] = [one for one in forms if one.items() >= {"command": command, **fixed}.items()]
    return form


LINK = re.compile(r'<a [^>]*href="([^"#]+)"')
NAMED = re.compile(r"/(seats|mails|groups|people|story|history/[a-z-]+)/[^/?]+")
"""What there are many of."""


class Visitor:
    """Logged in with a token, or with none: then ``entered`` is the refusal."""

    def __init__(self, address: str, token: str = "", browser: str = "") -> None:
        """``browser`` is the cookie of one that was here before."""
        headers = {"cookie": browser} if browser else {}
        self._client = httpx.Client(base_url=address, trust_env=False, timeout=30, headers=headers)
        self.entered = self._client.post("/desk/login", data={"token": token, "next": "/desk/"})
        cookies = [one.partition(";")[0] for one in self.entered.headers.get_list("set-cookie")]
        self.cookie, self.browser = cookies or ("", "")
        self._client.headers["cookie"] = "; ".join(cookies)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def page(self, address: str) -> httpx.Response:
        return self._client.get(f"/desk{address}")

    def text(self, address: str) -> str:
        page = self.page(address)
        assert page.status_code == 200, (address, page.status_code, page.text)
        return page.text

    def soon(self, address: str, *words: str) -> str:
        """Of a page that a moment later has heard of what was done before it, or by somebody else."""

        def with_words() -> str:
            text = self.text(address)
            return text if all(one in text for one in words) else ""

        return asyncio.run(eventually(with_words, f"{' and '.join(words)} at {address}"))

    def walk(self, first: str) -> Iterator[tuple[str, httpx.Response]]:
        """By its address one of each kind of page that links lead to."""
        waiting, kinds = [first], set[str]()
        while waiting:
            address = waiting.pop()
            kind = NAMED.sub(r"/\1/…", address)
            if kind not in kinds:
                kinds.add(kind)
                page = self.page(address.removeprefix("/desk"))
                yield address, page
                waiting += [urljoin(address, unescape(link)) for link in LINK.findall(page.text)]

    def form(self, address: str, command: str, **fixed: str) -> dict[str, str]:
        """What the browser would send of the form as it stands on the page."""
        return form_in(self.text(address), command, **fixed)

    def send(self, address: str, form: Mapping[str, str], **typed: str) -> httpx.Response:
        return self._client.post(f"/desk{address}", data={**form, **typed})

    def do(self, address: str, command: str, typed: Mapping[str, str] | None = None, **fixed: str) -> str:
        """Fills in and sends; the page that follows."""
        sent = self.send(address, self.form(address, command, **fixed), **(typed or {}))
        assert sent.status_code == 303, (command, sent.status_code, sent.text)
        return self.text(sent.headers["location"].removeprefix("/desk"))
