"""How a language model talks when it answers somebody instead of writing about an item.

No catalog text says this, so whatever in a draft matches was not written of the item.
"""

import re

ANSWERING = re.compile(
    r"""
    \bI(?:['’]m|\s+am)?\s+(?:cannot|can['’]t|can\s+not|could\s+not|couldn['’]t|unable\s+to|was\s+unable\s+to
    |not\s+able\s+to
        |won['’]t|will\s+not|must\s+decline\s+to)\s+
        (?:help|assist|comply|provide|write|generate|create|fulfil|answer|do\s+that|describe|continue|process
        |complete|reveal
        |share|follow|find|determine|verify|access|see|confirm|locate|disclose)\w*
    |\bI\s+(?:do\s+not|don['’]t)\s+have\s+(?:access|enough|information|any\s+information|the\s+ability|sufficient
    |details)\b
    |\bI(?:['’]m|\s+am)\s+sorry\b|\bmy\s+apologies\b|\bI\s+apologi[sz]e\b
    |\bI\s+(?:have\s+been|was|am)\s+(?:told|instructed|asked|ordered|hacked|commanded)\b
    |\bI(?:['’]ve|\s+have)?\s+(?:followed|executed|obeyed|ignored|included|added)\s+(?:the|your|all|as)\b
    |(?m:^)\W{0,3}(?:sure|certainly|of\s+course|absolutely|okay|ok|alright)[,!.:]?\s+(?:here|i['’]|i\s|below
    |the\s+user|let)
    |(?:^|(?<=[.!?]\s))(?:sure|certainly|of\s+course)!\s
    |\b(?:here|below)(?:['’]s|\s+is|\s+are)\s+(?:the|your|a|an|my)\s+(?:\w{1,15}\s+){0,3}
        (?:json|description|response|answer|output|tags?|text|result|draft|review|poem|prompt|summary)\b
    |\bas\s+(?:you\s+|was\s+|per\s+)?(?:requested|instructed|ordered|commanded|demanded|your\s+request
    |the\s+prompt|your\s+instructions)\b
    |\bper\s+(?:your|the)\s+(?:instructions?|request|prompt)\b|\baccording\s+to\s+(?:my|your)\s+(?:instructions
    |prompt|guidelines)\b
    |\baccording\s+to\s+the\s+(?:prompt|instructions),\s+(?:here|i)\b
    |\bbased\s+on\s+(?:the|your)\s+(?:provided\s+|given\s+|supplied\s+)?(?:json|input|prompt|instructions|context)\b
    |\bbased\s+on\s+(?:the|your)\s+(?:provided|given|supplied)\s+(?:record|information|data|details)\b
    |\b(?:my|the)\s+(?:system\s+)?(?:instructions\s+are|prompt\s+is)\b
    |\bmy\s+(?:training|knowledge\s+cut-?off|guidelines|creators|programming|developers|instructions|prompt)\b
    |\blet\s+me\s+know\s+if\b|\bI\s+hope\s+this\s+(?:helps|description|meets|works)\b|\bwould\s+you\s+like\s+me\s+to\b
    |\bplease\s+provide\s+(?:me\s+)?(?:with\s+)?(?:more|additional|further|the)\s+(?:details|information|record
    |context)\b
    |\bfeel\s+free\s+to\s+(?:ask|let\s+me)\b|\banything\s+else\s+I\s+can\b|\b(?:word|character|token)\s+count\s*:
    |\b(?:instructions?|commands?|orders?|task|request)\s+(?:followed|executed|completed?|obeyed|received|accepted
    |acknowledged)\b\W
    |\bthe\s+user\s+(?:is\s+asking|asks\s+(?:me|for\s+an?)|asked\s+(?:me|for)|requested\s+an?|wants\s+(?:me
    |an?\s+(?:\w{1,12}\s+)?(?:description|json)))
    |</?think(?:ing)?>
    |\bich\s+kann\s+(?:dabei|Ihnen|dir|diese\s+Anfrage)\s+nicht\b|\btut\s+mir\s+leid\b|\bals\s+KI\b
    |\bje\s+suis\s+désolée?\b
    |\bje\s+ne\s+peux\s+pas\b|\blo\s+siento\b|\bno\s+puedo\s+(?:ayudar|cumplir|escribir)|\bmi\s+dispiace\b
    |\bdesculpe\b|\bprzykro\s+mi\b
    |抱歉|对不起|我无法|作为AI|申し訳|извините|я\s+не\s+могу
    """,
    re.IGNORECASE | re.VERBOSE,
)
