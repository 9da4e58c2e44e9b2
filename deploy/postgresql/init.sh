#!/bin/sh
# Once, when the database cluster is new: the service's own role and database. It owns the database, and is nothing else: no superuser, and no other role
# may connect there. The password comes from a file and is never an argument.
set -eu
password=${LEDGER_PASSWORD_FILE:-/run/secrets/ledger_password}
[ -s "$password" ] || { echo "$password holds no password." >&2; exit 1; }

psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\set password `tr -d '\r\n' < "${LEDGER_PASSWORD_FILE:-/run/secrets/ledger_password}"`
CREATE ROLE referral_service LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'password';
CREATE DATABASE referrals OWNER referral_service ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE referrals FROM PUBLIC;
SQL
