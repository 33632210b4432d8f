from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dispatch.domain.dated import in_force
from dispatch.domain.handover import HandoverRules


def at(text: str) -> int:
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/London"))
    return int(local.timestamp() * 1000)


BEFORE = HandoverRules(release_min=None, effective_from="2022-04-01")
AFTER = HandoverRules(release_min=45, effective_from="2025-06-06")


@pytest.mark.parametrize(
    ("time", "rules"),
    [
        ("2022-03-31T23:59", None),
        ("2022-04-01T00:00", BEFORE),
        ("2025-06-05T23:59", BEFORE),
        ("2025-06-06T00:00", AFTER),
        ("2030-01-01T00:00", AFTER),
    ],
)
def test_a_version_begins_at_local_midnight(time: str, rules: HandoverRules | None) -> None:
    assert in_force([AFTER, BEFORE], at(time)) is rules


def test_dates_must_be_readable_and_distinct() -> None:
    with pytest.raises(ValueError, match="one version from 2025-06-06, was two"):
        in_force([AFTER, AFTER], 0)
    with pytest.raises(ValueError, match="a date such as 2026-04-01, was 'June'"):
        in_force([HandoverRules(effective_from="June")], 0)
    assert in_force([], 0) is None
