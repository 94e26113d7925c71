"""``python -m services.members [api|worker|all|asyncapi]``."""

from __future__ import annotations

import sys

from services.members.app import build
from services.members.service import SERVICE
from services.members.worker import subscribers
from shared.runtime.start import start

if __name__ == "__main__":
    sys.exit(start(SERVICE, build, subscribers, sys.argv[1:]))
