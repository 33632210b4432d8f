"""Whether a trigger rule makes sense: names, units, and that it can both fire and stay silent.

An expression is turned into alternatives (an *or* of *ands*), and each alternative is asked
whether any state of the world satisfies it: each quantity keeps an interval, whole numbers and
natural ranges are respected, and related quantities bound each other (more cannot have waited
over 30 min than over 15 min).
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Final

from dispatch.domain.trigger_language import (
    And,
    Comparison,
    Expression,
    Literal,
    Named,
    Not,
    Operator,
    Or,
    RuleError,
    RuleTree,
    Term,
)
from dispatch.domain.trigger_quantity import Measure, Quantity, Vocabulary, value_text

ALTERNATIVES_MAX: Final = 2_000
"""Most alternatives that are looked at; a rule with more is refused as too involved."""

DURATION_MAX_MIN: Final = 7 * 24 * 60
"""Longest duration that a quantity takes: a week."""

_NEGATED: Final = {
    Operator.AT_LEAST: Operator.UNDER,
    Operator.OVER: Operator.AT_MOST,
    Operator.AT_MOST: Operator.OVER,
    Operator.UNDER: Operator.AT_LEAST,
    Operator.EQUAL: Operator.UNEQUAL,
    Operator.UNEQUAL: Operator.EQUAL,
}
_MIRRORED: Final = {
    Operator.AT_LEAST: Operator.AT_MOST,
    Operator.OVER: Operator.UNDER,
    Operator.AT_MOST: Operator.AT_LEAST,
    Operator.UNDER: Operator.OVER,
    Operator.EQUAL: Operator.EQUAL,
    Operator.UNEQUAL: Operator.UNEQUAL,
}

_Alternative = tuple[Comparison, ...]


def check_rule(tree: RuleTree, vocabulary: Vocabulary) -> None:
    """Check that a rule can be used.

    Raises
    ------
    RuleError
        When a name is unknown, a duration is missing or not wanted, units differ, the rule can
        never fire or always fires, or what it started can never end.
    """
    for expression in (tree.when, tree.until):
        for comparison in comparisons_of(expression):
            _check_comparison(comparison, vocabulary)
    column = next(comparisons_of(tree.when)).column
    if not is_possible(tree.when, vocabulary):
        raise RuleError("Expected a rule that can fire, was one that never can.", column)
    if not is_possible(Not(tree.when), vocabulary):
        raise RuleError("Expected a rule that can stay silent, was one that always fires.", column)
    if tree.until is not None and not is_possible(And((tree.until, Not(tree.when))), vocabulary):
        column = next(comparisons_of(tree.until)).column
        raise RuleError("Expected an 'until' that can come true, was one that never can.", column)


def comparisons_of(expression: Expression | None) -> Iterator[Comparison]:
    """Return the comparisons of an expression in the order in which they are written."""
    match expression:
        case Comparison():
            yield expression
        case Not(part):
            yield from comparisons_of(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from comparisons_of(part)


def quantities_of(tree: RuleTree) -> tuple[Quantity, ...]:
    """Return the quantities that a rule needs, each once, in a fixed order."""
    found = {
        term.quantity
        for expression in (tree.when, tree.until)
        for comparison in comparisons_of(expression)
        for term in (comparison.left, comparison.right)
        if isinstance(term, Named)
    }
    return tuple(sorted(found, key=lambda quantity: (quantity.name, quantity.minutes or 0.0)))


def thresholds_of(tree: RuleTree) -> dict[Quantity, tuple[float, ...]]:
    """Return the quantities of a rule, each with the values that it is compared with."""
    found: dict[Quantity, tuple[float, ...]] = dict.fromkeys(quantities_of(tree), ())
    for expression in (tree.when, tree.until):
        for comparison in comparisons_of(expression):
            terms = (comparison.left, comparison.right)
            values = tuple(term.value for term in terms if isinstance(term, Literal))
            for term in terms:
                if isinstance(term, Named):
                    found[term.quantity] += values
    return found


def is_possible(expression: Expression, vocabulary: Vocabulary) -> bool:
    """Test whether some state of the world makes an expression true.

    True is said when in doubt (two different quantities compared with each other); False is
    certain.
    """
    return any(_can_hold(parts, vocabulary) for parts in _alternatives(expression, negate=False))


def _check_comparison(comparison: Comparison, vocabulary: Vocabulary) -> None:
    measures = [
        _measure_of(term, vocabulary)
        for term in (comparison.left, comparison.right)
        if isinstance(term, Named)
    ]
    if not measures:
        raise RuleError("Expected a quantity on one side of a comparison.", comparison.column)
    measure = measures[0]
    for other in measures[1:]:
        if other is not measure:
            raise RuleError(
                f"Expected {measure} on both sides, was {other} on the right.",
                comparison.right.column,
            )
    for term in (comparison.left, comparison.right):
        if isinstance(term, Literal):
            _check_literal(term, measure)


def _measure_of(term: Named, vocabulary: Vocabulary) -> Measure:
    name, minutes = term.quantity.name, term.quantity.minutes
    kind = vocabulary.get(name)
    if kind is None:
        near = difflib.get_close_matches(name, vocabulary, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise RuleError(f"Expected the name of a quantity, was {name!r}{hint}", term.column)
    if kind.takes_minutes and minutes is None:
        raise RuleError(f"Expected a duration, as in {name}(30 min).", term.column)
    if not kind.takes_minutes and minutes is not None:
        raise RuleError(f"Expected {name!r} without brackets.", term.column)
    if minutes is not None and not 0 < minutes <= DURATION_MAX_MIN:
        raise RuleError(f"Expected a duration of up to a week, was {minutes} min.", term.column)
    return kind.measure


def _check_literal(literal: Literal, measure: Measure) -> None:
    bare = literal.measure is None
    if measure in (Measure.COUNT, Measure.LEVEL):
        if not bare:
            raise RuleError(f"Expected a {measure}, was {literal.measure}.", literal.column)
    elif literal.measure is not measure:
        found = "a bare number" if bare else str(literal.measure)
        raise RuleError(f"Expected a value in {measure}, was {found}.", literal.column)


def _alternatives(expression: Expression, *, negate: bool) -> list[_Alternative]:
    match expression:
        case Comparison(left, operator, right, column):
            kept = _NEGATED[operator] if negate else operator
            return [(Comparison(left, kept, right, column),)]
        case Not(part):
            return _alternatives(part, negate=not negate)
        case And(parts) | Or(parts):
            options = [_alternatives(part, negate=negate) for part in parts]
    if isinstance(expression, Or) != negate:
        return [alternative for option in options for alternative in option]
    product: list[_Alternative] = [()]
    for option in options:
        product = [(*one, *other) for one in product for other in option]
        if len(product) > ALTERNATIVES_MAX:
            raise RuleError("Expected a simpler rule: split it into several.", 1)
    return product


class _Range:
    """The values that one quantity may still take."""

    def __init__(self, low: float, high: float, *, is_whole: bool) -> None:
        self.low, self.high, self.is_whole = low, high, is_whole
        self.low_open = self.high_open = False
        self.without: set[float] = set()

    def narrow(self, operator: Operator, value: float) -> None:
        if operator is Operator.UNEQUAL:
            self.without.add(value)
        if operator in (Operator.AT_LEAST, Operator.OVER, Operator.EQUAL):
            self._raise_low(value, is_open=operator is Operator.OVER)
        if operator in (Operator.AT_MOST, Operator.UNDER, Operator.EQUAL):
            self._lower_high(value, is_open=operator is Operator.UNDER)

    def _raise_low(self, value: float, *, is_open: bool) -> None:
        if self.is_whole:
            value, is_open = (math.floor(value) + 1 if is_open else math.ceil(value)), False
        self.low, self.low_open = max((self.low, self.low_open), (value, is_open))

    def _lower_high(self, value: float, *, is_open: bool) -> None:
        if self.is_whole:
            value, is_open = (math.ceil(value) - 1 if is_open else math.floor(value)), False
        if (value, not is_open) < (self.high, not self.high_open):
            self.high, self.high_open = value, is_open

    def is_empty(self) -> bool:
        if self.low > self.high:
            return True
        if self.low == self.high:
            return self.low_open or self.high_open or self.low in self.without
        if self.is_whole and self.high - self.low <= len(self.without):
            whole = range(int(self.low), int(self.high) + 1)
            return all(float(value) in self.without for value in whole)
        return False


def _can_hold(parts: Iterable[Comparison], vocabulary: Vocabulary) -> bool:
    ranges: dict[Quantity, _Range] = {}
    for comparison in parts:
        left, operator, right = comparison.left, comparison.operator, comparison.right
        if isinstance(left, Literal):
            left, operator, right = right, _MIRRORED[operator], left
        assert isinstance(left, Named), "a comparison has a quantity on one side"
        if isinstance(right, Named):
            if left.quantity == right.quantity and operator in (
                Operator.OVER,
                Operator.UNDER,
                Operator.UNEQUAL,
            ):
                return False
            continue
        _range_of(ranges, left.quantity, vocabulary).narrow(operator, right.value)
    if any(found.is_empty() for found in ranges.values()):
        return False
    return not any(_contradict(ranges, vocabulary))


def _range_of(ranges: dict[Quantity, _Range], quantity: Quantity, vocabulary: Vocabulary) -> _Range:
    if quantity not in ranges:
        kind = vocabulary[quantity.name]
        ranges[quantity] = _Range(kind.low, kind.high, is_whole=kind.is_whole)
    return ranges[quantity]


def _contradict(ranges: dict[Quantity, _Range], vocabulary: Vocabulary) -> Iterator[bool]:
    """Yield True for each pair of related quantities whose ranges cannot both hold."""
    families: dict[str, list[Quantity]] = {}
    for quantity in ranges:
        families.setdefault(quantity.name, []).append(quantity)
    for name, members in families.items():
        kind = vocabulary[name]
        if kind.falls_with_it is not None:
            ordered = sorted(members, key=lambda member: member.minutes or 0.0)
            for short, long in combinations(ordered, 2):
                larger, smaller = (short, long) if kind.falls_with_it else (long, short)
                yield ranges[smaller].low > ranges[larger].high
        for member in members:
            if kind.part_of is not None and Quantity(kind.part_of) in ranges:
                yield ranges[member].low > ranges[Quantity(kind.part_of)].high
            if kind.witness is not None and Quantity(kind.witness) in ranges:
                yield _witness_contradicts(
                    ranges[member], ranges[Quantity(kind.witness)], member.minutes or 0.0
                )


def _witness_contradicts(counted: _Range, longest: _Range, minutes: float) -> bool:
    # Somebody has waited n minutes or longer exactly when the longest wait is n or more.
    if counted.low >= 1 and (
        longest.high < minutes or (longest.high == minutes and longest.high_open)
    ):
        return True
    return counted.high < 1 and longest.low >= minutes


def term_text(term: Term, vocabulary: Vocabulary, measure: Measure) -> str:
    """Return a term in the trade's words: a phrase for a quantity, a value with its unit."""
    if isinstance(term, Literal):
        return value_text(measure, term.value)
    kind = vocabulary[term.quantity.name]
    minutes = term.quantity.minutes
    return kind.phrase.format("" if minutes is None else value_text(Measure.MINUTES, minutes))
