"""The language of trigger rules: words to tokens, tokens to a tree, and the tree back to words.

    when waiting_over(15 min) >= 3 or longest_wait > 30 min
    for 5 min until waiting < 2 and longest_wait < 15 min hold 60 min

A rule is data: nothing in it is ever executed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from dispatch.domain.trigger_quantity import Measure, Quantity, number_text, value_text

RULE_LENGTH_MAX: Final = 2_000
"""Longest text of a rule, in characters."""

COMPARISONS_MAX: Final = 40
"""Most comparisons in one rule: more than any person can review."""

DEPTH_MAX: Final = 20
"""Deepest nesting of brackets and 'not'."""

VALUE_MAX: Final = 1e7
"""Largest value that can be written; a slip of the keyboard rather than a threshold."""


class RuleError(ValueError):
    """A rule that cannot be used; ``column`` (from 1) is where the trouble begins."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(f"{message} (column {column})")
        self.column = column


class Operator(StrEnum):
    """How two values are compared."""

    AT_LEAST = ">="
    OVER = ">"
    AT_MOST = "<="
    UNDER = "<"
    EQUAL = "="
    UNEQUAL = "!="


class Literal(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """A written value: a bare number has no measure of its own."""

    value: float
    measure: Measure | None
    column: int = 0


class Named(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """A quantity that a rule names."""

    quantity: Quantity
    column: int = 0


Term = Literal | Named


class Comparison(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """Two terms and how they are compared."""

    left: Term
    operator: Operator
    right: Term
    column: int = 0


class Not(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """True when its part is false."""

    part: Expression


class And(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """True when every part is."""

    parts: tuple[Expression, ...]


class Or(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """True when any part is."""

    parts: tuple[Expression, ...]


Expression = Comparison | Not | And | Or


class RuleTree(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """A whole rule: when it fires, after how long, until when, and for how long at least."""

    when: Expression
    until: Expression | None = None
    sustained_min: float = 0.0
    hold_min: float = 0.0


class _Token(NamedTuple):
    kind: str
    text: str
    column: int


_TOKENS: Final = re.compile(
    r"""(?P<blank>\s+)
      | (?P<clock>\d{1,2}:\d{2})
      | (?P<number>\d+(?:\.\d+)?)
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<operator>>=|<=|!=|==|[<>=≥≤≠])
      | (?P<percent>%)
      | (?P<open>\()
      | (?P<close>\))""",
    re.VERBOSE,
)
_OPERATORS: Final = {"==": "=", "≥": ">=", "≤": "<=", "≠": "!="}
_MINUTES: Final = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1 / 60),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), 1.0),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 60.0),
}
_CLAUSES: Final = frozenset({"when", "for", "until", "hold"})
_RESERVED: Final = _CLAUSES | {"and", "or", "not", "between"} | frozenset(_MINUTES)


def parse_rule(text: str) -> RuleTree:
    """Return the tree of a rule's text; names and units are not checked here.

    Raises
    ------
    RuleError
        When the text is not a rule, with the column at which reading stopped.
    """
    if len(text) > RULE_LENGTH_MAX:
        raise RuleError(
            f"Expected at most {RULE_LENGTH_MAX} characters, was {len(text)}.", RULE_LENGTH_MAX
        )
    return _Parser(text).rule()


def parse_quantity(text: str) -> Quantity:
    """Return the quantity that a text such as ``inbound(30 min)`` names.

    Raises
    ------
    RuleError
        When the text is anything else.
    """
    return _Parser(text).quantity()


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        match = _TOKENS.match(text, at)
        if match is None:
            raise RuleError(f"Expected a word, number or sign, was {text[at]!r}.", at + 1)
        if match.lastgroup != "blank":
            yield _Token(str(match.lastgroup), match.group(), at + 1)
        at = match.end()
    yield _Token("end", "the end", len(text) + 1)


class _Parser:
    """Recursive descent over the tokens of one rule."""

    def __init__(self, text: str) -> None:
        self._rest = list(_tokens(text))
        self._comparisons = 0

    def rule(self) -> RuleTree:
        self._take_word("when")
        when = self.either(0)
        until: Expression | None = None
        durations: dict[str, float] = {}
        while (token := self._rest[0]).kind != "end":
            word = token.text.lower()
            if word in durations or (word == "until" and until is not None):
                raise RuleError(f"Expected {word!r} once, was there again.", token.column)
            if self._take_word("until"):
                until = self.either(0)
            elif self._take_word("for", "hold"):
                durations[word] = self._duration()
            else:
                raise _expected("'and', 'or', 'for', 'until', 'hold' or the end", token)
        return RuleTree(
            when=when,
            until=until,
            sustained_min=durations.get("for", 0.0),
            hold_min=durations.get("hold", 0.0),
        )

    def quantity(self) -> Quantity:
        term = self._term()
        if not isinstance(term, Named) or self._rest[0].kind != "end":
            raise RuleError("Expected the name of one quantity.", term.column)
        return term.quantity

    def either(self, depth: int) -> Expression:
        parts = [self._both(depth)]
        while self._take_word("or"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _both(self, depth: int) -> Expression:
        parts = [self._single(depth)]
        while self._take_word("and"):
            parts.append(self._single(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _single(self, depth: int) -> Expression:
        token = self._rest[0]
        if depth > DEPTH_MAX:
            raise RuleError(f"Expected at most {DEPTH_MAX} levels of brackets.", token.column)
        if self._take_word("not"):
            return Not(self._single(depth + 1))
        if self._take("open"):
            inner = self.either(depth + 1)
            if not self._take("close"):
                raise _expected("a closing bracket", self._rest[0])
            return inner
        return self._comparison()

    def _comparison(self) -> Expression:
        self._comparisons += 1
        if self._comparisons > COMPARISONS_MAX:
            raise RuleError(
                f"Expected at most {COMPARISONS_MAX} comparisons.", self._rest[0].column
            )
        left = self._term()
        token = self._rest[0]
        if self._take_word("between"):
            low = self._term()
            if not self._take_word("and"):
                raise _expected("'and' after the lower value", self._rest[0])
            high = self._term()
            return And(
                (
                    Comparison(left, Operator.AT_LEAST, low, left.column),
                    Comparison(left, Operator.AT_MOST, high, left.column),
                )
            )
        if not self._take("operator"):
            raise _expected("a comparison such as >= or 'between'", token)
        operator = Operator(_OPERATORS.get(token.text, token.text))
        return Comparison(left, operator, self._term(), left.column)

    def _term(self) -> Term:
        token = self._rest.pop(0)
        if token.kind == "clock":
            hour, minute = map(int, token.text.split(":"))
            if hour > 24 or minute > 59 or hour * 60 + minute > 1440:
                raise RuleError(f"Expected a time of day, was {token.text}.", token.column)
            return Literal(hour * 60.0 + minute, Measure.CLOCK, token.column)
        if token.kind == "number":
            return self._literal(token)
        if token.kind == "word" and token.text.lower() not in _RESERVED:
            return Named(Quantity(token.text.lower(), self._parameter()), token.column)
        raise _expected("a quantity or a value", token)

    def _literal(self, token: _Token) -> Literal:
        value = float(token.text)
        if value > VALUE_MAX:
            raise RuleError(f"Expected a value up to {VALUE_MAX:.0f}.", token.column)
        if self._take("percent"):
            return Literal(value, Measure.PERCENT, token.column)
        unit = self._rest[0]
        if unit.kind == "word" and unit.text.lower() in _MINUTES:
            self._rest.pop(0)
            return Literal(value * _MINUTES[unit.text.lower()], Measure.MINUTES, token.column)
        return Literal(value, None, token.column)

    def _parameter(self) -> float | None:
        if not self._take("open"):
            return None
        minutes = self._duration()
        if not self._take("close"):
            raise _expected("a closing bracket", self._rest[0])
        return minutes

    def _duration(self) -> float:
        token = self._rest.pop(0)
        if token.kind != "number":
            raise _expected("a duration such as 15 min", token)
        literal = self._literal(token)
        if literal.measure is not Measure.MINUTES:
            raise _expected(f"a unit of time after {token.text}", self._rest[0])
        return literal.value

    def _take(self, kind: str) -> bool:
        if self._rest[0].kind != kind:
            return False
        self._rest.pop(0)
        return True

    def _take_word(self, *words: str) -> bool:
        token = self._rest[0]
        if token.kind != "word" or token.text.lower() not in words:
            return False
        self._rest.pop(0)
        return True


def _expected(what: str, token: _Token) -> RuleError:
    found = token.text if token.kind == "end" else repr(token.text)
    return RuleError(f"Expected {what}, was {found}.", token.column)


def rule_text(tree: RuleTree) -> str:
    """Return a rule in its canonical form: reading it gives an equal tree, but for columns."""
    parts = [f"when {expression_text(tree.when)}"]
    if tree.sustained_min:
        parts.append(f"for {number_text(tree.sustained_min)} min")
    if tree.until is not None:
        parts.append(f"until {expression_text(tree.until)}")
    if tree.hold_min:
        parts.append(f"hold {number_text(tree.hold_min)} min")
    return " ".join(parts)


def expression_text(expression: Expression) -> str:
    """Return an expression as a rule writes it."""
    match expression:
        case Comparison(left, operator, right):
            return f"{_term_text(left)} {operator} {_term_text(right)}"
        case Not(part):
            return f"not {_bracketed(part, (And, Or))}"
        case And(parts):
            return " and ".join(_bracketed(part, (And, Or)) for part in parts)
        case Or(parts):
            return " or ".join(_bracketed(part, (And, Or)) for part in parts)


def _bracketed(part: Expression, kinds: tuple[type, ...]) -> str:
    text = expression_text(part)
    return f"({text})" if isinstance(part, kinds) else text


def _term_text(term: Term) -> str:
    if isinstance(term, Named):
        return term.quantity.text()
    return number_text(term.value) if term.measure is None else value_text(term.measure, term.value)
