#!/usr/bin/env bash
# mysql-group.sh COMMAND…: runs a command beside three MySQL nodes that are ready to form a group, which have ports and a
# folder of their own and go away with the command. It finds their addresses in CLUSTER_URLS. Where the packages of MySQL
# cannot be had, one line says so and the command is not run.
set -euo pipefail
server=$(dirname "$0")/../servers/mysql.sh

folder=$(mktemp -d /tmp/usercore-group.XXXXXX)
stop() {
  trap '' INT TERM
  [ -z "${command:-}" ] || kill "$command" 2>/dev/null || true
  # A node that was killed is gone already.
  for number in 1 2 3; do "$server" stop "$folder/node$number" 2>/dev/null || true; done
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM

seeds=127.0.0.1:24971,127.0.0.1:24972,127.0.0.1:24973
CLUSTER_URLS=
for number in 1 2 3; do
  port=$((13370 + number))
  url=$("$server" start "$folder/node$number" $port --server-id=$number --log-bin=binlog --gtid-mode=ON \
    --enforce-gtid-consistency=ON --sync-binlog=0 --innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=64M \
    --report-host=127.0.0.1 --report-port=$port --plugin-load-add=group_replication.so \
    --group-replication-group-name=5a1e7b0c-6d1f-4b7e-9d53-0b6c7f6f1a11 --group-replication-start-on-boot=OFF \
    --group-replication-local-address=127.0.0.1:2497$number --group-replication-group-seeds=$seeds \
    --group-replication-single-primary-mode=OFF --group-replication-recovery-get-public-key=ON) || {
    [ $? -eq 3 ] || exit 1
    echo 'The MySQL group was not tried: the packages of MySQL cannot be had'
    exit 0
  }
  CLUSTER_URLS+=${CLUSTER_URLS:+,}$url
done
export CLUSTER_URLS

env "$@" &
command=$!
wait $command
