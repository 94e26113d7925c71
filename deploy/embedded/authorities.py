"""Whom a client over TLS believes: read once in a process, for that takes as long as thirty questions."""

import ssl
from functools import cache

import httpx


@cache
def authorities() -> ssl.SSLContext:
    """The certificate authorities of httpx, whatever the environment sets. For clients that are made often."""
    return httpx.create_ssl_context(trust_env=False)
