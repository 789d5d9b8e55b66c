"""What personal data and secrets look like, kind by kind: patterns, and the checks that tell them from part numbers.

A digit string alone is never personal data here: a catalog is full of EANs, part numbers and page yields. A phone
number needs the form of one country's numbers or a word that announces it, a card its issuer's prefix and a right
check digit, an IBAN its country's length and remainder, a street its postcode or a word that announces it where the
street could also be a drive or a lane. IP addresses, names and account names alone are left.

Every pattern takes time in proportion to the text: each repetition is bounded, or begins where nothing like it ends.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple


class Sighting(NamedTuple):
    """One piece of personal data: its kind and where it stands in the text."""

    kind: str
    start: int
    end: int


#: What a person is told was found, by kind; also the names of the placeholders.
KINDS = {
    "secret": "a key or password",
    "email": "an e-mail address",
    "iban": "a bank account",
    "card": "a payment card",
    "phone": "a phone number",
    "address": "a postal address",
    "account": "an account to write to",
}

# ---- secrets ---------------------------------------------------------------------------------------------------------

_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY-----[A-Za-z0-9+/=\s\\:,]*+"
    r"(?:-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY-----)?"
)
_TOKENS = re.compile(
    r"(?<![A-Za-z0-9_])(?:sk-[A-Za-z0-9_-]{16,200}|[sr]k_(?:live|test)_[A-Za-z0-9]{10,200}|(?:AKIA|ASIA)[A-Z0-9]{16}"
    r"|gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255}|glpat-[\w-]{16,64}|xox[abeoprs]-[A-Za-z0-9-]{10,200}"
    r"|AIza[\w-]{30,60}|hf_[A-Za-z0-9]{20,64}|npm_[A-Za-z0-9]{30,64}|SG\.[\w-]{16,64}\.[\w-]{16,64}"
    r"|eyJ[\w-]{8,2000}\.eyJ[\w-]{4,4000}(?:\.[\w-]{0,1000})?)(?![A-Za-z0-9])"
)
_URL_WITH_PASSWORD = re.compile(
    r"(?<![a-z0-9])[a-z][a-z0-9+.-]{1,12}://[^\s/:@]{1,64}:[^\s/@]{1,64}@[^\s/]{1,255}", re.I
)
_ANNOUNCED_SECRET = re.compile(
    r"(?<![\w-])(?P<name>pass(?:word|code|phrase|wd)|pwd|passwort|kennwort|mot de passe|contraseña|senha"
    r"|wachtwoord|hasło"
    r"|пароль|密码|密碼|パスワード|(?:api|access|secret|private|auth)[ _-]?(?:key|token)|client[ _-]secret|secret"
    r"|token)"
    r"\s{0,3}(?P<sign>[:=：]|\bis\b|\bist\b|\best\b|\bes\b)\s{0,3}[\"'“]?(?P<value>[^\s\"'”,;<>]{4,200})",
    re.I,
)
_NO_PASSWORDS_WORDS = "none required protected supported optional user supervisor default available"
_NO_PASSWORDS = frozenset(_NO_PASSWORDS_WORDS.split())
_BEARER = re.compile(r"(?<!\w)Bearer\s{1,3}[A-Za-z0-9._~+/-]{20,2000}=*")


_PIN = re.compile(
    r"(?<![\w-])(?:PIN(?:[ -]?code)?\s?(?:is|:)"
    r"|(?:SSN|social security(?: number)?)\W{0,3}(?:is\s)?)\s?\d[\d-]{3,10}(?!\w)"
)


def _secrets(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (_PRIVATE_KEY, _TOKENS, _URL_WITH_PASSWORD, _BEARER, _PIN):
        yield from (match.span() for match in pattern.finditer(text))
    for match in _ANNOUNCED_SECRET.finditer(text):
        value = match["value"].rstrip(".!?)")
        # "Password: supervisor, user" is a feature, "password: hunter2" a secret; so is a word alone after its sign.
        is_last = not text[match.end() : match.end() + 2].strip(" .!?)\"'”\n")
        mixed = bool(re.search(r"\d", value) and re.search(r"[^\W\d]", value)) or bool(re.search(r"[#$%&*!@^~]", value))
        spelled = is_last and match["sign"] in ":=：" and value.islower() and value not in _NO_PASSWORDS
        if len(value) >= 4 and (mixed or (spelled and match["name"].casefold() not in {"secret", "token"})):
            yield match.start(), match.start("value") + len(value)


# ---- e-mail ----------------------------------------------------------------------------------------------------------

_TLD = (
    "com|net|org|edu|gov|info|biz|io|co|ai|app|dev|shop|store|me|eu|uk|de|at|ch|fr|es|it|nl|be|pl|pt|br|mx|ru|ua|cn|jp"
)
_TLD += "|kr|in|us|ca|au|nz|se|no|dk|fi|ie|cz|tr|gr|hu|ro|sg|hk|tw|za|xyz|online|site|example|test|invalid"
_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w.+%'-]{1,64}(?<=[\w+%-])@(?:[^\W_](?:[\w-]{0,62}[^\W_])?\.){1,8}[^\W\d_]{2,24}(?![\w@-])"
)
_AT = r"\s{0,2}(?:[(\[{<]\s{0,2}(?:at|@|ät|arroba|chez|kukac)\s{0,2}[)\]}>]|\s(?:at|AT|arroba)\s)\s{0,2}"
_DOT = (
    r"(?:\s{0,2}[(\[{<]\s{0,2}(?:dot|punkt|punto|point|\.)\s{0,2}[)\]}>]\s{0,2}"
    r"|\s{1,2}(?:dot|DOT|punkt|punto|point)\s{1,2}|\.)"
)
_HIDDEN_EMAIL = re.compile(
    rf"(?<![\w.+-])[\w.+-]{{1,64}}(?P<at>{_AT})[\w-]{{1,63}}(?P<dots>(?:{_DOT}[\w-]{{1,63}}){{0,3}}?{_DOT}(?:{_TLD}))(?!\w)",
    re.I,
)


def _emails(text: str) -> Iterator[tuple[int, int]]:
    for match in _EMAIL.finditer(text):
        yield match.span()
    for match in _HIDDEN_EMAIL.finditer(text):
        # "available at example.com" is a sentence: unbracketed, both words have to be spelled out.
        if re.search(r"[(\[{<]", match["at"]) or re.search(r"dot|punkt|punto|point", match["dots"], re.I):
            yield match.span()


# ---- bank accounts and cards -----------------------------------------------------------------------------------------

_IBAN_LENGTHS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 "
    "FI18 FO18 "
    "FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IS26 IT27 JO30 KW30 KZ20 LB28 LI21 LT20 LU20 LV21 "
    "MC27 MD24 "
    "ME22 MK19 MT31 MU30 NL18 NO15 PK24 PL28 PT25 QA29 RO24 RS22 SA24 SE24 SI19 SK24 SM27 TN24 TR26 UA29 VG24 XK20"
)
_IBAN_LENGTH = {entry[:2]: int(entry[2:]) for entry in _IBAN_LENGTHS.split()}
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}")
_CARD = re.compile(
    r"(?<![\w.,+/-])(?:\d{15,16}|\d{19}|\d{4}(?P<gap>[ -])\d{4}(?P=gap)\d{4}(?P=gap)\d{4}(?:(?P=gap)\d{3})?"
    r"|3\d{3}(?P<amex>[ -])\d{6}(?P=amex)\d{5}|3\d{3}(?P<diners>[ -])\d{6}(?P=diners)\d{4})(?![\w/-]|[.,]\d)"
)
_ISSUER = re.compile(
    r"4|5[1-5]|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)|3(?:0[0-5]|[689])|6(?:011|4[4-9]|5|2|7)|5[06-8]|35[2-8]\d"
)


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    for match in _IBAN.finditer(text):
        length = _IBAN_LENGTH.get(match[0][:2], 0)
        end, taken = match.start(), 0
        while taken < length and end < match.end():
            taken += text[end] not in " -"
            end += 1
        digits = "".join(str(int(char, 36)) for char in _rotated(match[0][: end - match.start()]))
        if length and taken == length and int(digits) % 97 == 1 and not text[end : end + 1].isalnum():
            yield match.start(), end


def _rotated(iban: str) -> str:
    plain = re.sub("[ -]", "", iban)
    return plain[4:] + plain[:4]


def _cards(text: str) -> Iterator[tuple[int, int]]:
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        issued = digits[:2] in {"34", "37"} if len(digits) == 15 else _ISSUER.match(digits)
        if issued and len(set(digits)) > 1 and _luhn(digits):
            yield match.span()


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


# ---- phones ----------------------------------------------------------------------------------------------------------

_GAP = r"(?:[ .\-/\u2010-\u2014]|\s?\(0\)\s?|[ ]?[()][ ]?)"
# +49 (0)30 123456; the country code first. A sign or letter in front makes it a part number or a tolerance.
_INTERNATIONAL = re.compile(rf"(?<![\w.,+/-])\+\s?[1-9](?:{_GAP}{{0,2}}\d){{7,14}}(?!\w|[.,]\d)")
_DOUBLE_ZERO = re.compile(rf"(?<![\w.,+/-])00[1-9]\d{{0,2}}(?=[ .\-/(])(?:{_GAP}{{0,2}}\d){{6,12}}(?!\w|[.,]\d)")
_AMERICAN = re.compile(
    r"(?<![\w.,/-])(?:(?:\+?1[ .-])?(?:\([2-9]\d\d\)[ .-]?\d{3}[ .-]\d{4}|[2-9]\d\d(?P<gap>[.-])\d{3}(?P=gap)\d{4})"
    r"|8 ?\(\d{3}\) ?\d{3}-\d\d-\d\d|\([1-9]\d\) 9?\d{4}-\d{4})"
    r"(?![\w/-]|[.,]\d)"
)
_TOLL_FREE = re.compile(r"(?<![\w.,/-])1[ .-]8(?:00|88|77|66|55|44|33)[ .-][2-9]\d\d[ .-]\d{4}(?![\w/-]|[.,]\d)")
# A trunk zero: 030/1234567, 0171 1234567, (030) 123 456, 01 23 45 67 89, 020 7946 0958.
_NATIONAL = re.compile(
    r"(?<![\w.,+/-])(?:\(0\d{1,4}\)[ ]?\d{2,4}(?:[ -]?\d{2,4}){1,3}|0\d{2,4}[ ]?/[ ]?\d{3,4}(?:[ -]?\d{2,4}){1,2}"
    r"|0[1-9](?P<pair>[ .])\d\d(?:(?P=pair)\d\d){3}|01[5-7]\d[ -]\d{7,8}|0[1-8]\d{1,3} \d{3,4} \d{3,4}|07\d{3} \d{6})"
    r"(?![\w/-]|[.,]\d)"
)
_WORD = (
    r"tel|telephone|telefon|telefono|teléfono|téléphone|telefone|telefoon|tél|ph|phone|phone number|call|call us"
    r"|call me|ring"
    r"|fax|mobile|cell|cellphone|handy|hotline|whatsapp|whats app|wa|viber|telegram|signal|sms|text|text me"
    r"|text us|dial|anruf"
    r"|anrufen|ruf|rufen|rufnummer|appelez|appeler|portable|llame|llama|móvil|movil|celular|chiama|chiamare"
    r"|cellulare|bel"
    r"|telemóvel|zadzwoń|dzwoń|kom|contact|contact us|kontakt|reach us|reach me|support|тел|телефон|звоните|电话|電話"
    r"|手机|手機"
    r"|联系|聯繫|微信|전화"
)
_ANNOUNCED_PHONE = re.compile(
    rf"(?<![^\W_])(?P<word>{_WORD})(?P<tie>\.?\s{{0,2}}(?:(?:number|no\.?|nummer|nr\.?|us|me|now|at|on|under"
    rf"|unter|au|al|allo|op"
    rf"|pod|\#)\s{{1,2}}){{0,3}}[:：.]?\s{{0,3}})"
    rf"(?P<number>[+(]{{0,2}}\d(?:{_GAP}{{0,2}}\d){{6,14}})(?!\w|[.,]\d)",
    re.I,
)
# These announce a number only with a sign or a word between: "IP Phone 7941 8961" is a product.
_ALSO_PRODUCTS_WORDS = (
    "phone mobile cell cellphone handy portable text contact kontakt support signal ring dial bel kom fax sms wa ph"
)
_ALSO_PRODUCTS = frozenset(_ALSO_PRODUCTS_WORDS.split())
_DIGIT_WORDS = re.compile(
    r"(?<!\w)(?:\+\s?|plus\s)?(?:(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double"
    r"|\d{1,4})[\s,-]{1,2}){6,15}"
    r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)(?!\w)",
    re.I,
)


def _phones(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (_INTERNATIONAL, _DOUBLE_ZERO):
        for match in pattern.finditer(text):
            if _is_phone(match[0]):
                yield match.span()
    for pattern in (_AMERICAN, _TOLL_FREE, _NATIONAL):
        yield from (match.span() for match in pattern.finditer(text))
    for match in _ANNOUNCED_PHONE.finditer(text):
        dialled = match["number"][0] in "+(0" or bool(match["tie"].strip(" ."))
        announced = bool(match["tie"]) and match["word"].casefold() not in _ALSO_PRODUCTS
        if (dialled or announced) and _is_phone(match["number"]):
            yield match.span("number")
    for match in _DIGIT_WORDS.finditer(text):
        if len(re.findall(r"[^\W\d]{2,}", match[0])) >= 5:
            yield match.span()


def _is_phone(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    # A range, "100 - 240", has its dash apart; a repeated digit is a filler.
    return 7 <= len(digits) <= 15 and len(set(digits)) > 2 and not re.search(r"\d\s+[-–—]\s+\d", text)


# ---- addresses -------------------------------------------------------------------------------------------------------

_NAME = r"[A-ZÀ-ÝŁŚŻ][\w'’.-]{1,30}"
_UK_POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"
_US_STATE = (
    "A[LKZR]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
)
_CITY = rf"(?:,? (?:{_NAME})){{0,4}}"
_ZIP = (
    rf"(?:{_CITY},? (?:(?:{_US_STATE}),? \d{{5}}(?:-\d{{4}})?|{_UK_POSTCODE}"
    rf"|(?:NSW|VIC|QLD|WA|SA|TAS|ACT|NT) \d{{4}})(?!\w))"
)
_CONTINENTAL = rf",? ?(?:[A-Z]{{1,2}}-)?\d{{4,5}}(?: [A-Z]{{2}})? {_NAME}(?: (?:{_NAME}|am|an|der|de|la|le|sur)){{0,3}}"
_HOUSE = r"\d{1,4}(?:\s?[a-zA-Z])?(?:\s?[-/]\s?\d{1,4}[a-zA-Z]?)?"
_UNIT = r"(?:,? (?:Suite|Ste\.?|Apt\.?|Unit|Floor|Flat|Room|\#) ?[\w-]{1,6})?"
_STREETS = (
    # 12 High Street, optionally with its town; a Drive, Lane or Way only with one.
    rf"\d{{1,5}}[A-Za-z]? (?:[NSEW]\.? )?(?:{_NAME} ){{1,4}}(?:Street|St\.|Avenue|Ave\.?|Road|Rd\.?|Boulevard"
    rf"|Blvd\.?){_UNIT}(?:{_ZIP})?(?!\w)",
    rf"\d{{1,5}}[A-Za-z]? (?:[NSEW]\.? )?(?:{_NAME} ){{1,4}}(?:St|Drive|Dr\.?|Lane|Ln\.?|Way|Place|Pl\.?|Court"
    rf"|Ct\.?|Square|Sq\.?|Close|Crescent"
    rf"|Terrace|Parkway|Pkwy\.?|Highway|Hwy\.?|Broadway|Row|Gardens|Grove|Park|Estate){_UNIT}{_ZIP}",
    # Hauptstraße 12, 10115 Berlin; a -weg or -ring only with its town.
    rf"(?:[A-ZÄÖÜ][\w.-]{{0,30}}(?:straße|strasse|str\.)|[A-ZÄÖÜ][\w-]{{1,20}} (?:Straße|Strasse"
    rf"|Str\.)) ?{_HOUSE}(?:{_CONTINENTAL})?(?!\w)",
    rf"(?:[A-ZÄÖÜ][\w-]{{2,30}}(?:weg|allee|platz|gasse|ring|damm|ufer|straat|laan|plein|gracht|kade|vägen|gatan"
    rf"|vej|gade|veien|katu|utca)"
    rf"|(?:Am|Im|An der|Auf der|Zum|Zur|Unter den) [A-ZÄÖÜ][\w-]{{2,30}}) {_HOUSE}{_CONTINENTAL}",
    rf"\d{{1,4}}(?: ?(?:bis|ter|quater))?,? (?:rue|avenue|av\.|boulevard|bd|place|chemin|impasse|allée|quai|cours"
    rf"|route) "
    rf"(?:(?:de|du|des|la|le|les|d'"
    rf"|l') ?){{0,2}}[A-ZÀ-Ý][\w'’-]{{1,30}}(?: [A-ZÀ-Ý][\w'’-]{{1,30}}){{0,3}}(?:{_CONTINENTAL})?",
    rf"(?:Calle|C/|Avenida|Avda\.|Av\.|Plaza|Paseo|Rua|Praça|Travessa|Carrera) (?:(?:de|del|do|da|dos|das|la|las"
    rf"|los|el) ){{0,2}}"
    rf"[A-ZÀ-Ý][\w'’-]{{1,30}}(?: (?:de |del |da |do )?[A-ZÀ-Ý][\w'’-]{{1,30}}){{0,3}},? (?:n[º°.]\s?"
    rf"|núm\. )?\d{{1,5}}(?:{_CONTINENTAL})?",
    rf"(?:Via|Viale|Piazza|Corso|Largo) (?:(?:di|del|della|dei|delle"
    rf"|dell') ?)?[A-ZÀ-Ý][\w'’-]{{1,30}}(?: [A-ZÀ-Ý][\w'’-]{{1,30}}){{0,3}},? "
    rf"{_HOUSE},? ?\d{{5}} {_NAME}",
    rf"(?:ul|al|pl|os)\. {_NAME}(?: {_NAME}){{0,3}} {_HOUSE}(?:,? \d\d-\d{{3}} {_NAME})?",
    r"(?:ул\.|улица|пр\.|проспект|пер\.|переулок) [А-ЯЁ][\w-]{2,30}(?: [А-ЯЁ][\w-]{2,30}){0,2},? (?:д\."
    r"|дом)? ?\d{1,4}",
    r"[\u4e00-\u9fff]{2,12}(?:省|市|区|區|县|都|府)[\u4e00-\u9fff]{0,20}(?:路|街|道|巷|丁目)[\d０-９\-之]{1,8}(?:号"
    r"|號|番地?)?(?:[\u4e00-\u9fff\d]{0,12}(?:室|楼|樓))?",
    r"(?:P\.? ?O\.? ?Box|Post Office Box|Postfach|Postbus|Apartado(?: de correos)?|Caixa Postal|Casella Postale"
    r"|Boîte postale) "
    rf"(?:[A-Z]-?)?\d{{1,7}}(?: \d{{2,4}})?(?:{_ZIP}|{_CONTINENTAL})?(?!\w)",
)
_ADDRESSES = re.compile(rf"(?<![\w.,/-])(?:{'|'.join(_STREETS)})")
# "our address: 5 Mill Lane, Leeds": the word says that what follows, up to the sentence's end, is one.
_ANNOUNCED_ADDRESS = re.compile(
    r"(?<!\w)(?:(?:postal|street|mailing|home|return|shop|store|our|seller(?:'s|’s)?|pickup|office"
    r"|warehouse) address|address of the seller"
    r"|anschrift|adresse|dirección|indirizzo|adres|endereço|located at|visit us at|sold by [^\n\d]{1,60}"
    r"|shipp(?:ed|ing) from|collect(?:ion)? from"
    r"|return(?:s)? to)\s{0,2}(?:is|ist|est|:|：|,)?\s{0,2}"
    rf"(?P<address>\d{{1,5}}[A-Za-z]? (?:{_NAME} ){{0,3}}{_NAME}(?:,? (?:{_NAME}|{_US_STATE}|\d{{5}}"
    rf"|{_UK_POSTCODE})){{0,5}}"
    rf"|(?:{_NAME} ){{1,3}}{_HOUSE}{_CONTINENTAL})",
    re.I,
)

# ---- accounts --------------------------------------------------------------------------------------------------------

_ACCOUNT = re.compile(
    r"(?<!\w)(?:instagram|insta|telegram|whatsapp|wechat|weixin|微信|微信号|twitter|tiktok|snapchat|skype|facebook"
    r"|line id|signal|discord|viber|qq)"
    r"(?:\s{1,2}(?:id|us|me|handle|account|name|user))?\s{0,2}(?:[:：]\s{0,2}|\s(?:at|under|on)\s{1,2}|\s)?"
    r"(?P<name>@[A-Za-z0-9_][\w.]{2,40}|(?<=[:：])\s?[A-Za-z0-9_][\w.#-]{3,40}|(?<=[:：] )[A-Za-z0-9_][\w.#-]{3,40})",
    re.I,
)
_PROFILE = re.compile(
    r"(?<![\w.])(?:wa\.me|t\.me|m\.me|instagram\.com|facebook\.com|line\.me/ti/p)/[\w.~@+-]{2,60}(?:/[\w.~-]{1,60})?",
    re.I,
)


def _accounts(text: str) -> Iterator[tuple[int, int]]:
    yield from (match.span("name") for match in _ACCOUNT.finditer(text))
    yield from (match.span() for match in _PROFILE.finditer(text))


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    yield from (match.span() for match in _ADDRESSES.finditer(text))
    yield from (match.span("address") for match in _ANNOUNCED_ADDRESS.finditer(text))


# The order decides which of two that overlap is told: a card before the phone that its digits would also be.
_FINDERS: dict[str, Callable[[str], Iterator[tuple[int, int]]]] = {
    "secret": _secrets,
    "email": _emails,
    "iban": _ibans,
    "card": _cards,
    "phone": _phones,
    "address": _addresses,
    "account": _accounts,
}
_DIGIT_OR_SIGN = re.compile(r"[\d@:=]|\bat\b|-----|zero|one|two|AKIA|eyJ|sk-|xox|_|[.]me/|com/", re.I)


def sightings(text: str) -> list[Sighting]:
    """Every piece of personal data in a text, in order, none overlapping another."""
    if not _DIGIT_OR_SIGN.search(text):
        return []
    kept: list[Sighting] = []
    taken = bytearray(len(text))
    for kind, finder in _FINDERS.items():
        for start, end in finder(text):
            if not any(taken[start:end]):
                taken[start:end] = b"\x01" * (end - start)
                kept.append(Sighting(kind, start, end))
    return sorted(kept, key=lambda sighting: sighting.start)
