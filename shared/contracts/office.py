"""The pages of the office say nothing themselves: what is done there is an event of the service that decides it.

The topic is there because everything that is made from the names of the services has one for each.
"""

from __future__ import annotations

SERVICE = "office"
