"""Samples in other alphabets and habits: Russian by GOST, Polish, Chinese by GB/T 7714, Japanese."""

# ruff: noqa: E501, ISC004 - a citation reads best in one piece

from __future__ import annotations

from .entries import Entry
from .sample import CJK, Sample, listing, paragraphs, table_listing


def samples() -> tuple[Sample, ...]:
    """All of them."""
    return (_russian(), _polish(), _chinese(), _japanese())


def _numbered(pattern: str, marked: tuple[str, ...], kind: str = "book") -> tuple[Entry, ...]:
    return tuple(Entry(text, pattern.format(n), kind) for n, text in enumerate(marked, 1))


def _russian() -> Sample:
    entries = _numbered("{}.", (
        "{a:Бахтин} М. М. {t:Проблемы поэтики Достоевского} / М. М. Бахтин. — 2-е изд., перераб. и доп. — М. : Советский "
        "писатель, {y:1963}. — 363 с.",
        "{a:Виноградов} В. В. {t:Русский язык: грамматическое учение о слове} / В. В. Виноградов. — М. : Учпедгиз, {y:1947}. — "
        "784 с.",
        "{a:Выготский} Л. С. {t:Мышление и речь : психологические исследования} / Л. С. Выготский. — М. ; Л. : Соцэкгиз, "
        "{y:1934}. — 323 с.",
        "{a:Гаспаров} М. Л. {t:Очерк истории русского стиха} / М. Л. Гаспаров. — М. : Наука, {y:1984}. — 319 с.",
        "{a:Зализняк} А. А. {t:Русское именное словоизменение} / А. А. Зализняк. — М. : Наука, {y:1967}. — 370 с.",
        "{a:Колмогоров} А. Н. {t:Основные понятия теории вероятностей} / А. Н. Колмогоров. — М. ; Л. : ОНТИ, {y:1936}. — 80 с.",
        "{a:Колмогоров} А. Н. {t:Три подхода к определению понятия «количество информации»} / А. Н. Колмогоров // {c:Проблемы "
        "передачи информации}. — {y:1965}. — Т. 1, № 1. — С. 3–11.",
        "{a:Лихачёв} Д. С. {t:Поэтика древнерусской литературы} / Д. С. Лихачёв. — Л. : Наука, {y:1967}. — 372 с.",
        "{a:Лотман} Ю. М. {t:Структура художественного текста} / Ю. М. Лотман. — М. : Искусство, {y:1970}. — 384 с.",
        "{a:Левенштейн} В. И. {t:Двоичные коды с исправлением выпадений, вставок и замещений символов} / В. И. Левенштейн // "
        "{c:Доклады Академии наук СССР}. — {y:1965}. — Т. 163, № 4. — С. 845–848.",
        "{a:Пропп} В. Я. {t:Морфология сказки} / В. Я. Пропп. — Л. : Academia, {y:1928}. — 152 с.",
        "{a:Тынянов} Ю. Н. {t:Проблема стихотворного языка} / Ю. Н. Тынянов. — Л. : Academia, {y:1924}. — 139 с.",
        "{a:Шкловский} В. Б. {t:Искусство как приём} / В. Б. Шкловский // {c:Сборники по теории поэтического языка}. — Пг., "
        "{y:1917}. — Вып. 2. — С. 3–14.",
        "{a:Эйхенбаум} Б. М. {t:Как сделана «Шинель» Гоголя} / Б. М. Эйхенбаум // {c:Поэтика. Сборники по теории поэтического "
        "языка}. — Пг., {y:1919}. — С. 151–165.",
    ))  # fmt: skip
    text = (
        "Настоящая работа посвящена тому, как описание языка и описание текста сближались на протяжении столетия [1, с. 12; 9]. "
        "Исходным пунктом служит представление о слове как о единице, которая получает значение лишь в употреблении [2; 3]. "
        "Мы исходим из того, что счёт и толкование не исключают друг друга [4; 6; 7]. Материалом послужили издания, доступные в "
        "библиотеках; отбор их описан ниже [5]. Там, где источники расходятся, предпочтение отдаётся первому изданию [8; 11]. "
        "Вопрос о мере различия двух записей решается обычным образом [10]. Особое место занимают работы, в которых приём "
        "назван раньше, чем описан [12; 13; 14]."
    )
    return Sample(
        name="28-gost",
        style="ГОСТ Р 7.0.5, numbered",
        title="Слово, стих и число: о сближении двух описаний",
        author="Е. Н. Образцова",
        language="ru",
        body=paragraphs("= Введение", text, text, "= Список литературы", listing(entries, hanging="1.4em", gap=".5em")),
        entries=entries,
    )


def _polish() -> Sample:
    entries = tuple(Entry(text, None, kind) for text, kind in (
        ("{a:Ajdukiewicz} K., {T:Język i poznanie}, t. 1, Państwowe Wydawnictwo Naukowe, Warszawa {y:1960}.", "book"),
        ("{a:Bauman} Z., {T:Płynna nowoczesność}, przeł. T. Kunz, Wydawnictwo Literackie, Kraków {y:2006}.", "book"),
        ("{a:Fleck} L., {T:Powstanie i rozwój faktu naukowego}, przeł. M. Tuszkiewicz, Wydawnictwo Lubelskie, Lublin {y:1986}.",
         "book"),
        ("{a:Głowiński} M., {T:Nowomowa po polsku}, Wydawnictwo PEN, Warszawa {y:1990}.", "book"),
        ("{a:Ingarden} R., {T:O dziele literackim}, przeł. M. Turowicz, Państwowe Wydawnictwo Naukowe, Warszawa {y:1960}.",
         "book"),
        ("{a:Janion} M., {T:Niesamowita Słowiańszczyzna}, Wydawnictwo Literackie, Kraków {y:2006}.", "book"),
        ("{a:Kotarbiński} T., {T:Traktat o dobrej robocie}, Zakład Narodowy im. Ossolińskich, Łódź {y:1955}.", "book"),
        ("{a:Kołakowski} L., {T:Obecność mitu}, Instytut Literacki, Paryż {y:1972}.", "book"),
        ("{a:Kula} W., {T:Miary i ludzie}, Państwowe Wydawnictwo Naukowe, Warszawa {y:1970}.", "book"),
        ("{a:Markowski} M. P., {t:Antropologia, humanizm, interpretacja}, [w:] {C:Kulturowa teoria literatury}, red. M. P. "
         "Markowski, R. Nycz, Universitas, Kraków {y:2006}, s. 137–152.", "chapter"),
        ("{a:Nycz} R., {t:Kulturowa natura, słaby profesjonalizm}, [w:] {C:Kulturowa teoria literatury}, red. M. P. Markowski, "
         "R. Nycz, Universitas, Kraków {y:2006}, s. 5–38.", "chapter"),
        ("{a:Sławiński} J., {t:Analiza, interpretacja i wartościowanie dzieła literackiego}, [w:] {C:Problemy metodologiczne "
         "współczesnego literaturoznawstwa}, Wydawnictwo Literackie, Kraków {y:1976}, s. 100–131.", "chapter"),
        ("{a:Tatarkiewicz} W., {T:Dzieje sześciu pojęć}, Państwowe Wydawnictwo Naukowe, Warszawa {y:1975}.", "book"),
        ("{a:Wyka} K., {T:Życie na niby}, Książka i Wiedza, Warszawa {y:1957}.", "book"),
    ))  # fmt: skip
    text = (
        "Miara jest zawsze czyjąś miarą, a spór o nią bywa sporem o coś zgoła innego. W niniejszym szkicu pytamy, jak pojęcia "
        "wędrują między dyscyplinami i co gubią po drodze. Punktem wyjścia jest obserwacja, że fakt naukowy ma swoją historię, "
        "a dzieło literackie swoją budowę. Nie rozstrzygamy, która z tych historii jest ważniejsza; próbujemy jedynie pokazać, "
        "że jedna bez drugiej pozostaje niezrozumiała. Przykłady pochodzą z prac wydanych w Polsce i na emigracji."
    )
    return Sample(
        name="29-bibliografia",
        style="Polish, author and title, no labels",
        title="Miara i znaczenie: szkic o wędrówce pojęć",
        author="Jadwiga Wzorcowa",
        language="pl",
        body=paragraphs("= Wstęp", text, text, text, "= Bibliografia", listing(entries, hanging="1.6em", gap=".5em")),
        entries=entries,
    )


def _chinese() -> Sample:
    entries = _numbered("[{}]", (
        "{a:费孝通}. {t:乡土中国}[M]. 北京: 生活·读书·新知三联书店, {y:1985}.",
        "{a:钱钟书}. {t:管锥编}[M]. 北京: 中华书局, {y:1979}.",
        "{a:王力}. {t:汉语史稿}[M]. 北京: 科学出版社, {y:1957}.",
        "{a:吕叔湘}. {t:中国文法要略}[M]. 上海: 商务印书馆, {y:1942}.",
        "{a:陈寅恪}. {t:隋唐制度渊源略论稿}[M]. 重庆: 商务印书馆, {y:1944}.",
        "{a:李泽厚}. {t:美的历程}[M]. 北京: 文物出版社, {y:1981}.",
        "{a:朱德熙}. {t:语法讲义}[M]. 北京: 商务印书馆, {y:1982}.",
        "{a:冯友兰}. {t:中国哲学史}[M]. 上海: 商务印书馆, {y:1934}.",
        "{a:胡适}. {t:文学改良刍议}[J]. {c:新青年}, {y:1917}, 2(5): 1-11.",
        "{a:赵元任}. {t:汉语口语语法}[M]. 吕叔湘, 译. 北京: 商务印书馆, {y:1979}.",
        "{a:屠呦呦}, 倪慕云, 钟裕容, 等. {t:中药青蒿化学成分的研究Ⅰ}[J]. {c:药学学报}, {y:1981}, 16(5): 366-370.",
        "{a:梁思成}. {t:中国建筑史}[M]. 天津: 百花文艺出版社, {y:1998}.",
    ))  # fmt: skip
    text = (
        "本文讨论描写语言与描写社会的两种方法如何相互影响[1]。二十世纪上半叶的学者往往兼通数门学问[2-5],他们的著作至今仍被引用。"
        "我们选取其中有代表性的若干种,说明其材料、方法与结论之间的关系[6-8]。文学革命的主张最初见于短篇论文[9],而后才有系统的专著。"
        "口语语法的研究开辟了新的领域[10]。自然科学方面的例子见于药学研究[11],建筑史方面的例子见于营造学社的调查[12]。"
    )
    return Sample(
        name="30-chinese",
        style="GB/T 7714, numbered",
        title="语言与社会:两种描写方法的比较",
        author="样本编写组",
        language="zh",
        font=CJK,
        body=paragraphs("= 引言", text, text, text, "= 参考文献", table_listing(entries, "2.6em")),
        entries=entries,
    )


def _japanese() -> Sample:
    entries = tuple(Entry(text, None, kind) for text, kind in (
        ("{a:阿部}謹也『{t:ハーメルンの笛吹き男――伝説とその世界}』平凡社,{y:1974}年.", "book"),
        ("{a:網野}善彦『{t:無縁・公界・楽――日本中世の自由と平和}』平凡社,{y:1978}年.", "book"),
        ("{a:大塚}久雄『{t:共同体の基礎理論}』岩波書店,{y:1955}年.", "book"),
        ("{a:柄谷}行人『{t:日本近代文学の起源}』講談社,{y:1980}年.", "book"),
        ("{a:九鬼}周造『{t:「いき」の構造}』岩波書店,{y:1930}年.", "book"),
        ("{a:土居}健郎『{t:「甘え」の構造}』弘文堂,{y:1971}年.", "book"),
        ("{a:中根}千枝『{t:タテ社会の人間関係――単一社会の理論}』講談社,{y:1967}年.", "book"),
        ("{a:西田}幾多郎『{t:善の研究}』弘道館,{y:1911}年.", "book"),
        ("{a:丸山}眞男『{t:日本政治思想史研究}』東京大学出版会,{y:1952}年.", "book"),
        ("{a:丸山}眞男「{t:超国家主義の論理と心理}」『{c:世界}』5号,{y:1946}年,2-15頁.", "article-journal"),
        ("{a:柳田}國男『{t:遠野物語}』聚精堂,{y:1910}年.", "book"),
        ("{a:和辻}哲郎『{t:風土――人間学的考察}』岩波書店,{y:1935}年.", "book"),
    ))  # fmt: skip
    text = (
        "本稿の目的は,日本の社会を記述するために用いられてきた概念の来歴を,いくつかの代表的な著作に即して検討することにある。"
        "概念はしばしば日常の言葉から取られ,学問の言葉となったのちに再び日常へと戻っていく。その往復のなかで何が失われ,何が加えられたのか。"
        "以下ではまず村落と都市の記述を取り上げ(柳田 1910,大塚 1955),ついで人間関係の記述に移る(中根 1967,土居 1971)。"
    )
    return Sample(
        name="31-japanese",
        style="Japanese, author-date in the text, no labels",
        title="社会を記述する言葉――概念の来歴について",
        author="見本 太郎",
        language="ja",
        font=CJK,
        body=paragraphs("= はじめに", text, text, text, "= 参考文献", listing(entries, hanging="2em", gap=".6em")),
        entries=entries,
    )
