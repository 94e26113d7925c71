"""`kpk`: the operator's command. An error is one line that says what to do next, never a traceback."""

import os
import sys
from importlib.util import find_spec

import typer

from deploy.embedded.data_folder import Refused
from deploy.kpk import events, histories, parked, rebuild, send, stack, tokens, topics, verify, watch

app = typer.Typer(
    help="Run and look after the care conference's services.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
if find_spec("deploy.kpk.up"):  # the container image leaves out what starts servers of its own
    from deploy.kpk import demo, up

    up.add_to(app)
    demo.add_to(app)
for tool in (stack, tokens, topics, events, watch, send, parked, rebuild, verify, histories):
    tool.add_to(app)


def main() -> None:
    try:
        app()
    except Refused as refusal:
        sys.exit(f"kpk: {refusal}")
    except Exception as error:
        if os.environ.get("KPK_TRACE"):
            raise
        sys.exit(f"kpk: unexpected {type(error).__name__}: {error}. The same with KPK_TRACE=1 shows where.")


if __name__ == "__main__":
    main()
