#!/bin/sh
# Makes what deploy/compose.yaml needs and nobody should choose by hand: passwords, keys, and the settings that carry them; one file each in deploy/secrets,
# and deploy/.env. What is there already is kept, so it can be run again. Another folder for both: first argument.
set -eu
umask 077
to=${1:-$(dirname "$0")}
mkdir -p "$to/secrets"
cd "$to/secrets"

new() { openssl rand -hex 24; }
make() { [ -s "$1" ] || { printf '%s\n' "$2" >"$1.new" && mv "$1.new" "$1"; }; }

make broker_password "$(new)"
make postgres_admin_password "$(new)"
make ledger_password "$(new)"
make grafana_admin_password "$(new)"
# Who may call: people with an operator's key, Prometheus with a viewer's.
make Api__Keys__ops__Secret "$(new)"
make Api__Keys__prometheus__Secret "$(new)"
make Bus__RabbitMq "amqp://referral-service:$(cat broker_password)@broker:5672/"
# Without Kerberos Npgsql would look for its library at every connection.
make Ledger__ConnectionString "Host=database;Database=referrals;Username=referral_service;Password=$(cat ledger_password);GSS Encryption Mode=Disable"
make vault.keys "k1 $(openssl rand -base64 32)"

# The containers run as accounts that do not own these files: they read them as members of your group.
chmod 0440 ./*
printf 'SECRETS_GROUP=%s\n' "$(id -g)" >../.env
echo "Made $(pwd). The key of role operator is in Api__Keys__ops__Secret. Keep a copy of vault.keys where the database's backups are not."
