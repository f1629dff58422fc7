"""Every service's own database with its two roles: an owner that migrates, an app role that only works with rows."""

from dataclasses import dataclass
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

EXTENSIONS = ("pg_trgm", "btree_gist")


@dataclass(frozen=True)
class Roles:
    """Passwords of one service's roles."""

    owner: str
    app: str


def provide(admin_url: str, service: str, roles: Roles) -> None:
    """Make what is missing of a service's database and roles; harmless when all is there."""
    owner, app = sql.Identifier(f"{service}_owner"), sql.Identifier(f"{service}_app")
    provide_roles(admin_url, service, roles)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        if not admin.execute("select 1 from pg_database where datname = %s", [service]).fetchone():
            name = sql.Identifier(service)
            admin.execute(sql.SQL("create database {} owner {} template template0").format(name, owner))
    close_to_others(admin_url, service, service)
    with psycopg.connect(at(admin_url, service), autocommit=True) as own:
        for extension in EXTENSIONS:
            own.execute(sql.SQL("create extension if not exists {}").format(sql.Identifier(extension)))
        for kind, rights in (("tables", "select, insert, update, delete"), ("sequences", "usage, select")):
            grant = "alter default privileges for role {} in schema public grant {} on {} to {}"
            own.execute(sql.SQL(grant).format(owner, sql.SQL(rights), sql.SQL(kind), app))


def provide_roles(admin_url: str, service: str, roles: Roles) -> None:
    """Make the two roles of a service, or bring their passwords up to date."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        for role, password in ((f"{service}_owner", roles.owner), (f"{service}_app", roles.app)):
            known = admin.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
            verb = sql.SQL("alter role {} login password {}" if known else "create role {} login password {}")
            admin.execute(verb.format(sql.Identifier(role), sql.Literal(password)))


def close_to_others(admin_url: str, database: str, service: str) -> None:
    """Let only this service's roles in: by default PostgreSQL lets every role connect everywhere."""
    name = sql.Identifier(database)
    roles = sql.SQL("{}, {}").format(sql.Identifier(f"{service}_owner"), sql.Identifier(f"{service}_app"))
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(sql.SQL("revoke all on database {} from public").format(name))
        admin.execute(sql.SQL("grant connect on database {} to {}").format(name, roles))


def login(admin_url: str, database: str, user: str = "", password: str = "") -> str:
    """Address of a database for a role, as the URL that settings carry; by default for the administrator."""
    parts = conninfo_to_dict(admin_url)
    who = quote(user or str(parts["user"])), quote(password or str(parts["password"]), safe="")
    return f"postgresql://{who[0]}:{who[1]}@{parts['host']}:{parts['port']}/{database}"


def at(url: str, database: str) -> str:
    """Same server and credentials, another database."""
    return make_conninfo(url, dbname=database)
