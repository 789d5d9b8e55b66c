"""Names of makers and product lines that a shopper would take for a brand, each spelled as its owner spells it.

Three kinds: names that mean nothing else; names that are also words, which count where they are written as a name; and
product lines with the maker that a record naming the line has thereby named. Who reads this is `brands`.
"""

#: Names that are no word of any language we read; found in any case. Entries are separated by commas.
PLAIN = """
3M, A-Data, Acer, Adata, Adidas, Adobe, Aerocool, Airbnb, Alcatel, Aldi, Alienware, Allen & Heath, Allied Telesis,
Amazon Basics, AmazonBasics, AMD, Anker, Antec, AOC, AOpen, Aquabeads, Ariston, Arlo, Arlo Pro, Armani,
Aruba Networks, Asics, ASRock, Asus, Atari, Atlona, Audi, Audio-Technica, Aukey, Avaya, Avent, Avery Dennison,
Avery Zweckform, AVM, Avocent, B-Tech, BaByliss, Bacardi, Backblaze, Backyard Discovery, BakkerElkhuizen, Bambolino,
Bang & Olufsen, Barbie, Barilla, Baseus, Bauknecht, BBC, be quiet!, Behringer, Beko, Belkin, Ben & Jerry's, BenQ,
Beyerdynamic, Bialetti, Bigben, Biostar, Bissell, Bitdefender, Black & Decker, Black+Decker, Blaupunkt, Bluetti,
BMW, Bosch, Bose, Bowers & Wilkins, Bridgestone, Brita, British Airways, Bticino, Budweiser, Buffalo Technology,
Bugatti, Bulgari, Burberry, C2G, Cadbury, Calvin Klein, Cambridge Audio, Camelbak, Campagnolo, Carhartt, Cartier,
Casio, Castorland, Caterpillar, Celestron, Chanel, ChatGPT, Cisco, Citroën, Club3D, Coca-Cola, Coleman, Colgate,
Columbia Pictures, Compaq, Conceptronic, Contour Design, Cooler Master, Corel, Corsair, Crayola, Creality,
Creative Labs, Crocs, Cuisinart, CyberLink, CyberPower, D-Link, Da-Lite, Dahua, Danone, Dataflex, De'Longhi,
Decathlon, Dell, DeLonghi, Denon, Devolo, DeWalt, Dior, Dirt Devil, Disney, DJI, DLO, Dolby, Dolce & Gabbana, Doro,
Dr. Martens, Dr. Oetker, DreamWorks, Dremel, Dropbox, Ducati, Dunkin, Dunlop, Duracell, Durex, Dymo, Dynabook,
Dyson, EA Sports, Eastpak, eBay, Ecoflow, Ecovacs, Edding, Edimax, Eizo, Electrolux, Electronic Arts, Elgato,
Elitegroup, Emporia Telecom, Emtec, Enermax, Epson, Ericsson, Esselte, Estée Lauder, Eufy, Evernote, EVGA, Evian,
Ezviz, F-Secure, Faber-Castell, Facebook, Fairphone, Fanta, Fellowes, Ferrari, Ferrero, Fisher-Price, Fiskars,
Fitbit, Fjällräven, Fortinet, Foscam, Foxconn, Fractal Design, Freecom, Frigidaire, Fritz!Box, FritzBox, Fuji Xerox,
Fujifilm, Fujitsu, Funko, G.Skill, Gaggia, Gainward, Garmin, General Electric, Ghirardelli, Gigaset, Gillette,
Giochi Preziosi, Givenchy, Google, GoPro, Gorenje, Grandstream, Grundig, Gucci, Guinness, H&M, Haier, Hama,
Hamilton Beach, Haribo, Harley-Davidson, Harman, Harman Kardon, Hasbro, Hasselblad, HBO, Heineken, Heinz, Heissner,
Hellmann's, Herma, Hermès, Hershey's, Hewlett Packard, Hewlett-Packard, Hikvision, Hisense, Hitachi, HMD Global,
Honda, Honeywell, Hot Wheels, Hotpoint, HP, HPE, HTC, Huawei, Hugo Boss, Hulu, Husqvarna, Hynix, HyperX, Hyundai,
Häagen-Dazs, i-tec, IBM, IFROGZ, Iiyama, IKEA, Ilford, Imation, Indesit, Infineon, Ingram Micro, Inno3D, Insta360,
Instagram, Intel, Intellinet, Inventum, Iomega, iRobot, Jabra, Jackery, JanSport, JBL, John Deere,
Johnson & Johnson, Juniper Networks, JVC, Karcher, Kaspersky, Kawasaki, Kellogg's, Kensington, Kenwood, KFC,
Kia Motors, Kimberly-Clark, Kingston, KitchenAid, KitKat, Kleenex, Klipsch, Knorr, Kodak, Kodak Alaris, Konica,
Konica Minolta, Kraft Heinz, Krups, KTM, Kyocera, Kärcher, L'Oreal, L'Oréal, LaCie, Lacoste, Lancia, Lancom,
Lavazza, Le Creuset, LeapFrog, Leatherman, Lego, Leica, Leitz, Lenovo, LevelOne, Levi's, Lexar, Lexmark, LG,
LG Electronics, Lian Li, Lidl, Liebherr, LIFX, Lindt, LinkedIn, Linksys, Lionsgate, Lipton, Listerine, Loewe,
Logitech, Lonely Planet, Louis Vuitton, Lucasfilm, Lufthansa, Lululemon, Lumix, Macally, Maggi, Makita, Mamiya,
Manfrotto, Marantz, Marvel Studios, Matrox, Mattel, Maxell, Maxtor, Maybelline, Mazda, McAfee, McDonald's, Meccano,
Medion, Meizu, Memorex, Mentos, Mercedes, Mercedes-Benz, Metro-Goldwyn-Mayer, MGA Entertainment, Michelin,
Microsoft, MikroTik, Milka, Minolta, Mitel, Mitsubishi, Moleskine, Molex, Monoprice, Montblanc, Morphy Richards,
Motorola, Moulinex, MSI, Multibrackets, Mushkin, Mustek, Nashua, NEC, Nescafe, Nescafé, Nespresso, Nesquik, Nestle,
Nestlé, Netflix, Netgear, Newstar, NGS, Nike, Nikon, Nilfisk, Nintendo, Nissan, Nivea, Noctua, Nokia, NordVPN,
NortonLifeLock, Novell, Nurofen, Nutella, Nvidia, NZXT, OCZ, OKI, Olympus, OnePlus, Onkyo, Opel, OpenAI, Oppo,
Oral-B, Oreo, Origin Storage, Osram, OtterBox, Oxford University Press, Packard Bell, Palit, Pampers, Panasonic,
Pantene, Pantone, PanzerGlass, Paramount Pictures, Paypal, Pelikan, Pentax, Pepsi, PepsiCo, Persil, Peugeot, Pfizer,
Phanteks, Philips, Pioneer DJ, Pirelli, Pixar, Plantronics, Playmobil, Plustek, PNY, Polaroid, Polycom, Porsche,
Post-it, Prada, Pringles, Pritt, Procter & Gamble, Projecta, Prusa, QNAP, Qualcomm, Rackmount.IT, Raidmax,
Ralph Lauren, RAM Mounts, Ravensburger, Ray-Ban, Razer, Realme, Realtek, Red Bull, Red Hat, Reebok, Remington,
Renault, Reolink, Rexel, Ricoh, Rimowa, Roborock, Roku, Rolex, Rolls-Royce, Rowenta, Russell Hobbs, Ryanair, Ryobi,
Samsonite, Samsung, Sandberg, SanDisk, Sanyo, Sapphire Technology, Schneider Electric, Schwinn, Scotch-Brite,
Seagate, Seasonic, Sega, Sellotape, Sennheiser, Senseo, Sephora, Sharpie, Shimano, Shure, Siemens, Signify,
Silicon Power, Silverstone, Skoda, Skullcandy, Smarties, SMC Networks, Snickers, Snom, SodaStream, SonicWall, Sonos,
Sony, Sony Pictures, Soundcore, Spin Master, Spotify, Stabilo, Staedtler, Starbucks, StarTech, StarTech.com,
SteelSeries, Steinberg, Steinway, Stihl, Studio Ghibli, Supermicro, Suzuki, Swarovski, Swatch, Sylvanian Families,
Synology, Tabasco, Tamagotchi, Tannoy, TaoTronics, Tapo, Targus, Tassimo, TCL, TDK, Technisat, Tefal, Teka,
Telefunken, Tenda, Tesco, Tetley, Texas Instruments, Thermaltake, Thermomix, Thinkware, Thrustmaster, Thule,
Tiffany & Co, TikTok, Tim Hortons, Timberland, Tipp-Ex, Tissot, Toblerone, Tommy Hilfiger, TomTom, Tooq, Toshiba,
Toyota, TP-Link, Transcend, Trend Micro, Trendnet, Tripp Lite, Tristar, Trivial Pursuit, Tronsmart, Tupperware,
Turtle Beach, Twinings, Twitter, Uber, Ubiquiti, Ubisoft, Ugreen, Ulefone, Under Armour, Uni-ball, Unilever, Uniqlo,
Universal Pictures, Urban Factory, V7, Vaddio, Vaillant, Valvoline, Varta, Vaseline, Verbatim, Versace, Vertiv,
Vestel, Victorinox, Viewsonic, Vizio, VMware, Vodafone, Vogel's, Volkswagen, Volvo, Vorwerk, VTech, Wacom, Walmart,
Walt Disney, Warner Bros, Wella, Western Digital, WhatsApp, Whirlpool, Wii, Wikipedia, Withings, WMF, Wyze, Wüsthof,
Xerox, XFX, Xiaomi, Yamaha, Yealink, YouTube, Yves Saint Laurent, ZAGG, Zalando, Zalman, Zanussi, Zapf, Zara,
Zebra Technologies, Zeiss, Zippo, Zotac, ZTE, Zweckform, Zyxel
"""

#: Names that are also words; found where they are written as a name: capitalised, and not to begin a sentence alone.
WORDS = """
ACT, Adesso, Amazon, APC, Apple, ARCTIC, Avery, AXI, Beats, Braun, Brother, Buffalo, Canon, Case Logic, CHERRY,
Cherry MX, Coach, Converse, Crucial, Denver, Diesel, Dove, Eaton, Eminent, EOS, Equip, Fender, Ford, Fossil,
Gigabyte, Hoover, Integral, Jaguar, Jumbo, Jura, Kindle, Lena, Manhattan, Mars, Marshall, Marvel, Meta, Metz, Miele,
Nest, Norton, Oracle, Parker, Phaser, Pioneer, Princess, Puma, Quadro, Roccat, SAP, Sharp, Shell, Shuttle, Singer,
Speck, Sprite, Stanley, Surface Pro, Target, Tesla, Tide, Trust, Vans, Visa, Windows, Zebra
"""

#: A line of products and its maker, by lines of the maker. A record that names the line names the maker.
LINES = {
    "Apple": (
        "iPhone, iPad, iPod, MacBook, iMac, Mac mini, Mac OS, macOS, AirPods, AirPlay, AirDrop, iOS, Siri, "
        "iTunes, HomeKit, Apple Watch, Macintosh, FaceTime, Mac Pro"
    ),
    "Samsung": "Galaxy S, Galaxy Tab, Galaxy Note, Samsung Galaxy, Bixby, SmartThings, SyncMaster, QLED Neo",
    "Google": (
        "Android, Chromebook, Chromecast, Chrome OS, Google Chrome, Gmail, Google Assistant, Google Home, "
        "Pixel Buds, Nest Hub"
    ),
    "Amazon": "Alexa, Kindle, Fire TV, Echo Dot, Echo Show, Prime Video",
    "Microsoft": (
        "Windows, Xbox, Office 365, Microsoft 365, PowerPoint, OneNote, OneDrive, Surface Pro, Surface Laptop, "
        "Skype, Hololens, Cortana, Zune, SharePoint, Internet Explorer, DirectX"
    ),
    "Intel": (
        "Core i3, Core i5, Core i7, Core i9, Core 2 Duo, Core 2 Quad, Core Duo, Pentium, Celeron, Xeon, Centrino, "
        "Itanium, vPro, Optane, Intel Atom"
    ),
    "AMD": "Ryzen, Threadripper, EPYC, Radeon, Athlon, Opteron, Phenom, Sempron, Turion, FreeSync",
    "NVIDIA": "GeForce, Quadro, Tegra, G-Sync, RTX, PhysX",
    "Qualcomm": "Snapdragon",
    "Lenovo": "ThinkPad, ThinkCentre, ThinkStation, ThinkServer, ThinkVision, IdeaPad, IdeaCentre, ThinkBook",
    "Dell": "Inspiron, OptiPlex, PowerEdge, Poweredge, Vostro, UltraSharp",
    "HP": (
        "LaserJet, OfficeJet, DeskJet, DesignJet, PhotoSmart, EliteBook, ProBook, ProLiant, Compaq Presario, "
        "ProCurve, ScanJet, PageWide, ZBook, EliteDesk, ProDesk, StorageWorks, TouchSmart"
    ),
    "Canon": (
        "PIXMA, imageRUNNER, i-SENSYS, PowerShot, imagePROGRAF, CanoScan, EOS Rebel, EOS, IXUS, Selphy, LEGRIA, MAXIFY"
    ),
    "Epson": "EcoTank, WorkForce, Stylus Photo, Stylus Office, SureColor, PowerLite, DURABrite, UltraChrome, AcuLaser",
    "Brother": "P-touch, Innobella",
    "Sony": "PlayStation, PS3, PS4, PS5, VAIO, Bravia, Walkman, Cyber-shot, Xperia, Handycam, Memory Stick",
    "Nintendo": "Nintendo Switch, Wii U, Game Boy, Joy-Con, Super Mario, Pokémon, Pokemon",
    "Panasonic": "Toughbook, Viera",
    "Toshiba": "Satellite Pro, Tecra, Portege, Portégé, Qosmio, Dynabook Tecra",
    "Fujitsu": "LifeBook, ESPRIMO, CELSIUS W, PRIMERGY, ScanSnap, AMILO",
    "Acer": "TravelMate, Veriton, Chromebook Spin, AcerPower",
    "Asus": "ZenBook, VivoBook, Eee PC, Zenfone, TUF Gaming, Republic of Gamers",
    "Xerox": "WorkCentre, VersaLink, ColorQube, DocuPrint, AltaLink, Phaser, DocuMate",
    "Kyocera": "ECOSYS, TASKalfa",
    "Lexmark": "OptraImage",
    "OKI": "Okipage, Microline",
    "Kodak": "EasyShare, PIXPRO",
    "Nikon": "Coolpix, Nikkor",
    "Philips": "Sonicare, Philips Hue, Airfryer XXL, Ambilight",
    "Logitech": "UE Boom, Ultimate Ears, Lightspeed G, SetPoint, MX Master",
    "Adobe": (
        "Photoshop, Illustrator CC, Lightroom, Acrobat Reader, InDesign, Creative Cloud, Adobe Acrobat, PostScript"
    ),
    "Linux": "Ubuntu, Debian, Fedora Linux, SUSE",
    "3M": "Scotchgard, Thinsulate, Post-it Notes",
    "Corning": "Gorilla Glass, Pyrex",
    "Gore": "Gore-Tex, Goretex",
    "BlackBerry": "BlackBerry",
    "Disney": "Star Wars, Marvel, Mickey Mouse, Disney Frozen, Disney+, Winnie the Pooh",
    "Warner Bros": "Harry Potter, Looney Tunes, Game of Thrones",
    "APC": "Smart-UPS, Back-UPS, Symmetra, NetShelter, PowerChute",
    "Iomega": "StorCenter",
    "Buffalo": "LinkStation, TeraStation",
    "AVM": "FRITZ!Box, FRITZ!Fon",
}

#: Other names of one maker: a record that names one names all.
SAME = (
    ("HP", "Hewlett-Packard", "Hewlett Packard", "HPE", "Hewlett Packard Enterprise"),
    ("StarTech", "StarTech.com"),
    ("DeLonghi", "De'Longhi"),
    ("Fritz!Box", "FritzBox", "AVM"),
    ("Kingston", "HyperX", "Kingston Technology"),
    ("Mercedes", "Mercedes-Benz"),
    ("Nestlé", "Nestle", "Nescafé", "Nescafe", "Nespresso"),
    ("Black & Decker", "Black+Decker"),
    ("L'Oréal", "L'Oreal"),
    ("Kärcher", "Karcher"),
    ("Konica Minolta", "Konica", "Minolta"),
    ("Harman Kardon", "Harman", "JBL"),
    ("Philips", "Signify", "Avent", "Senseo"),
    ("LG", "LG Electronics"),
    ("Dell", "Alienware"),
    ("3M", "Post-it", "Scotch-Brite"),
    ("Toshiba", "Dynabook"),
    ("APC", "Schneider Electric"),
    ("Apple", "Beats"),
    ("Amazon", "AmazonBasics", "Amazon Basics"),
    ("Nvidia", "NVIDIA"),
    ("Windows", "MS Windows", "Win", "WinXP", "Win7", "WXP", "W7", "Vista", "XP"),
    ("AMD", "ATI"),
    ("Radeon", "ATI Radeon"),
    ("Mac mini", "Mac OS", "macOS", "Mac", "iMac", "MacBook", "Macintosh", "Mac Pro"),
)
