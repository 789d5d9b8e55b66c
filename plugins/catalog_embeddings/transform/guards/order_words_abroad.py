"""How orders to a language model are worded in other languages than English, and the marks of a conversation.

Written as ``order_words`` has it, which compiles them.
"""

ABROAD = (
    # German
    (
        "anweisung; instruktion; regel; vorgabe; befehl; prompt; anleitung",
        r"""
        \b(?:ignorier\w{0,4}|vergiss|vergessen\s+sie|missachte\w?|übergeh\w{0,3})\s+FEW(?:anweisung|instruktion
        |regel|vorgabe|befehl|prompt|anleitung)\w{0,3}
        """,
    ),
    (
        "als ki; als sprachmodell; system; neue anweis",
        r"""
        \bals\s+(?:ki|sprachmodell|ki-?modell)\b|\bsystem(?:anweisung|nachricht|prompt|befehl)\w{0,3}
        |\bneue\s+anweisung\w{0,2}\s*:
        """,
    ),
    (
        "antworte; schreib; sag; gib; geben; füg; nenne; verwende; behaupte; erwähne; beschreibe; empfiehl",
        r"""
        \b(?:antworte|antworten\s+sie|schreibe?|schreiben\s+sie|sage?|sagen\s+sie|gib|geben\s+sie|füge
        |fügen\s+sie|nenne|verwende|behaupte|erwähne|beschreibe|empfiehl)\s+FEW(?:nur|ausschließlich|wort|satz
        |folgendes|stattdessen|immer|als|aus|hinzu|dass|auf\s+\w{4,12}sch|tag|schlagwort)\b
        """,
    ),
    # French
    (
        "instruction; consigne; règle; ordre; directive",
        r"""
        \b(?:ignore[rz]?|oublie[rz]?|néglige[rz]?|passe[rz]?\s+outre)\s+FEW(?:instructions?|consignes?|règles?
        |ordres?|directives?)
        """,
    ),
    (
        "en; tant",
        r"""
        \ben\s+tant\s+qu(?:e\s+|['’])(?:une?\s+)?(?:ia|intelligence|modèle|assistant)\b
        """,
    ),
    (
        "écri; di; répond; ajoute; mentionne; affirme; décri",
        r"""
        \b(?:écri(?:s|vez|re)|di(?:s|tes)|répond(?:s|ez|re)|ajoute[rz]?|mentionne[rz]?|affirme[rz]?|décri(?:s
        |vez))\s+FEW(?:seulement|uniquement|mot|phrase|en\s+\w{4,12}ais|en\s+allemand|que|comme|étiquette|tag
        |toujours|simplement|avec)\b
        """,
    ),
    # Spanish, Italian, Portuguese
    (
        "instrucciones; órdenes; reglas; indicaciones; directrices",
        r"""
        \b(?:ignora|ignore|ignorad|olvida|olvide|olvídate|descarta|omite)\s+FEW(?:instrucciones|órdenes|reglas
        |indicaciones|directrices)
        """,
    ),
    (
        "escrib; di; respond; añad; agrega; incluy; menciona; afirma; describe",
        r"""
        \b(?:escribe|escriba|di|diga|responde|responda|añade|añada|agrega|incluye|incluya|menciona|afirma
        |describe)\s+FEW(?:solo|sólo|solamente|únicamente|palabra|frase|en\s+(?:inglés|alemán|francés|ruso|chino
        |italiano)|que\s+es|como|etiqueta|siempre)\b
        """,
    ),
    (
        "istruzioni; regole; ordini; indicazioni; direttive",
        r"""
        \b(?:ignora|ignorate|dimentica|dimenticate|trascura|tralascia)\s+FEW(?:istruzioni|regole|ordini
        |indicazioni|direttive)
        """,
    ),
    (
        "scriv; rispond; aggiungi; menziona; afferma; descrivi; di'; di’",
        r"""
        \b(?:scrivi|scriva|rispondi|rispondere|aggiungi|menziona|afferma|descrivi|di['’])\s*FEW(?:solo|soltanto
        |solamente|parola|frase|in\s+(?:inglese|tedesco|francese|russo|cinese)|che\s+è|come|etichetta|sempre)\b
        """,
    ),
    (
        "instruções; regras; ordens; comandos; orientações",
        r"""
        \b(?:ignore|ignora|esqueça|esquece|desconsidere)\s+FEW(?:instruções|regras|ordens|comandos|orientações)
        """,
    ),
    (
        "escrev; diga; responda; adicione; inclua; mencione; afirme; descreva",
        r"""
        \b(?:escreva|escreve|diga|responda|adicione|inclua|mencione|afirme|descreva)\s+FEW(?:apenas|somente|só
        |palavra|frase|em\s+(?:inglês|alemão|francês|russo)|que\s+é|como|etiqueta|tag|sempre)\b
        """,
    ),
    # Dutch, Polish, Swedish, Czech, Turkish, Vietnamese, Indonesian, Romanian
    (
        "negeer; vergeet; schrijf; zeg; antwoord; voeg",
        r"""
        \b(?:negeer|vergeet)\s+FEW(?:instructies|regels|opdrachten|aanwijzingen)|\b(?:schrijf|zeg|antwoord
        |voeg)\s+FEW(?:alleen|enkel|het\s+woord|uitsluitend|dat|toe)\b
        """,
    ),
    (
        "ignoruj; zapomnij; pomiń; napisz; powiedz; odpowiedz; dodaj; wypisz",
        r"""
        \b(?:zignoruj|ignoruj|zapomnij|pomiń)\s+FEW(?:instrukcj|poleceni|zasad|wytyczn)\w{0,4}|\b(?:napisz
        |powiedz|odpowiedz|dodaj|wypisz)\s+FEW(?:tylko|słowo|wyłącznie|po\s+\w{4,12}sk[u]|że|tag|zdanie)\b
        """,
    ),
    (
        "ignorera; glöm; bortse; zapomeň; ignoruj",
        r"""
        \b(?:ignorera|glöm|bortse\s+från)\s+FEW(?:instruktion|regl|anvisning)\w{0,5}|\b(?:ignoruj|zapomeň
        |ignorujte)\s+FEW(?:pokyn|instrukc|pravid)\w{0,3}
        """,
    ),
    (
        "talimat; komut; kural; yönerge; bỏ; abaikan; ignoră",
        r"""
        \b(?:önceki|yukarıdaki|tüm)\s+FEW(?:talimat|komut|kural|yönerge)\w{0,8}\s+FEW(?:yok\s*say|unut|görmezden
        |dikkate\s+alma)|\bbỏ\s+qua\s+FEW(?:hướng\s+dẫn|chỉ\s+dẫn|lệnh)|\babaikan\s+FEW(?:instruksi|perintah
        |petunjuk)|\bignoră\s+FEW(?:instrucțiuni|reguli)\w{0,3}
        """,
    ),
    # Russian, Ukrainian
    (
        "гнор; забудь",
        r"""
        (?:про)?[иі]гнор\w{1,8}\s+FEW(?:инструкц|указан|правил|команд|подсказ|інструкц|вказівк)\w{0,4}
        |забудь\w{0,2}\s+FEW(?:инструкц|указан|правил|команд|інструкц|вказівк|всё|все)\w{0,4}
        """,
    ),
    (
        "напиш; скаж; ответь; добавь; выведи; повтори; відповідай",
        r"""
        \b(?:напиш\w{1,3}|скаж\w{1,3}|ответь(?:те)?|добавь(?:те)?|выведи(?:те)?|повтори(?:те)?|відповідай
        |напиши)\s+FEW(?:только|слово|лишь|на\s+\w{4,12}ом|что|фразу|тег|тільки)\b
        """,
    ),
    # Chinese, Japanese, Korean
    (
        "忽略; 无视; 無視; 忘; 不要; 绕过; 跳过; 系统; 系統; 作为",
        r"""
        (?:忽略|无视|無視|忘记|忘記|不要理会|不要遵守|绕过|跳过)[^\n。]{0,16}(?:指示|指令|提示|说明|說明|规则|規則
        |命令|内容|內容|要求)|(?:系统|系統)(?:提示|消息|指令
        |訊息)|作为(?:一个)?(?:AI|人工智能|语言模型)
        """,
    ),
    (
        "只; 仅; 僅; 请; 請; 用; 以",
        r"""
        (?:请|請)?(?:只|仅|僅)(?:需|要|能)?(?:写|寫|回答|回复|回覆|输出|輸出|说|說)|(?:请|請)(?:写|寫|说|說|回答|输出
        |輸出|添加|加上|声称|在描述)|(?:用
        |以)(?:英文|英语|德语|法语|俄语|日语|韩语)(?:回答|写|回复|输出)
        """,
    ),
    (
        "指示; 命令; プロンプト; ルール; 指令; 無視; 忘れ; て",
        r"""
        (?:指示|命令|プロンプト|ルール|指令)[^\n。]{0,12}(?:無視|忘れ)|(?:無視して|忘れて)[^\n。]{0,12}(?:ください|書
        |言|答|出力)|(?:と|だけ|のみ)(?:書いて
        |言って|答えて|出力して|返答して|回答して|返して|記載して)|(?:英語|ドイツ語|中国語)で(?:書いて|答えて|回答して)
        """,
    ),
    (
        "지시; 명령; 지침; 프롬프트; 규칙; 라고; 만",
        r"""
        (?:지시|명령|지침|프롬프트|규칙)[^\n.]{0,12}(?:무시|잊)|(?:라고|만)\s?(?:말해|말하|써|쓰세요|작성|출력|답변
        |대답|답해|추가)
        """,
    ),
    # Arabic, Persian, Hebrew, Hindi, Greek, Thai
    (
        "تجاهل; انس; نادیده; اكتب; قل; أجب; دستورات",
        r"""
        (?:تجاهل|انس[َى]?|تجاهلوا|نادیده)[^\n.]{0,24}(?:التعليمات|تعليمات|الأوامر|القواعد|دستورات|دستورالعمل)
        |(?:اكتب|قل|أجب)\s+(?:فقط|كلمة|بال)|دستورات[^\n.]{0,24}نادیده
        """,
    ),
    (
        "התעלם; שכח; निर्देश; आदेश; अनदेखा; नज़र; αγν; ξέχνα; เพิกเฉย; ไม่ต้อง; ละเว้น",
        r"""
        (?:התעלם|תתעלם|שכח)[^\n.]{0,24}(?:הוראות|ההוראות|הנחיות|ההנחיות)|(?:निर्देश|आदेश)[^\n।]{0,24}(?:अनदेखा
        |नज़रअंदाज|भूल)|(?:अनदेखा|नज़रअंदाज)[^\n।]{0,24}निर्देश|(?:αγνόησε|αγνοήστε|ξέχνα)[^\n.]{0,24}(?:οδηγίες
        |εντολές|κανόνες)|(?:เพิกเฉย|ไม่ต้องสนใจ|ละเว้น)[^\n]{0,24}(?:คำสั่ง|คำแนะนำ)
        """,
    ),
    # The marks of a conversation
    (
        "<; inst; sys; system; assistant; user; prompt; call; record; data; human; developer; admin",
        r"""
        <\|[a-z_]{2,20}\|>|\[/?INST\]|<</?SYS>>|</?(?:system|assistant|user|instructions?|prompt|tool_call
        |function_call|record|data|human)>|(?m:^|(?<=[.!?\"'\]\n])\s{0,3})(?:[#]{1,4}\s*)?(?:system|assistant
        |developer|human|instruction)\s{0,2}:(?!\s*(?:windows|linux|mac|android|dos))
        |(?<!OPERATING[ ])(?-i:\bSYSTEM)\s{0,2}(?::|\]|>)
        |\[\s?(?:system|admin|instructions?)\b[^\]\n]{0,30}\]|\{\{?\s?/?(?:system|user|assistant|instructions?)\s?\}
        """,
    ),
)
