"""Words that tell lines of references from running text, in the languages dl_lit reads, by kind."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Before the number of a volume, an issue, a part.
VOLUME_WORDS = _words(
    """
    Band Bd H Heft Issue Jg No Nr Núm VOL Vol Vols Volume bd iss issue jg n no nos nr num núm tome vol vols volume
    Вып Т вып т
    """
)
# Around the names of editors and translators.
EDITOR_WORDS = _words(
    """
    Coord Ed Eds Hg Hrsg Org Red Trans comp coord coords dir dirs ed eds hg hrsg org orgs red trans Übers Пер Ред
    Сост пер ред сост
    """
)
# In the names of journals, proceedings, publishers and schools.
PUBLISHER_WORDS = _words(
    """
    ACM Acad Actas Actes Am Anais Ann Annales Annals Archiv Atti Aufl Biol Bulletin Cahiers Cambridge Chem Conf Diss
    Dissertation Edition Editions Editora Editore Editorial Edizioni Elsevier Eur Hochschule IEEE Inst Institut
    Institute Int J Jahrbuch Journal Lect Lett MIT Med Natl Oxford Paper PhD Phys Press Proc Proceedings Publication
    Publications Publisher Publishers Rep Report Res Rev Review Revista Revue Rivista Routledge Sage Sci Springer
    Suhrkamp Symp Tech Thesis Tijdschrift Trans Transactions Uitgeverij Univ Universidad Universidade Universiteit
    University Università Universität Université Verl Verlag Vierteljahresschrift Wiley Working Wyd Wydawnictwo
    Zeitschrift Zs thesis Éd Éditions Вестник Журнал Изд Труды изд издательство
    """
)
# Forms of "to be" and "to have", pronouns, modals: running text cannot do without them, titles hardly need them.
PROSE_WORDS = _words(
    """
    aber also are auch aussi avait be because been być był była były can ce ces cette could dabei dass dat daß deze
    did diese dieser dieses dit do does dont elle elles er era eran est esta estas este estos foi foram fu fue
    fueron furono ha haben había had han hanno has hat hatte have he hebben heeft her his however ich if ihr ihre il
    ils is ist it jak jego jest kann która które który können leur leurs man may might muss must muß my más ne nicht
    nie niet noch not nous nur não oder ont ook oraz ou our pas pela pelo pero peut più plus puede può questa questo
    sa sein seine ser ses she should sich sie sind się so soll sono sont such sus são są tem than that their them
    then there therefore these they this those thus têm us vous war waren was we wenn werd werden were when where
    which who wij will wir wird worden wordt would wurde wurden you your zij zijn è é étaient était été że был была
    были быть его или их как которые который мы не но он она они так также что это
    """
)
# Articles, prepositions, conjunctions: in titles as well.
SMALL_WORDS = _words(
    """
    a an and as at au auf aux by con da dans das de dei del della delle dem den der des di die do dos du e een ein
    eine einer el em en et for from für gli het i il im in la las le les lo los mit na nel no o of on op os para per
    por pour sur te the to um uma un una und une van von voor w with y z zum zur über в для и из к на от по с
    """
)
