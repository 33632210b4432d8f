"""Words of pages."""

import pytest

from benchmarks.report.wording import place


@pytest.mark.parametrize(
    ("region", "written"),
    [
        ("england", "England"),
        ("isle-of-wight", "Isle of Wight"),
        ("maps/utrecht.region", "Utrecht"),
        ("the_north", "The North"),
        ("NYC", "NYC"),
    ],
)
def test_a_region_is_written_as_people_write_it(region, written):
    assert place(region) == written
