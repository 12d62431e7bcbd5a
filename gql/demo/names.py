"""Invented people and companies. Given names and surnames are of one people, as they mostly are; a few are not."""

from functools import cache
from typing import NamedTuple

from gql.demo.plan import Draw, Weighted
from gql.domain.search import search_key


class _People(NamedTuple):
    given: tuple[str, ...]
    surnames: tuple[str, ...]


def _people(given: str, surnames: str) -> _People:
    """From names with spaces between."""
    return _People(tuple(given.split()), tuple(surnames.split()))


_YORUBA = _people(
    "Adebayo Adeola Adunni Ayodele Ayomide Babajide Bolanle Bukola Damilola Dolapo Ebunoluwa Femi Folake Funmilayo "
    "Gbenga Ìyábọ̀ Jumoke Kayode Kehinde Kọ́lá Lekan Modupe Morenike Niyi Olamide Olúwaṣeun Omotola Opeyemi Rotimi "
    "Ṣadé Segun Simisola Taiwo Temitope Titilayo Tolulope Tunde Wale Yemisi Yetunde",
    "Abiodun Adebisi Adegoke Adelakun Adeniran Adeoti Adesina Adewale Afolabi Aina Akande Akinola Akinyemi Alabi "
    "Amusan Ayinde Babatunde Bamidele Bankole Daramola Fadipe Fagbemi Idowu Kukoyi Lawanson Makinde Odukoya "
    "Ogundele Ogunleye Ojo Okunola Oladipo Olaniyan Oyedele Oyewole Ṣóyọmbọ̀ Sowande Tijani",
)
_IGBO = _people(
    "Adaeze Adaobi Amarachi Amaka Anayo Chiamaka Chibuike Chidera Chidi Chijioke Chika Chinedu Chinonso Chioma "
    "Chukwuemeka Ebele Ejike Emeka Ezinne Ifeanyi Ifeoma Ifunanya Ijeoma Ikenna Kelechi Kenechukwu Kosisochukwu "
    "Ṅgọzi Nkechi Nkiru Nnamdi Nneka Obinna Obioma Ogechi Okechukwu Onyinye Somto Uchenna Ugochi Uzoma",
    "Agu Ajaero Akabueze Anozie Anyaegbu Azubuike Chukwuma Ekeh Emenike Eze Ezeudu Ibe Igboanugo Igwe "
    "Iheme Ikedi Maduka Mbah Mgbemena Njoku Nnadi Nwachukwu Nwafor Nwankwo Nwosu Obi Obiora Ofoegbu Okafor "
    "Okeke Okolie Okonkwo Okoro Onuoha Onyekachi Udeh Ugwu Umeh Uzor",
)
_HAUSA = _people(
    "Abdullahi Abubakar Ahmad Aisha Aliyu Aminatu Asma'u Auwal Bashir Bilkisu Danjuma Fatima Garba Habiba Hadiza "
    "Halima Hamisu Hauwa Ibrahim Idris Isa Jamila Kabiru Khadija Lawan Maimuna Maryam Musa Nafisa Nura Rabi "
    "Rakiya Sa'adatu Safiya Salihu Sani Shehu Sulaiman Umar Yakubu Zainab Zulaihat",
    "Abdulkadir Bala Ɓagwai Baba Birnin-Kudu Danladi Ɗanmusa Dogara Funtua Galadima Gambo Garkuwa Gumel "
    "Gwarzo Hadejia Indabawa Jibrin Kankara Katagum Kazaure Ladan Lawal Maikudi Maigari Makama Ɗantsoho Mohammed "
    "Rano Sabo Sarki Shuaibu Sule Tanko Wada Wudil Yar'adamu Yelwa Yusuf Zango",
)
_OTHERS = _people(
    "Akpan Aniekan Asuquo Bassey Blessing Boma Ebiere Edidiong Efe Ejiro Ekaette Eno Ese Godwin Grace Ibiso "
    "Idara Imaobong Inemesit Iquo Isoken Itohan Joy Mercy Mfon Nkoyo Nosa Oghenekaro Omotejohwo Osagie Osaze "
    "Peace Rume Tamuno Tariere Terhemba Timi Uduak Ufuoma Victor Wanger",
    "Abah Adoga Agbo Akpabot Alagoa Amadi Anyam Archibong Audu Briggs Dokubo Dung Ebong Edet Edokpolo Effiong "
    "Ekpo Essien Etim Gyang Hart Ighodaro Inyang Iyamu Jumbo Kpakol Nsikak Obazee Ochefu Oghenovo "
    "Okpara Omoregie Opuada Osagiede Pam Tarfa Tyav Udoh Ukpong Wakirike",
)
_PEOPLES = (_YORUBA, _IGBO, _HAUSA, _OTHERS)
_SHARES = Weighted(_PEOPLES, (30, 26, 26, 18))

_TRADES = (
    "Agro Inputs",
    "Auto Parts",
    "Bakeries",
    "Block Works",
    "Building Materials",
    "Catering",
    "Clothiers",
    "Cold Rooms",
    "Electricals",
    "Farms",
    "Fashion House",
    "Feeds",
    "Foods",
    "Furniture Works",
    "Grains",
    "Haulage",
    "Laundry Services",
    "Logistics",
    "Pharmacy",
    "Poultry",
    "Printing Press",
    "Provisions",
    "Schools",
    "Solar Services",
    "Textiles",
    "Ventures",
    "Water",
    "Welding Works",
)


def person_name(draw: Draw) -> str:
    """A given name or two and a surname."""
    people = draw.weighted(_SHARES)
    surnames = draw.pick(_PEOPLES).surnames if draw.chance(0.06) else people.surnames
    given = draw.pick(people.given)
    if draw.chance(0.25):
        second = draw.pick(people.given)
        given = f"{given} {second}" if second != given else given
    return f"{given} {draw.pick(surnames)}"


def company_name(draw: Draw) -> str:
    """A company that is called after its owner."""
    owner = draw.pick(draw.pick(_PEOPLES).surnames)
    trade = draw.pick(_TRADES)
    style = draw.below(4)
    if style == 0:
        return f"{owner} & Sons {trade}"
    if style == 1:
        return f"{owner} & Daughters {trade} Ltd"
    return f"{owner} {trade} Ltd" if style == 2 else f"{owner} {trade} Nigeria Ltd"


def key_of_name(name: str) -> str:
    """The search key of a name that was made here, put together from those of its words, of which there are few."""
    return " ".join(filter(None, map(_key_of_word, name.split())))


_key_of_word = cache(search_key)
