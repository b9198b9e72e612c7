"""Invented people, companies and cities, from fixed lists, in Turkish and English.

No list holds a real person or firm: names are combined by number. The Turkish ones carry ğ ı İ ş ç ö ü
on purpose, because that is where programs go wrong.
"""

from __future__ import annotations

_GIVEN = {
    "tr": (
        "İpek Işıl Çağla Gülşah Özlem Şule Elif Büşra Zeynep Ayşegül Müge Nazlı Tuğçe Ülkü Yağmur Sıla Hilal Dilara "
        "Çiğdem Öykü Özgür Çağrı Oğuz Şahin İlker Işık Ümit Gökhan Doğukan Barış Kağan Tuğrul Yiğit Uğur Görkem Sinan "
        "Emir Kerem Alperen Rüzgâr"
    ).split(),
    "en": (
        "Alice Amber Beth Claire Daisy Edith Fiona Grace Hazel Iris Jane Kate Laura Megan Nora Olive Paula Ruth Sarah "
        "Tessa Adam Ben Colin Dean Evan Frank Gavin Hugh Ian Joel Keith Liam Mark Neil Owen Philip Robin Scott Tom Will"
    ).split(),
}
_FAMILY = {
    "tr": (
        "Çınarlı Işıkgöl Gündoğar Öztepe Şimşekli Ağaçkıran İncesu Kızılırmaklı Ulubağ Yağızoğlu Çelikkaş Dağıstan "
        "Özçayır Gökırmak Sarıçam Tınaztepe Üçyıldız Işıldak Karaağaç Bağdatlıoğlu Göçmenli Şekerpınar İğdeli "
        "Kırçiçek Çobanyıldız Ozanlı Yıldıray Büyükçınar Söğütlü Kuşçugil Akıncıgöz Değirmenci Özbağcı Güleçyüz "
        "Denizaşan Ilgazlı Tüfekçigil"
    ).split(),
    "en": (
        "Ashgrove Birchfield Coldbrook Dunmere Elmhurst Fairwell Greyford Hollowell Inglewood Kestrel Larkhill "
        "Mossley Northgate Oakhaven Pinewell Quillham Redfern Stonebridge Thornbury Underhill Vexford Westmere "
        "Yarrowby Appleyard Brackenbury Cloverley Driftwell Eastham Foxglove Hartmoor Ivybridge Kingsley-Moor "
        "Lindenwood Millbrook Netherby Orchardson Peverell"
    ).split(),
}
_STEM_FIRST = {
    "tr": (
        "Ak Altın Ay Bal Boz Çağ Çam Çınar Dağ Deniz Doğu Ege Gök Gül Gümüş Güneş Işık İnci Kar Kaya Kızıl Kuzey Mavi "
        "Öz Pınar Sarı Söğüt Su Şah Toprak Ulu Üç Yeni Yeşil Yıldız"
    ).split(),
    "en": (
        "Amber Aspen Beacon Birch Blue Bright Cedar Clear Copper Crown East Elm Falcon Fern Fox Granite Green Harbour "
        "Iron Ivory Juniper Lake Maple Moss North Oak Opal Pine Quartz Raven River Silver Stone Summit West"
    ).split(),
}
_STEM_LAST = {
    "tr": (
        "bağ bahçe çay dere doruk göl ırmak kent köprü liman ova pazar saray şehir tepe vadi yaka yayla yol yurt"
    ).split(),
    "en": (
        "bank bridge brook cliff dale field ford gate glen grove haven hill marsh mere point port ridge side vale wood"
    ).split(),
}
_SECTORS = {
    "tr": (
        ("Lojistik", "lojistik"), ("Gıda", "gıda"), ("Tekstil", "tekstil"), ("Yapı", "inşaat"), ("Kimya", "kimya"),
        ("Otomotiv", "otomotiv"), ("Sağlık", "sağlık"), ("Bilişim", "bilişim"), ("Enerji", "enerji"),
        ("Turizm", "turizm"), ("Mobilya", "mobilya"), ("Ambalaj", "ambalaj"), ("Eğitim", "eğitim"),
        ("Çelik", "metal"), ("Tarım", "tarım"), ("Perakende", "perakende"),
    ),
    "en": (
        ("Logistics", "logistics"), ("Foods", "food"), ("Textiles", "textiles"), ("Building", "construction"),
        ("Chemicals", "chemicals"), ("Motors", "automotive"), ("Health", "health"), ("Software", "software"),
        ("Energy", "energy"), ("Travel", "tourism"), ("Furniture", "furniture"), ("Packaging", "packaging"),
        ("Learning", "education"), ("Steel", "metal"), ("Farms", "agriculture"), ("Retail", "retail"),
    ),
}  # fmt: skip
_FORMS = {"tr": ("Ltd. Şti.", "A.Ş.", "A.Ş."), "en": ("Ltd", "Ltd", "plc")}  # by segment, small to large
_CITIES = {
    "tr": "İstanbul Ankara İzmir Bursa Kocaeli Konya Adana Gaziantep Eskişehir Muğla Diyarbakır Çanakkale".split(),
    "en": "London Leeds Bristol Glasgow Cardiff Norwich Exeter York Derby Dundee Swansea Bath".split(),
}
COUNTRY = {"tr": "TR", "en": "GB"}
_ABROAD = {  # by currency: country, language of the name, legal form, cities
    "TRY": ("TR", "tr", "A.Ş.", _CITIES["tr"]),
    "USD": ("US", "en", "Inc.", "Boston Denver Austin Portland Chicago Atlanta Seattle Dallas".split()),
    "EUR": ("DE", "en", "GmbH", "Berlin Hamburg München Köln Frankfurt Stuttgart Dresden Bremen".split()),
}
REGIONS = {"tr": ("Marmara", "Anadolu"), "en": ("North", "South")}
_REGION_MORE = {"tr": "Bölge", "en": "Region"}
_TEAM = {"tr": "Ekibi", "en": "team"}
_TEAM_NAMES = {
    "tr": "Boğaziçi Çamlıca Kuzguncuk Kızılay Gölbaşı Ulus".split(),
    "en": "Amber Birch Cedar Dale Elm Fern".split(),
}
MAIL_DOMAIN = {"tr": "ornek-satis.example", "en": "sample-sales.example"}  # .example never resolves
_ASCII = str.maketrans("çğıöşüâİ", "cgiosuai")


def person(number: int, language: str) -> str:
    """Full name of person *number*; two numbers below 1,480 never share one.

    >>> person(0, "tr")
    'İpek Çınarlı'
    """
    given, family = _GIVEN[language], _FAMILY[language]
    # Steps without a common divisor with the lists' lengths visit every pair before the first repeats.
    return f"{given[number * 7 % len(given)]} {family[number * 5 % len(family)]}"


def mail(name: str, number: int, language: str) -> str:
    """Address of a person, in the letters that mail knows; a number keeps namesakes apart.

    >>> mail("Işıl Öztepe", 0, "tr")
    'isil.oztepe@ornek-satis.example'
    """
    local = ascii_letters(name).replace(" ", ".")
    namesake = str(number // 1_480 + 1) if number >= 1_480 else ""
    return f"{local}{namesake}@{MAIL_DOMAIN[language]}"


def company(number: int, segment: int, language: str) -> tuple[str, str, str]:
    """Name, industry and city of company *number* of a segment (0 small … 2 large).

    >>> company(0, 0, "tr")
    ('Akbağ Lojistik Ltd. Şti.', 'lojistik', 'İstanbul')
    """
    first, last, sectors = _STEM_FIRST[language], _STEM_LAST[language], _SECTORS[language]
    # 9,973 is prime: neighbouring numbers get unlike names, and none repeats within 11,200.
    place = number * 9_973 % (len(first) * len(last) * len(sectors))
    stem, sector = divmod(place, len(sectors))
    head, tail = divmod(stem, len(last))
    word, industry = sectors[sector]
    city = _CITIES[language][number * 5 % len(_CITIES[language])]
    round_again = number // (len(first) * len(last) * len(sectors))
    branch = f" {_CITIES[language][round_again % len(_CITIES[language])]}" if round_again else ""
    return f"{first[head]}{last[tail]} {word}{branch} {_FORMS[language][segment]}", industry, city


def customer(number: int, segment: int, language: str, abroad: str = "") -> tuple[str, str, str, str]:
    """Name, industry, city and country of company *number*; *abroad* is the currency of one that is not at home.

    >>> customer(0, 0, "tr", "EUR")
    ('Amberbank Logistics GmbH', 'logistics', 'Berlin', 'DE')
    """
    if not abroad:
        return (*company(number, segment, language), COUNTRY[language])
    country, spoken, form, cities = _ABROAD[abroad]
    name, industry, _ = company(number, segment, spoken)
    return f"{name.removesuffix(_FORMS[spoken][segment])}{form}", industry, cities[number * 5 % len(cities)], country


def contact(number: int, language: str) -> tuple[str, str]:
    """Given and family name of contact *number*; they are many, and some share a name.

    >>> contact(3, "tr")
    ('Rüzgâr', 'Güleçyüz')
    """
    given, family = _GIVEN[language], _FAMILY[language]
    return given[number * 13 % len(given)], family[(number * 11 + number // len(given)) % len(family)]


def ascii_letters(text: str) -> str:
    """*text* in lower case and in the letters that mail knows.

    >>> ascii_letters("Işıl")
    'isil'
    """
    return text.replace("I", "ı").lower().translate(_ASCII).replace("i̇", "i")


def region(number: int, language: str) -> str:
    """Name of region *number*."""
    known = REGIONS[language]
    return known[number] if number < len(known) else f"{_REGION_MORE[language]} {number + 1}"


def team(number: int, language: str) -> str:
    """Name of team *number*."""
    known = _TEAM_NAMES[language]
    if number < len(known):
        return f"{known[number]} {_TEAM[language]}"
    return f"{known[number % len(known)]} {_TEAM[language]} {number // len(known) + 1}"
