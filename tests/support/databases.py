"""A migrated database per service and worker; every test starts with it as the migrations left it."""

from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from deploy.local.databases import Roles, at, close_to_others, login, provide
from shared.migrations import upgrade
from tests.support.infra import Infra, one_at_a_time

PASSWORDS = Roles(owner="tests-owner", app="tests-app")


@dataclass(frozen=True)
class Database:
    """Addresses of one service's database: as the service sees it, as its migrations do, as nobody should."""

    service: str
    url: str
    owner_url: str
    admin_url: str


@dataclass
class Databases:
    """Every database this worker has asked for so far."""

    infra: Infra
    made: dict[str, Database] = field(default_factory=dict)
    _links: dict[str, psycopg.Connection] = field(default_factory=dict)
    _emptying: dict[str, str] = field(default_factory=dict)

    def fresh(self, service: str) -> Database:
        """Database of the service as it was right after migration."""
        if service not in self.made:
            self.made[service] = self._make(service)
        # DELETE beats TRUNCATE and a new database by a factor of a hundred on small tables.
        with self._links[service].transaction():
            self._links[service].execute(self._emptying[service])
        return self.made[service]

    def close(self) -> None:
        """Drop this worker's databases."""
        for link in self._links.values():
            link.close()
        with psycopg.connect(self.infra.pg_admin_dsn, autocommit=True) as admin:
            for database in self.made.values():
                name = psycopg.conninfo.conninfo_to_dict(database.admin_url)["dbname"]
                admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(str(name))))

    def _make(self, service: str) -> Database:
        infra = self.infra
        name = f"{service}_{infra.folder.name}_{infra.worker}"
        with one_at_a_time(infra.folder / f"{service}.turn"):
            done = infra.folder / f"{service}.migrated"
            if not done.exists():
                self._migrate(service)
                done.touch()
            with psycopg.connect(infra.pg_admin_dsn, autocommit=True) as admin:
                copy = "create database {} template {} owner {} strategy file_copy"
                names = map(sql.Identifier, (name, service, f"{service}_owner"))
                admin.execute(sql.SQL(copy).format(*names))
        close_to_others(infra.pg_admin_dsn, name, service)
        admin_url = at(infra.pg_admin_dsn, name)
        link = self._links[service] = psycopg.connect(admin_url, autocommit=True)
        link.execute("set session_replication_role = replica")  # no foreign keys, no append-only guards
        link.execute("set lock_timeout = '10s'")
        self._emptying[service] = _emptying(link)
        return Database(
            service,
            login(infra.pg_admin_dsn, name, f"{service}_app", PASSWORDS.app),
            login(infra.pg_admin_dsn, name, f"{service}_owner", PASSWORDS.owner),
            login(infra.pg_admin_dsn, name),
        )

    def _migrate(self, service: str) -> None:
        """Make the template: migrate once, and remember the rows the migrations themselves wrote."""
        admin = self.infra.pg_admin_dsn
        provide(admin, service, PASSWORDS)
        upgrade(service, login(admin, service, f"{service}_owner", PASSWORDS.owner))
        with psycopg.connect(at(admin, service), autocommit=True) as link:
            link.execute("create schema seed")
            for table in _tables(link):
                if link.execute(sql.SQL("select 1 from {} limit 1").format(sql.Identifier(table))).fetchone():
                    kept = sql.Identifier("seed", table)
                    link.execute(sql.SQL("create table {} as table {}").format(kept, sql.Identifier(table)))


def _emptying(link: psycopg.Connection) -> str:
    """One statement list that leaves only the rows the migrations wrote."""
    statements = [sql.SQL("delete from {}").format(sql.Identifier(table)) for table in _tables(link)]
    seeded = link.execute("select relname from pg_class where relnamespace = 'seed'::regnamespace and relkind = 'r'")
    for (table,) in seeded.fetchall():
        columns = link.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0"
            " and not attisdropped and attgenerated = ''",
            [f'public."{table}"'],
        ).fetchall()
        names = sql.SQL(", ").join(sql.Identifier(name) for (name,) in columns)
        copy = sql.SQL("insert into {} ({}) overriding system value select {} from {}")
        statements.append(copy.format(sql.Identifier(table), names, names, sql.Identifier("seed", table)))
    return sql.SQL("; ").join(statements).as_string(link) or "select 1"


def _tables(link: psycopg.Connection) -> list[str]:
    found = link.execute(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
        " and not relispartition and relname <> 'alembic_version' order by 1"
    )
    return [name for (name,) in found.fetchall()]
