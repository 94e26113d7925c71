"""``python -m services.meetings [api|worker|all|asyncapi]``."""

from __future__ import annotations

import sys

from services.meetings.app import build
from services.meetings.service import SERVICE
from services.meetings.worker import subscribers
from shared.runtime.start import start

if __name__ == "__main__":
    sys.exit(start(SERVICE, build, subscribers, sys.argv[1:]))
