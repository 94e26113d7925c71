"""`kpk`: the operator's command. An error is one line that says what to do next, never a traceback."""

import os
import sys
from io import TextIOWrapper

from deploy.embedded.data_folder import Refused
from deploy.kpk.line import must_be_readable
from deploy.kpk.tools import app_for
from deploy.kpk.trouble import way_out


def main() -> None:
    _print_what_can_be()
    try:
        must_be_readable(sys.argv[1:])
        app_for(sys.argv[1:])()
    except Refused as refusal:
        sys.exit(f"kpk: {refusal}")
    except Exception as error:
        if told := way_out(error):
            sys.exit(f"kpk: {told}")
        if os.environ.get("KPK_TRACE"):
            raise
        sys.exit(f"kpk: unexpected {type(error).__name__}: {error}. The same with KPK_TRACE=1 shows where.")


def _print_what_can_be() -> None:
    """A terminal with another encoding shows replacements for missing characters, and no command fails."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    main()
