"""Bodies for any operation, lawful by its description or spoiled in one place: bounded, and quick.

A general generator of JSON Schema never ends on bodies of nested alternatives (areas, services,
patients, levels). This one knows only what our own description uses, goes no deeper than it must,
and says so when it meets a word that it does not know.
"""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st

DEPTH_MAX: Final = 6
"""Deeper than this only what is required is filled in, and lists are as short as they may be."""

JUNK: Final[tuple[Any, ...]] = (
    *(None, True, 0, -1, 1e308, 2**63, "", "x" * 300, "\u0000", "2026-13-41T99:00:00Z"),
    *([], [[]], {}, {"a": 1}, [None], "NaN"),
)

_KNOWN: Final = frozenset(
    {
        *("$ref", "anyOf", "oneOf", "allOf", "enum", "const", "type", "properties", "required"),
        *("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "additionalProperties"),
        *("pattern", "format", "minLength", "maxLength", "minimum", "maximum", "multipleOf"),
        *("exclusiveMinimum", "exclusiveMaximum", "default", "title", "description", "examples"),
        *(
            "discriminator",
            "dependentRequired",
            "propertyNames",
            "minProperties",
            "maxProperties",
            "example",
        ),
    }
)


def lawful(schema: dict[str, Any], models: dict[str, Any], depth: int = 0) -> st.SearchStrategy:
    """Return values that a schema of the description allows, as far as it says."""
    unknown = sorted(set(schema) - _KNOWN)
    assert not unknown, f"the description uses {unknown}: teach tests/api/bodies.py"
    if "$ref" in schema:
        return lawful(models[schema["$ref"].rsplit("/", 1)[1]], models, depth)
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return _any_of(schema[word], models, depth)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    return _OF_TYPE[schema.get("type", "anything")](schema, models, depth)


def _any_of(choices: list[dict[str, Any]], models: dict[str, Any], depth: int) -> st.SearchStrategy:
    if depth >= DEPTH_MAX:
        # The plainest of the alternatives comes to an end soonest.
        choices = sorted(choices, key=lambda item: item.get("type") != "null")[:1]
    return st.one_of([lawful(choice, models, depth + 1) for choice in choices])


def _object(schema: dict[str, Any], models: dict[str, Any], depth: int) -> st.SearchStrategy:
    fields = schema.get("properties", {})
    if not fields:
        more = schema.get("additionalProperties")
        if isinstance(more, dict) and depth < DEPTH_MAX:
            names = st.text("abc123", min_size=1, max_size=4)
            return st.dictionaries(names, lawful(more, models, depth + 1), max_size=2)
        return st.just({})
    required = set(schema.get("required", ()))
    chosen = required if depth >= DEPTH_MAX else set(fields)
    made = {name: lawful(fields[name], models, depth + 1) for name in fields if name in chosen}
    whole = st.fixed_dictionaries(
        {name: made[name] for name in made if name in required},
        optional={name: made[name] for name in made if name not in required},
    )
    partners = schema.get("dependentRequired")
    return whole if partners is None else whole.map(lambda body: _complete(body, partners))


def _complete(body: dict[str, Any], partners: dict[str, list[str]]) -> dict[str, Any]:
    """Leave out what may only come together with something that is not there."""
    alone = [name for name in body if any(other not in body for other in partners.get(name, ()))]
    return {name: value for name, value in body.items() if name not in alone}


def _array(schema: dict[str, Any], models: dict[str, Any], depth: int) -> st.SearchStrategy:
    if "prefixItems" in schema:
        return st.tuples(*(lawful(item, models, depth + 1) for item in schema["prefixItems"])).map(
            list
        )
    least = schema.get("minItems", 0)
    most = least if depth >= DEPTH_MAX else max(least, min(schema.get("maxItems", 2), least + 2))
    return st.lists(
        lawful(schema.get("items", {}), models, depth + 1), min_size=least, max_size=most
    )


def _string(schema: dict[str, Any], _models: dict[str, Any], _depth: int) -> st.SearchStrategy:
    if schema.get("format") == "date-time":
        return st.sampled_from(["2026-03-01T12:00:00Z", "2026-03-01T11:58:30.5+00:00"])
    if schema.get("format") == "date":
        return st.sampled_from(["2026-03-01", "2026-12-25"])
    if "pattern" in schema:
        return st.one_of(
            st.sampled_from(["i", "A1", "st-marys", "R1F", "R1", "UTC"]),
            st.from_regex(schema["pattern"], fullmatch=True).filter(
                lambda text: len(text) <= schema.get("maxLength", 200)
            ),
        )
    least = schema.get("minLength", 0)
    words = st.text("abc X1-:;,éß\n", min_size=least, max_size=min(schema.get("maxLength", 12), 12))
    known = st.sampled_from(["24/7", "waiting >= 3", "R1F", "manager", "Mon-Fri 09:00-17:00"])
    return st.one_of(words, known)


def _number(schema: dict[str, Any], _models: dict[str, Any], _depth: int) -> st.SearchStrategy:
    low, high = _bounds(schema, 1_000.0)
    return st.one_of(
        st.floats(low, high, allow_nan=False).map(lambda value: round(value, 4)),
        st.sampled_from([low, high]),
    )


def _integer(schema: dict[str, Any], _models: dict[str, Any], _depth: int) -> st.SearchStrategy:
    low, high = _bounds(schema, 1_000.0)
    return st.integers(int(low), int(high))


def _bounds(schema: dict[str, Any], wide: float) -> tuple[float, float]:
    low = schema.get("minimum", schema.get("exclusiveMinimum", -wide))
    high = schema.get("maximum", schema.get("exclusiveMaximum", max(wide, low + wide)))
    return float(low), float(high)


def _any(_schema: dict[str, Any], _models: dict[str, Any], _depth: int) -> st.SearchStrategy:
    return st.sampled_from(["word", 1, None, {"a": [1]}])


_OF_TYPE: Final = {
    "object": _object,
    "array": _array,
    "string": _string,
    "number": _number,
    "integer": _integer,
    "boolean": lambda *_: st.booleans(),
    "null": lambda *_: st.none(),
    "anything": _any,
}


@st.composite
def spoiled(draw: st.DrawFn, bodies: st.SearchStrategy) -> Any:
    """Return a lawful body in which one value is junk, missing, or one too many."""
    body = draw(bodies)
    places = list(_places(body))
    if not places:
        return draw(st.sampled_from(JUNK))
    holder, key = draw(st.sampled_from(places))
    how = draw(st.sampled_from(["junk", "drop", "add"]))
    if how == "drop":
        del holder[key]
    elif how == "add" and isinstance(holder, dict):
        holder["unknown"] = draw(st.sampled_from(JUNK))
    else:
        holder[key] = draw(st.sampled_from(JUNK))
    return body


def _places(body: Any) -> Any:
    """Yield every place of a body: what holds it, and its key or index."""
    if isinstance(body, dict):
        keys: Any = list(body)
    elif isinstance(body, list):
        keys = range(len(body))
    else:
        return
    for key in keys:
        yield body, key
        yield from _places(body[key])
