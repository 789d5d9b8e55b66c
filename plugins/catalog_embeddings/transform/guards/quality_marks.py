"""Marks and certificates, diets and origins: qualities that someone else vouches for.

Each with the words that claim it and what else in a record proves it. Who reads this is `qualities`.
"""

from catalog_embeddings.transform.guards.quality import Quality

_MARKS = (
    r"certif\w+|complian\w+|energy star|roh?s\w*|fcc|(?-i:CE|C?UL\d*|c?ULus|c?UL|GS|ETL|CSA|REACH|VDE|TCO)|t[üu]v"
    r"|iso[/ ]?(?:iec)?[/ _]?(?:std)?[_ ]?\d+|iso_\w+|fsc|pefc|epeat|80 plus|blue angel|whql|vcci|approved|zertifi\w+"
)

CERTIFICATES = (
    Quality(
        "certified",
        r"certifi(?:ed|cations?|cates?)|zertifizier(?:t\w*|ung)|certifié\w*|certificad[oa]s?|certificat[oaei]",
        _MARKS,
    ),
    Quality("Energy Star", r"energy~star", r"energy~star\w*"),
    Quality("CE mark", r"(?-i:CE)~(?:mark\w*|certif\w+|approv\w+|complian\w+|kenn\w+)", r"(?-i:c-?ce|CE)\b"),
    Quality("FCC", r"fcc", r"fcc\w*"),
    Quality("RoHS", r"rohs", r"roh?s\w*|rosh"),
    Quality("TÜV", r"t[üu]e?v(?: rheinland| süd)?", r"t[üu]e?v\w*"),
    Quality("UL", r"(?-i:UL)~(?:listed|certified|approved|rated)", r"(?-i:[cC]?UL(?:us|US)?) ?\d*"),
    Quality("FDA", r"fda~(?:approved|cleared|registered)|food~(?:safe|grade)", r"fda|food\w*"),
    Quality("FSC", r"fsc|forest stewardship\w*", r"fsc\w*|forest stewardship"),
    Quality("PEFC", r"pefc", r"pefc\w*"),
    Quality("EPEAT", r"epeat", r"epeat\w*"),
    Quality("TCO", r"tco(?:~| )certified", r"tco\w*"),
    Quality("80 PLUS", r"80~?plus", r"80~?\s*plus"),
    Quality("Blue Angel", r"blue angel|blauer? engel", r"blue angel|blauer? engel"),
    Quality("OEKO-TEX", r"(?:o|ö)e?ko~?tex|gots", r"(?:o|ö)e?ko~?tex|gots"),
    Quality("patented", r"patented|patentiert\w*|patent~pending", r"patent\w*"),
    Quality("award-winning", r"award~winning|multi~award\w*|preisgekrönt\w*|primé\w*", r"award\w*|prize\w*|testsieger"),
    Quality(
        "clinically tested",
        r"(?:dermatologically|clinically|laboratory|lab|independently)~(?:tested|proven)|doctor~recommended"
        r"|dermatologisch getestet",
        r"derma\w+|clinic\w+|laborator\w+|tested",
    ),
    Quality(
        "organic",
        r"(?:certified )?organic(?:ally)?(?: grown)?|bio~(?:qualität|zertifiziert)|biologique",
        r"organic\w*|bio\w*|\beco\b",
    ),
    Quality("vegan", r"vegan|végane?|vegano", r"vegan\w*"),
    Quality("vegetarian", r"vegetarian|vegetarisch", r"veg\w+"),
    Quality("gluten-free", r"gluten~free|glutenfrei\w*|sans gluten|sin gluten|senza glutine", r"gluten\w*"),
    Quality(
        "sugar-free",
        r"(?:sugar|lactose|dairy|nut|fat|caffeine|alcohol|fragrance|paraben|cruelty|latex)~free|zuckerfrei\w*"
        r"|laktosefrei\w*|sans sucre|decaffeinated",
        r"(?:sugar|lactose|dairy|nut|fat|caffeine|alcohol|fragrance|paraben|cruelty|latex)~free|zuckerfrei\w*"
        r"|laktosefrei\w*|decaf\w*|no (?:added )?(?:sugar|alcohol)|\w+frei",
    ),
    Quality("halal", r"halal", r"halal"),
    Quality("kosher", r"kosher|koscher", r"kosher|koscher"),
    Quality("hypoallergenic", r"hypo~?allerg[ée]ni(?:c|que|co)|hypoallergen\w*", r"hypo~?allerg\w+|allerg\w+"),
    Quality(
        "BPA-free",
        r"(?:bpa|pvc|phthalate|lead|mercury|halogen|toxin|chemical)s?~free|non~toxic|bpa~frei",
        r"(?:bpa|pvc|phthalate|lead|mercury|halogen)s?~free|non~toxic|rohs|low smoke zero halogen|lszh|zero halogen"
        r"|\w+frei",
    ),
    Quality("fair trade", r"fair~?trade(?:~certified)?", r"fair~?trade"),
    Quality(
        "recycled",
        r"recycled(?: materials?| plastics?| paper)?|recycelt\w*|recyclé\w*|reciclado",
        r"recycl\w+|post~consumer|recycel\w*",
    ),
    Quality("biodegradable", r"bio~?degradable|compostable|biologisch abbaubar\w*", r"bio~?degrad\w+|compost\w+"),
    Quality(
        "sustainable",
        r"eco~?friendly|environmentally~friendly|sustainabl[ey](?: sourced)?|carbon~neutral|climate~neutral"
        r"|umweltfreundlich\w*|nachhaltig\w*|écologiques?",
        r"eco\w*|environment\w*|sustainab\w*|green\w*|energy star|epeat|blue angel|recycl\w+|fsc|pefc|carbon~?\w*|rohs"
        r"|umwelt\w*|energy~?sav\w+|low halogen|halogen free",
    ),
    Quality(
        "handmade",
        r"hand~?(?:made|crafted|stitched|sewn|finished|painted|woven|blown)|handgefertigt\w*|fait main|hecho a mano"
        r"|fatto a mano",
        r"hand~?(?:made|craft\w+|stitch\w+|sewn|finish\w+|paint\w+|woven|blown|gef\w+)",
    ),
    Quality("brand-new", r"brand~new|never~used|factory~(?:fresh|sealed|new)", r"(?:brand~)?new"),
    Quality(
        "refurbished",
        r"refurbished|reconditioned|generalüberholt\w*|reconditionné\w*",
        r"refurb\w*|recondition\w*|remanufactur\w*",
    ),
    Quality("remanufactured", r"remanufactured", r"remanufactur\w*|refurb\w*|recycl\w+"),
)

# country -> how it is called where something is made there, and what else in a record names it
_ORIGINS = {
    "Germany": (r"germany|deutschland|allemagne|alemania", r"german"),
    "China": (r"china", r"chinese"),
    "Japan": (r"japan", r"japanese"),
    "Italy": (r"italy|italien|italia|italie", r"italian"),
    "France": (r"france|frankreich", r"french"),
    "Switzerland": (r"switzerland|schweiz|suisse", r"swiss"),
    "the USA": (r"(?:the )?(?:u\.?s\.?a?\.?|united states(?: of america)?|america)", r"american|us"),
    "the United Kingdom": (r"(?:the )?(?:u\.?k\.?|united kingdom|great britain|britain|england)", r"british|english"),
    "Sweden": (r"sweden|schweden", r"swedish"),
    "Denmark": (r"denmark|dänemark", r"danish"),
    "the Netherlands": (r"(?:the )?netherlands|holland", r"dutch"),
    "Korea": (r"(?:south )?korea", r"korean"),
    "Taiwan": (r"taiwan", r"taiwanese"),
    "Austria": (r"austria|österreich", r"austrian"),
    "Spain": (r"spain|spanien|españa", r"spanish"),
    "Poland": (r"poland|polen", r"polish"),
    "Vietnam": (r"vietnam", r"vietnamese"),
    "India": (r"india", r"indian"),
    "Mexico": (r"mexico", r"mexican"),
    "Europe": (r"(?:the )?(?:europe|eu|european union)", r"european"),
}
_MADE = (
    r"(?:made|manufactured|produced|built|assembled|engineered|designed|crafted|hergestellt|gefertigt|fabriqué\w*"
    r"|hecho|fatto)"
)

ORIGINS = tuple(
    Quality(
        f"made in {country}",
        rf"{_MADE}~in~(?:{names})|(?:{people})~(?:made|built|engineered|engineering|craftsmanship)",
        names,
    )
    for country, (names, people) in _ORIGINS.items()
)
