"""Graphs of the DIMACS challenge become road networks."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from benchmarks.speed.dimacs import NOISE_SHARE, network_of, read_dimacs

TIMES = "c of four arcs and more\np sp 3 6\na 1 2 1000\na 2 1 1000\na 2 3 50\na 2 3 40\na 3 3 7\n"
LENGTHS = "p sp 3 6\na 1 2 800\na 2 1 800\na 2 3 90\na 2 3 90\na 3 3 5\n"
PLACES = "p aux sp co 3\nv 1 -73530767 41085396\nv 2 -73530538 41086098\nv 3 -73519366 41048796\n"


def write(folder, times=TIMES, lengths=LENGTHS, places=PLACES):
    for name, text in (("t.XX.gr", times), ("d.XX.gr", lengths), ("d.XX.co", places)):
        with gzip.open(folder / f"USA-road-{name}.gz", "wt") as file:
            file.write(text)
    return folder


def test_arcs_are_sorted_without_loops_and_parallels(tmp_path):
    arcs = read_dimacs(write(tmp_path), "XX")
    assert list(zip(arcs.tail.tolist(), arcs.head.tolist(), strict=True)) == [
        (0, 1),
        (1, 0),
        (1, 2),
    ]
    assert arcs.lon[0] == pytest.approx(-73.530767)
    assert arcs.length_m.tolist() == [80.0, 80.0, 9.0]


def test_noise_makes_the_two_ways_differ_by_a_tenth_at_most_and_is_the_same_again(tmp_path):
    one, two = (read_dimacs(write(tmp_path), "XX") for _ in range(2))
    assert np.array_equal(one.ms, two.ms)
    assert one.ms[0] != one.ms[1]
    assert (np.abs(one.ms[:2] - 1000) <= 1000 * NOISE_SHARE).all()
    assert one.ms[2] <= 40 * (1 + NOISE_SHARE)


def test_edges_of_the_network_are_the_arcs(tmp_path):
    arcs = read_dimacs(write(tmp_path), "XX")
    network = network_of(arcs)
    assert np.array_equal(network.tails(), arcs.tail)
    assert np.array_equal(network.head, arcs.head)
    assert np.array_equal(network.fixed_ms, arcs.ms)
    assert network.opposites().tolist() == [1, 0, -1]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"Expected a DIMACS file .*USA-road-t\.XX\.gr\.gz"):
        read_dimacs(tmp_path, "XX")


def test_twins_that_differ_and_files_without_arcs_are_refused(tmp_path):
    with pytest.raises(ValueError, match="Expected the same arcs"):
        read_dimacs(write(tmp_path, lengths=LENGTHS.replace("a 1 2", "a 1 3")), "XX")
    with pytest.raises(ValueError, match="Expected lines that begin with 'a'"):
        read_dimacs(write(tmp_path, times="c nothing\n"), "XX")
