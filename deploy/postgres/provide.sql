-- One service's database, roles and rights; see provide.sh. Passwords come by the environment, where no list of processes shows them.
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
set client_min_messages = warning;
select format('create role %I', name) from unnest(array[:'owner', :'app']) as name
  where not exists (select from pg_roles where rolname = name) \gexec
alter role :"owner" login password :'owner_password';
alter role :"app" login password :'app_password';
select format('create database %I owner %I template template0', :'db', :'owner')
  where not exists (select from pg_database where datname = :'db') \gexec
-- By default PostgreSQL lets every role connect everywhere.
revoke all on database :"db" from public;
grant connect on database :"db" to :"owner", :"app";
\connect :"db"
set client_min_messages = warning;
create extension if not exists pg_trgm;
create extension if not exists btree_gist;
alter default privileges for role :"owner" in schema public grant select, insert, update, delete on tables to :"app";
alter default privileges for role :"owner" in schema public grant usage, select on sequences to :"app";
