"""Which of an item's numbers a text speaks of: its width or its height, its memory or its storage, the pack or itself.

Words of facts' names and of sentences lead to the same labels, in English, German, French, Spanish and Italian.
"""

import re
from functools import lru_cache

_WORDS = {
    "weight": "weight weigh weighs weighing gewicht wiegt poids pèse peso pesa",
    "net": "net netto",
    "gross": "gross brutto",
    "capacity": "capacity load bears bear supports carries carry holds hold",
    "width": "width wide breite breit largeur anchura ancho larghezza",
    "height": "height high tall höhe hoch hauteur haut altura alto altezza",
    "depth": "depth deep tiefe tief profondeur profond profundidad profondità profondo",
    "length": "length long lang länge longueur longitud lunghezza lungo",
    "diameter": "diameter durchmesser diamètre diámetro diametro",
    "thickness": "thick thickness thin slim dicke dick épaisseur grosor spessore",
    "screen": "diagonal screen display panel bildschirm écran pantalla schermo bilddiagonale viewable",
    "package": "package packaging packaged packed verpackung emballage embalaje imballo",
    "pallet": "pallet pallets palette",
    "carton": "carton cartons master shipping shipped",
    "memory": "memory ram sdram ddr ddr2 ddr3 ddr4 ddr5 arbeitsspeicher mémoire memoria dimm",
    "ram": "ram sdram ddr ddr2 ddr3 ddr4 ddr5 dimm arbeitsspeicher",
    "graphics": "graphics gpu vram geforce radeon quadro gddr5 gddr6 gddr5x grafik grafikspeicher",
    "storage": "storage drive hdd ssd disk harddrive emmc festplatte stockage disco stored "
    "storing store stores lagerung ssds hdds",
    "cache": "cache l1 l2 l3",
    "card": "card cards microsd sdhc sdxc",
    "processor": "processor cpu prozessor processeur procesador processore clocked",
    "boost": "boost turbo burst",
    "bus": "bus buses fsb",
    "operating": "operating operation operates operate runtime working works work runs betrieb fonctionnement "
    "funcionamiento",
    "standby": "standby sleep asleep powersave",
    "idle": "idle",
    "typical": "typical typically",
    "off": "off",
    "input": "input eingang entrée entrada ingresso",
    "output": "output ausgang sortie salida uscita delivers",
    "read": "read reads reading lesen lecture lectura lettura",
    "write": "write writes writing schreiben écriture escritura scrittura",
    "print": "print prints printing druckt impression stampa",
    "black": "black mono monochrome schwarz noir negro nero",
    "colour": "colour color colours farbe farbig couleur colore",
    "copy": "copy copies copying copier kopieren",
    "scan": "scan scans scanning scanner scannen",
    "fax": "fax faxing",
    "front": "front selfie frontkamera frontale",
    "rear": "rear back main rückseite arrière trasera",
    "usb": "usb",
    "hdmi": "hdmi",
    "vga": "vga sub",
    "dvi": "dvi",
    "displayport": "displayport displayports",
    "ethernet": "ethernet lan network rj45 netzwerk",
    "serial": "serial rs232",
    "parallel": "parallel",
    "esata": "esata",
    "sata": "sata",
    "pci": "pci pcie",
    "firewire": "firewire ieee1394",
    "headphone": "headphone headphones kopfhörer",
    "microphone": "microphone microphones mic mics mikrofon",
    "speaker": "speaker speakers lautsprecher enceintes altavoces",
    "sim": "sim",
    "core": "core cores kerne kernen cœurs núcleos",
    "thread": "thread threads",
    "button": "button buttons tasten boutons botones pulsanti",
    "battery": "battery batteries akku akkus batterie batterien batería baterías aa aaa",
    "cell": "cell cells zellen",
    "fan": "fan fans lüfter",
    "slot": "slot slots",
    "bay": "bay bays",
    "tray": "tray trays fach",
    "outlet": "outlet outlets steckdosen",
    "response": "response reaktionszeit réponse respuesta risposta",
    "charge": "charge charges charging recharge recharges recharging ladezeit",
    "warranty": "warranty guarantee garantie garantía garanzia",
    "half": "half",
    "full": "full",
    "horizontal": "horizontal horizontally",
    "vertical": "vertical vertically",
    "optical": "optical",
    "digital": "digital",
    "keyboard": "keyboard tastatur clavier teclado tastiera",
    "mouse": "mouse maus souris ratón",
    "cable": "cable cord lead kabel câble cavo",
    "lens": "lens",
    "stand": "stand standfuß",
    "player": "player players spieler",
    "age": "age aged ages alter",
    "humidity": "humidity luftfeuchtigkeit",
    "altitude": "altitude",
    "refresh": "refresh",
    "display count": "displays monitors screens",
}
_LABELS: dict[str, set[str]] = {}
for _label, _spellings in _WORDS.items():
    for _spelling in _spellings.split():
        _LABELS.setdefault(_spelling, set()).add(_label)

#: Of what is around an item rather than of the item: a plain word does not mean these.
SHIPPED = frozenset({"pallet", "carton"})
AROUND = frozenset({"package", "stand"}) | SHIPPED
#: Parts that are also whole items: in the title of one, the word is the item's.
SUBJECTS = frozenset(
    {"headphone", "microphone", "speaker", "keyboard", "mouse", "cable", "lens", "card", "print", "scan", "copy", "fax"}
    | {"battery", "fan", "display count", "screen", "tray", "player", "outlet"}
)
#: What is told apart so well that a number of one is none of the other.
RIVALS: tuple[tuple[frozenset[str], frozenset[str]], ...] = tuple(
    (frozenset(dimensions.split(", ")), frozenset(rivals.split()))
    for dimensions, rivals in (
        ("data", "ram storage graphics cache"),
        ("length", "width height depth"),
        ("temperature, percent", "operating storage"),
        ("rate", "read write"),
        ("time", "operating charge response"),
        ("frequency, transfers", "processor bus memory"),
        ("voltage, current, power, apparent", "input output"),
        ("count:page, print speed", "black colour"),
        ("megapixels", "front rear"),
        ("angle", "horizontal vertical"),
    )
)
_WORD = re.compile(r"[^\W\d_]+\d?")
_NO_CORES = re.compile(r"\bintel\W{0,3}core\b|\bcore(?=[™®]|tm\b|\W{0,2}(?:i\d|m\d|2|duo|solo|ultra))")
_USB_VERSION = re.compile(r"\busb[ -]?([23])")


@lru_cache(maxsize=4096)
def aspects(words: str) -> frozenset[str]:
    """The labels that words lead to. What is named more closely goes before: graphics memory is no memory."""
    plain = _NO_CORES.sub(" ", words.casefold())
    found = {label for word in _WORD.findall(plain) for label in _LABELS.get(word, ())}
    found |= {f"usb {version}" for version in _USB_VERSION.findall(plain)}
    if found & {"graphics", "cache", "card", "bus"}:
        found -= {"memory", "ram", "storage", "processor", "front"}
    if "capacity" in found:
        found.discard("weight")
    return frozenset(found)
