"""`kpk`: the operator's command. An error is one line that says what to do next, never a traceback."""

import os
import sys

from deploy.embedded.data_folder import Refused
from deploy.kpk.tools import app_for
from deploy.kpk.trouble import way_out


def main() -> None:
    try:
        app_for(sys.argv[1:])()
    except Refused as refusal:
        sys.exit(f"kpk: {refusal}")
    except Exception as error:
        if told := way_out(error):
            sys.exit(f"kpk: {told}")
        if os.environ.get("KPK_TRACE"):
            raise
        sys.exit(f"kpk: unexpected {type(error).__name__}: {error}. The same with KPK_TRACE=1 shows where.")


if __name__ == "__main__":
    main()
