#!/usr/bin/env bash
# galera.sh COMMAND…: runs a command beside a Galera cluster of two MariaDB nodes, which have ports and a folder of their
# own and go away with the command. It finds their addresses in CLUSTER_URLS.
set -euo pipefail
here=$(dirname "$0")
library=/usr/lib/galera/libgalera_smm.so
"$here/install.sh" /usr/sbin/mariadbd=mariadb-server $library=galera-4 /usr/bin/rsync=rsync

folder=$(mktemp -d /tmp/usercore-galera.XXXXXX)
nodes=()
stop() {
  trap '' INT TERM
  for pid in ${command:-} "${nodes[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${nodes[@]}"; do while kill -0 "$pid" 2>/dev/null; do sleep 0.2; done; done
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM
chmod 755 "$folder"

# node NUMBER [ADDRESS]: starts a node that joins the one at an address, and waits for it.
node() {
  local number=$1 port=$((13360 + $1)) base=$((14560 + $1 * 10)) data=$folder/node$1
  mkdir "$data"
  mariadb-install-db --no-defaults --datadir="$data" --auth-root-authentication-method=normal --skip-test-db \
    >"$folder/install$number.log" 2>&1
  chown -R mysql: "$data"
  # In a shell of its own, so that this one says nothing when the command kills it.
  (/usr/sbin/mariadbd --no-defaults --user=mysql --datadir="$data" --socket="$data/socket" --pid-file="$data/pid" \
    --port=$port --bind-address=127.0.0.1 --skip-name-resolve --binlog-format=ROW --innodb-autoinc-lock-mode=2 \
    --innodb-buffer-pool-size=64M --innodb-flush-log-at-trx-commit=0 --wsrep-on=ON --wsrep-provider=$library \
    --wsrep-cluster-name=usercore --wsrep-cluster-address="gcomm://${2:-}" --wsrep-node-name="node$number" \
    --wsrep-node-address=127.0.0.1:$base --wsrep-node-incoming-address=127.0.0.1:$port \
    --wsrep-sst-method=rsync --wsrep-sst-receive-address=127.0.0.1:$((base + 2)) \
    --wsrep-provider-options="gmcast.listen_addr=tcp://127.0.0.1:$base;ist.recv_addr=127.0.0.1:$((base + 1));gcache.size=32M" \
    >"$folder/node$number.log" 2>&1 & echo $! >"$folder/pid$number")
  nodes+=("$(<"$folder/pid$number")")
  for _ in $(seq 240); do
    mariadb --no-defaults --host=127.0.0.1 --port=$port --user=root -e "show status like 'wsrep_ready'" 2>/dev/null |
      grep -q ON && return
    kill -0 "${nodes[-1]}" 2>/dev/null || break
    sleep 0.5
  done
  echo "node $number of the Galera cluster does not come up:" >&2
  tail -n 20 "$folder/node$number.log" >&2
  exit 1
}
node 1
node 2 127.0.0.1:14570

export CLUSTER_URLS=mysql://root@127.0.0.1:13361,mysql://root@127.0.0.1:13362
"$@" &
command=$!
wait $command
