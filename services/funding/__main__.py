"""``python -m services.funding [api|worker|all|asyncapi]``."""

from __future__ import annotations

import sys

from services.funding.app import build
from services.funding.service import SERVICE
from services.funding.worker import subscribers
from shared.runtime.start import start

if __name__ == "__main__":
    sys.exit(start(SERVICE, build, subscribers, sys.argv[1:]))
