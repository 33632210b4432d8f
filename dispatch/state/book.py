"""A table of rows that do not change in place, so that its last changes can be taken back."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, MutableMapping
from typing import Any, Final, Generic, TypeVar, overload

import msgspec

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
T = TypeVar("T")

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


class Timers(MutableMapping[str, int]):
    """Which timers run, and when each is due. Writes are undone as those of a `Book`."""

    __slots__ = ("_book",)

    def __init__(self) -> None:
        self._book: Book[str, int] = Book()

    def __getitem__(self, timer: str) -> int:
        return self._book.rows[timer]

    def __setitem__(self, timer: str, due_at_ms: int) -> None:
        self._book.put(timer, due_at_ms)

    def __delitem__(self, timer: str) -> None:
        if self._book.drop(timer) is None:
            raise KeyError(timer)

    def __iter__(self) -> Iterator[str]:
        return iter(self._book.rows)

    def __len__(self) -> int:
        return len(self._book.rows)

    def __contains__(self, timer: object) -> bool:
        return timer in self._book.rows

    @overload
    def get(self, timer: str, /) -> int | None: ...

    @overload
    def get(self, timer: str, /, default: int) -> int: ...

    @overload
    def get(self, timer: str, /, default: T) -> int | T: ...

    def get(self, timer: str, /, default: Any = None) -> Any:
        """Return when a timer is due; None where it does not run."""
        return self._book.rows.get(timer, default)

    def mark(self) -> None:
        """Forget how earlier writes are undone."""
        self._book.mark()

    def restore(self) -> None:
        """Take back every write since the last mark."""
        self._book.restore()


def books_json(books: dict[str, Book[Any, Any]]) -> dict[str, Any]:
    """Return books for the canonical picture; those that are empty are left out."""
    return {
        name: msgspec.to_builtins(book.sorted_rows(), str_keys=True)
        for name, book in books.items()
        if book.rows
    }
