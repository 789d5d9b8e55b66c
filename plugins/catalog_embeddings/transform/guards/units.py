"""Units as product texts write them: which dimension, how large. English, German, French, Spanish, Italian.

It knows no numbers; `quantities` finds a unit behind a number, `support` compares two of them.
"""

import re
from collections import defaultdict
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of a dimension: ``base = (value + offset) * factor``; things that are counted are ``count:<thing>``."""

    dimension: str
    factor: float
    system: str = ""
    offset: float = 0.0

    @property
    def counts(self) -> bool:
        """Whether it is a kind of thing rather than a measure."""
        return self.dimension.startswith("count:")


#: A word that may be a unit or none: the "in" of "2 in total".
NO_UNIT = Unit("", 1.0)

#: dimension, factor, system of units, spellings. Written in capitals and small letters as they stand only where
#: another unit differs by that alone; `_` is a space.
_TABLE: tuple[tuple[str, float, str, str], ...] = (
    ("length", 1e-9, "si", "nm nanometre nanometres nanometer nanometers"),
    ("length", 1e-6, "si", "µm μm um micron microns micrometre micrometres micrometer micrometers mikrometer"),
    ("length", 1e-3, "si", "mm millimetre millimetres millimeter millimeters millimètre millimètres milímetros"),
    ("length", 1e-2, "si", "cm centimetre centimetres centimeter centimeters zentimeter centimètre centimètres"),
    ("length", 1e-2, "si", "centímetro centímetros centimetro centimetri cms"),
    ("length", 1.0, "si", "m metre metres meter meters metern mètre mètres metro metros metri mtr mtrs"),
    ("length", 1e3, "si", "km kilometre kilometres kilometer kilometers kilomètres kilómetros chilometri"),
    ("length", 0.0254, "imperial", "\" '' ′′ in in. inch inches zoll pouce pouces pulgada pulgadas pollice pollici"),
    ("length", 0.3048, "imperial", "' ′ ft ft. foot feet fuß pied pieds pie pies piede piedi"),
    ("length", 0.9144, "imperial", "yd yds yard yards"),
    ("length", 1609.344, "imperial", "mile miles mi"),
    ("mass", 1e-6, "si", "mg milligram milligrams milligramm"),
    ("mass", 1e-3, "si", "g gr gram grams gramme grammes gramm gramo gramos grammo grammi"),
    ("mass", 1.0, "si", "kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes kilogramm kilogramo kilogramos"),
    ("mass", 1.0, "si", "chilo chili chilogrammo chilogrammi"),
    ("mass", 1e3, "si", "t tonne tonnes tonnen tonelada toneladas tonnellate"),
    ("mass", 0.028349523, "imperial", "oz oz. ounce ounces unze unzen once onces onza onzas"),
    ("mass", 0.45359237, "imperial", "lb lb. lbs lbs. pound pounds pfund livres libra libras libbre"),
    ("grammage", 1.0, "si", "g/m² g/m2 g/m^2 gsm g/qm grams_per_square_metre grams_per_square_meter gr/m²"),
    ("volume", 1e-12, "si", "pl picolitre picolitres picoliter picoliters"),
    ("volume", 1e-3, "si", "ml millilitre millilitres milliliter milliliters mililitros millilitri cc cm³ cm3"),
    ("volume", 1e-2, "si", "cl centilitre centilitres centiliter"),
    ("volume", 1e-1, "si", "dl"),
    ("volume", 1.0, "si", "l litre litres liter liters litern litro litros litri ltr"),
    ("volume", 1e3, "si", "m³ m3 cubic_metres cubic_meters"),
    (
        "volume",
        0.0295735,
        "imperial",
        "fl_oz fl._oz fl._oz. fluid_ounce fluid_ounces US_fl_oz US_fluid_ounce US_fluid_ounces",
    ),
    ("volume", 3.78541, "imperial", "gal gallon gallons US_gallon US_gallons"),
    ("volume", 0.473176, "imperial", "pint pints"),
    ("volume", 28.3168, "imperial", "cu_ft ft³ cubic_feet"),
    ("area", 1e-6, "si", "mm² mm2 square_millimetres square_millimeters"),
    ("area", 1e-4, "si", "cm² cm2"),
    ("area", 1.0, "si", "m² m2 qm square_metre square_metres square_meter square_meters quadratmeter"),
    ("area", 0.092903, "imperial", "sq_ft sq._ft. ft² ft2 square_feet square_foot"),
    ("data", 1.0, "si", "byte bytes B octets"),
    ("data", 1e3, "si", "KB kB kilobyte kilobytes KiB ko Ko"),
    ("data", 1e6, "si", "MB megabyte megabytes MiB Mo"),
    ("data", 1e9, "si", "GB gigabyte gigabytes GiB Go gig gigs"),
    ("data", 1e12, "si", "TB terabyte terabytes TiB To"),
    ("data", 1e15, "si", "PB petabyte petabytes PiB"),
    ("data", 125.0, "bit", "kbit kilobit"),
    ("data", 125e3, "bit", "Mb Mbit Mbits megabits"),
    ("data", 125e6, "bit", "Gb Gbit Gbits gigabits"),
    ("bits", 1.0, "si", "bit bits"),
    ("rate", 1.0, "si", "bit/s bps bits_per_second"),
    ("rate", 1e3, "si", "kbit/s kbps Kbps kb/s Kb/s kbits/s kilobits_per_second kilobaud kbaud kbit_per_second"),
    (
        "rate",
        1e6,
        "si",
        "Mbit/s Mbps Mb/s Mbits/s megabits_per_second megabit_per_second Mbit_per_second Mbit/sec Mbits/sec",
    ),
    ("rate", 1e9, "si", "Gbit/s Gbps Gb/s Gbits/s gigabits_per_second gigabit_per_second Gbit_per_second Gbit/sec GbE"),
    ("rate", 1e6, "si", "megabits"),
    ("rate", 1e9, "si", "gigabits"),
    ("rate", 1e12, "si", "Tbit/s Tbps Tb/s"),
    ("rate", 8e3, "si", "KB/s kB/s KB/sec"),
    ("rate", 8e6, "si", "MB/s MBps MB/sec megabytes_per_second MB_per_second Mo/s"),
    ("rate", 8e9, "si", "GB/s GBps GB/sec gigabytes_per_second GB_per_second Go/s"),
    ("transfers", 1e6, "si", "MT/s"),
    ("transfers", 1e9, "si", "GT/s"),
    ("frequency", 1.0, "si", "Hz hertz times_per_second"),
    ("frequency", 1e3, "si", "kHz kilohertz"),
    ("frequency", 1e6, "si", "MHz megahertz mhz"),
    ("frequency", 1e9, "si", "GHz gigahertz ghz"),
    ("rotation", 1.0, "si", "rpm revolutions_per_minute U/min tr/min upm rev/min"),
    ("power", 1e-3, "si", "mW milliwatt milliwatts"),
    ("power", 1.0, "si", "W watt watts vatios wrms W_RMS"),
    ("power", 1e3, "si", "kW kilowatt kilowatts"),
    ("power", 1e6, "si", "MW megawatt megawatts"),
    ("power", 735.5, "hp", "hp horsepower"),
    ("apparent", 1.0, "si", "VA volt-ampere volt-amperes"),
    ("apparent", 1e3, "si", "kVA"),
    ("voltage", 1e-3, "si", "mV millivolt millivolts"),
    ("voltage", 1.0, "si", "V volt volts voltios VAC VDC V_AC V_DC vac vdc Vac Vdc V~"),
    ("voltage", 1e3, "si", "kV kilovolt kilovolts"),
    ("current", 1e-3, "si", "mA milliamp milliamps milliampere"),
    ("current", 1.0, "si", "A amp amps ampere amperes amperios ampères"),
    ("charge", 1e-3, "si", "mAh milliamp_hours milliampere_hours milliamp-hours"),
    ("charge", 1.0, "si", "Ah amp_hours amp-hours ampere_hours"),
    ("energy", 1.0, "si", "J joule joules"),
    ("energy", 1e3, "si", "kJ kilojoule kilojoules"),
    ("energy", 3.6, "si", "mWh"),
    ("energy", 3600.0, "si", "Wh watt_hours watt-hours watthours watt_hour Wattstunden"),
    ("energy", 3.6e6, "si", "kWh kilowatt_hours kilowatt-hours Kilowattstunden"),
    ("energy", 4184.0, "cal", "kcal calories kilocalories Kalorien"),
    ("heat", 1.0, "si", "BTU BTU/h BTUs BTU/hr"),
    ("resistance", 1.0, "si", "Ω Ω ohm ohms"),
    ("resistance", 1e3, "si", "kΩ kohm"),
    ("density", 1.0, "si", "dpi ppi cpi lpi dots_per_inch pixels_per_inch counts_per_inch x_dpi"),
    ("print speed", 1.0, "si", "ppm cpm pages_per_minute page_per_minute pages/min pages_a_minute copies_per_minute"),
    ("print speed", 1.0, "si", "seiten_pro_minute seiten/min pages_par_minute páginas_por_minuto pagine_al_minuto ipm"),
    ("print speed", 1.0, "si", "images_per_minute copies/min pag/min S/min opm"),
    ("print speed", 1.0, "si", "per_minute /min"),
    ("rotation", 1.0, "si", "per_minute turns_per_minute"),
    ("characters per second", 1.0, "si", "cps characters_per_second"),
    ("frames", 1.0, "si", "fps frames_per_second frames/s bilder_pro_sekunde images_par_seconde"),
    ("sound", 1.0, "si", "dB dBA dB(A) decibel decibels décibels decibelios dBi dBm"),
    ("sound", 10.0, "si", "bel B(A)"),
    ("light", 1.0, "si", "lm lumen lumens lúmenes ANSI_lumens ansi_lumen"),
    ("luminance", 1.0, "si", "cd/m² cd/m2 nits nit candela_per_square_metre candelas_per_square_metre"),
    ("illuminance", 1.0, "si", "lux lx"),
    ("megapixels", 1.0, "si", "MP MPx Mpx Mpixel Mpixels megapixel megapixels mégapixels megapíxeles MPix"),
    ("pixels", 1.0, "si", "px pixel pixels píxeles"),
    ("temperature", 1.0, "si", "°C ° C C ºC degrees_Celsius degree_Celsius degrees_C Celsius grad_celsius"),
    ("temperature", 1.0, "si", "degrés_celsius grados_celsius gradi_celsius °_C"),
    ("colour temperature", 1.0, "si", "K kelvin kelvins"),
    ("angle", 1.0, "si", "° degree degrees grad grados degrés gradi deg"),
    ("time", 1e-9, "si", "ns nanosecond nanoseconds"),
    ("time", 1e-6, "si", "µs μs microsecond microseconds"),
    ("time", 1e-3, "si", "ms millisecond milliseconds millisekunden"),
    ("time", 1.0, "si", "s sec secs sec. second seconds sekunde sekunden secondes segundos secondi"),
    ("time", 60.0, "si", "min mins min. minute minutes minuten minutos minuti"),
    ("time", 3600.0, "si", "h hr hrs hour hours stunde stunden heure heures hora horas ora ore hr."),
    ("time", 86400.0, "si", "day days tag tage tagen jour jours día días giorno giorni"),
    ("time", 604800.0, "si", "week weeks woche wochen semaine semaines semana semanas settimana settimane"),
    ("time", 2629800.0, "si", "month months monat monate monaten mois mes meses mese mesi"),
    ("time", 31557600.0, "si", "year years yr yrs jahr jahre jahren an ans année années año años anno anni y"),
    ("percent", 1.0, "si", "% percent per_cent prozent pour_cent por_ciento per_cento pct"),
    ("speed", 1.0, "si", "m/s metres_per_second meters_per_second"),
    ("speed", 1 / 3.6, "si", "km/h kph kmh"),
    ("speed", 0.44704, "imperial", "mph miles_per_hour"),
    ("speed", 0.0254, "imperial", "ips inches_per_second in/s"),
    ("speed", 0.001, "si", "mm/s mm/sec"),
    ("airflow", 1.0, "si", "CFM"),
    ("airflow", 0.588578, "si", "m³/h m3/h"),
    ("force", 1.0, "si", "N newton newtons"),
    ("pressure", 1.0, "si", "Pa pascal"),
    ("pressure", 1e3, "si", "kPa"),
    ("pressure", 1e5, "si", "bar bars"),
    ("pressure", 6894.76, "imperial", "psi"),
    ("acceleration", 1.0, "si", "G"),
    ("rack", 1.0, "si", "U HE RU units unit rack_units rack_unit rack_spaces"),
    ("gauge", 1.0, "si", "AWG gauge"),
    ("times", 1.0, "si", "x X × times fold fach mal veces volte"),
    ("count:page", 1.0, "", "page pages pgs seite seiten página páginas pagina pagine pag pag. standard_pages"),
    ("count:sheet", 1.0, "", "sheet sheets blatt feuille feuilles hoja hojas foglio fogli sht"),
    ("count:sheet", 500.0, "", "ream reams"),
    ("count:page", 500.0, "", "ream reams"),
    ("count:label", 1.0, "", "label labels etikett etiketten étiquettes etiquetas etichette"),
    ("count:piece", 1.0, "", "pc pcs pc(s) pcs. pc. piece pieces pk pack packs units unit stück pièce pièces pieza"),
    ("count:piece", 1.0, "", "piezas pezzo pezzi st. packung set sets"),
    ("count:core", 1.0, "", "core cores kern kerne kernen kerner cœurs coeurs núcleos nuclei"),
    ("count:thread", 1.0, "", "thread threads"),
    ("count:port", 1.0, "", "port ports puerto puertos porta porte anschluss anschlüsse"),
    ("count:pin", 1.0, "", "pin pins polig broches pines"),
    ("count:outlet", 1.0, "", "outlet outlets sockets steckdosen prises"),
    ("count:cell", 1.0, "", "cell cells zellen cellules celdas celle"),
    ("count:lane", 1.0, "", "lane lanes"),
    ("count:key", 1.0, "", "key keys tasten touches teclas tasti"),
    ("count:button", 1.0, "", "button buttons boutons botones pulsanti"),
    (
        "count:person",
        1.0,
        "",
        "people persons users players personen benutzer personnes utilisateurs personas usuarios",
    ),
    ("count:person", 1.0, "", "person persone utenti spieler joueurs jugadores giocatori player guests"),
    ("count:channel", 1.0, "", "channel channels kanäle canaux canales canali"),
    ("count:colour", 1.0, "", "colour colours color colors farben couleurs colores colori"),
    ("count:copy", 1.0, "", "copies kopien copias copie"),
    ("count:transistor", 1.0, "", "transistors"),
)

_FAHRENHEIT = Unit("temperature", 5 / 9, "imperial", -32.0)
_FAHRENHEIT_SPELLINGS = ("°F", "F", "ºF", "degrees Fahrenheit", "degree Fahrenheit", "degrees F", "Fahrenheit")

#: In small letters these are words: "0 to 40", "he".
_AS_WRITTEN = frozenset(
    {"Go", "To", "Ko", "Mo", "ko", "HE", "RU", "PS", "Pa", "B(A)", "MW", "mW", "Mb", "Gb", "Mb/s", "Gb/s", "kb/s"}
)

# Computers rather than pieces, a maker rather than horsepower.
_NO_UNITS = frozenset({"PC", "PCs", "HP"})
# "Two M.2 slots" are no metres.
_NAME_GOES_ON = re.compile(r"\.\d(?! ?x\b)")
#: One letter in the wrong case is another unit or none, apart from these, which feeds write either way.
_LOOSE_LETTERS = {
    "M": (Unit("length", 1.0, "si"), Unit("data", 1e6, "si")),
    "G": (Unit("mass", 1e-3, "si"), Unit("data", 1e9, "si"), Unit("acceleration", 1.0, "si")),
    "K": (Unit("colour temperature", 1.0, "si"), Unit("data", 1e3, "si")),
    "T": (Unit("data", 1e12, "si"), Unit("mass", 1e3, "si")),
    "L": (Unit("volume", 1.0, "si"),),
    "v": (Unit("voltage", 1.0, "si"),),
    "w": (Unit("power", 1.0, "si"),),
    "H": (Unit("time", 3600.0, "si"),),
    "Y": (Unit("time", 31557600.0, "si"),),
}


def _tables() -> tuple[dict[str, tuple[Unit, ...]], dict[str, tuple[Unit, ...]]]:
    exact: dict[str, list[Unit]] = defaultdict(list)
    for dimension, factor, system, spellings in _TABLE:
        for spelling in spellings.split():
            for said in {spelling.replace("per_", every) for every in ("per_", "a_", "each_", "every_")}:
                exact[said.replace("_", " ")].append(Unit(dimension, factor, system))
    for spelling in _FAHRENHEIT_SPELLINGS:
        exact[spelling].append(_FAHRENHEIT)
    exact["in"].append(NO_UNIT)
    for letter, units in _LOOSE_LETTERS.items():
        exact[letter] = list(units)
    folded: dict[str, list[Unit]] = defaultdict(list)
    for spelling, found in exact.items():
        if len(spelling) > 1 and spelling not in _AS_WRITTEN:
            folded[spelling.casefold()].extend(unit for unit in found if unit not in folded[spelling.casefold()])
    return {key: tuple(units) for key, units in exact.items()}, {key: tuple(units) for key, units in folded.items()}


_EXACT, _FOLDED = _tables()
_SPELLINGS = sorted({*_EXACT, *_FOLDED}, key=lambda spelling: (-len(spelling), spelling))
# Most numbers have no unit, and the long alternation need not be tried for them.
_FIRST_LETTERS = frozenset(spelling[0].casefold() for spelling in _SPELLINGS if spelling[0] != "-") - {""}
_UNIT = re.compile(
    r"[ \t]?-?[ \t]?("
    + "|".join(re.escape(spelling) + ("" if spelling[-1] in '"%' else r"(?![^\W_])") for spelling in _SPELLINGS)
    + ")",
    re.IGNORECASE,
)


def unit_after(text: str, position: int) -> tuple[int, tuple[Unit, ...]] | None:
    """The unit that stands at a position (a space or a hyphen may lead to it): where it ends, what it may mean."""
    first = text[position : position + 4].lstrip(" \t-")[:1].casefold()
    found = _UNIT.match(text, position) if first in _FIRST_LETTERS else None
    if found is None:
        return None
    spelling = found.group(1)
    if spelling in _NO_UNITS or (len(spelling) == 1 and _NAME_GOES_ON.match(text, found.end())):
        return None
    units = _EXACT.get(spelling) or _FOLDED.get(spelling.casefold())
    return (found.end(), units) if units else None


def units_named(*spellings: str) -> tuple[Unit, ...]:
    """The units of these spellings, for tables of what a name implies.

    Raises:
        KeyError: A spelling is none of the table's.
    """
    return tuple(_EXACT[spelling][0] for spelling in spellings)
