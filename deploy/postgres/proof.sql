-- What a database holds, table by table: number of rows and a sum over all their contents in which order does not matter.
-- Two databases with the same lines have the same rows. Read at `snapshot` when one is named.
set timezone = 'UTC';
\if :{?snapshot}
begin isolation level repeatable read;
set transaction snapshot :'snapshot';
\endif
select format(
  'select %L, count(*), coalesce(sum((''x'' || substr(md5(row::text), 1, 15))::bit(60)::bigint), 0) from %I.%I row',
  tablename, schemaname, tablename)
from pg_tables where schemaname = 'public' order by tablename \gexec
