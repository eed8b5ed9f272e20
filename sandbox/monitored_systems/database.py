"""The monitored PostgreSQL: a private server, never the bot's own, with an app's schema, roles and sessions."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import LiteralString, Protocol

import psycopg

from sandbox.monitored_systems.scenarios import Breakage, Scene, build_healthy_scene
from sandbox.monitored_systems.sessions import Sessions

DATABASE, APP, READER, ACTOR = "rodistaa", "rodistaa_app", "tocsin_reader", "tocsin_act"
SETTINGS = {
    "max_connections": "28",
    "superuser_reserved_connections": "3",
    "reserved_connections": "4",
    "shared_preload_libraries": "pg_stat_statements",
    "shared_buffers": "16MB",
    "fsync": "off",
    "autovacuum": "off",
}
"""A small server that is soon full, but for who looks at it and mends it, and whose contents nobody will miss."""

SCHEMA: LiteralString = """
create role rodistaa_app login;
create role tocsin_reader login in role pg_monitor, pg_use_reserved_connections;
create role tocsin_act login in role pg_signal_backend, pg_read_all_stats, pg_use_reserved_connections;
create extension pg_stat_statements;
create schema app;
create table app.bookings (
    id bigint generated always as identity primary key, shipper text not null, pickup text not null,
    fare integer not null, state text not null, made_at timestamptz not null default now());
create table app.trucks (
    id bigint generated always as identity primary key, plate text not null, city text not null, free boolean not null);
insert into app.bookings (shipper, pickup, fare, state)
    select 'shipper' || n % 90, (array['Pune', 'Surat', 'Nagpur'])[n % 3 + 1], 4000 + n % 700, 'booked'
    from generate_series(1, 2000) n;
insert into app.trucks (plate, city, free)
    select 'MH12-' || n, (array['Pune', 'Surat', 'Nagpur'])[n % 3 + 1], n % 4 = 0 from generate_series(1, 500) n;
create function app.trucks_near(place text) returns setof app.trucks language plpgsql as $$
    begin perform pg_sleep(0.15); return query select * from app.trucks t where t.city = place; end $$;
grant usage on schema app to rodistaa_app, tocsin_reader;
grant select, insert, update on all tables in schema app to rodistaa_app;
"""
"""`trucks_near` takes its time, as a search without an index does in a table of millions."""


class PostgresServer(Protocol):
    """A PostgreSQL of our own."""

    @property
    def sockets(self) -> Path: ...
    def conninfo(self, dbname: str = "postgres") -> str: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class AppDatabase:
    """The monitored database. A person's psql reaches it by the environment's `PG…` names, through a socket."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._watch: psycopg.AsyncConnection | None = None
        self._sessions: Sessions | None = None

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "PGHOST": str(self._server.sockets),
            "PGPORT": "5432",
            "PGUSER": READER,
            "PGDATABASE": DATABASE,
            "PGSSLMODE": "disable",
            "TOCSIN_REMEDIATION_DATABASE_URL": f"host={self._server.sockets} port=5432 user={ACTOR} dbname={DATABASE}",
        }

    async def start(self) -> None:
        """Start it with its schema and the app's usual sessions."""
        await self._server.start()
        async with await psycopg.AsyncConnection.connect(self._server.conninfo(), autocommit=True) as first:
            await first.execute(f"create database {DATABASE}")
        where = self._server.conninfo(DATABASE)
        self._watch = await psycopg.AsyncConnection.connect(
            where, autocommit=True, application_name="the sandbox's own"
        )
        await self._watch.execute(SCHEMA)
        await self._watch.execute("set pg_stat_statements.track = none")
        self._sessions = Sessions(self._watch, where, APP)
        await self._sessions.show(build_healthy_scene())

    async def show(self, scene: Scene) -> None:
        """Bring the app's sessions into the state that belongs to the scene."""
        assert self._sessions is not None
        await self._sessions.show(scene)

    async def is_mended(self, scene: Scene) -> bool:
        """Whether somebody has ended sessions of a full database, so that the app gets in again, or the session that
        slowed everybody down."""
        assert self._sessions is not None
        if scene.has(Breakage.SLOW):
            return not await self._sessions.is_waiting()
        return scene.has(Breakage.DATABASE) and await self._sessions.has_room()

    async def stop(self) -> None:
        if self._sessions is not None:
            await self._sessions.leave()
        if self._watch is not None:
            with suppress(psycopg.Error):
                await self._watch.close()
        await self._server.stop()
