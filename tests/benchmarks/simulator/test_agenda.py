"""The agenda: a total order of what is to happen."""

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.simulator.agenda import Agenda, Turn


def told(agenda):
    found = []
    while len(agenda):
        at_ms, turn, _, step, subject = agenda.pop()
        step((at_ms, turn, subject))
        found.append((at_ms, turn, subject))
    return found


def nothing(_subject):
    pass


def test_what_comes_first_happens_first():
    agenda = Agenda()
    agenda.add(20, Turn.CREW, nothing, "later")
    agenda.add(10, Turn.CREW, nothing, "sooner")
    assert [row[2] for row in told(agenda)] == ["sooner", "later"]


def test_a_timer_comes_before_everything_else_of_its_millisecond():
    agenda = Agenda()
    for turn in reversed(Turn):
        agenda.add(10, turn, nothing, turn.name)
    assert [row[2] for row in told(agenda)] == [turn.name for turn in Turn]


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(list(Turn)))))
def test_equal_instants_and_turns_keep_the_order_in_which_they_were_entered(rows):
    agenda = Agenda()
    for number, (at_ms, turn) in enumerate(rows):
        agenda.add(at_ms, turn, nothing, number)
    expected = sorted((at_ms, turn, number) for number, (at_ms, turn) in enumerate(rows))
    assert told(agenda) == expected


def test_it_tells_whether_something_comes_before_a_call():
    agenda = Agenda()
    assert not agenda.is_before(10, Turn.CALL)
    agenda.add(10, Turn.CREW, nothing, None)
    assert agenda.is_before(10, Turn.CALL)
    assert not agenda.is_before(10, Turn.TIMER)
    assert not agenda.is_before(9, Turn.CALL)
