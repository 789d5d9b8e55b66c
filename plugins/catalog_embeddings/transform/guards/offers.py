"""Stock, price, delivery and guarantee: what a shop says today is no part of a description, even if the record has it.

Knows how offers read in English, German, French, Spanish and Italian, and which everyday words look like them (shipping
labels, stock pots, "ships with Windows"). Praise and calls to buy are the guard `promotional`'s.
"""

import re
from collections.abc import Iterator
from functools import cache

from catalog_embeddings.domain.enrichment import Draft, Finding
from catalog_embeddings.transform.guards.record import Record

_SOON = (
    r"(?:\d+|one|two|three|a few|24|48)[ -]?(?:-|to |– ?)?\d*\s?(?:working |business )?(?:hours?|hrs?|h|days?"
    r"|weeks?)|today|tomorrow|same~day|next~day|immediately|overnight|now"
)

_STOCK = (
    r"(?:in|out of|back in|limited|low|plenty of|ex)~stock(?!~?(?:photo|pot|image|trad|exchange|form|configuration"
    r"|broker|control|management|room|keeping|taking|count|list|alert|market|rotation))|(?:while"
    r"|as long as) (?:stocks?|supplies) lasts?|stock is (?:limited|low|running)|sold out|selling fast|almost gone"
    r"|going fast"
    r"|only (?:\d+|a few|one|two|three|few) (?:(?:\w+ )?(?:left|remaining|in stock)|available)|(?:few"
    r"|\d+) (?:left in stock|remaining in stock|units? (?:left|available|remaining))|last (?:one|few|chance|pieces"
    r"|units)(?= (?:left|available|in|to|at)\b)|limited (?:availability|supply|supplies|quantit(?:y|ies)"
    r"|time (?:only|offer|deal)|offer)"
    r"|(?:available|ready|in store|on sale) (?:now|today|immediately|for (?:immediate |fast |quick )?(?:delivery"
    r"|shipping|dispatch|shipment|purchase|pick~?up|collection))|immediate(?:ly)? avail(?:able|ability)"
    r"|pre~?order(?:s|ed| now)?|back~?order(?:ed)?|available (?:in|from|at) (?:our|the|all|most) (?:store|shop"
    r"|warehouse|retailer|outlet)s?|available (?:in|at) stores"
)
_PRICE = (
    r"^sale$|(?:US|CA|AU)?\s?[$€£¥₹]\s?\d(?:[.,]?\d){0,12}(?:\s?[-–]\s?[$€£]?\d(?:[.,]?\d){0,12})?"
    r"|\d(?:[.,]?\d){0,12}\s?(?:€|£|\$|¥|₹)(?!\w)"
    r"|\d(?:[.,]?\d){0,12}~?(?:euros?|dollars?|us dollars?|pounds sterling|usd|eur|gbp|chf|bucks|quid)\b|(?:usd"
    r"|eur|gbp"
    r"|chf) ?\d(?:[.,]?\d){0,12}|(?:\d+|ninety~nine) ?cents\b|(?:was|were) [$€£]?\d(?:[.,]?\d){0,12},? (?:is )?"
    r"now(?: only| just)? [$€£]?\d(?:[.,]?\d){0,12}"
    r"|(?:for|now|at)? ?(?:just|only) [$€£]\d|discount(?:s|ed)?|\d+ ?% (?:off|cheaper|discount|rabatt"
    r"|de (?:réduction|descuento|remise))|(?:half|reduced|special|sale|introductory|bargain|rock~bottom"
    r"|knock~?down|clearance|low(?:er|est)?|best|great|good|fair|reasonable|attractive|competitive|unbeatable"
    r"|cheap(?:est|er)?|affordable|budget|retail|list|street|asking|modest|excellent|amazing|current|regular"
    r"|original|small) prices?"
    r"|(?:low|fair|great|competitively|attractively|reasonably|sensibly|keenly|affordably|well|moderately"
    r"|modestly)~priced|price (?:drop|cut|reduction|match|guarantee)s?|reduced (?:in price|to clear)|(?:its|the"
    r"|this|at (?:this|that|the|a)) price(?= (?:is|point|range|makes|starts|of [\d$€£])\b)|(?:its|at (?:this|that"
    r"|the)) price\b|price~(?:point"
    r"|performance)|(?:its|low|high|modest|a) price~tag(?= (?:of|is|makes)\b|[.,;])|pric(?:es?|ed|ing) (?:is\b"
    r"|(?:at|from"
    r"|starts?(?: at)?|of|under|below|just|only)(?= (?:about |around |just |only |under )?[\d$€£]))|(?:great"
    r"|good|excellent|best|outstanding|superb"
    r"|incredible|real|true|unbeatable) value(?! ?(?:range|pack))|value for (?:the )?money|bang for (?:the"
    r"|your) buck|worth (?:the|every) (?:money|price|penny|cent)"
    r"|(?:very |most |extremely |highly )?(?:affordabl[ey]|affordability|in~?expensive|cheap(?:er|est"
    r"|ly)?)(?! ?to (?:run|operate))|low~?cost(?! per page)|budget~(?:friendly|priced|conscious price)"
    r"|wallet~friendly|pocket~friendly|easy on the (?:wallet|budget)|bargains?|(?:on|for|end~of~season|summer"
    r"|winter|flash|clearance|black friday|cyber monday) sales?\b(?!~? ?(?:reps?|staff|teams?|people|person|force"
    r"|presentations?|meetings?|calls?|talks?|desk|records?|data|reports?|receipts?|counter|pitch))|on clearance"
    r"|black friday|cyber monday|special offers?|(?:hot|great|best|exclusive|daily|special|limited) deals?"
    r"|deal of the (?:day|week)|promo(?:tional)? (?:codes?|offers?|price)"
    r"|(?:with|use|using|enter|apply) (?:the |an? |this )?coupon|(?:coupon|discount) codes?|discount coupons?"
    r"|voucher codes?|cash~?back|rebates?|free (?:gifts?|samples?)|buy (?:one|1|two|2)[, ]+get"
    r"|two for (?:one|the price)|save (?:money|big|up to|[$€£]|\d+ ?%)|savings? of (?:up to )?[$€£\d]"
    r"|(?:interest~free|monthly) (?:instal?lments?|payments?|financing)|0 ?% (?:financing|interest)|free of charge"
    r"|at no (?:extra|additional) (?:cost|charge)|no hidden (?:costs|fees)|costs? (?:only|just|less than|under"
    r"|around|about)? ?[$€£]\d"
)
_DELIVERY = (
    rf"(?:free|fast|quick|express|next~day|same~day|overnight|worldwide|international|standard|rapid|prompt|speedy"
    rf"|immediate|home|doorstep|tracked|insured|one~day|two~day|2~day|24~?h(?:our)?|low~cost|complimentary"
    rf"|discreet) (?:and \w+ |home |express |express~|uk |us |eu |international )?(?:deliver(?:y|ies)|shipping"
    rf"|postage|shipment|dispatch|p&p)|free returns?|(?:ships?|shipped|shipping|dispatch(?:ed|es)?|despatched|sent"
    rf"|arrives?)(?: out| to you| straight| directly| usually)? (?:(?:within|in|by) )?(?:the )?(?:{_SOON})"
    rf"|deliver(?:s|ed|y) (?:within|in|by) (?:the )?(?:{_SOON})"
    r"|(?:ships?|shipped|delivered|dispatched|delivery|shipping) (?:free|worldwide|fast|quickly|for free"
    r"|to your (?:door|home|office)|to (?:the )?(?:us|uk|eu|europe|germany|france)|right to|straight to"
    r"|from (?:our|germany|the (?:us|uk|eu|warehouse)))\b|(?:delivery|shipping)~(?:is )?(?:free|included|time"
    r"|times|cost|costs|charges?|fees?|rates?|options|available)(?!\w)|(?:deliver(?:y|ed)) (?:to your (?:door"
    r"|home)|guaranteed|tomorrow|today)|prime (?:delivery|shipping)|click (?:and|&) collect|in~?store pick~?up"
    r"|arrives (?:tomorrow|today|the next day|within|in \d)|postage (?:paid|included)|order (?:by|before) \d"
    r"|carriage paid|ready to (?:ship|dispatch)|(?:delivery|shipping) (?:takes|usually takes|is (?:fast|quick|free"
    r"|included|prompt))"
)
_GUARANTEE = (
    r"(?:your |the )?money~?back(?: guarantee)?|satisfaction guarantee(?:d)?|(?:full|easy|hassle~free|no~quibble"
    r"|free|\d+~?day"
    r"|thirty~day) (?:refunds?|returns)|\d+~?day (?:trial|return"
    r"|money)|return policy|risk~free|no questions asked|lifetime guarantee|best price guarantee|price~match"
)
_OTHERS = (
    r"auf lager|sofort (?:lieferbar|verfügbar|versandfertig)|lieferbar|lieferzeit\w*|versandkosten\w*"
    r"|(?:kostenloser?|gratis|schneller?) ?~?(?:versand|lieferung)|gratisversand|versand (?:innerhalb|in|am"
    r"|kostenlos)\b|nur noch \d+(?: stück)?(?: verfügbar)?|solange der vorrat reicht|ausverkauft|(?:sonder|tiefst"
    r"|best|schnäppchen)~?preise?|(?:günstig|preiswert|billig)\w*|(?:zum|im) (?:sonderpreis|angebot|preis von)"
    r"|schnäppchen|rabatt\w*|sonderangebot\w*|geld~?zurück\w*|(?:im preis|preislich|stark) reduziert"
    r"|en stock|en rupture|livraison (?:gratuite|offerte|rapide|express|en \d+|sous \d+)|(?:frais de port"
    r"|port) (?:offerts?|gratuits?)|expédi(?:é|ée|és|tion) (?:sous|en|dans|rapide|gratuite)\b|prix (?:bas|réduit"
    r"|imbattable|promo\w*|cassé|attractif|doux|spécial)|pas cher|bon marché|en promotion|soldes?|remises?"
    r"|réductions? de \d+ ?[%€]|offre (?:limitée|spéciale)|plus que \d+|satisfait ou remboursé|à saisir"
    r"|abordables?"
    r"|en existencias?|en stock|envío (?:gratis|gratuito|rápido|en \d+|urgente)|env[ií]os? gratis"
    r"|entrega (?:gratis|gratuita|rápida|en \d+|inmediata|al día siguiente)|(?:precio|precios) (?:bajos?"
    r"|reducidos?|especial|increíble|de)|barat[oa]s?|oferta (?:limitada|especial)|ofertas?|descuentos?|rebajas?"
    r"|rebajado|últimas unidades|disponible ya|devolución gratuita|asequibles?"
    r"|disponibile (?:subito|ora)|in magazzino|spedizione (?:gratuita|gratis|rapida|in \d+)|consegna (?:gratuita"
    r"|rapida|in \d+)|prezzo (?:basso|speciale|scontato|imbattibile)|economic[oi] prezzo|scont(?:o|i|ato)"
    r"|offerta (?:limitata|speciale)|soddisfatti o rimborsati|op voorraad|gratis verzending|gratis verzonden"
    r"|korting"
)
# A warranty is a fact where the record gives one, and an offer where it does not.
_WARRANTY = (
    r"(?:(?:\d{1,3}|one|two|three|five|ten|lifetime|limited|extended|full|manufacturer['’]?s?"
    r"|years?)~){1,4}(?:warranty|warranties|guarantee)|(?:under|with|includes?|including|comes with"
    r"|backed by|covered by) (?:an? |the |its |full )?(?:\w+ )?(?:warranty|guarantee)|warranty (?:included|of)"
    r"|garantie (?:à vie|de \d+)|\d+ (?:jahre|ans|años|anni) garan[tzc]\w+|lebenslange garantie|garantía de"
)

# What the reader keeps, no shop offers: "keeping spare ink in stock".
_KEPT_BEFORE = re.compile(
    r"\b(?:keep(?:s|ing)?|hold(?:s|ing)?|hav(?:e|ing)|carry(?:ing)?|to be|kept|put(?:ting)?)(?:\s+[\w-]+){0,4}\s+$",
    re.IGNORECASE,
)
_NAMES = frozenset({"title", "name"})


def find(draft: Draft, record: Record) -> Iterator[Finding]:
    """Every claim about stock, price, delivery or guarantee that is no word of the product's own name."""
    for place, text in draft.passages():
        for match in _offers().finditer(text):
            kind, words = match.lastgroup or "", match[0]
            if kind == "warranty" and _warranted(record):
                continue
            if kind == "stock" and _KEPT_BEFORE.search(text[: match.start()]):
                continue
            if not _in_the_name(words, record):
                start = match.start() + len(words) - len(words.lstrip())
                yield Finding("offer", place, start, words.strip(), f"{_REASONS[kind]} changes and is never described")


_REASONS = {
    "stock": "what is in stock",
    "price": "what it costs",
    "delivery": "how it is delivered",
    "guarantee": "what a shop guarantees",
    "others": "what a shop offers",
    "warranty": "a warranty that the record does not give",
}


def _warranted(record: Record) -> bool:
    return any(word in record.folded for word in ("warrant", "guarantee", "garant"))


def _in_the_name(words: str, record: Record) -> bool:
    """Whether the words stand in the product's name; a price or a promise of delivery in a title stays an offer."""
    folded = words.strip().casefold()
    if len(folded.split()) > 1 or any(letter.isdigit() for letter in folded):
        return False
    return any(folded in fact.text.casefold() for fact in record.facts if not _NAMES.isdisjoint(fact.name.split()))


@cache
def _offers() -> re.Pattern[str]:
    kinds = {
        "stock": _STOCK,
        "delivery": _DELIVERY,
        "guarantee": _GUARANTEE,
        "warranty": _WARRANTY,
        "price": _PRICE,
        "others": _OTHERS,
    }
    words = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in kinds.items())
    return re.compile(rf"(?<!\w)(?:{words.replace('~', '[ -]?')})(?!\w)", re.IGNORECASE)
