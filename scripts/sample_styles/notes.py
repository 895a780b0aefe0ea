"""Samples whose references stand in notes: a historian's, a lawyer's, and endnotes."""

# ruff: noqa: E501 - a citation reads best in one piece

from __future__ import annotations

from .entries import Entry, Short
from .printing import long_note
from .sample import Sample, listing, note, paragraphs


def samples() -> tuple[Sample, ...]:
    """All of them."""
    return (_history(), _law(), _endnotes())


def _book(marked: str) -> Entry:
    return Entry(marked, None, "book")


def _history() -> Sample:
    ginzburg = _book(
        "Carlo {a:Ginzburg}, {T:The Cheese and the Worms: The Cosmos of a Sixteenth-Century Miller}, trans. John and Anne Tedeschi "
        "(Baltimore: Johns Hopkins University Press, {y:1980}), xii–xxvi"
    )
    davis = _book(
        "Natalie Zemon {a:Davis}, {T:The Return of Martin Guerre} (Cambridge, MA: Harvard University Press, {y:1983}), 45–50"
    )
    thompson = Entry(
        "E. P. {a:Thompson}, “{t:The Moral Economy of the English Crowd in the Eighteenth Century},” {C:Past & Present} 50 "
        "({y:1971}): 76–136"
    )
    stone = Entry(
        "Lawrence {a:Stone}, “{t:The Revival of Narrative: Reflections on a New Old History},” {C:Past & Present} 85 "
        "({y:1979}): 3–24"
    )
    scott = Entry(
        "Joan W. {a:Scott}, “{t:Gender: A Useful Category of Historical Analysis},” {C:American Historical Review} 91, no. 5 "
        "({y:1986}): 1053–75"
    )
    geertz = Entry(
        "Clifford {a:Geertz}, “{t:Thick Description: Toward an Interpretive Theory of Culture},” in {C:The Interpretation of "
        "Cultures} (New York: Basic Books, {y:1973}), 3–30",
        None,
        "chapter",
    )
    darnton = _book(
        "Robert {a:Darnton}, {T:The Great Cat Massacre and Other Episodes in French Cultural History} (New York: Basic Books, "
        "{y:1984}), 75–104"
    )
    chartier = Entry(
        "Roger {a:Chartier}, “{t:Text, Symbols, and Frenchness},” {C:Journal of Modern History} 57, no. 4 ({y:1985}): 682–95"
    )
    levi = Entry(
        "Giovanni {a:Levi}, “{t:On Microhistory},” in {C:New Perspectives on Historical Writing}, ed. Peter Burke (Cambridge: "
        "Polity Press, {y:1991}), 93–113",
        None,
        "chapter",
    )
    ladurie = _book(
        "Emmanuel {a:Le Roy Ladurie}, {T:Montaillou: The Promised Land of Error}, trans. Barbara Bray (New York: George "
        "Braziller, {y:1978})"
    )
    bloch = _book("Marc {a:Bloch}, {T:The Historian’s Craft}, trans. Peter Putnam (New York: Knopf, {y:1953}), 27")
    grafton = _book(
        "Anthony {a:Grafton}, {T:The Footnote: A Curious History} (Cambridge, MA: Harvard University Press, {y:1997}), 1–33"
    )
    white = _book(
        "Hayden {a:White}, {T:Metahistory: The Historical Imagination in Nineteenth-Century Europe} (Baltimore: Johns Hopkins "
        "University Press, {y:1973}), 5–7"
    )
    certeau = _book(
        "Michel {a:de Certeau}, {T:The Writing of History}, trans. Tom Conley (New York: Columbia University Press, {y:1988}), 56"
    )
    braudel = _book(
        "Fernand {a:Braudel}, {T:The Mediterranean and the Mediterranean World in the Age of Philip II}, trans. Siân Reynolds, "
        "2 vols. (London: Collins, {y:1972–73}), 1:20–21"
    )
    entries = (ginzburg, davis, thompson, stone, scott, geertz, darnton, chartier, levi, ladurie, bloch, grafton, white,
               certeau, braudel)  # fmt: skip
    ibid, davis2 = Short("Ibid., xiv.", 1), Short("Davis, Return of Martin Guerre, 51.", 2)
    thompson2, ginzburg2 = Short("Thompson, op. cit., 98.", 3), Short("Ginzburg, Cheese and the Worms, 33.", 1)
    ibid2, darnton2 = Short("Ibid.", 6), Short("Darnton, Great Cat Massacre, 99.", 7)
    body = paragraphs(
        "= Small worlds",
        f"A miller of Friuli has become the best known reader of his century.{note(ginzburg, '.')} He was no exception, his "
        f"historian says, and yet no example either.{note(ibid)} The wife of an absent husband in Artigat posed another kind "
        f"of problem, for she left hardly a word of her own.{note('See ', davis, '; for a sceptical view of such reading see ', stone, '.')} "
        f"#lorem(70)",
        f"Crowds, too, were found to have had reasons.{note(thompson, '.')} Whether the category was ever only English has "
        f"been asked many times.{note(thompson2)} The men of the village are drawn with fewer strokes.{note(davis2)} #lorem(60)",
        "= Thick and thin",
        f"Anthropology lent a word for what was being done.{note(geertz, '.')} The word was applied to cats before it was "
        f"applied to categories.{note('The two best known cases are ', darnton, ', and ', scott, '.')} Its author had meant "
        f"something narrower.{note(ibid2, ' On the loan see also ', chartier, '.')} #lorem(80)",
        f"The smallness of the scale was defended as an experiment.{note(levi, '. A whole village is the subject of ', ladurie, '.')} "
        f"What the miller had read can be told from what he said.{note(ginzburg2)} #lorem(70)",
        "= Proof at the foot of the page",
        f"No history without documents, and none without questions.{note(bloch, '.')} The apparatus is younger than the "
        f"craft.{note(grafton, '.')} Its rhetoric has been studied more than its use.{note('Compare ', white, ' with ', certeau, '.')} "
        f"The printers of the rue Saint-Séverin laughed for reasons of their own.{note(darnton2)} Long rhythms, meanwhile, need "
        f"other proofs.{note(braudel, '.')} #lorem(90)",
    )
    # In print: the notes' order. Stone follows Davis in one note, Darnton precedes Scott in another.
    printed = (ginzburg, davis, stone, thompson, geertz, darnton, scott, chartier, levi, ladurie, bloch, grafton, white,
               certeau, braudel)  # fmt: skip
    place = {entry.raw: number for number, entry in enumerate(printed, 1)}
    known = [entry.raw for entry in entries]
    shorts = (ibid, thompson2, davis2, ibid2, ginzburg2, darnton2)
    return Sample(
        name="17-footnotes-history",
        style="full citations in footnotes; ibid., op. cit., short forms; no list",
        title="The Scale of the Archive: Reading Small Cases at Length",
        body=body,
        entries=printed,
        shorts=tuple(Short(one.raw, place[known[one.refers_to - 1]] if one.refers_to else None) for one in shorts),
        size_pt=11,
    )


def _law() -> Sample:
    coase = Entry("Ronald H. {a:Coase}, {T:The Problem of Social Cost}, 3 {c:J.L. & Econ.} 1 ({y:1960})")
    calabresi = Entry(
        "Guido {a:Calabresi} & A. Douglas Melamed, {T:Property Rules, Liability Rules, and Inalienability: One View of the "
        "Cathedral}, 85 {c:Harv. L. Rev.} 1089 ({y:1972})"
    )
    holmes = Entry("Oliver Wendell {a:Holmes}, {T:The Path of the Law}, 10 {c:Harv. L. Rev.} 457, 461 ({y:1897})")
    warren = Entry(
        "Samuel D. {a:Warren} & Louis D. Brandeis, {T:The Right to Privacy}, 4 {c:Harv. L. Rev.} 193, 195–96 ({y:1890})"
    )
    fuller = Entry("Lon L. {a:Fuller}, {T:The Case of the Speluncean Explorers}, 62 {c:Harv. L. Rev.} 616 ({y:1949})")
    galanter = Entry(
        "Marc {a:Galanter}, {T:Why the “Haves” Come Out Ahead: Speculations on the Limits of Legal Change}, 9 {c:Law & Soc’y "
        "Rev.} 95, 97 ({y:1974})"
    )
    fiss = Entry("Owen M. {a:Fiss}, {T:Against Settlement}, 93 {c:Yale L.J.} 1073, 1075 ({y:1984})")
    kennedy = Entry(
        "Duncan {a:Kennedy}, {T:Form and Substance in Private Law Adjudication}, 89 {c:Harv. L. Rev.} 1685 ({y:1976})"
    )
    hart = _book("H.L.A. {a:Hart}, {t:The Concept of Law} 124–36 ({y:1961})")
    dworkin = _book("Ronald {a:Dworkin}, {t:Taking Rights Seriously} 81–130 ({y:1977})")
    posner = _book("Richard A. {a:Posner}, {t:Economic Analysis of Law} 6–8 ({y:1973})")
    empire = _book("Ronald {a:Dworkin}, {t:Law’s Empire} 225 ({y:1986})")
    entries = (holmes, coase, calabresi, posner, warren, hart, dworkin, fuller, empire, kennedy, galanter, fiss)
    body = paragraphs(
        "= Introduction",
        f"The prediction of what courts will do in fact was once all that was meant by law.{note(holmes, '.')} A later "
        f"generation asked what it costs.{note(coase, '; see also ', calabresi, '.')} The cathedral has had many visitors "
        f"since.{note(Short('Id. at 1092.', 3))} Some of them brought a textbook.{note(posner, '. But see ', 'Brown v. Board of Education, 347 U.S. 483 (1954).')} "
        f"#lorem(80)",
        "= The text and its limits",
        f"A right to be let alone was found where nobody had looked for it.{note(warren, '; Roe v. Wade, 410 U.S. 113, 152 (1973).')} "
        f"Rules leave open what they leave open.{note(hart, '. Contra ', dworkin, '.')} The explorers in their cave still wait "
        f"for an answer.{note(fuller, '. For the most ambitious one see ', empire, '.')} That the judge predicts himself was "
        f"noticed early.{note(Short('Holmes, supra note 1, at 461.', 1))} #lorem(90)",
        "= Who wins",
        f"Form follows substance, or leads it.{note(kennedy, '. See generally 42 U.S.C. § 1983 (2018); Marbury v. Madison, 5 U.S. (1 Cranch) 137 (1803).')} "
        f"Repeat players play another game than the rest.{note(galanter, '.')} Peace is not the same as justice.{note(fiss, '.')} "
        f"Nor are transactions ever free.{note(Short('Coase, supra note 2, at 42.', 2))} #lorem(90)",
    )
    shorts = (
        Short("Id. at 1092.", 3),
        Short("Holmes, supra note 1, at 461.", 1),
        Short("Coase, supra note 2, at 42.", 2),
    )
    return Sample(
        name="18-footnotes-law",
        style="a law review's footnotes; id., supra; cases and statutes between the works",
        title="Predictions, Prices, Principles: Three Ways of Reading a Rule",
        body=body,
        entries=entries,
        shorts=shorts,
        partial=True,
        note="cases and statutes are printed, but are no works to be fetched and not listed here",
    )


def _endnotes() -> Sample:
    keys = ("garfield1955", "price1965", "merton1968", "kuhn1996", "popper2002", "bush1945", "turing1950", "shannon1948",
            "anderson1972", "akerlof1970", "tversky1974", "shannon1940", "baran1964")  # fmt: skip
    first = {key: long_note(key) for key in keys}
    shorts = {
        3: Short("Ibid., p. 110.", 2),
        7: Short("Kuhn, Structure of Scientific Revolutions, pp. 77–79.", 4),
        12: Short("Price, art. cit.", 2),
    }
    order = ["garfield1955", "price1965", None, "merton1968", "kuhn1996", "popper2002", None, "bush1945", "turing1950",
             "shannon1948", "anderson1972", None, "akerlof1970", "tversky1974", "shannon1940", "baran1964"]  # fmt: skip
    comments = {
        2: ("The figure is drawn from ", ", whose sample was small."),
        5: ("", ". The book’s second edition is quoted throughout."),
        9: ("On the question itself see ", "."),
        14: ("", ". I thank a reader for this reference."),
    }
    lines, entries = [], []
    for number, key in enumerate(order, 1):
        if key is None:
            lines.append(Entry(shorts[number].raw, f"{number}."))
            continue
        before, after = comments.get(number, ("", "."))
        entries.append(first[key])
        lines.append(Entry(f"{before}{first[key].marked}{after}", f"{number}."))
    place = {entry.raw: n for n, entry in enumerate(entries, 1)}
    pointed = {3: "price1965", 7: "kuhn1996", 12: "price1965"}
    text = iter(f"#super[{number}] " for number in range(1, len(order) + 1))
    sections = []
    for heading, count, words in (("Counting", 4, 60), ("Doubting", 4, 60), ("Computing", 4, 70), ("Trading", 4, 60)):
        said = " ".join(f"#lorem({words // 2 + 7 * n}){next(text)}" for n in range(count))
        sections += [f"= {heading}", said]
    return Sample(
        name="19-endnotes",
        style="numbered endnotes with comments and short forms",
        title="Measures of Merit: How Science Learned to Count Itself",
        body=paragraphs(*sections, "= Notes", listing(lines, hanging="0pt", gap=".5em", size=".92em")),
        entries=tuple(entries),
        shorts=tuple(Short(short.raw, place[first[pointed[number]].raw]) for number, short in shorts.items()),
    )
