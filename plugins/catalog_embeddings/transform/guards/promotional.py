"""Promotional language: superlatives, calls to act, hype, shouting. Honest words of praise (compact, sturdy) are none.

Knows what is plainly advertisement in English, German, French, Spanish and Italian. What stands so in the record's own
names ("Windows 7 Ultimate", "HP Premium Paper") is a name. Stock, price and delivery are the guard `offers`'.
"""

import re
from collections.abc import Iterator
from functools import cache

from catalog_embeddings.domain.enrichment import Draft, Finding
from catalog_embeddings.transform.guards.record import Record

_SUPERLATIVES = (
    r"(?:best|first|top)~in~(?:its |the )?(?:class|show|world)|best~(?:selling|seller|of~the~best|ever)"
    r"|(?:the )?(?:world|planet|market|industry)(?:['’]?s)?~"
    r"(?:best|finest|greatest|fastest|number one|leading|most (?:\w+))|(?:world|industry|market|class"
    r"|category)~(?:leading|beating|class)"
    r"|(?:number|no\.?)~(?:one|1)(?= (?:choice|brand|pick|option|in|rated|seller)\b)|(?:the|your"
    r"|our) (?:number one|no\. ?1)|#1 (?:rated|choice|brand|seller|pick|in)|the (?:very )?(?:best|greatest|finest"
    r"|ultimate|perfect|ideal)(?= (?:\w+ )?(?:choice"
    r"|money|ever|laptop|printer|camera|phone|product|gift|solution|companion|device|deal|there is|you"
    r"|on the market|in the world|for you|around|available|of all)\b)"
    r"|second~to~none|un(?:beatable|matched|rival+ed|paralleled|surpassed|equal+ed|believabl[ey]|precedented)"
    r"|incomparable|peerless|nothing (?:else )?(?:comes close|compares)"
    r"|like no other|one~of~a~kind|once~in~a~lifetime|top~(?:notch|of~the~line|rated|quality)|first~rate"
    r""
    r"|the (?:only|last) \w+ you(?:['’]ll| will)(?: ever)? need|beats? (?:all|every)|better than (?:all"
    r"|any)(?: the)? (?:others?|rest|competitors?)|best (?:choice|deal|buy|value|investment|on the market"
    r"|money can buy|in the (?:world|market|business))"
    r"|the most [\w-]+ (?:[\w-]+ )?(?:ever|in the world|on the market|available|around|of all time|money can buy)"
    r"|(?:a|the) leading (?:choice|brand|name|maker|manufacturer)|the (?:best|finest"
    r"|greatest) (?:[\w-]+ ){1,3}(?:ever|available|on the market|in the (?:world|market|business)|of (?:all"
    r"|the year)|you can (?:buy|get|find)|money can buy|out there|around)|simply perfect|(?:never"
    r"|not) (?:\w+ )?find an? (?:better|\w+er)\b|guaranteed!|hands~down|(?:coolest|you(?:[’']ll"
    r"| will)) (?:\w+ )?ever (?:own|need|buy|use|see|want)|coolest"
    r"|won['’]t find (?:a better|anything better|better)|(?:never|nowhere) (?:will you )?find (?:a )?better"
    r"|no better \w+ (?:than|exists|anywhere|on|in the|to be)|(?:of|in) its own league|in a (?:league|class) of its own"
    r"|highest~quality|superior to (?:all|any)"
)
_HYPE = (
    r"must~(?:have|buy|own|see)s?|amazing(?:ly)?|awesome|incredibl[ey]|fantastic(?:ally)?|phenomenal(?:ly)?"
    r"|sensational|spectacular(?:ly)?|mind~blowing|jaw~dropping"
    r"|breath~?taking(?:ly)?|stunning(?:ly)?|revolutionary(?! (?:war|road|era|guard|army|france))"
    r"|revolutioni[sz](?:es?|ing)|game~chang(?:er|ing)|ground~?breaking|life~changing|cutting~edge"
    r"(?= (?:technolog|design|performance|feature|innovat|solution|tech|engineer|style|graphics|display|hardware)"
    r"|[.,!;]|$)"
    r"|state~of~the~art|next~level"
    r"|(?:the )?ultimate|world~renowned|flawless(?:ly)?|jaw~dropper|show~?stopp(?:er|ing)|extraordinary"
    r"|outstanding|exceptional(?:ly)?|superb(?:ly)?|magnificent|marvel+ous|wonderful|fabulous"
    r"|perfect for (?:everyone|everybody|anyone|(?:every|any) (?:home|occasion|taste|need))|nothing beats"
    r"|never been (?:easier|better|faster)"
    r"|say (?:goodbye|hello) to|everyone (?:will|wants|needs|loves)|(?:today|now)!"
    r"|to die for|out of this world|dream come true|simply the best|like never before|take[sn]? (?:it"
    r"|your [\w ]{2,25}) to (?:the next level|new heights)|elevates? your|unleash(?:es)?(?: the)?|blow(?:s"
    r"|n)? (?:you |your mind )?away|wow factor|\bwow\b"
    r"|(?:you(?:['’]ll| will) (?:absolutely )?(?:love|adore)|fall in love with|never look back|won['’]t (?:regret"
    r"|believe|be disappointed)|(?:guaranteed|sure) to (?:impress|please|delight|satisfy|wow))"
    r"|(?:100 ?%|fully|completely) satisf(?:ied|action)|satisfaction guaranteed|loved by (?:millions|thousands"
    r"|everyone)|trusted by (?:millions|thousands|professionals)|millions of (?:happy|satisfied)|(?:happy"
    r"|satisfied) customers"
    r"|perfect gift|ideal gift|(?:absolute|total|real) (?:bargain|steal|winner|beast)|no~brainer"
    r"|hot(?:test)? (?:product|item|deal|seller)|luxurious(?:ly)?|premium~(?:quality|grade|class|materials?"
    r"|experience|feel|build|performance|comfort|design|craftsmanship)|superior (?:quality|performance|sound"
    r"|comfort|craftsmanship)|unmissable|irresistible|to impress everyone"
    r"|high~end luxury|holy grail|insanely|killer (?:deal|features?|app)|super~?charge your"
    r"|transforms? your (?:life|world|home|business)"
)
_CALLS = (
    r"(?:buy|order|shop|purchase|get (?:it|yours|one)|grab (?:it|yours|one)|act|call|add to (?:cart|basket)"
    r"|claim yours|reserve yours|sign up|subscribe)(?: (?:it|one|yours|here|online))? (?:now|today|right away"
    r"|immediately|while|before|here)\b"
    r"|(?:buy|order|grab|get|snap) (?:yours|it up)\b|add (?:it |this )?to (?:your )?(?:cart|basket|wish~?list)"
    r"|do(?:n['’]t| not) (?:miss(?: out| this| it)?|wait|hesitate|settle for less|delay)|hurry(?: up)?|act (?:now"
    r"|fast)|what are you waiting for|look no further"
    r"|treat yourself|(?:upgrade|make the switch|switch) (?:now|today)|try it (?:now|today|yourself)"
    r"|be the first to|stock up (?:now|today|on)|make it yours|discover the (?:difference|magic|power)"
    r"|experience the (?:difference|magic|power|ultimate|best)"
    r"|(?:visit|check out) our|our (?:customers|team|experts|store|shop)|we (?:guarantee|promise)|(?:get"
    r"|give) yourself"
)
_OTHERS = (
    r"unschlagbar\w*|einzigartig\w*|unvergleichlich\w*|weltklasse|weltbeste\w*|sensationell\w*|revolutionär\w*"
    r"|atemberaubend\w*|traumhaft\w*|jetzt (?:kaufen|bestellen|zugreifen|sichern)|(?:kaufen|bestellen|greifen"
    r"|schlagen) sie (?:jetzt|noch heute|zu)"
    r"|nicht verpassen|das beste \w+ (?:aller zeiten|der welt|auf dem markt)|testsieger|spitzenklasse|ein muss für"
    r"|muss man haben|die nummer (?:1|eins)|perfektes? geschenk|marktführend\w*|erstklassig\w*|unglaublich\w*"
    r"|fantastisch\w*"
    r"|incroyables?|exceptionnel(?:le)?s?|imbattables?|révolutionnaires?|inégal(?:é|able)e?s?|le meilleur (?:du"
    r"|de la|au) \w+|achetez|commandez|n['’]attendez (?:plus|pas)|ne (?:manquez|ratez) pas|incontournables?"
    r"|à couper le souffle|numéro (?:1|un)|profitez|magnifiques?|cadeau (?:idéal|parfait)|extraordinaires?"
    r"|dernier cri"
    r"|increíbles?|inmejorables?|imbatibles?|insuperables?|revolucionari[oa]s?|el mejor (?:del|de la) \w+"
    r"|c[óo]mpr[ae](?:lo|la)? (?:ya|ahora|hoy)|¡\w+ (?:ya|ahora)|no te l[oa] pierdas|no (?:se )?(?:pierda|esperes)"
    r"|número (?:1|uno)|imprescindibles?|regalo (?:ideal|perfecto)|de primera clase|espectacular(?:es)?"
    r"|aprovech[ae]"
    r"|incredibil[ei]|imbattibil[ei]|rivoluzionari[oa]|il migliore? (?:del|della|sul) \w+|acquista (?:ora|subito)"
    r"|compra (?:ora|subito)|non perdere|imperdibil[ei]|numero (?:1|uno)|straordinari[oa]|eccezional[ei]"
    r"|regalo perfetto|ongelooflijk\w*|bestel nu|koop nu|onverslaanbaar\w*"
)

_MARKS = re.compile(r"(?<![!?！])[!?！]*[!！](?:\s?[!?！])+")
# Several words in capitals, or one with the ending of an English word, are a code or a shout: the record has its codes.
_SHOUT = re.compile(r"\b[A-ZÄÖÜÉÈÀ]{3,}(?:['’][A-Z]+)?(?:[ ,-]+[A-ZÄÖÜÉÈÀ]{2,}(?:['’][A-Z]+)?)+\b|\b[A-ZÄÖÜÉÈÀ]{6,}\b")
_LONG_CAPITALS = re.compile(r"[A-ZÄÖÜÉÈÀ]{4,}")
_OF_A_WORD = re.compile(r"[A-Z]{3,}(?:ING|EST|LY|ED|TION|NESS|FUL|ABLE|IBLE|IVE|OUS|BEST|GREAT|IGST|ISCH)")
_CODES = """
sdram eeprom sodimm rdimm udimm uxga wuxga wqxga wsxga sxga wxga qsxga cmyk energy star nvidia lenovo bios vesa gprs
hsdpa hsupa microsd cdma ofdm ofnr ofnp rohs weee nema atapi scsi firewire ethernet webdav ipsec radius kerberos
unicode ascii iphone silver platinum bronze titanium plus infiniband displayport freebsd postscript
"""
_ABBREVIATIONS = frozenset(_CODES.split())
# In a description or a summary a word is the author's; anywhere else it is the name of something.
_PROSE = frozenset({"description", "summary", "text", "copy", "body", "bullets", "highlights", "review"})


def find(draft: Draft, record: Record) -> Iterator[Finding]:
    """Superlatives, hype, calls to act, exclamation marks in a row and shouting that no name in the record explains."""
    for place, text in draft.passages():
        for match in _praise().finditer(text):
            if not _a_name(match[0], record):
                yield _finding(place, match, f"'{match[0]}' is advertising")
        for match in _MARKS.finditer(text):
            yield _finding(place, match, "exclamation marks in a row")
        for match in _SHOUT.finditer(text):
            if _shouted(match[0], record):
                yield _finding(place, match, "words in capitals that are no code of the record")


def _finding(place: str, match: re.Match[str], reason: str) -> Finding:
    return Finding("promotional", place, match.start(), match[0], reason)


def _a_name(words: str, record: Record) -> bool:
    """Whether the words stand in a name of the record; in its prose, only with the same capitals."""
    folded = words.casefold()
    for fact in record.facts:
        if _PROSE.isdisjoint(fact.name.split()):
            if folded in fact.text.casefold():
                return True
        elif words != folded and words in fact.text:
            return True
    return False


def _shouted(words: str, record: Record) -> bool:
    unknown = [word for word in _LONG_CAPITALS.findall(words) if not _known_code(word.casefold(), record)]
    if len(unknown) > 1:
        return any(len(word) > 4 for word in unknown)
    return any(_OF_A_WORD.fullmatch(word) for word in unknown)


def _known_code(word: str, record: Record) -> bool:
    return word in _ABBREVIATIONS or word in record.folded


@cache
def _praise() -> re.Pattern[str]:
    words = f"{_SUPERLATIVES}|{_CALLS}|{_HYPE}|{_OTHERS}"
    return re.compile(rf"(?<!\w)(?:{words.replace('~', '[ -]?')})(?!\w)", re.IGNORECASE)
