"""A server with moods in the mail sink's place: same folder, same files, so that readers see no difference."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deploy.embedded.mail_sink import MailSink
from deploy.embedded.smtp_sink import INDEX
from tests.campaign.world.moods import Deed, Mood, Stage, write_script
from tests.campaign.world.smtp_script import ANSWERS, CERTIFICATE

CERTIFICATE_SECONDS = 30


class ScriptedMail(MailSink):
    def command(self) -> Sequence[str | Path]:
        module = "tests.campaign.world.smtp_script"
        return [sys.executable, "-m", module, "--port", str(self.port), "--folder", self.folder]

    def play(self, *moods: Mood, tls: bool = False) -> None:
        """From now on; without moods it is a good server. ``tls``: STARTTLS with a certificate nobody vouches for."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if tls:
            make_certificate(self.folder / CERTIFICATE)
        write_script(self.folder, moods, tls)

    def did(self, stage: Stage, deed: Deed) -> int:
        """How often it has done so since the beginning."""
        return sum((row["stage"], row["did"]) == (stage, deed) for row in rows_of(self.folder / ANSWERS))

    def copies(self) -> Counter[str]:
        """How often each mail was accepted, by its Message-ID."""
        return Counter(row["message_id"] for row in rows_of(self.folder / INDEX))


def rows_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def make_certificate(file: Path) -> None:
    """For this machine, signed by itself: right in every way but that no authority knows it."""
    key, subject = ("-newkey", "rsa:2048", "-nodes", "-keyout", file), ("-subj", "/CN=localhost")
    made = subprocess.run(
        ["openssl", "req", "-x509", "-days", "2", *key, *subject, "-addext", "subjectAltName=IP:127.0.0.1"],
        capture_output=True,
        timeout=CERTIFICATE_SECONDS,
        check=True,
    )
    with file.open("ab") as out:
        out.write(made.stdout)
