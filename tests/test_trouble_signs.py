"""The quick look before the tables of trouble changes nothing but the time."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.logs.trouble import TROUBLE, TROUBLE_WORDS
from kb.logs.trouble_signs import SIGNS


@pytest.mark.parametrize(("row", "signs"), list(zip((*TROUBLE, *TROUBLE_WORDS), SIGNS, strict=True)))
def test_whatever_a_row_finds_holds_one_of_its_signs(row: tuple[float, str], signs: tuple[str, ...]) -> None:
    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(row[1]))
    def holds_a_sign(found: str) -> None:
        lower = found if row in TROUBLE_WORDS else found.lower()
        assert any(sign in lower for sign in signs)

    holds_a_sign()
