"""The tokens of a caller, in a file."""

import json
from pathlib import Path

from deploy.embedded.data_folder import Refused


def token_in(file: Path, *callers: str) -> str:
    """The token of the first caller in the file; a file with one token and no names is for everybody."""
    try:
        content = file.read_text().strip()
        tokens = json.loads(content) if content.startswith("{") else dict.fromkeys(callers, content)
    except (OSError, ValueError) as error:
        how = f"cannot be read ({type(error).__name__})"
        raise Refused(f"the tokens in {file} {how}: name another file with --tokens") from None
    for caller in callers:
        if tokens.get(caller):
            return str(tokens[caller])
    raise Refused(f"{file} has no token of {callers[0]}: name one of {', '.join(tokens) or 'those that you put there'}")
