"""``python -m services.notifications [api|worker|all]``."""

from __future__ import annotations

import sys

from services.notifications.app import build
from services.notifications.settings import NotificationsSettings
from services.notifications.worker import SERVICE
from shared.runtime.start import start

if __name__ == "__main__":
    sys.exit(start(SERVICE, NotificationsSettings, build, sys.argv[1:]))
