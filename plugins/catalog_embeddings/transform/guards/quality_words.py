"""What a product withstands and is made of: qualities with the words that claim and prove them.

``proof`` is what else in a record settles it: IP68 is waterproof, and water-resistant is not. Who reads this is
`qualities`; what a product connects to and can do is in `quality_features`.
"""

from catalog_embeddings.transform.guards.quality import Quality

_WATERPROOF = r"ip[x\d][7-9]k?|submersible|diving|underwater|\d+ ?atm|swim~?proof|waterdicht|water~tight"
_WATERTIGHT = rf"{_WATERPROOF}|ip[x\d][4-6]|water~proof|splash~(?:proof|resistant)|spill~(?:proof|resistant)|ipx[1-9]"
_SHOCK = r"(?:shock|drop|impact|bump)~(?:proof|resistan\w+|absor\w+|protect\w+|test\w+)|mil~std[\w-]*|rugged\w*"
_METAL = r"metal\w*|alumin\w+|alu|steel|iron|brass|copper|zinc|titanium|magnesium|chrome\w*|alloy"
_PLASTIC = r"plastic\w*|abs|polycarbonate|pvc|polyvinyl\w*|poly\w+|vinyl|acryl\w+|hips|tpu|synthetics?|nylon|resin|eva"

PROTECTION = (
    Quality(
        "this rating",
        r"ip~?[x\d]\d[a-z]?(?:-rated)?|nema~?\d+[a-z]*|iso[/~]?(?:iec)?~?\d{4,}(?:[-:]\d+)?|mil~std~\d+\w*",
        code=True,
    ),
    Quality(
        "waterproof",
        r"water~proof(?:ed|ing|ness)?|water~tight|wasserdichte?[nrsm]?|wasserfeste?[nrsm]?|étanches?|impermeables?"
        r"|impermeabil[ei]|submersible|(?:imperm[ée]able|waterdicht)s?",
        _WATERPROOF,
    ),
    Quality(
        "water-resistant",
        r"water~(?:resist(?:ant|ance)|repell[ea]nt)|(?:splash|spill|rain)~(?:proof|resistant)|spritzwassergeschützt\w*"
        r"|wasserabweisend\w*|résistante?s? à l[’']eau|resistentes? al agua",
        _WATERTIGHT + r"|(?:water|splash|spill|rain|liquid|moisture)~\w+|water protect\w+",
    ),
    Quality(
        "weatherproof",
        r"(?:weather|all~weather)~(?:proof(?:ed)?|resistant|sealed)|wetterfest\w*",
        r"weather~\w+|ip[x\d][3-9]|water~proof|outdoor\w*",
    ),
    Quality("dustproof", r"dust~(?:proof(?:ed)?|tight)|staubdicht\w*", r"ip6[x\d]"),
    Quality("dust-resistant", r"dust~resistan(?:t|ce)|staubgeschützt\w*", r"ip[56][x\d]|dust~\w+"),
    Quality("shockproof", rf"{_SHOCK.partition('|mil')[0]}|shatter~(?:proof|resistant)|stoßfest\w*|antichocs?", _SHOCK),
    Quality("rugged", r"ruggedi[sz]ed|military~(?:grade|spec)|mil~spec|indestructible", _SHOCK),
    Quality(
        "fireproof", r"(?:fire|flame)~(?:proof|resistant|retardant|rated)|feuerfest\w*|ignifuges?", r"(?:fire|flame)\w*"
    ),
    Quality(
        "heat-resistant",
        r"heat~(?:proof|resistant)|oven~(?:safe|proof)|hitzebeständig\w*",
        r"heat~\w+|oven\w*|temperature proof",
    ),
    Quality(
        "scratch-resistant",
        r"scratch~(?:proof|resistan(?:t|ce)|free)|kratzfest\w*|anti~rayures?",
        r"(?:anti~)?scratch\w*",
    ),
    Quality(
        "rustproof",
        r"(?:rust|corrosion|tarnish)~(?:proof|free|resistant)|rostfrei\w*|inoxydables?",
        r"stainless|rust\w*|corro\w+|inox",
    ),
    Quality(
        "stain-resistant",
        r"(?:stain|wrinkle|crease|fade|tear)~(?:proof|free|resistant)",
        r"(?:stain|wrinkle|crease|fade|tear)\w*",
    ),
    Quality("leakproof", r"(?:leak|spill)~(?:proof|free)|air~tight", r"(?:leak|spill|air)~\w+|sealed"),
    Quality("soundproof", r"sound~proof(?:ed)?|schalldicht\w*", r"sound~proof\w*|acoustic\w*"),
    Quality("UV-resistant", r"uv~(?:resistant|proof|protect(?:ed|ion))", r"uv\w*|ultra~violet"),
    Quality(
        "tamper-proof",
        r"(?:tamper|child|bullet|vandal|crush|bite)~(?:proof|resistant)",
        r"(?:tamper|child|bullet|vandal|crush|bite)\w*",
    ),
    Quality("antibacterial", r"anti~(?:bacterial|microbial|viral)|antibakteriell\w*", r"anti~(?:bac|micro|vir)\w+"),
    Quality("non-slip", r"(?:non|anti)~(?:slip|skid)", r"(?:non|anti)~(?:slip|skid)\w*|slip~\w+|grip\w*|rubber\w*"),
    Quality(
        "anti-glare", r"(?:anti|non)~(?:glare|reflective|reflection)", r"matte?|glare\w*|\w*reflecti\w*|entspiegelt"
    ),
)

MATERIALS = (
    Quality(
        "leather",
        r"(?:full~grain |nappa |top~grain )?leather|leder|cuir|cuero|pelle|suede|nubuck",
        r"\w*leather\w*|leder\w*",
        material=True,
    ),
    Quality(
        "stainless steel",
        r"stainless(?:~steel)?|edelstahl|acier inoxydable|acero inoxidable|acciaio inox\w*|inox",
        material=True,
    ),
    Quality(
        "steel",
        r"(?<!stainless )(?<!stainless-)steel|stahl|acier(?! inox)|acero(?! inox)",
        r"stainless|edelstahl|\w*steel\w*",
        material=True,
    ),
    Quality("aluminium", r"alumini?um|alu|aluminio|alluminio", r"alumin\w*", material=True),
    Quality("titanium", r"titan(?:ium|e)", r"titan\w*", material=True),
    Quality("magnesium", r"magnesium", r"magnesium\w*", material=True),
    Quality(
        "brass",
        r"brass|bronze~(?:body|alloy|fittings?)|solid bronze|messing|laiton",
        r"brass|bronze|messing",
        material=True,
    ),
    Quality(
        "copper",
        r"copper|kupfer|cuivre|cobre",
        r"copper\w*|cu|\d+~?base~?t\w*|10/100\w*|u/?utp|utp|cat ?\d\w?|rj~?45",
        material=True,
    ),
    Quality("cast iron", r"(?:cast|wrought)~iron|gusseisen", r"(?:cast|wrought)~iron|iron", material=True),
    Quality("metal", r"(?:all~)?metal|métal|metallgehäuse", _METAL, material=True),
    Quality(
        "carbon fibre",
        r"carbon~fib(?:re|er)s?|kohlefaser|fibre de carbone|fibra de carbono",
        r"carbon\w*",
        material=True,
    ),
    Quality(
        "gold",
        r"(?:solid|real|pure|genuine|\d\d~?(?:k|kt|ct|karat|carat)) gold|gold~(?:plated|plating)|(?:made"
        r"|crafted) (?:of|from) gold|vergoldet\w*|plaqué or",
        r"gold\w*",
        material=True,
    ),
    Quality(
        "silver",
        r"(?:solid|real|pure|genuine|sterling|925) silver|silver~(?:plated|plating)|(?:made|crafted) (?:of"
        r"|from) silver",
        r"(?:sterling|solid|925)~silver|silver~plat\w+|\bag\b",
        material=True,
    ),
    Quality("chrome", r"chrome~plat(?:ed|ing)|chromed|verchromt\w*", r"chrom\w*", material=True),
    Quality(
        "wood",
        r"(?:solid |real )?(?:wood|oak|walnut|mahogany|beech|birch|teak|rosewood|ebony)(?:~wood)?|(?:solid |natural "
        r"|real )(?:pine|maple|cherry|ash)(?:~wood)?|(?:pine|maple|cherry|ash)~wood|wooden|hard~wood|plywood|mdf|holz"
        r"|massivholz|bois|madera|legno",
        r"\w*wood\w*|oak|walnut|mahogany|beech|birch|pine|maple|cherry|teak|ash|mdf|holz|bamboo",
        material=True,
    ),
    Quality("bamboo", r"bamboo|bambus|bambou|bambú", material=True),
    Quality("cork", r"cork(?! ?screw)|kork", material=True),
    Quality(
        "glass",
        r"(?:tempered|toughened|safety|borosilicate|gorilla|crystal|frosted|sapphire|real|all)~glass|glass~(?:body"
        r"|panel|back|front|top|lid|door|carafe|jug|kettle|bowl|housing|case|casing|shelf|shelves|cover|lens|lenses"
        r"|surface|finish|display)|(?:made|crafted|built) (?:of|from|with) glass|glas|hartglas|verre trempé"
        r"|vidrio templado",
        r"\w*glas[s]?\w*|verre|vidrio",
        material=True,
    ),
    Quality("sapphire", r"sapphire~crystal|crystal sapphire", r"sapphire", material=True),
    Quality(
        "stone",
        r"marble|granite|slate~(?:top|base|tile)|terracotta|concrete~(?:base|body)|marmor",
        r"marble|granite|slate|stone|marmor|concrete|terracotta",
        material=True,
    ),
    Quality(
        "ceramic",
        r"ceramics?|porcelain|stoneware|earthenware|keramik|céramique|cerámica|porzellan",
        r"ceram\w+|porcel\w+|stoneware|earthenware|keramik",
        material=True,
    ),
    Quality("silicone", r"silicone|silikon", material=True),
    Quality(
        "rubber",
        r"(?:natural |soft )?rubber(?:i[sz]ed)?|natural latex|latex~(?:foam|gloves?)|neoprene|gummi|caoutchouc|caucho",
        r"rubber\w*|latex|neoprene|elastomer\w*|\w*elastomer|tpr|gummi|silicone",
        material=True,
    ),
    Quality("memory foam", r"memory~foam|memoryschaum", r"memory~foam", material=True),
    Quality(
        "cotton",
        r"cotton|baumwolle|coton|algod[óo]n|cotone|denim",
        r"\w*cotton\w*|denim|canvas|baumwoll\w*",
        material=True,
    ),
    Quality(
        "wool",
        r"wool(?:len)?|merino|cashmere|wolle|laine|lana|alpaca|mohair",
        r"\w*wool\w*|merino|cashmere|wolle|alpaca|mohair",
        material=True,
    ),
    Quality("silk", r"silk(?! screen| road)|seide|soie|seda", r"silk\w*|seide|satin", material=True),
    Quality(
        "linen", r"linen|leinen|canvas~(?:bag|body|strap|exterior)", r"linen|leinen|canvas|flax|lin", material=True
    ),
    Quality(
        "velvet",
        r"velvet|velour|corduroy|fleece|microfib(?:re|er)",
        r"velvet|velour\w*|cordur\w+|fleece|micro~?fib\w+|plush",
        material=True,
    ),
    Quality("nylon", r"nylon|polyamide?", r"nylon|polyamid\w*|\bpa\d*", material=True),
    Quality("polyester", r"polyester", r"polyest\w+|\bpet\b", material=True),
    Quality(
        "plastic",
        r"plastics?|kunststoff|plastique|plástico|plastica|polycarbonate|acrylic",
        rf"{_PLASTIC}|kunststoff",
        material=True,
    ),
    Quality(
        "hair or fur",
        r"(?:real|human|genuine|natural) (?:human )?(?:hair|fur|feathers?)|goose~down",
        r"(?:human|real|natural) hair|fur|feather\w*|down",
        material=True,
    ),
    Quality("rattan", r"rattan|wicker|jute|hemp|seagrass", r"rattan|wicker|jute|hemp|seagrass", material=True),
)
