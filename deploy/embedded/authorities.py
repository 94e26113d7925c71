"""Whom a client over TLS believes: read once in a process, for that takes as long as thirty questions."""

import ssl
from functools import cache

import httpx


@cache
def authorities() -> ssl.SSLContext:
    """The certificate authorities that httpx brings, whatever the environment names. For clients made often."""
    return httpx.create_ssl_context(trust_env=False)
