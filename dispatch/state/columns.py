"""Facts in columns of arrays that grow together."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np


class Columns(ABC):
    """Arrays of equal length, one for each fact; which they are is what a table allocates."""

    __slots__: tuple[str, ...] = ()

    @abstractmethod
    def _allocate(self, capacity: int) -> None:
        """Put an empty array of so many rows in the place of every column."""

    def _double(self, size: int) -> None:
        """Give every column twice as many rows as the ``size`` that it has, and keep these."""
        attributes = {name: getattr(self, name) for name in self.__slots__}
        self._allocate(2 * size)
        for name, column in attributes.items():
            if isinstance(column, np.ndarray):
                getattr(self, name)[:size] = column
