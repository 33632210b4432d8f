"""Stamps of foreign logs: patterns, zones, changes of the clock, spreadsheets, hours of a week."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.call_log.fixed_form import FixedForm
from benchmarks.call_log.mapping import HourOfWeek, TimeBlock
from benchmarks.call_log.schema import ABSENT_MS
from benchmarks.call_log.stamps import HoursOfWeek, Stamps


def ms(text):
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def a_datetime(first_year, last_year):
    """Return local times without a zone."""
    first = datetime(first_year, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    return st.datetimes(first, first.replace(year=last_year))


def read(texts, **block):
    return Stamps(TimeBlock(**block)).read(texts)


@pytest.mark.parametrize(
    ("form", "zone", "text", "expected"),
    [
        ("%d/%m/%Y %H:%M:%S", "Europe/London", "07/06/2026 08:15:30", "2026-06-07T07:15:30Z"),
        ("%d/%m/%Y %H:%M", "Europe/London", "7/1/2026 8:15", "2026-01-07T08:15:00Z"),
        (
            "%m/%d/%Y %I:%M:%S %p",
            "America/Los_Angeles",
            "04/07/2020 11:53:08 PM",
            "2020-04-08T06:53:08Z",
        ),
        (
            "%m/%d/%Y %I:%M:%S %p",
            "America/Los_Angeles",
            "4/7/2020 12:05:00 am",
            "2020-04-07T07:05:00Z",
        ),
        ("%d-%b-%y %H:%M:%S", "UTC", "07-Apr-20 01:02:03", "2020-04-07T01:02:03Z"),
        ("%d %B %Y %H:%M", "UTC", "7 April 2020 01:02", "2020-04-07T01:02:00Z"),
        ("%Y%m%d%H%M%S", "UTC", "20200407010203", "2020-04-07T01:02:03Z"),
        ("%Y-%m-%d %H:%M:%S.%f", "UTC", "2020-04-07 01:02:03.125000", "2020-04-07T01:02:03.125Z"),
        ("%Y-%m-%dT%H:%M:%S%z", "UTC", "2020-04-07T01:02:03-0700", "2020-04-07T08:02:03Z"),
        ("iso", "Europe/London", "2026-06-07 08:15:30", "2026-06-07T07:15:30Z"),
        ("iso", "Europe/London", "2026-06-07T08:15:30.5Z", "2026-06-07T08:15:30.5Z"),
        ("iso", "Europe/London", "2026-06-07", "2026-06-06T23:00:00Z"),
        ("epoch_s", "Europe/London", "1586244658", "2020-04-07T07:30:58Z"),
        ("epoch_ms", "Europe/London", "1586244658250", "2020-04-07T07:30:58.25Z"),
        ("excel_days", "UTC", "43928.3131", "2020-04-07T07:30:51.84Z"),
    ],
)
def test_times_are_read_as_they_are_written(form, zone, text, expected):
    stamps, bad = read([text, ""], format=form, zone=zone)
    assert bad == []
    assert stamps.tolist() == [ms(expected), ABSENT_MS]


def test_time_may_be_counted_from_an_origin():
    origin = datetime(2026, 1, 1, tzinfo=UTC)
    stamps, _ = read(["1.5"], format="elapsed_d", origin=origin)
    assert stamps.tolist() == [ms("2026-01-02T12:00:00Z")]


def test_several_formats_are_tried_in_order():
    texts = ["07/06/2026 08:15:30", "07/06/2026 08:15", "yesterday"]
    stamps, bad = read(texts, format=("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M"))
    assert stamps[0] - stamps[1] == 30_000
    assert bad == [2]


@pytest.mark.parametrize(
    "text",
    [
        "30/02/2026 08:00:00",
        "01/13/2026 08:00:00",
        "01/01/2026 24:00:00",
        "01/01/2026 08:60:00",
        "01/01/2026 08:00:61",
        "1/1/2026 8:0:0 x",
        "00/01/2026 08:00:00",
    ],
)
def test_times_that_do_not_exist_are_bad(text):
    stamps, bad = read(["01/01/2026 08:00:00", text], format="%d/%m/%Y %H:%M:%S")
    assert bad == [1]
    assert stamps[1] == ABSENT_MS


def test_local_times_that_the_clocks_jump_over_are_bad():
    _, bad = read(["2026-03-29 00:59:59", "2026-03-29 01:30:00", "2026-03-29 02:00:00"])
    assert bad == [1]


def test_local_times_that_come_twice_are_the_earlier_and_counted():
    reader = Stamps(TimeBlock())
    stamps, bad = reader.read(["2026-10-25 01:30:00", "2026-10-25 02:30:00"])
    assert bad == []
    assert stamps.tolist() == [ms("2026-10-25T00:30:00Z"), ms("2026-10-25T02:30:00Z")]
    assert reader.ambiguous_count == 1


@given(
    a_datetime(1991, 2099),
    st.sampled_from(
        ["%d/%m/%Y %H:%M:%S", "%Y-%m-%d %I:%M:%S %p", "%Y%m%d%H%M%S", "%m-%d-%Y %H:%M"]
    ),
)
def test_the_fast_way_reads_what_python_writes(moment, form):
    text = moment.strftime(form)
    values, fits = FixedForm.of(form).read([text, text + " ", "", "x" * len(text)])
    assert fits.tolist() == [True, False, False, False]
    again = datetime.strptime(text, form).replace(tzinfo=UTC)
    assert values[0] == round(again.timestamp()) * 1000


@given(st.text(alphabet="0123456789/: APMx", min_size=19, max_size=19))
def test_the_fast_way_accepts_only_what_python_accepts(text):
    values, fits = FixedForm.of("%d/%m/%Y %H:%M:%S").read([text])
    try:
        expected = datetime.strptime(text, "%d/%m/%Y %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        assert not fits[0] or text[17:] in {"60", "61"}
    else:
        assert not fits[0] or values[0] == round(expected.timestamp()) * 1000


@given(st.lists(a_datetime(1995, 2035), min_size=1, max_size=20))
def test_zones_agree_with_python(moments):
    zone = ZoneInfo("America/New_York")
    texts = [m.strftime("%Y-%m-%d %H:%M:%S") for m in moments]
    stamps, bad = read(texts, zone="America/New_York")
    for row, moment in enumerate(moments):
        local = moment.replace(microsecond=0, tzinfo=zone)
        back = local.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
        exists = back == local.replace(tzinfo=None)
        assert (row in bad) is not exists
        if exists:
            assert stamps[row] == round(local.timestamp() * 1000)


def test_an_unknown_directive_is_refused():
    with pytest.raises(ValueError, match="%Q"):
        Stamps(TimeBlock(format="%Q"))


def test_weekday_and_hour_give_a_time_in_the_week():
    block = HourOfWeek(weekday="w", hour="h", week_of=date(2024, 1, 1))
    stamps, bad = HoursOfWeek(block, "UTC").read(
        ["Monday", "sun", "3", "Monday", "noday", "Tue"], ["0", "23", "8", "0", "1", "24"]
    )
    assert bad == [4, 5]
    base = datetime(2024, 1, 1, tzinfo=UTC)
    expected = [
        base,
        base + timedelta(days=6, hours=23),
        base + timedelta(days=2, hours=8),
        base + timedelta(minutes=1),
    ]
    assert stamps[:4].tolist() == [round(e.timestamp() * 1000) for e in expected]
    assert np.all(stamps[4:] == ABSENT_MS)


def test_the_next_day_is_the_same_time_on_the_clock_though_the_day_has_25_hours():
    stamps = Stamps(TimeBlock(zone="Europe/London", format="%d/%m/%Y %H:%M"))
    read, _ = stamps.read(["26/10/2025 00:10", "27/10/2025 00:10", "25/10/2025 00:10"])
    assert stamps.next_day(read[[0, 2]]).tolist() == read[[1, 0]].tolist()
    assert read[1] - read[0] == 25 * 3_600_000
