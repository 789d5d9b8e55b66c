"""The words that give a language away: its function words, and the plain words of product records.

Names, standards and English trade words (notebook, display, laser) stand in every language and give nothing away.
A word that two languages share speaks for both.
"""

_FUNCTION_WORDS = {
    "en": """
        the and of with for is are this that it its from you your by which can has have be or as at on an not into
        when while where than both each these those their they them will would should was were been being there here
        what how if but only also such any all more most other out up over under without between through during
        before after about makes offers comes lets keeps works fits helps gives provides suits designed
    """,
    "de": """
        der die das und mit für ist ein eine einen einem einer eines nicht auf von zu zum zur im den dem des auch
        sich bei sind oder aus wird werden als nach wie durch über unter dieser diese dieses hat haben kann können
        sowie bis ihr ihre ihren ihnen sie es wenn dank ohne sehr nur noch aber damit dabei eignet bietet vom beim
        am um einfach
    """,
    "fr": """
        le la les et des du un une est avec pour dans qui que sur par ce cet cette ces il elle au aux en de plus sans
        sont votre vous nous ne pas ou être peut grâce ainsi très son sa ses leur leurs comme mais tout tous toute
        aussi c'est d'une d'un l'utilisation offre permet convient
    """,
    "es": """
        el la los las y de del un una unos es con para por que en su sus se al lo más como este esta estos estas no
        sin son está o pero también puede gracias muy cada donde cuando hasta desde entre ofrece permite ideal
        incluye
    """,
    "it": """
        il lo la i gli le e di del della dei delle degli un una uno è con per che in nel nella sul sulla al alla da
        dal dalla si non sono come questo questa questi più anche senza o ma grazie molto ogni può suo sua con agli
        ai offre permette dispone adatto adatta
    """,
    "nl": """
        de het een en van met voor is dat deze dit op te zijn aan in niet ook bij uit door naar als om of wordt
        worden kan heeft hebben maar zonder tot over uw je jouw zeer meer dankzij geschikt biedt er nog wel
    """,
    "pt": """
        o a os as e de do da dos das um uma é com para por que em no na nos nas ao à seu sua seus se mais como este
        esta não sem são está ou mas também pode graças muito cada até entre oferece permite inclui
    """,
    "pl": """
        i w z na do jest się nie to że dla oraz od po przez ten ta te tym jak który która które jego jej są o ma
        może być przy bez lub ale także dzięki bardzo każdy umożliwia posiada zapewnia został
    """,
    "sv": """
        och i att det som en ett på är av för med den till inte har om eller från kan denna detta dessa du din ditt
        utan vid även mycket samt
    """,
    "da": """
        og i at det som en et på er af for med den til ikke har om eller fra kan denne dette disse du din dit uden
        ved også meget samt
    """,
    "cs": """
        a v na je se s z do že pro jako který která které nebo ale také není má jsou může být díky bez při po tento
        tato toto velmi
    """,
    "tr": """
        ve bir bu ile için de da olan olarak daha çok en gibi veya hem kadar sonra her ürün değil sahip uygun
    """,
    "ro": """
        și de la cu un o în pentru este sunt care din pe nu mai sau prin acest această al ale fără poate foarte
    """,
    "hu": """
        a az és egy hogy nem is van ez azt de meg mint vagy csak már minden amely ami nagyon valamint
    """,
    "fi": """
        ja on ei että se tämä joka myös kun niin tai sekä ovat voi oli hän mutta kanssa ilman hyvin
    """,
}
_PRODUCT_WORDS = {
    "en": """
        black white grey gray silver blue red green brown yellow wireless printer cable keyboard mouse screen weight
        width height colour color power supply storage memory battery speaker headphones camera charger case stand
        wall mount size new pack set water room home office kitchen light wood steel glass women men kids printing
        original type number supported yes no desktop computer cartridge paper lens internal external stick drive
        quality high year years next business day days school label labels cars mat flash changer speakers through
        straight photo traditional sheets assembled networking wire pole length cover holder bag ink ribbon tape
        roll box kit spare replacement tool warranty extended service single sheet feeder
    """,
    "de": """
        schwarz weiß weiss grau silber blau rot grün braun gelb kabellos drahtlos drucker kabel tastatur maus
        bildschirm gewicht breite höhe farbe leistung netzteil speicher akku lautsprecher kopfhörer kamera ladegerät
        hülle ständer wandhalterung größe stück wasser zimmer büro küche licht holz stahl glas damen herren kinder
        leicht tintenpatrone papier festplatte hochwertig zuhause gerät geräte wohnzimmer
    """,
    "fr": """
        noir noire blanc blanche gris argent bleu rouge vert brun jaune sans fil imprimante câble clavier souris
        écran poids largeur hauteur couleur puissance alimentation mémoire batterie haut-parleur casque appareil
        chargeur housse taille eau pièce maison bureau cuisine lumière bois acier verre femmes hommes enfants papier
        cartouche
    """,
    "es": """
        negro negra blanco blanca gris plata azul rojo verde marrón amarillo inalámbrico impresora teclado ratón
        pantalla peso anchura ancho altura color potencia memoria batería altavoz auriculares cámara cargador funda
        tamaño agua casa hogar oficina cocina luz madera acero vidrio mujeres hombres niños papel cartucho
    """,
    "it": """
        nero nera bianco bianca grigio argento blu rosso verde marrone giallo senza fili stampante cavo tastiera
        schermo peso larghezza altezza colore potenza memoria batteria altoparlante cuffie fotocamera caricatore
        custodia dimensioni acqua casa ufficio cucina luce legno acciaio vetro donne uomini bambini carta cartuccia
    """,
    "nl": """
        zwart zwarte wit witte grijs zilver blauw rood groen bruin geel draadloos draadloze printer kabel
        toetsenbord muis scherm gewicht breedte hoogte kleur vermogen voeding geheugen batterij luidspreker
        koptelefoon oplader hoes formaat water kamer huis kantoor keuken licht hout staal dames heren kinderen
        papier inktpatroon
    """,
    "pt": """
        preto preta branco branca cinza prata azul vermelho verde castanho amarelo sem fio impressora cabo teclado
        rato ecrã tela peso largura altura cor potência memória bateria altifalante auscultadores câmara carregador
        capa tamanho água casa escritório cozinha luz madeira aço vidro mulheres homens crianças papel
    """,
    "pl": """
        czarny czarna biały biała szary srebrny niebieski czerwony zielony brązowy żółty bezprzewodowy bezprzewodowa
        drukarka kabel klawiatura mysz ekran waga szerokość wysokość kolor moc zasilacz pamięć bateria głośnik
        słuchawki aparat ładowarka etui rozmiar woda pokój dom biuro kuchnia światło drewno stal szkło damski męski
        papier
    """,
}

#: The languages a word speaks for, with function words alone and with the words of records.
SPEAKERS: dict[str, frozenset[str]] = {}
RECORD_SPEAKERS: dict[str, frozenset[str]] = {}


def _enter(speakers: dict[str, frozenset[str]], lists: dict[str, str]) -> None:
    for language, words in lists.items():
        for word in words.split():
            speakers[word] = speakers.get(word, frozenset()) | {language}


_enter(SPEAKERS, _FUNCTION_WORDS)
RECORD_SPEAKERS.update(SPEAKERS)
_enter(RECORD_SPEAKERS, _PRODUCT_WORDS)
#: Languages that can be told apart here.
KNOWN = frozenset(_FUNCTION_WORDS)
