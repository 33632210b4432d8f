"""A trigger rule: read, checked, explained, and asked with the evidence for its answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from operator import eq, ge, gt, le, lt, ne
from typing import Final

import msgspec

from dispatch.domain.trigger_check import check_rule, quantities_of, term_text
from dispatch.domain.trigger_language import (
    And,
    Comparison,
    Expression,
    Literal,
    Named,
    Not,
    Operator,
    Or,
    RuleTree,
    Term,
    parse_rule,
    rule_text,
)
from dispatch.domain.trigger_quantity import (
    HOSPITAL_QUANTITIES,
    TRUST_QUANTITIES,
    Measure,
    Quantity,
    Values,
    Vocabulary,
    value_text,
)

VOCABULARIES: Final[dict[str, Vocabulary]] = {
    "hospital": HOSPITAL_QUANTITIES,
    "trust": TRUST_QUANTITIES,
}
"""What rules may speak of, by what they are about."""

DEFAULT_HALO_RULE: Final = (
    "when waiting_over(15 min) >= 3 or waiting_over(30 min) >= 1 "
    "or mean_handover(60 min) > 25 min or inbound(30 min) >= 4 or opel >= 3 "
    "until waiting_over(15 min) = 0 and mean_handover(60 min) < 20 min "
    "and inbound(30 min) < 3 and opel <= 2 hold 60 min"
)
"""When a liaison officer is proposed. Assumed: no national numbers exist; the thresholds are those
in use at several trusts (background knowledge, low confidence), the release conditions ours."""


class TriggerRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of one hospital or trust, as configuration.

    ``action`` says what is proposed when it fires (``halo`` for a liaison officer, or the name of
    a plan). Construction reads and checks the text.

    Raises
    ------
    RuleError
        When the text cannot be read, names something unknown, mixes units, or never or always
        fires.
    ValueError
        When ``about`` is neither a hospital nor a trust.
    """

    id: str
    about: str
    subject: str
    text: str
    action: str = "halo"
    is_on: bool = True
    effective_from: str = "2026-04-01"
    source: str = "assumed"

    def __post_init__(self) -> None:
        if self.about not in VOCABULARIES:
            raise ValueError(f"Expected about 'hospital' or 'trust', was {self.about!r}.")
        read_rule(self.text, self.about)

    @property
    def tree(self) -> RuleTree:
        """The rule, read and checked."""
        return read_rule(self.text, self.about)

    @property
    def needs(self) -> tuple[Quantity, ...]:
        """The quantities whose values the rule needs."""
        return quantities_of(self.tree)


class Evidence(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One comparison, with the values that it saw; ``holds`` is None when a value was missing."""

    text: str
    values: tuple[tuple[str, float | None], ...]
    holds: bool | None


class Answer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Whether an expression holds (None: cannot be told), and why."""

    holds: bool | None
    evidence: tuple[Evidence, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The quantities that were not known."""
        names = (name for item in self.evidence for name, value in item.values if value is None)
        return tuple(dict.fromkeys(names))


@lru_cache(maxsize=4096)
def read_rule(text: str, about: str) -> RuleTree:
    """Return the checked tree of a rule's text.

    Raises
    ------
    RuleError
        When the rule cannot be read or makes no sense, with the column.
    """
    tree = parse_rule(text)
    check_rule(tree, VOCABULARIES[about])
    return tree


def evaluate(expression: Expression, values: Values) -> Answer:
    """Return whether an expression holds, with every comparison as evidence.

    A quantity that is absent or None makes its comparison unknown; unknown is neither true nor
    false, so that one dead feed silences only the terms that need it.
    """
    evidence: list[Evidence] = []
    found = _holds(expression, values, evidence)
    return Answer(holds=found, evidence=tuple(evidence))


def holds(expression: Expression, values: Values) -> bool | None:
    """Return whether an expression holds, None where it cannot be told; no evidence, no waiting.

    Most looks at rules find nothing new, so nobody reads why.
    """
    return _test_of(expression)(values)


def is_fired(tree: RuleTree, values: Values) -> Answer:
    """Return whether the firing condition holds now."""
    return evaluate(tree.when, values)


def is_released(tree: RuleTree, values: Values) -> bool | None:
    """Return whether what the rule started may end: its 'until' holds and its 'when' does not.

    Without an 'until', the end of the 'when' is the release. Unknown values release nothing.
    """
    fired = holds(tree.when, values)
    if fired is not False:
        return False if fired else None
    return True if tree.until is None else holds(tree.until, values)


def explain(tree: RuleTree, about: str) -> str:
    """Return a rule as a sentence for the person who is asked to switch it on."""
    vocabulary = VOCABULARIES[about]
    parts = [f"Fires when {_sentence(tree.when, vocabulary)}"]
    if tree.sustained_min:
        parts.append(f", for {value_text(Measure.MINUTES, tree.sustained_min)} without a break")
    if tree.until is None:
        parts.append(". May end when that is no longer so")
    else:
        parts.append(f". May end when that is no longer so and {_sentence(tree.until, vocabulary)}")
    if tree.hold_min:
        parts.append(f", but not before {value_text(Measure.MINUTES, tree.hold_min)} have passed")
    return "".join(parts) + "."


def canonical_text(text: str, about: str) -> str:
    """Return the canonical form of a rule's text."""
    return rule_text(read_rule(text, about))


def _holds(expression: Expression, values: Values, evidence: list[Evidence]) -> bool | None:
    match expression:
        case Comparison():
            return _compare(expression, values, evidence)
        case Not(part):
            inner = _holds(part, values, evidence)
            return None if inner is None else not inner
        case And(parts):
            return _all(tuple(_holds(part, values, evidence) for part in parts))
        case Or(parts):
            # De Morgan: any part holds unless all parts fail.
            failed = _all(
                tuple(
                    None if (inner := _holds(part, values, evidence)) is None else not inner
                    for part in parts
                )
            )
            return None if failed is None else not failed


def _all(answers: tuple[bool | None, ...]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True


def _compare(comparison: Comparison, values: Values, evidence: list[Evidence]) -> bool | None:
    left, right = _value(comparison.left, values), _value(comparison.right, values)
    found = None if left is None or right is None else _TESTS[comparison.operator](left, right)
    named = [term for term in (comparison.left, comparison.right) if isinstance(term, Named)]
    evidence.append(
        Evidence(
            text=_comparison_text(comparison),
            values=tuple((term.quantity.text(), values.get(term.quantity)) for term in named),
            holds=found,
        )
    )
    return found


@lru_cache(maxsize=4096)
def _comparison_text(comparison: Comparison) -> str:
    text = rule_text(RuleTree(comparison))
    return text.removeprefix("when ")


_TESTS: Final[dict[Operator, Callable[[float, float], bool]]] = {
    Operator.AT_LEAST: ge,
    Operator.OVER: gt,
    Operator.AT_MOST: le,
    Operator.UNDER: lt,
    Operator.EQUAL: eq,
    Operator.UNEQUAL: ne,
}


def _value(term: Term, values: Values) -> float | None:
    return term.value if isinstance(term, Literal) else values.get(term.quantity)


_Test = Callable[[Values], bool | None]


@lru_cache(maxsize=4096)
def _test_of(expression: Expression) -> _Test:
    """Return an expression as a function: the same few are asked at every look."""
    match expression:
        case Comparison(left, operator, right):
            return _comparison_test(left, _TESTS[operator], right)
        case Not(part):
            return _negation(_test_of(part))
        case And(parts):
            return _connection([_test_of(part) for part in parts], decides=False)
        case Or(parts):
            return _connection([_test_of(part) for part in parts], decides=True)


def _comparison_test(left: Term, test: Callable[[float, float], bool], right: Term) -> _Test:
    def compares(values: Values) -> bool | None:
        a, b = _value(left, values), _value(right, values)
        return None if a is None or b is None else test(a, b)

    if isinstance(left, Literal) or isinstance(right, Named):
        return compares
    quantity, limit = left.quantity, right.value

    def is_past(values: Values) -> bool | None:
        value = values.get(quantity)
        return None if value is None else test(value, limit)

    return is_past


def _negation(test: _Test) -> _Test:
    def fails(values: Values) -> bool | None:
        inner = test(values)
        return None if inner is None else not inner

    return fails


def _connection(tests: list[_Test], *, decides: bool) -> _Test:
    """Return the 'or' (True decides) or the 'and' (False decides) of some tests."""

    def connects(values: Values) -> bool | None:
        found: bool | None = not decides
        for test in tests:
            one = test(values)
            if one is decides:
                return decides
            if one is None:
                found = None
        return found

    return connects


_WORDS: Final = {
    Operator.AT_LEAST: "is at least",
    Operator.OVER: "is over",
    Operator.AT_MOST: "is at most",
    Operator.UNDER: "is under",
    Operator.EQUAL: "is",
    Operator.UNEQUAL: "is not",
}


def _sentence(expression: Expression, vocabulary: Vocabulary) -> str:
    match expression:
        case Comparison(left, operator, right):
            named = left if isinstance(left, Named) else right
            assert isinstance(named, Named), "a checked comparison has a quantity"
            kind = vocabulary[named.quantity.name]
            first = term_text(left, vocabulary, kind.measure)
            if kind.measure is Measure.COUNT and isinstance(left, Named):
                first = f"the number of {first}"
            return f"{first} {_WORDS[operator]} {term_text(right, vocabulary, kind.measure)}"
        case Not(part):
            return f"it is not so that {_sentence(part, vocabulary)}"
        case And(parts):
            return " and ".join(_grouped(part, vocabulary) for part in parts)
        case Or(parts):
            return ", or ".join(_grouped(part, vocabulary) for part in parts)


def _grouped(part: Expression, vocabulary: Vocabulary) -> str:
    text = _sentence(part, vocabulary)
    return f"({text})" if isinstance(part, And | Or) else text
