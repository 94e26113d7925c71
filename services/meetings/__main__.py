"""``python -m services.meetings [api|worker|all]``."""

from __future__ import annotations

import sys

from services.meetings.app import build
from services.meetings.settings import MeetingsSettings
from services.meetings.worker import SERVICE
from shared.runtime.start import start

if __name__ == "__main__":
    sys.exit(start(SERVICE, MeetingsSettings, build, sys.argv[1:]))
