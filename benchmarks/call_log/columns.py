"""Columns of text in little memory: repeated words by number, identifiers as one run of bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import numpy.typing as npt

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """A column of repeated words: ``code`` int32[n] indexes ``vocabulary``.

    Entry 0 of the vocabulary is the empty word and means that nothing is known. The vocabulary is
    sorted, so that equal columns are equal arrays.
    """

    code: Int32s
    vocabulary: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.code)

    def __getitem__(self, index: int) -> str | None:
        """Return the word of one row; None where nothing is known."""
        return self.vocabulary[self.code[index]] or None

    def __iter__(self) -> Iterator[str | None]:
        words = [word or None for word in self.vocabulary]
        return (words[code] for code in self.code.tolist())

    def taken(self, rows: Int64s) -> Words:
        """Return the column with only the given rows, in their order."""
        used, code = np.unique(self.code[rows], return_inverse=True)
        vocabulary = ["", *(self.vocabulary[i] for i in used.tolist() if i)]
        shift = 0 if len(used) and used[0] == 0 else 1
        return Words((code + shift).astype(np.int32), tuple(vocabulary))

    @staticmethod
    def of(words: Iterable[str | None]) -> Words:
        """Return the column that holds the given words; None and the empty word are the same."""
        gathering = WordsBuilder()
        gathering.extend([word or "" for word in words])
        return gathering.built()


class WordsBuilder:
    """Gathers a column of words piece by piece, keeping each word once."""

    __slots__ = ("_code_of", "_pieces")

    def __init__(self) -> None:
        self._code_of: dict[str, int] = {"": 0}
        self._pieces: list[Int32s] = []

    def extend(self, words: Sequence[str]) -> None:
        """Append words; the empty word means that nothing is known."""
        code_of = self._code_of
        codes = [code_of.setdefault(word, len(code_of)) for word in words]
        self._pieces.append(np.array(codes, dtype=np.int32))

    def built(self) -> Words:
        """Return the column, its vocabulary sorted."""
        vocabulary = tuple(sorted(self._code_of))
        rank = {word: i for i, word in enumerate(vocabulary)}
        new = np.array([rank[word] for word in self._code_of], dtype=np.int32)
        code = np.concatenate(self._pieces) if self._pieces else np.empty(0, np.int32)
        return Words(new[code], vocabulary)


@dataclass(frozen=True, slots=True, eq=False)
class Ids(Sequence[str]):
    """A column of identifiers: the UTF-8 bytes one after another, and where each ends."""

    blob: bytes
    end: Int64s

    def __len__(self) -> int:
        return len(self.end)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self._one(i) for i in range(*index.indices(len(self.end)))]
        position = index if index >= 0 else index + len(self.end)
        if not 0 <= position < len(self.end):
            raise IndexError(f"Expected a row below {len(self.end)}, was {index}.")
        return self._one(position)

    def _one(self, position: int) -> str:
        start = int(self.end[position - 1]) if position else 0
        return self.blob[start : int(self.end[position])].decode("utf-8")

    def taken(self, rows: Int64s) -> Ids:
        """Return the identifiers of the given rows, in their order."""
        start = np.concatenate(([0], self.end[:-1])) if len(self.end) else self.end
        pairs = zip(start[rows].tolist(), self.end[rows].tolist(), strict=True)
        pieces = [self.blob[a:b] for a, b in pairs]
        lengths = np.fromiter(map(len, pieces), dtype=np.int64, count=len(pieces))
        return Ids(b"".join(pieces), np.cumsum(lengths))

    @staticmethod
    def of(names: Iterable[str]) -> Ids:
        """Return the column that holds the given identifiers."""
        pieces = [name.encode("utf-8") for name in names]
        lengths = np.fromiter(map(len, pieces), dtype=np.int64, count=len(pieces))
        return Ids(b"".join(pieces), np.cumsum(lengths))

    @staticmethod
    def joined(parts: Sequence[Ids]) -> Ids:
        """Return the identifiers of several columns, one after another."""
        offsets = np.cumsum([0, *(len(part.blob) for part in parts)])
        ends = [part.end + offset for part, offset in zip(parts, offsets[:-1], strict=True)]
        blob = b"".join(part.blob for part in parts)
        return Ids(blob, np.concatenate(ends) if ends else np.empty(0, np.int64))
