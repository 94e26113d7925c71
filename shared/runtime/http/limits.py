"""Rate limits: a token bucket per caller."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from dataclasses import dataclass

MOST_KNOWN = 10_000
"""Beyond this number, the least recent one is forgotten and begins again with a full bucket."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Limit:
    """``burst`` at once, and ``per_second`` in the long run."""

    def __init__(self, per_second: float, burst: float) -> None:
        self._per_second, self._burst = per_second, burst
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, who: str) -> int:
        """0 if one more is allowed; otherwise the whole seconds to wait."""
        bucket, now = self._bucket(who), time.monotonic()
        bucket.left = min(self._burst, bucket.left + (now - bucket.at) * self._per_second)
        bucket.at = now
        if bucket.left < 1.0:
            return math.ceil((1.0 - bucket.left) / self._per_second)
        bucket.left -= 1.0
        return 0

    def _bucket(self, who: str) -> _Bucket:
        if who in self._buckets:
            self._buckets.move_to_end(who)
        else:
            self._buckets[who] = _Bucket(self._burst, time.monotonic())
            if len(self._buckets) > MOST_KNOWN:
                self._buckets.popitem(last=False)
        return self._buckets[who]
