#!/bin/sh
# Writes definitions.json with the password of the service's user in it, salted and hashed as RabbitMQ keeps it, so that a broker that starts with it needs
# no administrator and no password on any command line.
# Arguments: definitions.json, file with the password, file to be written.
set -eu
definitions=$1 password=$2 target=$3
[ -s "$password" ] || { echo "$password holds no password." >&2; exit 1; }
umask 022

# 4 bytes of salt, and SHA-256 of salt and password; as base64.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
head -c 4 /dev/urandom >"$work/salt"
{ cat "$work/salt"; tr -d '\r\n' <"$password"; } | openssl dgst -sha256 -binary >"$work/digest"
hash=$(cat "$work/salt" "$work/digest" | base64 | tr -d '\n')

grep -q '"password_hash": ""' "$definitions" || { echo "$definitions has no user without a password." >&2; exit 1; }
sed "s|\"password_hash\": \"\"|\"password_hash\": \"$hash\"|" "$definitions" >"$target.new"
mv "$target.new" "$target"
