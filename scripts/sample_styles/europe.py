"""Samples in German, French, Portuguese and Italian habits: Fußnoten, a list in parts, ABNT, note a piè di pagina."""

# ruff: noqa: E501 - a citation reads best in one piece

from __future__ import annotations

from .entries import Entry, Short
from .sample import Sample, listing, note, paragraphs


def samples() -> tuple[Sample, ...]:
    """All of them."""
    return (_german(), _french(), _portuguese(), _italian())


def _book(marked: str) -> Entry:
    return Entry(marked, None, "book")


def _chapter(marked: str) -> Entry:
    return Entry(marked, None, "chapter")


def _german() -> Sample:
    koselleck = _book(
        "Reinhart {a:Koselleck}, {t:Vergangene Zukunft. Zur Semantik geschichtlicher Zeiten}, Frankfurt a. M. {y:1979}, S. 11–37"
    )
    habermas = _book(
        "Jürgen {a:Habermas}, {t:Strukturwandel der Öffentlichkeit. Untersuchungen zu einer Kategorie der bürgerlichen Gesellschaft}, Neuwied {y:1962}, S. 42"
    )
    luhmann = _book(
        "Niklas {a:Luhmann}, {t:Soziale Systeme. Grundriß einer allgemeinen Theorie}, Frankfurt a. M. {y:1984}, S. 191–241"
    )
    blumenberg = _book("Hans {a:Blumenberg}, {t:Die Lesbarkeit der Welt}, Frankfurt a. M. {y:1981}")
    assmann = _book(
        "Jan {a:Assmann}, {t:Das kulturelle Gedächtnis. Schrift, Erinnerung und politische Identität in frühen Hochkulturen}, München {y:1992}, S. 48–66"
    )
    kittler = _book("Friedrich A. {a:Kittler}, {t:Aufschreibesysteme 1800/1900}, München {y:1985}")
    wehler = _book("Hans-Ulrich {a:Wehler}, {t:Das Deutsche Kaiserreich 1871–1918}, Göttingen {y:1973}, S. 12 f.")
    nipperdey = Entry(
        "Thomas {a:Nipperdey}, {t:Wehlers „Kaiserreich“. Eine kritische Auseinandersetzung}, in: {c:Geschichte und Gesellschaft} 1 ({y:1975}), S. 539–560"
    )
    conze = _chapter(
        "Werner {a:Conze}, {t:Vom „Pöbel“ zum „Proletariat“}, in: Hans-Ulrich Wehler (Hrsg.), {c:Moderne deutsche Sozialgeschichte}, Köln {y:1966}, S. 111–136"
    )
    gadamer = _book(
        "Hans-Georg {a:Gadamer}, {t:Wahrheit und Methode. Grundzüge einer philosophischen Hermeneutik}, Tübingen {y:1960}, S. 250 ff."
    )
    medick = Entry(
        "Hans {a:Medick}, {t:„Missionare im Ruderboot“? Ethnologische Erkenntnisweisen als Herausforderung an die Sozialgeschichte}, in: {c:Geschichte und Gesellschaft} 10 ({y:1984}), S. 295–319"
    )
    elias = _book(
        "Norbert {a:Elias}, {t:Über den Prozeß der Zivilisation. Soziogenetische und psychogenetische Untersuchungen}, 2 Bde., Basel {y:1939}"
    )
    entries = (
        koselleck,
        habermas,
        luhmann,
        assmann,
        blumenberg,
        wehler,
        nipperdey,
        conze,
        medick,
        gadamer,
        kittler,
        elias,
    )
    shorts = (Short("Ebd., S. 45.", 2), Short("Koselleck, Vergangene Zukunft (wie Anm. 1), S. 349.", 1), Short("Ebd.", 6),
              Short("Habermas, a. a. O., S. 76.", 2))  # fmt: skip
    body = paragraphs(
        "= I. Begriffe",
        f"Wer nach der Zeit fragt, bekommt es mit Begriffen zu tun, die selbst eine Zeit haben.{note(koselleck, '.')} Öffentlichkeit "
        f"ist ein solcher Begriff.{note('Vgl. ', habermas, '; kritisch dazu ', luhmann, '.')} Er meint zunächst einen Raum, dann ein "
        f"Verfahren, schließlich eine Erwartung.{note(shorts[0])} Das Gedächtnis der Texte reicht weiter zurück als das der Leser, "
        f"und die Metaphern, in denen es beschrieben wird, sind älter als beide.{note(assmann, '. Siehe auch ', blumenberg, '.')} "
        "Damit ist der Ausgangspunkt der folgenden Überlegungen bezeichnet. Sie gelten nicht der Frage, was gewesen ist, sondern "
        "der Frage, wie davon gesprochen werden konnte.",
        "= II. Streit",
        f"Kaum ein Buch ist so rasch zum Gegenstand einer Kontroverse geworden.{note(wehler)} Die Antwort ließ zwei Jahre auf sich "
        f"warten.{note(nipperdey, '.')} Beide Seiten beriefen sich auf ältere Arbeiten.{note('Grundlegend: ', conze, '.')} Die Zuspitzung "
        f"war Absicht.{note(shorts[2])} Aus der Rückschau erscheint weniger der Gegensatz bemerkenswert als das Gemeinsame: die "
        f"Überzeugung, dass Strukturen sich erzählen lassen. Dass sie es auch müssen, wurde erst später gesagt.{note(medick, '.')} ",
        "= III. Verstehen",
        f"Der Horizont, so heißt es, wandert mit.{note(gadamer)} Medien setzen ihm Grenzen, von denen die Hermeneutik wenig "
        f"wusste.{note(kittler, '.')} Erwartungen und Erfahrungen treten auseinander.{note(shorts[1])} Das Publikum bleibt, was es "
        f"war: eine Hoffnung.{note(shorts[3])} Von der langen Dauer der Manieren war noch nicht die Rede.{note(elias, '.')} Hier wäre "
        "anzusetzen, wenn von Geschichte anders gesprochen werden soll als bisher.",
    )
    return Sample(
        name="32-fussnoten",
        style="Fußnoten mit Ebd., a. a. O. und wie Anm.; kein Verzeichnis",
        title="Zeit der Begriffe: Bemerkungen zu einem alten Streit",
        author="Kornelius Muster",
        language="de",
        body=body,
        entries=entries,
        shorts=(shorts[0], shorts[2], shorts[1], shorts[3]),
        size_pt=11,
    )


def _french() -> Sample:
    books = tuple(map(_book, (
        "{a:BARTHES} Roland, {T:Mythologies}, Paris, Seuil, {y:1957}, 270 p.",
        "{a:BOURDIEU} Pierre, {T:La distinction : critique sociale du jugement}, Paris, Minuit, {y:1979}, 670 p.",
        "{a:BRAUDEL} Fernand, {T:La Méditerranée et le monde méditerranéen à l’époque de Philippe II}, Paris, Armand Colin, {y:1949}, 1160 p.",
        "{a:CERTEAU} Michel de, {T:L’écriture de l’histoire}, Paris, Gallimard, {y:1975}, 358 p.",
        "{a:DURKHEIM} Émile, {T:Le suicide : étude de sociologie}, Paris, Alcan, {y:1897}, 462 p.",
        "{a:FOUCAULT} Michel, {T:Surveiller et punir : naissance de la prison}, Paris, Gallimard, {y:1975}, 318 p.",
        "{a:GENETTE} Gérard, {T:Seuils}, Paris, Seuil, {y:1987}, 389 p.",
        "{a:HALBWACHS} Maurice, {T:Les cadres sociaux de la mémoire}, Paris, Alcan, {y:1925}, 404 p.",
    )))  # fmt: skip
    chapters = tuple(map(_chapter, (
        "{a:NORA} Pierre, « {t:Entre mémoire et histoire : la problématique des lieux} », {i:in} Pierre NORA (dir.), {C:Les lieux de mémoire}, t. I, Paris, Gallimard, {y:1984}, p. XVII-XLII.",
        "{a:LE GOFF} Jacques, « {t:Les mentalités : une histoire ambiguë} », {i:in} Jacques LE GOFF et Pierre NORA (dir.), {C:Faire de l’histoire}, t. III, Paris, Gallimard, {y:1974}, p. 76-94.",
    )))  # fmt: skip
    articles = tuple(map(Entry, (
        "{a:BRAUDEL} Fernand, « {t:Histoire et sciences sociales : la longue durée} », {C:Annales. Économies, sociétés, civilisations}, vol. 13, n° 4, {y:1958}, p. 725-753.",
        "{a:BOURDIEU} Pierre, « {t:L’illusion biographique} », {C:Actes de la recherche en sciences sociales}, n° 62-63, {y:1986}, p. 69-72.",
        "{a:CHARTIER} Roger, « {t:Le monde comme représentation} », {C:Annales. Économies, sociétés, civilisations}, vol. 44, n° 6, {y:1989}, p. 1505-1520.",
        "{a:REVEL} Jacques, « {t:Les intellectuels et la culture “populaire” en France} », {C:History of European Ideas}, vol. 7, n° 1, {y:1986}, p. 17-24.",
    )))  # fmt: skip
    text = (
        "Ce travail interroge la manière dont une société se donne un passé (Halbwachs, 1925 ; Nora, 1984). Il ne s’agit pas de dire ce "
        "que fut ce passé, mais de suivre les opérations par lesquelles il devient dicible. On s’appuiera sur des enquêtes anciennes et "
        "sur des lectures récentes, sans prétendre trancher entre elles. La question des échelles sera reprise à partir d’un débat bien "
        "connu (Braudel, 1958), puis déplacée vers les pratiques (Certeau, 1975) et les objets (Genette, 1987)."
    )
    return Sample(
        name="33-bibliographie-parties",
        style="French, names in capitals, a list in three parts",
        title="Écrire le passé des autres : trois opérations",
        author="Cornélie Exemplaire",
        language="fr",
        body=paragraphs("= Introduction", text, text, "#pagebreak()", "= Bibliographie", "== 1. Ouvrages", listing(books, gap=".55em"),
                        "== 2. Chapitres d’ouvrages collectifs", listing(chapters, gap=".55em"), "== 3. Articles de revues",
                        listing(articles, gap=".55em"), "= Annexes", text),
        entries=(*books, *chapters, *articles),
    )  # fmt: skip


def _portuguese() -> Sample:
    entries = tuple(Entry(text, None, kind) for text, kind in (
        ("{a:ANDRADE}, Mário de. {t:Aspectos da literatura brasileira}. São Paulo: Martins, {y:1974}.", "book"),
        ("{a:BOSI}, Alfredo. {t:História concisa da literatura brasileira}. São Paulo: Cultrix, {y:1970}.", "book"),
        ("{a:CANDIDO}, Antonio. {t:Formação da literatura brasileira: momentos decisivos}. São Paulo: Martins, {y:1959}. 2 v.", "book"),
        ("{a:CANDIDO}, Antonio. {t:Dialética da malandragem}. {C:Revista do Instituto de Estudos Brasileiros}, São Paulo, n. 8, p. 67-89, {y:1970}.", "article-journal"),
        ("{a:FAORO}, Raymundo. {t:Os donos do poder: formação do patronato político brasileiro}. Porto Alegre: Globo, {y:1958}.", "book"),
        ("{a:FERNANDES}, Florestan. {t:A integração do negro na sociedade de classes}. São Paulo: Dominus, {y:1965}.", "book"),
        ("{a:FREIRE}, Paulo. {t:Pedagogia do oprimido}. Rio de Janeiro: Paz e Terra, {y:1974}.", "book"),
        ("{a:FREYRE}, Gilberto. {t:Casa-grande & senzala}. Rio de Janeiro: Maia & Schmidt, {y:1933}.", "book"),
        ("{a:FURTADO}, Celso. {t:Formação econômica do Brasil}. Rio de Janeiro: Fundo de Cultura, {y:1959}.", "book"),
        ("{a:HOLANDA}, Sérgio Buarque de. {t:Raízes do Brasil}. Rio de Janeiro: José Olympio, {y:1936}.", "book"),
        ("{a:PRADO JÚNIOR}, Caio. {t:Formação do Brasil contemporâneo: colônia}. São Paulo: Martins, {y:1942}.", "book"),
        ("{a:SANTOS}, Milton. {t:A natureza do espaço: técnica e tempo, razão e emoção}. São Paulo: Hucitec, {y:1996}.", "book"),
        ("{a:SCHWARZ}, Roberto. {t:As ideias fora do lugar}. {i:In}: SCHWARZ, Roberto. {C:Ao vencedor as batatas}. São Paulo: Duas Cidades, {y:1977}. p. 9-31.", "chapter"),
    ))  # fmt: skip
    text = (
        "Este artigo examina como a ideia de formação organizou a leitura do país durante meio século (CANDIDO, 1959; FURTADO, 1959; PRADO "
        "JÚNIOR, 1942). A palavra aparece em títulos, em prefácios e em programas de ensino, e nem sempre quer dizer a mesma coisa. Para "
        "Holanda (1936), trata-se de raízes; para Freyre (1933), de uma casa. A crítica posterior insistiu no descompasso entre as ideias e "
        "o lugar (SCHWARZ, 1977), sem abandonar o vocabulário que criticava."
    )
    return Sample(
        name="34-referencias-abnt",
        style="ABNT NBR 6023, names in capitals",
        title="Formação: notas sobre uma palavra",
        author="Cornélia Modelo",
        language="pt",
        body=paragraphs("= Introdução", text, text, text, "= Referências", listing(entries, hanging="0pt", gap=".9em")),
        entries=entries,
    )


def _italian() -> Sample:
    gramsci = _book(
        "A. {a:Gramsci}, {T:Quaderni del carcere}, a cura di V. Gerratana, Torino, Einaudi, {y:1975}, vol. I, p. 40"
    )
    croce = _book("B. {a:Croce}, {T:Storia d’Italia dal 1871 al 1915}, Bari, Laterza, {y:1928}, pp. 12-15")
    romeo = _book("R. {a:Romeo}, {T:Risorgimento e capitalismo}, Bari, Laterza, {y:1959}, pp. 17-51")
    eco = _book("U. {a:Eco}, {T:Opera aperta}, Milano, Bompiani, {y:1962}")
    ginzburg = _chapter(
        "C. {a:Ginzburg}, {T:Spie. Radici di un paradigma indiziario}, in {C:Crisi della ragione}, a cura di A. Gargani, Torino, Einaudi, {y:1979}, pp. 57-106"
    )
    grendi = Entry(
        "E. {a:Grendi}, {T:Micro-analisi e storia sociale}, in «{c:Quaderni storici}», 35 ({y:1977}), pp. 506-520"
    )
    poni = Entry(
        "C. {a:Ginzburg}, C. Poni, {T:Il nome e il come: scambio ineguale e mercato storiografico}, in «{c:Quaderni storici}», 40 ({y:1979}), pp. 181-190"
    )
    venturi = _book("F. {a:Venturi}, {T:Settecento riformatore. Da Muratori a Beccaria}, Torino, Einaudi, {y:1969}")
    levi = _book(
        "G. {a:Levi}, {T:L’eredità immateriale. Carriera di un esorcista nel Piemonte del Seicento}, Torino, Einaudi, {y:1985}, p. 88"
    )
    pasolini = _book("P.P. {a:Pasolini}, {T:Scritti corsari}, Milano, Garzanti, {y:1975}")
    dionisotti = _book(
        "C. {a:Dionisotti}, {T:Geografia e storia della letteratura italiana}, Torino, Einaudi, {y:1967}, pp. 23-45"
    )
    entries = (gramsci, croce, romeo, eco, dionisotti, ginzburg, grendi, poni, levi, venturi, pasolini)
    shorts = (Short("Ivi, p. 41.", 1), Short("Romeo, Risorgimento e capitalismo, cit., p. 33.", 3), Short("Ibidem.", 5),
              Short("Ginzburg, Spie, cit., p. 91.", 6))  # fmt: skip
    body = paragraphs(
        "= 1. Una questione di misura",
        f"La discussione comincia in carcere e continua in biblioteca.{note(gramsci, '.')} Non era la prima volta che si contavano le "
        f"occasioni perdute.{note(shorts[0])} Altri avevano preferito contare le riuscite.{note(croce, '; in senso contrario ', romeo, '.')} "
        f"Il numero delle pagine dedicate alla questione agraria è in ogni caso impressionante.{note(shorts[1])} Si può leggere tutto ciò "
        f"come un’opera a sua volta aperta.{note('Nel senso di ', eco, '.')} Le carte geografiche della letteratura suggeriscono prudenza, "
        f"perché mostrano quanto poco coincidano i confini delle lingue e quelli degli stati.{note(dionisotti, '.')} Né basta spostare "
        f"i confini.{note(shorts[2])}",
        "= 2. Indizi",
        f"Un dettaglio può pesare più di una serie.{note(ginzburg, '.')} La proposta era stata preparata da un articolo più sobrio.{note(grendi, '.')} "
        f"Due anni dopo si parlò di nomi.{note(poni, '.')} Il caso di un esorcista mostrò che il mercato della terra aveva i suoi "
        f"santi.{note(levi, '.')} Il metodo, si disse, era quello dei cacciatori.{note(shorts[3])} Restava da capire che cosa ne avrebbe fatto "
        f"la storia delle idee.{note('Si veda ', venturi, '.')} E che cosa ne avrebbero fatto i giornali.{note(pasolini, '.')}",
    )
    return Sample(
        name="35-note-italiane",
        style="note a piè di pagina con ivi, ibidem e cit.; nessun elenco",
        title="Indizi e misure: note su una discussione",
        author="Cornelia Esempio",
        language="it",
        body=body,
        entries=entries,
        shorts=shorts,
        size_pt=11,
    )
