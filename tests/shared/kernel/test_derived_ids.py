"""An id that follows from others is a UUID of version 5, as every library makes it; journals and topics have them."""

from __future__ import annotations

from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.identifiers import derived_id

NAMESPACE = UUID("6f1c2c1e-3f0b-5d3a-9b57-0a5d0c5b9e21")
PARTS = st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=4)


@given(PARTS)
def test_it_is_what_the_standard_says(parts: list[str]) -> None:
    assert derived_id(*parts) == str(uuid5(NAMESPACE, "\n".join(parts)))
