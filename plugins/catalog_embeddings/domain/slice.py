"""A slice of the catalog: the share of the items that a version is made for while it is on trial.

Knows shares and buckets; which bucket an item falls into is left to ``transform.slicing``.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

BUCKETS = 10_000
_PERCENT = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?%")


@dataclass(frozen=True, slots=True)
class Slice:
    """Above 0 and at most 100 percent of the items, to a hundredth of a percent.

    Of two slices of one salt the smaller lies within the larger, so ramping up adds items and drops none.
    Another salt draws other items. Raises ValueError with a sentence for a share that is none.
    """

    percent: Decimal
    salt: str

    def __post_init__(self) -> None:
        if not 0 < self.percent <= 100:
            raise ValueError(f"a slice is more than 0 % and at most 100 % of the catalog, not {self.percent} %")
        if self.percent * (BUCKETS // 100) % 1:
            raise ValueError(f"a slice is cut to a hundredth of a percent, and {self.percent} % is finer")

    @classmethod
    def parse(cls, text: str, salt: str) -> Self:
        """Read a share as people write it: ``5%``, ``0.5 %``, ``100%``.

        The sign is asked for, because 0.05 might mean 5 % or a hundredth of that. Raises ValueError with a sentence.
        """
        written = _PERCENT.fullmatch(text.strip())
        if not written:
            raise ValueError(f"{text!r} is no slice: write a percentage such as 5% or 0.5%")
        return cls(Decimal(written[1]), salt)

    @property
    def buckets(self) -> int:
        """How many of the 10,000 buckets are in the slice: those below this number."""
        return int(self.percent * (BUCKETS // 100))

    def contains(self, bucket: int) -> bool:
        """Whether the items of a bucket are in the slice."""
        return bucket < self.buckets

    def __str__(self) -> str:
        """The share as ``parse`` reads it."""
        return f"{self.percent.normalize():f}%"
