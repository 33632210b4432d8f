"""A table of rows that do not change in place, so that its last changes can be taken back."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Final, Generic, TypeVar

import msgspec

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_ABSENT: Final[Any] = object()


class Book(Generic[K, V]):
    """Rows by key. Every write is remembered until the next `mark`, and `restore` undoes them.

    What an event changes is so undone at the cost of what it changed. Rows must be immutable.
    """

    __slots__ = ("_undo", "rows", "version")

    def __init__(self) -> None:
        self.rows: dict[K, V] = {}
        self.version = 0
        """Grows with every write, also with those that take back."""
        self._undo: list[tuple[K, V]] = []

    def get(self, key: K) -> V | None:
        """Return a row; None where there is none."""
        return self.rows.get(key)

    def put(self, key: K, row: V) -> None:
        """Enter a row, or replace it."""
        self._undo.append((key, self.rows.get(key, _ABSENT)))
        self.rows[key] = row
        self.version += 1

    def drop(self, key: K) -> V | None:
        """Take a row out and return it; None where there is none."""
        if key not in self.rows:
            return None
        row = self.rows.pop(key)
        self._undo.append((key, row))
        self.version += 1
        return row

    def mark(self) -> None:
        """Forget how earlier writes are undone."""
        if self._undo:
            self._undo.clear()

    def restore(self) -> None:
        """Take back every write since the last mark."""
        for key, row in reversed(self._undo):
            if row is _ABSENT:
                self.rows.pop(key, None)
            else:
                self.rows[key] = row
            self.version += 1
        self._undo.clear()

    def __deepcopy__(self, memo: dict[int, Any]) -> Book[K, V]:
        """Return a copy of its own; rows do not change, so they are shared."""
        del memo
        copied: Book[K, V] = Book()
        copied.rows, copied.version = dict(self.rows), self.version
        return copied

    def sorted_rows(self) -> list[tuple[Any, V]]:
        """Return keys and rows in the order of the keys."""
        return sorted(self.rows.items(), key=lambda item: str(item[0]))


def books_json(books: dict[str, Book[Any, Any]]) -> dict[str, Any]:
    """Return books for the canonical picture; those that are empty are left out."""
    return {
        name: msgspec.to_builtins(book.sorted_rows(), str_keys=True)
        for name, book in books.items()
        if book.rows
    }
