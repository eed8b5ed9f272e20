"""English words that are people's names too: lower-case or at the start of a sentence they are taken for the word."""

WORDS = """
    admin angel april art ash august autumn baker banks bay bear bell bench best bill bird bishop black blue bob
    bond bot bowl branch brand brown bud bush candy care carol case cash chance charity chase chip christian
    church clay cliff coach cook cool core cross crystal daisy dale dan data dawn day dean dev dew dick dirk down
    drew duke earl early earnest east echo ernest eve faith fall field finance fish fisher flint flora ford forest
    foster fox frank free gale gene general gin glen gold good grace grant gray green grey guest guy hall hand
    happy harmony hart harvest hazel heath hill holiday holly honor hood hope hunt hunter info iris ivy jack jade
    jay jean jet jewel jimmy job joy june junior just karma key king knight lake lance land lane lark laurel law
    lead lee lily link lock long lord lot love low luck lucky mail main major man marine mark marks mars mason max
    may mercy mike mile miles mill miller miss monitor moon moral news nick noble north note oak ocean office
    olive oliver oncall ops page paris park parker pat patch path patience pay pearl penny pepper perry phoenix
    pierce pike pine pink pool pope port post power price pride prince prior queen quick rain ray read red reed
    rich river rivers rob robin rock rod root rose rosemary round ruby rusty sage sales sandy scout sea security
    self server service shell shepherd sheriff short silver skip sky small smart smith snow solo son sonny south
    spring star starr status steel stem sterling stone storm story street strong sue summer summers sun sunny
    sunshine support swift system tab tag taylor team temple term test tim time toll toy tracy trip true tuck
    tucker turner vale van victor victory violet wade walker wall ward warren waters way web wells west wheeler
    white will wing winter wise wolf wood woods woody worth young
"""

ORDINARY_WORDS = frozenset(WORDS.split())

MONTHS = frozenset({"april", "august", "june", "may"})
