"""What PostgreSQL's own programs are told of an address: what is said in it, and nothing that only newer ones know."""

from psycopg.conninfo import conninfo_to_dict

from bot.adapters.database.migrations import BLANK, split_password

PLACE = {"host", "hostaddr", "port", "dbname", "user"}
KNOWN_SINCE_15 = {*PLACE, "application_name", "client_encoding", "sslmode", *BLANK}


def test_a_program_older_than_our_library_knows_every_parameter_and_reads_no_password() -> None:
    explicit, password = split_password("postgresql://tocsin:hunter2@db.example:5433/tocsin")
    told = conninfo_to_dict(explicit)
    assert set(told) <= KNOWN_SINCE_15, "such as sslnegotiation, which pg_dump 15 refuses"
    assert (told["host"], told["port"], told["user"]) == ("db.example", "5433", "tocsin")
    assert (password, "hunter2" in explicit) == ("hunter2", False)


def test_what_the_address_says_is_said_on() -> None:
    explicit, _ = split_password("postgresql://u@h/d?sslmode=verify-full&sslnegotiation=direct&options=")
    told = conninfo_to_dict(explicit)
    assert (told["sslmode"], told["sslnegotiation"]) == ("verify-full", "direct")
