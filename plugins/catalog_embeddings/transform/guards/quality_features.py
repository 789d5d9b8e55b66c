"""What a product connects to and can do: qualities with the words that claim and prove them.

``proof`` is what else in a record settles it: 802.11 is Wi-Fi, RJ-45 is Ethernet. Who reads this is `qualities`.
"""

from catalog_embeddings.transform.guards.quality import Quality

_WIFI = r"802\.11\w*|wi~?fi\d?|wlan|w~lan|wireless (?:lan|network\w*|n|g|ac|ax)|wpa2?|airprint"
_RADIO = (
    rf"{_WIFI}|cordless|bluetooth|dect|(?:2\.4|5) ?ghz|zigbee|miracast|infrared|\brf\b|nfc|radio|3g|4g|lte|widi"
    rf"|irda"
)
_BATTERY = r"batter(?:y|ies)|akkus?|li~(?:ion|po\w*)|lithium\w*|nimh|ni~mh|nicd|mah"

CONNECTIONS = (
    Quality(
        "wireless charging",
        r"(?:wireless|inductive|qi)~charging|charges? wirelessly|charg(?:es?|ing)(?: \w+){0,2} (?:over|via|by"
        r"|through) qi|qi~compatible",
        r"wireless~charg\w+|inductive|\bqi\b",
    ),
    Quality(
        "wireless",
        r"(?:true )?wireless(?:ly)?|cordless|wire~free|cable~free|drahtlos\w*|kabellos\w*|schnurlos\w*|sans~fil"
        r"|inal[áa]mbric[oa]s?|senza fili|draadlo[oz]e?|sem fio",
        _RADIO,
    ),
    Quality(
        "Wi-Fi",
        r"wi~fi(?: ?\d\w?)?|wlan|w~lan|wireless (?:lan|internet)|802\.11(?:[a-z/]+)?",
        rf"{_WIFI}|wireless|dual~band",
    ),
    Quality("Bluetooth", r"bluetooth", r"bluetooth\w*|\bbt\b"),
    Quality("NFC", r"nfc|near~field communication", r"nfc|near~field\w*"),
    Quality("GPS", r"gps|satellite navigation", r"\w*gps\w*|glonass|gnss|satnav|navigation|navigator"),
    Quality(
        "cellular",
        r"(?-i:[345]G)(?! ?x\b)(?: connectivity| network)?|lte|sim~card slot|mobile~broadband",
        r"[345]g\w*|lte|umts|hspa\w*|hsdpa|gsm|sim\w*|wwan|mobile network\w*|cellular",
    ),
    Quality("infrared", r"infra~red|irda", r"infra~red\w*|irda|\bir\b"),
    Quality("USB-C", r"usb~(?:type~)?c|type~c usb", r"usb\W*(?:type\W*)?c|type~c|usb 3\.\d.{0,20}type~c"),
    Quality("USB", r"usb(?!~(?:type~)?c\b)(?: ?\d(?:\.\d)?)?(?:~powered)?", r"\w*usb\w*"),
    Quality("Thunderbolt", r"thunderbolt(?: ?\d)?", r"thunderbolt\w*"),
    Quality("HDMI", r"(?:mini~|micro~)?hdmi", r"\w*hdmi\w*"),
    Quality("DisplayPort", r"(?:mini~)?display~port", r"\w*display~ports?\w*|\bm?dp\b|thunderbolt"),
    Quality("DVI", r"dvi(?:~[adi])?", r"dvi\w*"),
    Quality("VGA", r"vga", r"\w*vga\w*|d~sub|hd~?15|hddb15"),
    Quality(
        "Ethernet",
        r"(?:gigabit )?ethernet|rj~45",
        r"\w*ethernet\w*|rj~?45\w*|\d+base\w*|\w*lan|gigabit|cat ?\d\w?|network\w*|utp|patch|10/100\w*|nic|poe"
        r"|802\.3\w*",
    ),
    Quality("Power over Ethernet", r"power over ethernet|poe\+?", r"power over ethernet|poe\+*|802\.3a[ft]"),
    Quality("FireWire", r"fire~wire|ieee ?1394", r"fire~wire\w*|\w*1394\w*|i\.?link"),
    Quality(
        "fast charging",
        r"(?:fast|quick|rapid|super)~charg(?:e|ing)"
        r"|(?:re)?charges?(?: \w+){0,2} in (?:just |only |mere )?(?:minutes|seconds)",
        r"(?:fast|quick|rapid|super)~charg\w+|charg\w+ time|power delivery",
    ),
    Quality(
        "rechargeable",
        r"re~chargeable|wieder~?aufladbar\w*|rechargeables?|recargables?|ricaricabil[ei]",
        r"rechar\w+|(?<!non-)li~(?:ion|po\w*|polymer)|lithium~(?:ion|polymer|manganese)|ni~?mh|ni~?cd|nickel\w*"
        r"|lead~acid|sealed lead\w*|vrla|akkus?|charg(?:er|ing|e)\b|battery (?:life|backup"
        r"|recharge time|runtime)|accumulator",
    ),
    Quality("lithium-ion", r"li~ion|lithium~(?:ion|polymer)|li~po(?:lymer)?", r"li\w*~?[il]on|lithium\w*|li~po\w*"),
    Quality("NiMH", r"ni~?mh|nickel~metal~hydride", r"ni~?mh|nickel\w*"),
    Quality("alkaline", r"alkaline", r"alkali\w*"),
    Quality("lead-acid", r"lead~acid", r"lead\w*|vrla|sla|agm"),
    Quality(
        "batteries included",
        r"batter(?:y|ies) (?:(?:is|are) )?included|includes? (?:\w+ )?batter(?:y|ies)",
        r"batter(?:y|ies)",
    ),
    Quality(
        "battery-powered",
        r"(?:battery|batteries)~(?:powered|operated|driven)|built~in battery|internal battery|battery life"
        r"|battery~backup|runs? on batter(?:y|ies)|batteriebetrieben\w*|akkubetrieb\w*",
        rf"{_BATTERY}|ups|uninterruptible",
    ),
    Quality("solar", r"solar(?:~powered|~charged|~panel)?|solarbetrieben\w*", r"solar\w*"),
)

FEATURES = (
    Quality(
        "touchscreen",
        r"(?:multi~)?touch~?(?:screen|panel|display|enabled|sensitive)s?|berührungsbildschirm|écran tactile"
        r"|pantalla táctil",
        r"touch~?(?:screen|panel|display|enabled|sensitive)s?|(?:multi~)?touch(?! ?pad)|\w*touch|digiti[sz]er|stylus",
    ),
    Quality(
        "backlit",
        r"back~?lit(?: keyboard| keys)?|back~?lights?|illuminated|beleuchtet\w*|rétroéclairé\w*|retroiluminad[oa]",
        r"back~?li\w+|illumin\w+|led\w*|rgb|lcd|lighting|tft|light\w*",
    ),
    Quality(
        "foldable",
        r"fold~?(?:able|ing|s flat)|collapsible|faltbar\w*|klappbar\w*|pliables?|plegables?",
        r"fold\w*|collaps\w+|falt\w*|klapp\w*|flip|convertible|flex",
    ),
    Quality("dimmable", r"dimm(?:able|er|ing)|dimmbar\w*", r"dim\w*|brightness\w*"),
    Quality(
        "dishwasher-safe",
        r"dish~?washer~?(?:safe|proof|friendly)|spülmaschinen\w+|lave~vaisselle",
        r"dish~?washer\w*|spülmaschin\w+",
    ),
    Quality("machine-washable", r"machine~washable|washable|waschbar\w*|lavables?", r"\w*wash\w*|waschbar\w*"),
    Quality("microwave-safe", r"micro~?wave~?(?:safe|proof|able)|freezer~?safe", r"micro~?wav\w*|freezer\w*"),
    Quality("noise-cancelling", r"noise~?(?:cancel\w+|isolat\w+)|\banc\b", r"noise\W*\w+|\banc\b|isolation"),
    Quality(
        "fingerprint reader", r"finger~?print(?: \w+)?|fingerabdruck\w*|biometric\w*", r"finger~?print\w*|biometr\w*"
    ),
    Quality(
        "face recognition", r"(?:face|facial)~(?:recognition|unlock|id)", r"fac\w+~(?:recogn\w+|unlock|id|detect\w*)"
    ),
    Quality("voice control", r"voice~(?:control(?:led)?|activated|assistant|commands?)", r"voice\w*|speech\w*"),
    Quality(
        "webcam", r"web~?cam(?:era)?s?|built~in camera|integrated camera|front(?:~facing)? camera", r"\w*cam(?:era)?s?"
    ),
    Quality(
        "microphone",
        r"(?:micro~?phones?|\bmics?\b)(?![ -](?:cables?|leads?|cords?|stands?|clips?|holders?|mounts?)\b)"
        r"|mikrofon(?!kabel)\w*|micrófono",
        r"\w*micro~?phones?|\w*mics?|mikro\w*|headsets?|handset|dictat\w+|webcam|voice record\w*",
    ),
    Quality(
        "speakers",
        r"(?:built~in|integrated|stereo|internal|loud) ?~?speakers?|lautsprecher|altavoces",
        r"\w*speakers?|lautsprecher|audio|sound|handsfree",
    ),
    Quality("hot-swap", r"hot~?(?:swap(?:pable|ping)?|plug(?:gable)?)", r"hot~?(?:swap\w*|plug\w*)"),
    Quality(
        "card reader",
        r"(?:memory~|sd~)?card~(?:reader|slot)",
        r"card~(?:reader|slot)s?|\w*sd\w*|memory~card\w*|sd\w*|expresscard\w*|smart~?card\w*|compactflash|memory stick",
    ),
    Quality(
        "duplex printing",
        r"(?:auto(?:matic)? )?(?:duplex|double~sided|two~sided) (?:print|scan|cop|unit)\w*|auto(?:matic)?~duplex"
        r"|(?:scans?|prints?|copies) (?:on )?both sides",
        r"\w*duplex\w*|double~sided|two~sided|2~sided|both sides",
    ),
    Quality("TV tuner", r"(?:tv|television)~?tuner", r"tuner\w*|dvb\w*"),
    Quality("FM radio", r"fm~(?:radio|tuner)", r"fm|radio\w*|tuner|ukw"),
    Quality("DAB radio", r"dab\+?(?: radio| tuner)?", r"dab\w*"),
    Quality(
        "solid-state drive",
        r"ssds?|solid~state(?: drive| storage| disk)?",
        r"ssds?|\w*ssd|solid~state\w*|flash|nvme|m\.2",
    ),
    Quality("OLED", r"(?:am)?oled|qled", r"\w*oled|qled"),
    Quality("HDR", r"hdr(?:10\+?)?", r"hdr\w*"),
    Quality(
        "image stabilisation",
        r"(?:optical|image) ?(?:image )?stabili[sz](?:er|ation)",
        r"\w*stabili\w+|\bois\b|\bis\b|\bvr\b",
    ),
    Quality("night vision", r"night~?vision", r"night\w*|infra~?red|\bir\b"),
    Quality("overclockable", r"over~?clock(?:able|ed|ing)", r"over~?clock\w*|\bk\b|unlocked|\boc\b"),
    Quality(
        "remote control",
        r"remote~controlled|(?:includes?|comes? with|has|with) an? (?:\w+ )?remote(?: control)?",
        r"remote\w*",
    ),
    Quality("smart home", r"smart~home(?: ready)?|voice~assistant ready|app~controlled", r"smart\w*|\bapps?\b"),
    Quality("ECC", r"ecc", r"ecc\w*|error.correct\w*"),
    Quality("Hyper-Threading", r"hyper~threading", r"hyper~thread\w*"),
    Quality("Turbo Boost", r"turbo~boost", r"turbo~boost\w*"),
    Quality("vPro", r"vpro", r"vpro\w*"),
    Quality("trusted platform module", r"tpm(?: \d(?:\.\d)?)?|trusted platform module", r"tpm\w*|trusted platform\w*"),
    Quality("RAID", r"raid(?: ?\d+)?", r"raid\w*"),
    Quality(
        "height-adjustable",
        r"height~adjust(?:able|ment)(?! (?:desk|table|chair|stand|workplace|workstation)s?)|adjustable~height"
        r"|adjusts in height",
        r"height~adjust\w*|adjust\w*~?(?:in~)?height",
    ),
    Quality("wall-mountable", r"wall~mountable|mounts (?:on|to) (?:a|the) wall", r"wall\w*|vesa"),
    Quality("rack-mountable", r"rack~mountable|mounts in a rack", r"\w*rack\w*|\du"),
    Quality("stackable", r"stackable", r"stack\w*"),
    Quality("3D", r"3d~(?:ready|display|capable|compatible|playback|tv|projector|video|support)", r"3d"),
    Quality("redundant power", r"redundant power(?: suppl(?:y|ies))?", r"redundan\w*"),
    Quality("LightScribe", r"light~scribe", r"light~scribe"),
    Quality("PictBridge", r"pict~bridge", r"pict~bridge"),
    Quality("subwoofer", r"sub~woofer", r"\w*woofer\w*"),
    Quality("document feeder", r"(?:automatic )?document~feeder|adf", r"\w*adf|document~feed\w*|auto\w* feed\w*"),
    Quality("AirPrint", r"air~print", r"air~print"),
    Quality("curved", r"curved (?:screen|display|panel|monitor)", r"curv\w*"),
    Quality("flicker-free", r"flicker~free", r"flicker\w*"),
    Quality("stylus", r"(?-i:stylus)(?: pen)?|digital pen", r"stylus|\w*pens?|digiti[sz]er"),
    Quality("Blu-ray", r"blu~?ray(?: drive| burner| writer| player)?", r"blu~?ray\w*|bd\w*"),
    Quality(
        "optical drive",
        r"(?:optical|dvd|cd)~(?:drive|burner|writer)",
        r"optical\w*|\w*dvd\w*|\w*cd\b|cd\W?rw?|blu~?ray",
    ),
    Quality("pure sine wave", r"(?:pure )?sine~?wave", r"sine~?wave|sine\w*"),
    Quality(
        "hardware encryption", r"(?:hardware |aes~?\d*~?(?:bit )?)encrypt(?:ion|ed)|encrypts", r"encrypt\w*|aes\w*"
    ),
    Quality("fanless", r"fan~?less|passive(?:ly)? cool(?:ed|ing)", r"fan~?less|passive\w*|without fan|no fan|fan"),
    Quality("liquid cooling", r"(?:liquid|water)~cool(?:ed|ing)", r"(?:liquid|water)~cool\w*|liquid\w*"),
    Quality("frost-free", r"(?:frost~free|no~frost)", r"(?:frost~free|no~frost|frost)\w*"),
    Quality("self-cleaning", r"self~clean(?:ing|s)", r"(?:self|auto\w*)~clean\w*"),
    Quality("non-stick", r"non~stick|antihaft\w*", r"(?:non|anti)~stick|teflon|ceramic|ptfe|antihaft\w*|coating"),
    Quality("HEPA", r"hepa(?: filter)?", r"hepa\w*"),
    Quality("child lock", r"child~?lock", r"child\w*"),
    Quality("cool-touch", r"cool~touch", r"cool~\w*touch|cool~wall\w*"),
    Quality(
        "auto shut-off",
        r"auto(?:matic(?:ally)?)?~(?:shut|switch|power)s?~off",
        r"auto\w*~\w+~off|auto\w*~(?:off|power\w*|shut\w*)|power saving|sleep\w*",
    ),
    Quality("glow in the dark", r"glows? in the dark", r"glow\w*|phosphor\w*|fluoresc\w*"),
    Quality("RFID-blocking", r"rfid~(?:blocking|protect\w+)", r"rfid\w*"),
    Quality("anti-theft", r"anti~theft|theft~proof", r"\w*theft\w*|lock\w*|kensington"),
    Quality("dual SIM", r"dual~sim", r"dual~sim|sim\w*"),
    Quality("VPN", r"vpn", r"vpn\w*|ipsec|pptp|l2tp|ssl"),
    Quality("firewall", r"(?:built~in |integrated |hardware )firewall", r"fire~?wall\w*|spi"),
    Quality("MU-MIMO", r"mu~mimo", r"mu~mimo"),
    Quality("dual-band", r"(?:dual|tri)~band", r"(?:dual|tri)~band|5 ?ghz|802\.11\w*|gsm\w*"),
    Quality("surround sound", r"surround~sound", r"surround\w*|[57]\.1\w*|dts|virtual\w*"),
    Quality("sweat-proof", r"sweat~(?:proof|resistant)", r"sweat\w*|ip[x\d][4-9]"),
    Quality(
        "medical-grade",
        r"(?:medical|hospital|surgical)~grade|clinically~\w+",
        r"(?:medical|hospital|surgical)~grade|hospital\w*|clinic\w*",
    ),
    Quality("acid-free", r"acid~free", r"acid~free|archiv\w*"),
    Quality("smudge-proof", r"(?:smudge|smear)~(?:proof|resistant|free)", r"(?:smudge|smear|water)\w*"),
    Quality("halogen-free", r"halogen~free|lszh|low~smoke", r"halogen\w*|lszh|lsoh|ls0h|low~smoke"),
    Quality("shielded", r"(?:fully |double |foil |braid )?shielded", r"\w*shield\w*|s/?\w*[tu]p|ftp|stp"),
    Quality("optical zoom", r"optical~zoom", r"zoom\w*|optical\w*"),
    Quality("motorised", r"motori[sz]ed|electrically adjustable", r"motor\w*|electric\w*"),
    Quality("voice recording", r"voice~record(?:er|ing)", r"(?:voice|audio|sound)~record\w*|dictat\w*"),
    Quality("heated", r"heated (?:seat|grip|plate|steering)s?|heating element", r"heat\w*"),
    Quality("massage", r"massag(?:e|es|ing) function|vibration massage", r"massag\w*"),
    Quality("heart-rate sensor", r"heart~rate(?: sensor| monitor\w*)?", r"heart\w*|pulse"),
    Quality(
        "hard-wearing coating",
        r"scuff~(?:proof|resistant)|tear~proof|puncture~(?:proof|resistant)",
        r"(?:scuff|tear|puncture|abrasion)\w*|ripstop",
    ),
    Quality("braided", r"braided", r"braid\w*|s/?ftp|sf/?utp"),
    Quality("tangle-free", r"tangle~free|anti~tangle", r"tangle\w*|flat~?cable"),
    Quality(
        "RGB lighting", r"rgb~(?:light\w*|leds?|illuminat\w+|back\w+|strips?|fans?)", r"a?rgb\w*|multi~?colou?r\w*"
    ),
    Quality(
        "colour display",
        r"colou?r~(?:display|screen|lcd|panel)",
        r"colou?rs?|tft|ips|o?leds?|\w*pixels?|million\w*|[sqwux]*v?ga|hd|backlight|tn|va",
    ),
    Quality("retractable", r"retractable", r"retract\w*|extend\w*|extract\w*"),
    Quality("telescopic", r"telescop(?:ic|ing)", r"telescop\w*"),
    Quality("lockable", r"lockable", r"lock\w*|key\w*|security"),
    Quality("refillable", r"refillable", r"refill\w*"),
    Quality("edible", r"edible", r"edib\w*|food"),
    Quality(
        "silent",
        r"(?:(?:completely|absolutely|totally|fully|virtually|practically) |(?:near|almost|nearly"
        r"|whisper)~)(?:silent(?:ly)?|noiseless|quiet)"
        r"|noiseless(?:ly)?|silent (?:keys|buttons|clicks?|switches|operation|running)|(?:runs?|works?"
        r"|operates?) silently|soundless(?:ly)?",
        r"silent\w*|silence|noise\w*|quiet\w*|fan~?less|passive\w*|sound (?:pressure|power)\w*|acoustic\w*|d[bB]\w*",
    ),
    Quality("maintenance-free", r"maintenance~free", r"maintenance\w*|sealed\w*|vrla"),
    Quality("autofocus", r"auto~focus", r"auto~?focus\w*|focus\w*|af"),
    Quality(
        "streaming", r"(?:wi~fi|music|video|wireless) streaming", r"stream\w*|dlna|airplay|wi~?fi\w*|bluetooth|wireless"
    ),
    Quality("ergonomic", r"ergonomically (?:certified|tested)", r"ergonomi\w*"),
)
