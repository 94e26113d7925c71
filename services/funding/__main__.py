"""``python -m services.funding [api|worker|all]``."""

from __future__ import annotations

import sys

from services.funding.app import build
from services.funding.settings import FundingSettings
from services.funding.worker import SERVICE
from shared.runtime.start import start

if __name__ == "__main__":
    sys.exit(start(SERVICE, FundingSettings, build, sys.argv[1:]))
