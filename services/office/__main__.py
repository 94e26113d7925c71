"""``python -m services.office [api|worker|all|asyncapi]``."""

from __future__ import annotations

import sys

from services.office.app import build
from services.office.service import SERVICE
from services.office.worker import subscribers
from shared.runtime.start import start

if __name__ == "__main__":
    sys.exit(start(SERVICE, build, subscribers, sys.argv[1:]))
