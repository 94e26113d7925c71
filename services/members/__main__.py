"""``python -m services.members [api|worker|all]``."""

from __future__ import annotations

import sys

from services.members.app import build
from services.members.settings import MembersSettings
from services.members.worker import SERVICE
from shared.runtime.start import start

if __name__ == "__main__":
    sys.exit(start(SERVICE, MembersSettings, build, sys.argv[1:]))
