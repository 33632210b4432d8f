"""Dated configuration of redirection and welfare calls, for all trusts and for single ones."""

from __future__ import annotations

import msgspec

from dispatch.domain.dated import in_force, version_at
from dispatch.domain.ids import TrustCode
from dispatch.domain.redirection import RedirectRules
from dispatch.domain.welfare import WelfareRules


class CareSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Which rules of redirection and welfare hold, by date and trust.

    Of several versions the latest that has begun is in force; before the first, the first.
    ``welfare`` empty: nobody is asked to ring those who wait.
    """

    redirect: tuple[RedirectRules, ...] = (RedirectRules(),)
    trust_redirect: dict[TrustCode, tuple[RedirectRules, ...]] = {}
    welfare: tuple[WelfareRules, ...] = ()
    trust_welfare: dict[TrustCode, tuple[WelfareRules, ...]] = {}

    def __post_init__(self) -> None:
        if not all((self.redirect, *self.trust_redirect.values())):
            raise ValueError("Expected at least one version of the rules of redirection.")
        for versions in (self.redirect, *self.trust_redirect.values()):
            in_force(versions, 0)
        for calls in (self.welfare, *self.trust_welfare.values()):
            in_force(calls, 0)

    def redirect_of(self, trust: TrustCode, now_ms: int) -> RedirectRules:
        """Return the rules of redirection in force for a trust."""
        return version_at(self.trust_redirect.get(trust, self.redirect), now_ms)

    def welfare_of(self, trust: TrustCode, now_ms: int) -> WelfareRules | None:
        """Return the rules of welfare calls in force for a trust; None where there are none."""
        versions = self.trust_welfare.get(trust, self.welfare)
        return version_at(versions, now_ms) if versions else None
