"""Ambulance response categories: how urgent an incident is, and in which order they are served."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Category(StrEnum):
    """Category of the ambulance response programme, as the BaRS priority codes name them."""

    C1 = "C1"
    C2 = "C2"
    C3 = "C3"
    C4 = "C4"
    C4T = "C4T"
    C5 = "C5"
    HCP1 = "HCP1"
    HCP2 = "HCP2"
    HCP3 = "HCP3"
    HCP4 = "HCP4"
    IFT1 = "IFT1"
    IFT2 = "IFT2"
    IFT3 = "IFT3"
    IFT4 = "IFT4"


class Segment(StrEnum):
    """Segment of Category 2: A goes at once, B and C may be reviewed by a clinician first."""

    A = "A"
    B = "B"
    C = "C"


RANK: Final[dict[Category, int]] = {
    Category.C1: 1,
    Category.HCP1: 1,
    Category.IFT1: 1,
    Category.C2: 2,
    Category.HCP2: 2,
    Category.IFT2: 2,
    Category.C3: 3,
    Category.HCP3: 3,
    Category.IFT3: 3,
    Category.C4: 4,
    Category.C4T: 4,
    Category.HCP4: 4,
    Category.IFT4: 4,
    Category.C5: 5,
}
"""Order of service: 1 is served first. Level 1 and 2 HCP and IFT requests are mapped to C1 and C2
(EMAS, EEAST and LAS letters of September 2019); levels 3 and 4 are placed with C3 and C4."""

NUMBER: Final[dict[Category, int]] = {category: i for i, category in enumerate(Category)}
"""Row of each category in tables."""


def reported_as(category: Category) -> Category:
    """Return the category under which AmbSYS counts the response time of an incident.

    HCP and IFT requests of levels 1 and 2 belong to C1 and C2 (A8 = A74 + A78 + A115,
    A10 = A75 + A79 + A119); levels 3 and 4 are reported apart.
    """
    return _REPORTED_AS.get(category, category)


_REPORTED_AS: Final = {
    Category.HCP1: Category.C1,
    Category.IFT1: Category.C1,
    Category.HCP2: Category.C2,
    Category.IFT2: Category.C2,
    Category.C4T: Category.C4,
}


def is_graver(one: Category, other: Category) -> bool:
    """Test whether one category is served before another."""
    return RANK[one] < RANK[other]
