"""Names of standards and products whose number is a version, not a measure: `USB 3.0`, `Windows 10`, `Wi-Fi 6`."""

import re
from dataclasses import dataclass

_NAMES = (
    "usb hdmi displayport bluetooth wi-fi wifi pcie pci-e pci express sata esata ddr thunderbolt windows android ios "
    "macos mac os os x office opengl directx direct3d opencl pcl postscript lga socket gen generation version ver v "
    "type level class category cat ip raid ieee hdcp tls wpa nfc dvi vga rs mini stage series model no number "
    "dolby vesa smtp snmp twain java core atom pentium xeon ryzen geforce gtx rtx radeon quadro iso en iec din "
    "energy star gold tier rev revision release edition server ubuntu playstation iphone ipad galaxy dvb nema"
)
_TWO_WORDS = ("pci express", "mac os", "os x", "energy star", "wi fi")
_SINGLE = sorted({*_NAMES.split(), "type-c"} - {"x", "energy", "star", "express", "mac"}, key=len, reverse=True)
_NAME = re.compile(
    r"(?<![^\W_])("
    + "|".join([*(name.replace(" ", "[ -]") for name in _TWO_WORDS), *map(re.escape, _SINGLE)])
    + r")(?:(?<=usb)[ -](?:type[ -]?)?[abc](?=[ -]))?(?:[™®][ -]?|[ -]|(?<=v)\.?|(?<=no)\. ?)(?:v|ver\.?"
    r"|version|gen)?[ .]?$",
    re.IGNORECASE,
)
_LONGEST = 26


@dataclass(frozen=True, slots=True)
class Standard:
    """A standard's name, folded, and where it starts."""

    start: int
    name: str


def standard_before(text: str, position: int) -> Standard | None:
    """The standard whose number begins at a position, if a name of one leads to it."""
    begin = max(0, position - _LONGEST)
    found = _NAME.search(text[begin:position])
    if found is None:
        return None
    name = re.sub(r"[ -]", "", found.group(1).casefold())
    return Standard(begin + found.start(), {"pci": "pcie", "pciexpress": "pcie"}.get(name, name))
