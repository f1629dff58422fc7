#!/bin/bash
# Each service's own database with its two roles: an owner that migrates, an app role that only works with rows.
# Runs at every start: makes what is missing, brings passwords up to date, and is harmless when all is there.
set -euo pipefail
PGPASSWORD=$(</run/secrets/postgres)
export PGHOST=${PGHOST:-postgres} PGUSER=postgres PGPASSWORD OWNER_PASSWORD APP_PASSWORD
password_in() { local rest; rest=$(<"/run/secrets/$1"); rest=${rest#*://*:}; echo "${rest%%@*}"; }
for service in office resources tech reader institute gateway; do
  OWNER_PASSWORD=$(password_in "${service}_owner_url") APP_PASSWORD=$(password_in "${service}_app_url")
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname postgres \
    --set db="$service" --set owner="${service}_owner" --set app="${service}_app" --file "$(dirname "$0")/provide.sql"
done
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname postgres --command 'revoke connect on database postgres, template1 from public'
echo "databases and roles are there"
