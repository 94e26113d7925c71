"""The calendar part of a mail as programs of other languages read it, which are none of ours."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.notifications import Content
from tests.kit.foreign import go_program, node_program
from tests.kit.patience import PROCESS_SECONDS
from tests.notifications.letterbox import APPOINTMENT, CANCELLATION, INVITATION, UPDATE, WITHDRAWAL, details
from tests.notifications.test_letters import EMAIL, calendar_of, read

TITLES = (
    APPOINTMENT.title,
    'Pflege; Planung, Prüfung: "2024"',
    "C:\\neu und C:\\Neu",
    "Über die Grenzen der ambulanten und stationären Versorgung in allen Bezirken der Landeshauptstadt",
    "BEGIN:VEVENT",
    "Pflege 👩🏽‍⚕️ im Gespräch – was „vor Ort“ fehlt, und wer es 2025 bezahlt; ein Abend mit Gästen 🤝🏾",
)
COURSE: tuple[Content, ...] = (INVITATION, UPDATE, CANCELLATION, INVITATION, WITHDRAWAL, INVITATION)
"""Invited, moved, called off, invited once more, withdrawn, and invited again."""

NAMES = ("Eva Müller", "Dr. Müller, Eva; MdB", "Şule Ångström-Özdemir ♿")

FOREIGN = Path(__file__).with_name("foreign")


def ical_js(files: list[str]) -> list[dict[str, Any]]:
    return told_by(["node", "read.mjs", *files], node_program(FOREIGN / "node"))


def go_ical(files: list[str]) -> list[dict[str, Any]]:
    return told_by([str(go_program(FOREIGN / "go")), *files], FOREIGN)


def told_by(command: list[str], folder: Path) -> list[dict[str, Any]]:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PROCESS_SECONDS, check=True)
    events: list[dict[str, Any]] = json.loads(done.stdout)
    return events


def text_of(content: Content, sequence: int, title: str, name: str) -> str:
    appointment = APPOINTMENT.model_copy(update={"title": title, "place": title})
    told = content.model_copy(update={"appointment": appointment})
    is_dropped = content == WITHDRAWAL
    mail = read(
        told,
        details(name=name),
        known=appointment,
        calendar_sequence=sequence,
        dropped=is_dropped,
        invitation=INVITATION,
    )
    found = calendar_of(mail)
    assert found
    return str(found[0].get_content())


def expected(content: Content, sequence: int, title: str, name: str) -> Mapping[str, Any]:
    ends = content in (CANCELLATION, WITHDRAWAL)
    return {
        "method": "CANCEL" if ends else "REQUEST",
        "sequence": sequence,
        "starts": "2024-04-23T12:00:00.000Z",
        "ends": "2024-04-23T15:00:00.000Z",
        "summary": title,
        "location": title,
        "status": {CANCELLATION: "CANCELLED", WITHDRAWAL: None}.get(content, "CONFIRMED"),
        "attendee": f"mailto:{EMAIL}",
        "name": name,
    }


@pytest.mark.foreign
@pytest.mark.long
@pytest.mark.timeout(400)
@pytest.mark.parametrize("reader", [ical_js, go_ical])
def test_others_read_what_is_meant_through_all_that_a_session_may_go_through(
    tmp_path: Path, reader: Callable[[list[str]], list[dict[str, Any]]]
) -> None:
    told = [
        (content, 2 + step, title, name) for title in TITLES for name in NAMES for step, content in enumerate(COURSE)
    ]
    files = [tmp_path / f"{number:03}.ics" for number in range(len(told))]
    for file, one in zip(files, told, strict=True):
        file.write_bytes(text_of(*one).encode())
    events = reader([*map(str, files)])
    assert len({event.pop("uid") for event in events}) == len({event.pop("organizer") for event in events}) == 1
    assert events == [expected(*one) for one in told]
