"""How orders to a language model are worded, here in English: patterns, and the words without which none matches.

Nothing that describes a product speaks so. In a record these are an attack, in a draft the trace of one. The patterns
are written over several lines, so a space in one stands in brackets; FEW is a few words of any kind.
"""

import re
from typing import NamedTuple

from catalog_embeddings.transform.guards.order_words_abroad import ABROAD

_FEW = r"(?:[\w'’-]{1,20}\s+){0,4}?"


class Wording(NamedTuple):
    """A way to word an order; a text in small letters that has none of ``needs`` has none of these."""

    needs: tuple[str, ...]
    pattern: re.Pattern[str]


_ENGLISH = (
    (
        "instruct; prompt; guideline; directive; command; directions; constraint; schema; rules; locale; polic; "
        "restriction",
        r"""
        (?:ignore|disregard|forget|override|bypass|overlook|neglect)\s+FEW(?:instructions?|prompts?|guidelines?
        |directives?|commands?|directions|constraints|schema|rules|locale|polic(?:y|ies)|restrictions)\b
        """,
    ),
    (
        "ignore; disregard; forget",
        r"""
        (?:ignore|disregard|forget)\s+(?:all|any|everything|anything|what)\s+FEW(?:above|before|previous|prior
        |earlier|told|said|rules?|text|context)\b
        """,
    ),
    (
        "system; prompt; instruction",
        r"""
        \b(?:system|developer|hidden|initial|original)\s+(?:prompt|instructions?)\b|\bsystem\s+(?:message
        |override|notice|note|command|update)\s*:
        """,
    ),
    (
        "instruction; directive; orders",
        r"""
        \b(?:new|updated|revised|real|actual|special|secret|further)\s+(?:\w{1,12}\s+)?(?:instructions?
        |directives?|orders)\s*(?::|for\s+(?:the\s+|you)|follow\b)
        """,
    ),
    (
        "as a; i am; i'm; i’m; im a",
        r"""
        \bas\s+an?\s+(?:\w{1,12}\s+)?(?:ai|artificial\s+intelligence|language\s+model|llm
        |chatbot)\b(?!\s*-?\s*(?:powered|based|enabled))|\bi(?:'|’)?\s*(?:a)?m\s+(?:just\s+|only\s+)?an?\s+(?:ai
        |llm|(?:large\s+)?language\s+model|assistant|chatbot)\b
        """,
    ),
    (
        "you; are",
        r"""
        \byou\s+are\s+(?:now\s+|no\s+longer\s+)?(?:an?\s+|the\s+)?FEW(?:assistant|ai|llm|language\s+model
        |chatbot|bot|copywriter|catalog\s+writer|unrestricted|jailbroken|dan|root|admin)\b|\byou\s+are\s+now\b
        |\byou\s+are\s+no\s+longer\b
        """,
    ),
    (
        "jailbr; injection; anything; mode",
        r"""
        \b(?:jailbreak|jailbroken|prompt\s+injection|do\s+anything\s+now|(?:developer|god|admin|debug|dan
        |sudo)\s+mode\s+(?:is\s+)?(?:enabled|activated|on|active|unlocked))\b
        """,
    ),
    (
        "dear; attention; hey; hello; note; notice; message; instruction; reminder; warning; hi ; hi,",
        r"""
        \b(?:dear|attention|hey|hello|hi|note\s+(?:to|for)|notice\s+(?:to|for)|message\s+(?:to|for)
        |instructions?\s+(?:to|for)|reminder\s+(?:to|for)|warning\s+(?:to|for))[\s,:]+(?:the\s+|all\s+
        |any\s+)?FEW(?:ai|a\.i\.|llms?|language\s+models?|models?|assistants?|chatbots?|bots?|gpt(?:-\d)?
        |chatgpt|claude|gemini|copywriter|writer|editor|summari[sz]er|annotators?)\b
        """,
    ),
    (
        "respond; reply; answer",
        r"""
        \b(?:respond|reply|answer)\s+(?:only|just|exactly|strictly|always|exclusively|solely|with
        |in\s+(?:the\s+)?(?:\w{4,12})\b(?=\s*(?:$|[.,;:!]|only|and|instead)))
        """,
    ),
    (
        "your",
        r"""
        \b(?:in|into|to|of|from|with|inside)\s+your\s+FEW(?:description|tags?|use.cases|output|answer|responses?
        |reply|replies|summary|json|text|review|completion|message|instructions|prompt)\b
        """,
    ),
    (
        "your",
        r"""
        \b(?:your\s+(?:new\s+|only\s+|real\s+)?(?:task|job|role|goal|purpose|instructions?|guidelines|output
        |answer|response|reply)\s+(?:is|are|must|should|will|has)\b)
        """,
    ),
    (
        "word; phrase; sentence; text; following; string; token; exactly; only",
        r"""
        \b(?:say|write|print|output|repeat|state|type|emit)\s+(?:only\s+|just\s+|exactly\s+|instead\s+
        |simply\s+)*(?:the\s+)?(?:word|words|phrase|sentence|text|following|string|token|exactly|only)\b
        """,
    ),
    (
        "word; phrase; sentence; tag; keyword; link; url; field; key; json; html; string; use case",
        r"""
        \b(?:add|include|insert|append|put|use|set|mention|place|embed|prepend)\s+FEW(?:word|phrase|sentence
        |tags?|keyword|hashtag|link|url|field|key|json|html|string)s?\s*(?:called\b|named\b|saying\b|reading\b
        |[\"'“‘«:`]|to\b|into\b|in\b|with\b|https?:|[#]|(?-i:[A-Z]{3,}))
        |\b(?:add|include|insert|append|put|mention)\s+(?:the|an?)\s+(?:word|phrase|tag|hashtag|keyword|link|url
        |sentence|use[ ]case)\s*:?\s+\S
        """,
    ),
    (
        "with",
        r"""
        \b(?:begin|start|end|finish|prefix|preface|close)\s+FEW(?:description|answer|response|reply|output|text
        |sentences?|tags?)\s+with\b
        """,
    ),
    (
        "custom; user; reader; buyer; shopper; people; everyone; visitor",
        r"""
        \b(?:tell|inform|instruct|advise|persuade|convince|urge|ask|direct)\s+(?:the\s+|all\s+|any\s+
        |your\s+)?(?:customers?|users?|readers?|buyers?|shoppers?|people|everyone|visitors?)\s+(?:to|that|they
        |about)\b
        """,
    ),
    (
        "always; must; should; shall; to",
        r"""
        \b(?:always|must|should|shall|need\s+to|have\s+to)\s+(?:be\s+described|describe|claim|say|mention|state
        |recommend|write|respond|reply|answer|output|be\s+(?:tagged|called|listed|presented))\b
        """,
    ),
    (
        "describe; present; list; label; classify; tag; mark; rate; advertise; market; call; treat; rebrand; refer",
        r"""
        \b(?:describe|present|list|label|classify|tag|mark|rate|advertise|market|call|treat|rebrand
        |refer\s+to)\s+(?:this|it|the|every|all)\s*FEW(?:as|with|like)\b
        """,
    ),
    (
        "pretend; act; behave; speak; talk; roleplay",
        r"""
        \b(?:pretend|act|behave|speak|talk|roleplay)\s+(?:to\s+be|as\s+if|as\s+though|as\s+an?|like\s+an?
        |you\s+are|that)\b
        """,
    ),
    (
        "write; describe; respond; translate; output; speak; produce; generate; compose; return; render; format",
        r"""
        \b(?:write|describe|respond|translate|output|speak|produce|generate|compose|return|render
        |format)\s+FEW(?:in|into
        |to)\s+(?:only\s+)?(?:english|german|french|spanish|italian|dutch|portuguese|polish|russian|chinese
        |japanese|korean|arabic|turkish|latin|klingon|swedish|finnish|hindi|emojis?|base64|pirate|html|markdown
        |xml|yaml|json|capitals|upper-?\s*case|rhymes?|verse|morse|all\s+caps)\b
        """,
    ),
    (
        "prompt; instruct; key; secret; credential; config; environment; password; rules",
        r"""
        \b(?:reveal|leak|disclose|expose|dump|repeat|show|print|output)\s+FEW(?:prompt|instructions|api\s+keys?
        |secrets?|credentials|configuration|environment|passwords?|rules)\b
        """,
    ),
    (
        "not; don't; don’t; never",
        r"""
        \b(?:do\s+not|don't|don’t|never)\s+(?:describe|mention|follow|summari[sz]e|write|use|obey|include
        |output)\b
        """,
    ),
    (
        "instead; rather",
        r"""
        \b(?:instead|rather)\s*(?:,|of\s+(?:that|this|FEW(?:description|describing|review
        |writing))\s*,?)\s*(?:just\s+|only\s+)?(?:write|say|describe|output|print|return|tell|give|produce
        |compose)\b
        """,
    ),
    (
        "decode; execute; run; evaluate; follow",
        r"""
        \b(?:decode|execute|run|evaluate|follow)\s+(?:this|the|these|and)\s+FEW(?:base64|string|code
        |instructions?|commands?|orders?|message|script|text)\b
        """,
    ),
    (
        "json; html; xml; object; list; array; poem; story; joke; haiku; empty",
        r"""
        \b(?:return|produce|generate|output|emit)\s+(?:only\s+|just\s+)?(?:the\s+|an?\s+|this\s+|valid\s+|raw\s+
        |empty\s+){0,3}(?:json|html|xml|object|list|array|poem|story|joke|haiku|empty)\b
        """,
    ),
    (
        "write",
        r"""
        \bwrite\s+(?:me\s+|us\s+)?(?:an?\s+|the\s+)FEW(?:poem|story|joke|haiku|song|essay|limerick|email|letter
        |review|recipe)\b
        """,
    ),
    (
        "begin; end of",
        r"""
        \bBEGIN\s+(?:SYSTEM|ADMIN|INSTRUCTIONS?)\b|\bEND\s+OF\s+(?:RECORD|DATA|CATALOG|PROMPT|INPUT|DOCUMENT
        |PRODUCT)\b
        """,
    ),
    (
        "change; replace; overwrite; swap; update; set; raise; lower",
        r"""
        \b(?:change|replace|overwrite|swap|update|set|raise|lower)\s+(?:the\s+|(?!\w+\s+(?:with|by)\b))(?:brand|price|title|maker
        |manufacturer|weight|rating|name|language|locale|description|output|tags?
        |schema)\s+(?:\w{1,12}\s+)?(?:to|with|by|as|=)\b
        """,
    ),
    (
        "summary; description; text; tags; use; output; answer; response; review; draft",
        r"""
        \b(?:summary|description|text|tags?|use[ _]cases?|output|answer|response|review|draft)\s+
        (?:must|should|shall|has\s+to|have\s+to|needs?\s+to)\s+(?:not\s+)?
        (?:contain|include|have|say|read|mention|state|end|begin|start|be\s+in|claim|consist)\b
        """,
    ),
    (
        "generating; writing; creating; producing; describing; summari",
        r"""
        \b(?:when|while|before|after|if)\s+(?:generating|writing|creating|producing|describing|summari[sz]ing)\s+
        FEW(?:descriptions?|summar(?:y|ies)|cop(?:y|ies)|tags|output|texts?\s+for|this|about|for\s+this)\b
        """,
    ),
    (
        "override; leave; from now on; continue; proceed; verbatim; authori; priority",
        r"""
        \boverride\s*:|\bleave\s+(?:the|your|all|every)\s+FEW(?:empty|blank)\b|\bfrom\s+now\s+on\b|\b(?:do\s+not
        |don['’]t)\s+(?:continue|proceed)\b
        |\b(?:use|copy|repeat|write|reproduce|include)\s+FEWverbatim\b|\bauthori[sz]e[ds]?\s+(?:you\s+)?to\b
        |\b(?:instructions?|orders?|message)\s+FEWhighest\s+priority\b
        """,
    ),
    (
        "ai; model; llm; bot; machine; robot",
        r"""
        \b(?:to|for|by)\s+(?:the|any|all)\s+(?:ai|llm|language\s+model|model|bot)s?\s+
        (?:processing|reading|writing|generating|that\s+(?:reads|writes|processes))\b
        |\bif\s+you(?:['’]re|\s+are)\s+an?\s+(?:\w{1,12}\s+)?(?:ai|model|llm|bot|machine|assistant|robot)\b
        |\b(?:ais?|llms?|(?:language\s+)?models|machines|robots|bots|ai\s+(?:systems?|assistants?|models?
        |summari[sz]ers?))
        \s+(?:reading|processing|writing|parsing|must|should|shall)\b
        |(?<![\w-])(?:(?-i:AIs?|LLMs?)|language\s+models?|machines|robots|bots|chatbots?)\s*[:,]\s*
        (?:please\s+)?(?:say|state|write|include|add|mention|output|print|tell|claim|call|use|describe|recommend
        |append)\b
        """,
    ),
    (
        "correct; right; true; proper; official; final; desired; expected",
        r"""
        \b(?:correct|right|true|proper|official|final|desired|expected)\s+
        (?:description|answer|output|summary|response|tags?|text)\s+FEW(?:is|are|should|reads)\b
        """,
    ),
    (
        "end; beginning; start; top; bottom; description; text; output; tag; answer",
        r"""
        \b(?:insert|append|put|write|place|include|add|say)\s+(?:this\s+|the\s+following\s+)?(?:at|to
        |into?)\s+the\s+(?:very\s+)?
        (?:end|beginning|start|top|bottom|description|text|output|tags?|answer|response)\s*(?:[:,]|of\s+(?:the|your))
        """,
    ),
    (
        "tag; description; use; keyword",
        r"""
        \b(?:generate|create|produce|output|overwrite|fill|set)\s+(?:the\s+|only\s+|these\s+)?
        (?:tags?|description|use[ _]cases?|keywords?)\s*(?:[:=]|to\b|as\b|with\b)
        """,
    ),
    (
        "call ; please; kindly",
        r"""
        \bcall\s+(?:it|this)\s+(?!a\b|an\b)\w
        |\b(?:please|kindly)\s+(?:just\s+|only\s+|also\s+|always\s+)?
        (?:say|write|mention|output|print|end|begin|start|respond|reply|answer|describe|recommend|state|claim
        |pretend|reveal)\b
        """,
    ),
    (
        "vergiss; vergessen; oubli; olvid; dimentic; esqueç; zapomni",
        r"""
        \b(?:vergiss|vergessen\s+sie)\s+alles\b|\boublie[rz]?\s+(?:tout|tes|vos|les)\b|\bolvid(?:a|e|ad)\s+todo\b
        |\bdimentica(?:te)?\s+tutto\b|\besqueç[ae]\s+tudo\b|\bzapomnij\s+o\s+wszystk
        """,
    ),
    (
        "follow; obey; override; safety; check; generated by; written by; new ; begin; prompt; ignore; "
        "disregard; rank; "
        "told; asked; instructed; ordered; says; said; asks; demands; assistant; ai; llm",
        r"""
        \b(?:stop|cease|quit)\s+(?:following|obeying)\b|\badmin(?:istrator)?\s+override\b
        |\bsafety\s+(?:checks?|filters?|rules?)\s+(?:are\s+|is\s+)?(?:off|disabled|removed)\b
        |\b(?:skip|disable|bypass)\s+(?:all\s+|any\s+|the\s+)?(?:checks|checking|safety|guards?|filters|validation)\b
        |\b(?:generated|written|produced)\s+by\s+(?:an?\s+|the\s+)?(?:(?-i:AI)|artificial|chatgpt|gpt
        |(?:large\s+)?language\s+model|llm)\b
        |\bnew\s+(?:task|role|rules?|goal|policy|system)\s*:|\b(?:BEGIN|END)\s+(?:OF\s+)?(?:NEW\s+)?(?:PROMPT
        |INSTRUCTIONS?)\b
        |\b(?:ignore|disregard)\s+(?:the|this|that|all|any|these)\s+
        (?:\w{1,20}\s+){0,3}?(?:above|below|following|preceding|text|content|data|record|specifications?|messages?
        |details)\b
        |\brank\s+(?:this|it|our)\s+FEW(?:first|highest|top|above)\b
        |\b(?:record|text|data|input|description|catalog|json|field)\s+(?:said|says|tells|told|asks|asked
        |instructs|instructed|demands|orders)
        \s+(?:me\s+|us\s+)?to\b|\b(?:asked|told|instructed|ordered|demanded)\s+(?:me|us)\s+to\b
        |\bthe\s+(?:ai|llm|assistant)\s+(?:must|should|shall|needs\s+to|has\s+to)\b
        |\b(?:(?-i:AIs?)|llms?)\s+(?:crawlers?|agents?|tools?|engines?|assistants?|models?|systems?)\s+(?:must
        |should|shall|will|please|reading)\b
        |(?<![\w-])(?:(?-i:AIs?|LLMs?)|chatgpt|claude|gemini|copilot)\s*[:,]\s*(?:rank|rate|give|praise|ignore|do
        |make|be|always|never)\b
        """,
    ),
)

#: Every wording known.
WORDINGS = tuple(
    Wording(
        tuple(need.casefold() for need in needs.split("; ")),
        re.compile(pattern.replace("FEW", _FEW), re.IGNORECASE | re.VERBOSE),
    )
    for needs, pattern in _ENGLISH + ABROAD
)
