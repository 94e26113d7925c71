"""``python -m services.notifications [api|worker|all|asyncapi]``."""

from __future__ import annotations

import sys

from services.notifications.app import build
from services.notifications.service import SERVICE
from services.notifications.worker import subscribers
from shared.runtime.start import start

if __name__ == "__main__":
    sys.exit(start(SERVICE, build, subscribers, sys.argv[1:]))
