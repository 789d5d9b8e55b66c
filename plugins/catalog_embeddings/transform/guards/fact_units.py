"""What the name of a fact says of the unit of its number, where the number stands alone: `weight: 33`.

Feeds keep to conventions (grams, millimetres) that names only hint at, so a name may leave several units open, and a
name that says nothing leaves all of them.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from catalog_embeddings.transform.guards.units import Unit, units_named

#: A fact that identifies the item or leads to it: its digits are no measure of anything.
_IDENTIFIES = re.compile(
    r"\b(?:id|ean|gtin|upc|mpn|isbn|asin|url|link|img|image|images|thumb|price|code|unspsc|last change|updated at"
    r"|org id|item id|record hash|metadata version|locale|customs|barcode|oem|part number|article number)\b"
)
_COUNTS = re.compile(
    r"\b(?:number of(?! (?:years|pages|sheets|labels|\w*\s?cores|\w+ processing die|.*transistors))|quantity|ports?"
    r"|slots?|outputs|inputs|per (?:pallet|box|layer|case|carton|set|shipping)|connectors?|players|modules|cartridges"
    r"|channels|cells|configuration|sockets|trays|lanes|microphones|speakers|fans|bays|keys|phases|displayports"
    r"|users|languages|dialing max numbers|fax broadcasting"
    r"|levels)\b"
)


@dataclass(frozen=True, slots=True)
class _Rule:
    """Words that a name holds, and the units of its number, by how large that is: below a bound, and from it on."""

    words: re.Pattern[str]
    units: tuple[Unit, ...]
    bound: float = 0.0
    below: tuple[Unit, ...] = ()


def _rule(words: str, units: str, bound: float = 0.0, below: str = "") -> _Rule:
    return _Rule(
        re.compile(rf"\b(?:{words})\b"),
        units_named(*(unit.replace("_", " ") for unit in units.split())),
        bound,
        units_named(*(unit.replace("_", " ") for unit in below.split())),
    )


_COUNTED_RULE = _Rule(_COUNTS, units_named("piece"))
# A broken number of grams is as likely one of kilos, however great.
_WEIGHT = _rule("weight", "g", 20, "g kg")
#: The first rule whose words a name holds decides.
_RULES = (
    _rule("yield|duty cycle", "page"),
    _rule(r"labels per (?:pack|sheet)|number of labels", "label"),
    _rule(r"media sheets|sheets per (?:pack|package)|number of sheets", "sheet"),
    _rule("processor cores|number of (?:processor )?cores|cores", "core"),
    _rule("threads", "thread"),
    _rule("buttons", "button"),
    _rule("transistors", "transistors"),
    _rule(r"number of pages", "page"),
    _rule("memory layout.*", "GB MB pc"),
    _COUNTED_RULE,
    _rule(r"rank(?:s|ing)?", "piece"),
    _rule(r"headphone.*power|maximum input power", "mW W VA"),
    _rule(r"power capacity|(?:in|out)put power|apparent power|power rating", "W VA"),
    _rule(r"(?:in|out)put capacity|paper .*capacity|feeder capacity", "sheet ml W VA A"),
    _rule(r"number of years|warranty|age|shelf life|archival storage life|service life.*years", "year month"),
    _rule(r"(?:media|paper|print media|duplex media) weight", "gsm"),
    _rule(r"(?:backup|warm up|shaving|operating|recording|charging|recharge|standby|talk|playback) time.*", "min h s"),
    _rule(r"(?:weight|load) capacity|maximum (?:weight|load)", "kg"),
    _rule(r"weight.* imperial|imperial .*weight", "lb oz"),
    _rule(
        r"(?:outer|inner) carton.*weight|weight.*(?:outer|inner) carton|.*(?:gross|net|tare) weight", "kg g", 30, "kg"
    ),
    _rule("sample rates?", "kHz Hz"),
    _rule("die size", "mm²"),
    _rule("ramdac", "MHz"),
    _rule("shock", "G"),
    _rule("tape thickness", "μm mm"),
    _WEIGHT,
    _rule(r"humidity|efficiency|opacity|paper brightness|percent(?:age)?|coverage", "%"),
    _rule(r"temperature|tcase|tjunction", "°C"),
    _rule(r"imperial", "in ft"),
    _rule(r".*cm (?:outer|inner) carton", "cm"),
    _rule(r"diagonal metric|viewable size", "cm mm"),
    _rule(r"response time|latency|seek time|access time|cycle time", "ms ns"),
    _rule(r"time|first page out|autonomy|mtbf|mean time.*", "h min s day"),
    _rule(r"(?:battery|lamp|bulb|operating|service) life.*|life", "h year month min"),
    _rule(r"watt hours", "Wh"),
    _rule("battery capacity", "mAh", 20, "Ah mAh"),
    _rule(r"energy (?:rating|consumption)|surge energy.*|annual energy.*", "J kWh"),
    _rule("power factor", "times"),
    _rule("voltage|voltages", "V"),
    _rule("current|amperage", "A mA"),
    _rule(r"power consumption|tdp|power.* (?:standby|idle|off)", "W"),
    _rule(r"(?:power|tdp|wattage)(?! (?:source|supply type))", "W", 20, "W kW"),
    _rule(
        r"(?:sound|noise|acoustic|sensitivity|snr|attenuation|insertion loss|gain|separation|return loss).*", "dB bel"
    ),
    _rule("impedance|resistance", "ohm"),
    _rule("lithography|wavelength", "nm"),
    _rule(r"aspect ratio|contrast ratio", "times"),
    _rule("zoom|magnification|multiplier", "times"),
    _rule(r"(?:print|copy|scan|copier) speed.*|.*(?:printing|copying) speed", "ppm mm/s ips cps"),
    _rule(r"fax.*speed(?! dial)|modem speed", "kbit/s"),
    _rule(r"(?:hdd|rotational|fan|spindle|drive rotation) speed", "rpm"),
    _rule(r"(?:cd|dvd|bd|optical).*(?:write|read|rewrite) speed|(?:write|read) speed", "MB/s times"),
    _rule(r"bus bandwidth|front side bus|bus.*(?:speed|rate)|system bus.*", "MHz", 20, "GT/s GHz"),
    _rule(
        r"transfer rate|data rates?|bandwidth|throughput|switching capacity|bit rates?",
        "Mbit/s Gbit/s MB/s GB/s MHz",
        20,
        "Gbit/s Mbit/s GB/s MB/s",
    ),
    _rule(r"memory bus|address extension|colou?r depth|bit depth|data width|operating modes", "bit"),
    _rule(r"refresh rate|frame rate|video capturing speed", "Hz fps"),
    _rule(r"(?:memory|ram) clock speeds?|memory speed", "MHz"),
    _rule(
        r"processor (?:base |boost )?(?:frequency|speed)|clock (?:speed|rate)|cache speed|turbo frequency",
        "MHz",
        10,
        "GHz",
    ),
    _rule(r"carrier frequency.*", "kHz MHz GHz Hz"),
    _rule(r"(?:fm|am|lw|mw|sw|uhf|vhf) (?:band )?range|band range", "MHz kHz"),
    _rule(r"frequency|scan range|frequencies", "Hz MHz", 1000, "Hz kHz MHz GHz"),
    _rule(r"cache", "KB", 64, "MB"),
    _rule("bios memory size", "Mb MB"),
    _rule(r"(?:bios|flash|fax|packet|buffer|video|graphics).*(?:memory|size|buffer)", "MB", 16, "MB GB"),
    _rule(r"cd storage.*", "MB"),
    _rule(
        r"(?:hdd|ssd|hard (?:disk|drive)|storage|drive|disk).*(?:capacity|space)|memory card size", "GB", 20, "GB TB"
    ),
    _rule(r"memory|ram|ssds capacity|buffer size", "GB MB", 16, "GB"),
    _rule(r"camera resolution.*|megapixels?|resolution numeric", "megapixel"),
    _rule(r"pixel size", "μm"),
    _rule(r"pixel pitch|dot pitch", "mm"),
    _rule(
        r"(?:display|screen|video|graphics|digital|analog) resolutions?|maximum (?:video )?resolution|resolution",
        "px dpi megapixel",
    ),
    _rule(r"print quality.*|pixel density|movement resolution|scanning resolution", "dpi"),
    _rule(r"brightness", "nits lumen"),
    _rule(r"angle|rotation|tilt|swivel|pan", "deg"),
    _rule(r"altitude", "m"),
    _rule(r"range|distance", "m cm mm km"),
    _rule(r"(?:cable|cord|tape|roll|lead|ribbon|hose|wire|film) length", "m cm", 20, "m"),
    _rule(r"diagonal|screen size|display size|(?:hdd|ssd|drive|disk) sizes?", "mm", 110, "in cm"),
    _rule(r"driver unit|filter size", "mm"),
    _rule(r"core diameter|cladding.*|core cladding.*|printing media thickness", "μm mm"),
    _rule(r"volume", "ml cm3", 20, "ml l"),
    _rule(r"tank capacity|(?:water|bowl|ink|dust|dirt|jug|bag).*capacity", "l ml"),
    _rule(r"package size", "mm"),
    _rule(
        r"dimensions?|width|height|depth|length|thickness|diameter|margin|bezel.*|swath|vesa.*"
        r"|mounting interface|tape size",
        "mm",
        30,
        "mm cm in",
    ),
    _rule(r"wire size|awg", "AWG"),
    _rule(r"fps|frames? .*", "fps"),
    _rule(r"airflow", "CFM m3/h"),
    _rule(r"service time.*", "h day"),
    _rule(r"pages", "page"),
)


@lru_cache(maxsize=8192)
def identifies(name: str) -> bool:
    """Whether a fact only tells the item from others."""
    return bool(_IDENTIFIES.search(name))


@lru_cache(maxsize=8192)
def units_of(name: str, value: float) -> tuple[Unit, ...]:
    """The units that a fact's bare number may have by its name; none where the name says nothing."""
    plain = name_in_words(name)
    for rule in _RULES:
        if rule.words.search(plain):
            if rule is _WEIGHT and not float(value).is_integer():
                return rule.below
            return rule.below if abs(value) < rule.bound and rule.below else rule.units
    return ()


@lru_cache(maxsize=8192)
def name_in_words(name: str) -> str:
    """A name without the marks of its feed and with single spaces."""
    return " ".join(re.sub(r"[^\w]+", " ", re.sub(r"^(?:attributes )?(?:attr [tnb] )?", "", name)).split())
