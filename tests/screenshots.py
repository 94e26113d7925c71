"""``make screenshots``: the ten main pages of the desk as a demo left them, into docs/desk."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from deploy.embedded.state import read_state
from deploy.embedded.tokens import read_tokens

OUT = Path("docs/desk")
SIZE: ViewportSize = {"width": 1280, "height": 900}
PAGES = {
    "open-points": ("office", "/stuttgart/"),
    "seats": ("office", "/stuttgart/seats"),
    "seat": ("office", "/stuttgart/seats/hospitals-1"),
    "working-groups": ("office", "/stuttgart/working-groups"),
    "session": ("office", "/stuttgart/sessions/plenum-2"),
    "attendance": ("office", "/stuttgart/sessions/plenum-2/attendance"),
    "registers": ("office", "/stuttgart/registers"),
    "money": ("office", "/stuttgart/money/state-grant"),
    "mails": ("office", "/stuttgart/mails?state=letter"),
    "operator": ("admin", "/operator"),
}


def main(folder: Path) -> None:
    """Of what runs on ``folder``: ``kpk demo --keep``."""
    state, chromium = read_state(folder), shutil.which("chromium")
    if state is None or chromium is None:
        sys.exit("first: make demo KEEP=1" if state is None else "there is no Chromium")
    OUT.mkdir(exist_ok=True)
    tokens = read_tokens(folder)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        windows = {name: _entered(browser, state.services["office"], tokens[name]) for name in ("office", "admin")}
        for name, (who, address) in PAGES.items():
            windows[who].goto(f"/desk{address}")
            windows[who].screenshot(path=OUT / f"{name}.png")
        browser.close()


def _entered(browser: Browser, address: str, token: str) -> Page:
    page = browser.new_context(base_url=address, viewport=SIZE, locale="de-DE").new_page()
    page.goto("/desk/login")
    page.locator("#token").fill(token)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "login" not in url)
    return page


if __name__ == "__main__":
    main(Path(sys.argv[1]))
