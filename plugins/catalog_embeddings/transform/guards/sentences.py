"""Where one sentence ends and the next begins: what is removed when a claim in it does not hold.

Abbreviations (approx., No. 5, z. B., U.S.), units (1.2 lb.) and decimal points do not end a sentence; line breaks,
list bullets and the full stops of Chinese and Japanese do. When in doubt a sentence goes on: too much removed is
better than half a claim left.
"""

import re

# A stop with closing quotes, where a gap or the end follows; a stop that needs no gap; a line's end; a bullet.
_END = re.compile(
    r"(?P<dot>(?<![.!?…])[.!?…]++[\"'”’»)\]]*+)(?=\s|$)|[。！？｡]+[」』”’）]*|[\n\r\u2028\u2029]+|(?<=\s)[•▪●‣]"
)
_LAST_WORD = re.compile(r"[^\s(\[\"'“„«]*$")
_FIRST_WORD = re.compile(r"\s*[\"'“„«(\[]*(?P<word>[^\s,;:.]{1,40})")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_WINDOW = 40

# Something always follows these.
_NEVER_LAST_WORDS = """
    approx appr ca cca circa dr mr mrs ms prof st mt vs e.g i.e eg ie cf fig figs vol ver resp incl excl inkl exkl
    zzgl bzw z.b d.h u.a z.t evtl ggf mind max min nr nos num art tel fax env ex p.ej ej sig sra núm núms av avda
    pag pág ud uds bijv d.w.z evt o.a m.in tj np tzw ok ul rev gen jr ltd
"""
_NEVER_LAST = frozenset(_NEVER_LAST_WORDS.split())
# Before a number these are "number"; before a word, an answer or a unit.
_BEFORE_NUMBERS_WORDS = "no nos p pp n nº cat ref mod sec ch type"
_BEFORE_NUMBERS = frozenset(_BEFORE_NUMBERS_WORDS.split())
# Names end like this as often as sentences do: they end one where the next word only begins sentences.
_OFTEN_LAST_WORDS = "inc ltd co corp llc u.s u.k u.s.a e.u a.m p.m etc usw uvm ecc enz itd itp sr jr bros"
_OFTEN_LAST = frozenset(_OFTEN_LAST_WORDS.split())
_STARTERS_WORDS = """
    the it its this these that those a an in with for and but you your there both each when if as at on from der die
    das es ein eine dieser diese dieses mit für le la les il elle ce cette un une el los las este esta una lo gli
    questo questa het de een dit deze o os as ele ela ten ta to
"""
_STARTERS = frozenset(_STARTERS_WORDS.split())


def sentences(text: str) -> list[tuple[int, int]]:
    """Start and end of each sentence, in order; together they cover the text."""
    starts = [0, *sorted({end for end in _ends(text) if 0 < end < len(text)})]
    return list(zip(starts, [*starts[1:], len(text)], strict=True)) if text else []


def _ends(text: str) -> list[int]:
    ends = []
    for match in _END.finditer(text):
        if match[0] in "•▪●‣":
            ends.append(match.start())
        elif not match["dot"] or _is_end(text, match):
            ends.append(match.end())
    return ends


def _is_end(text: str, match: re.Match[str]) -> bool:
    following = text[match.end() : match.end() + 2 * _WINDOW]
    if not following.strip():
        return True
    if match[0] != ".":
        return not following.lstrip()[0].islower()
    start = text[max(0, match.start() - _WINDOW) : match.start()]
    word = _LAST_WORD.search(start)
    first = _FIRST_WORD.match(following)
    return _divides((word[0] if word else "").casefold(), first["word"] if first else "")


def _divides(last: str, first: str) -> bool:
    if first[:1].islower() or last in _NEVER_LAST:
        return False
    if last in _BEFORE_NUMBERS:
        return not first[:1].isdigit()
    if last in _OFTEN_LAST or (_INITIALS.fullmatch(last) and not _is_cased_out(last)):
        return first.casefold() in _STARTERS
    return True


def _is_cased_out(last: str) -> bool:
    """One letter of a script without capitals is a word, not an initial."""
    return last.upper() == last.lower()
