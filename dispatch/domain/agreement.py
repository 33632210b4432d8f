"""Agreements of mutual aid: who lends to whom, for what, until when."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from dispatch.domain.ids import TrustCode


class Agreement(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A lender agrees to send units to a borrower's incidents up to a rank, until a time.

    ``rank_max`` 2 means C1 and C2. Without an end it holds until it is taken out of the
    configuration.
    """

    lender: TrustCode
    borrower: TrustCode
    rank_max: int = 2
    until_ms: int | None = None


def allows(
    agreements: Sequence[Agreement] | None,
    lender: TrustCode,
    borrower: TrustCode,
    rank: int,
    now_ms: int,
) -> bool:
    """Test whether a unit of one trust may go to an incident of another.

    ``agreements`` None means that every trust has agreed with every other.
    """
    if agreements is None or lender == borrower:
        return True
    return any(
        a.lender == lender
        and a.borrower == borrower
        and rank <= a.rank_max
        and (a.until_ms is None or now_ms < a.until_ms)
        for a in agreements
    )
