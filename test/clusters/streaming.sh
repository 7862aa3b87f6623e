#!/usr/bin/env bash
# streaming.sh COMMAND…: runs a command beside a PostgreSQL primary and a standby that streams from it, which have ports
# and a folder of their own and go away with the command. It finds their addresses in CLUSTER_URLS.
set -euo pipefail
here=$(dirname "$0")
"$here/install.sh" '/usr/lib/postgresql/*/bin/postgres=postgresql'
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)

folder=$(mktemp -d /tmp/usercore-streaming.XXXXXX)
as_postgres() { runuser -u postgres -- "$@"; }
stop() {
  trap '' INT TERM
  [ -z "${command:-}" ] || kill "$command" 2>/dev/null || true
  for server in primary standby; do as_postgres "$bin/pg_ctl" stop -D "$folder/$server" -m immediate >/dev/null 2>&1 || true; done
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM
chown postgres: "$folder"

# start NAME PORT: starts a server and waits for it.
start() {
  as_postgres "$bin/pg_ctl" start -w -t 120 -D "$folder/$1" -l "$folder/$1.log" \
    -o "-p $2 -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder" >/dev/null ||
    { tail -n 20 "$folder/$1.log" >&2; exit 1; }
}
as_postgres "$bin/initdb" -D "$folder/primary" -U root -A trust -N >/dev/null
# Sessions wait for the standby only where they ask for it.
as_postgres tee -a "$folder/primary/postgresql.conf" >/dev/null <<CONF
fsync = off
synchronous_standby_names = 'standby'
synchronous_commit = local
CONF
start primary 15441
as_postgres "$bin/pg_basebackup" -D "$folder/standby" -R -N -d "host=127.0.0.1 port=15441 user=root application_name=standby"
start standby 15442

export CLUSTER_URLS=postgres://root@127.0.0.1:15441/postgres,postgres://root@127.0.0.1:15442/postgres
"$@" &
command=$!
wait $command
