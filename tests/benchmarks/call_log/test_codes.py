"""Words and codes of foreign logs: exact words, patterns, AMPDS determinants, Pathways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.call_log.codes import Words, ampds_determinant, pathways_disposition
from benchmarks.call_log.mapping import WordBlock


def words(texts, problems=None, name="category", **block):
    block = {"column": "c"} | block
    reader = Words(name, WordBlock(**block))
    return reader.read({"c": texts, "d": texts}, len(texts), {} if problems is None else problems)


def test_exact_words_go_before_patterns_and_patterns_in_their_order():
    table = {"17*": "C3", "17D*": "C2", "17D05": "C1", "*": "C4"}
    assert words(["17D05", "17D06", "29A01", " 17d05 "], words=table) == ["C1", "C3", "C4", "C1"]


def test_ampds_determinants_fall_back_on_their_level():
    found = words(
        ["6-D-1", "09E01", "17a4G", "26Ω2"],
        scheme="ampds",
        words={"06D*": "C1"},
        levels={"E": "C1", "D": "C2", "A": "C3", "O": "C5"},
    )
    assert found == ["C1", "C1", "C3", "C5"]


@given(st.integers(1, 99), st.sampled_from("ABCDEO"), st.integers(0, 99))
def test_a_determinant_is_the_same_however_it_is_written(card, level, number):
    texts = [
        f"{card:02d}{level}{number:02d}",
        f"{card}-{level.lower()}-{number}",
        f" {card} {level} {number:02d} ",
    ]
    assert {ampds_determinant(text) for text in texts} == {f"{card:02d}{level}{number:02d}"}


def test_pathways_dispositions_are_looked_up_in_one_form():
    table = {"Dx010*": "C1", "DX0111": "C2"}
    assert words(["dx 0101", "0111"], scheme="pathways", words=table) == ["C1", "C2"]
    assert pathways_disposition("Cat 2") is None


def test_a_text_that_the_mapping_does_not_know_is_a_fault_of_its_row():
    problems = {}
    assert words(["1", "9"], problems, words={"1": "C1"}) == ["C1", ""]
    assert problems[1].expected.startswith("a text that the mapping knows")
    assert problems[1].found == "9"


def test_otherwise_takes_the_rest():
    assert words(["9", ""], words={"1": "C1"}, otherwise="C3") == ["C3", "C3"]
    assert words(["9"], column=None, otherwise="C2") == ["C2"]


def test_categories_that_are_ours_already_need_no_table():
    problems = {}
    assert words(["C1", "HCP3", "Red"], problems) == ["C1", "HCP3", ""]
    assert list(problems) == [2]


def test_free_words_are_kept_as_they_are():
    assert words(["Fall", ""], name="complaint") == ["Fall", ""]


def test_several_columns_are_looked_up_together():
    found = words(["3"], column=None, columns=("c", "d"), words={"3 | 3": "C1"})
    assert found == ["C1"]


@pytest.mark.parametrize("text", ["", "fall", "06F01", "123D01"])
def test_other_texts_are_no_determinants(text):
    assert ampds_determinant(text) is None
