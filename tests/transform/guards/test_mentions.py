"""How a text speaks of what it names: that it is so, that it is not, or neither."""

import re

import pytest

from catalog_embeddings.transform.guards.mentions import mentions

THING = re.compile(r"waterproof|leather|Wi-Fi|Bluetooth|wasserdicht|étanche")


def _manners(text: str) -> list[str]:
    return [mention.manner for mention in mentions(text, THING)]


@pytest.mark.parametrize(
    "text",
    [
        "It is waterproof.",
        "It is not only light but also waterproof.",
        "It is not heavy, but waterproof.",
        "No cables are needed because it has Wi-Fi.",
        "No fuss. Bluetooth pairs at once.",
        "Das Gehäuse ist wasserdicht.",
    ],
)
def test_what_is_said_to_be_so(text: str) -> None:
    assert _manners(text) == ["affirmed"]


@pytest.mark.parametrize(
    "text",
    [
        "It is not waterproof.",
        "It isn't waterproof.",
        "It isn’t fully waterproof.",
        "It is non-waterproof.",
        "It comes without Bluetooth.",
        "It has no built-in Wi-Fi.",
        "Wi-Fi is not included.",
        "A leather-free design.",
        "Bluetooth: no",
        "Es ist nicht wasserdicht.",
        "Il n'est pas étanche.",
    ],
)
def test_what_is_said_not_to_be_so(text: str) -> None:
    assert _manners(text) == ["denied"]


@pytest.mark.parametrize(
    ("text", "manner"),
    [
        ("Unlike waterproof models it must be kept dry.", "aside"),
        ("Pair it with a leather case.", "aside"),
        ("If you need Wi-Fi, choose another.", "aside"),
        ("Whether it is waterproof is not known.", "aside"),
        ("Wi-Fi is sold separately.", "aside"),
        ("A faux leather strap.", "doubtful"),
        ("It has a leather look.", "doubtful"),
        ("It has no single word printed about leather.", "doubtful"),
    ],
)
def test_what_is_said_of_neither(text: str, manner: str) -> None:
    assert _manners(text) == [manner]


def test_what_is_linked_to_a_denial_is_not_affirmed_by_it() -> None:
    assert _manners("There is no Wi-Fi or Bluetooth.") == ["denied", "doubtful"]
    assert _manners("It has no Wi-Fi. Bluetooth is on board.") == ["denied", "affirmed"]
    assert _manners("It has no Wi-Fi but Bluetooth.") == ["denied", "affirmed"]


def test_which_kind_it_is_may_be_left_open() -> None:
    assert _manners("Which leather is used is not stated.") == ["aside"]
    assert _manners("What kind of leather it has remains unknown.") == ["aside"]
    assert _manners("The leather is not real.") == ["denied"]
