"""A quality that a buyer can check: the words that claim it and the words that prove it.

Both are patterns without regard to case, in which ``~`` stands for a hyphen, a space or nothing.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quality:
    """One checkable quality: its name for a person, the words that claim it, and what else proves it."""

    name: str
    claim: str
    proof: str = ""
    #: A material is also what a desk, a wall or a floor is made of.
    material: bool = False
    #: A rating is proved by its own code only.
    code: bool = False
