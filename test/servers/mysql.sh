#!/usr/bin/env bash
# Runs MySQL servers on 127.0.0.1 beside a Debian system that stays as it is: the packages of the unstable suite are
# unpacked into a folder, once, and run with their own loader and libraries.
#   mysql.sh start [FOLDER [PORT [OPTION…]]]   starts a server whose files are in a folder, and prints its address;
#                                              further options go to the server
#   mysql.sh stop [FOLDER]                     stops it and waits until it is gone
# Ends with 3 when the packages cannot be had, with 1 when the server does not come up. Needs apt, root and 600 MB.
set -euo pipefail
command=${1:-start}
home=${TMPDIR:-/tmp}/usercore-mysql
folder=${2:-$home/server} port=${3:-3397}
root=$home/root
libraries=$root/usr/lib/x86_64-linux-gnu

unpack() {
  local new=$home/new
  rm -rf "$new" && mkdir -p "$new"/{lists/partial,cache/archives/partial,root}
  # An empty list of installed packages: the server comes with all that it needs, libc included.
  : >"$new/status"
  # The mirror that this machine is set up with, another suite of it.
  awk 'BEGIN { RS = "" } NR == 1' /etc/apt/sources.list.d/debian.sources |
    sed 's/^Suites:.*/Suites: sid/; s/^Components:.*/Components: main/' >"$new/sid.sources"
  local apt="apt-get -qq -o Dir::Etc::SourceList=$new/sid.sources -o Dir::Etc::SourceParts=/dev/null
    -o Dir::State::Lists=$new/lists -o Dir::State::status=$new/status -o Dir::Cache=$new/cache
    -o APT::Keep-Downloaded-Packages=true -o APT::Sandbox::User=root"
  $apt update && $apt -y --no-install-recommends --download-only install mysql-server-core >/dev/null || return 1
  for package in "$new"/cache/archives/*.deb; do
    case $package in *perl*) ;; *) dpkg -x "$package" "$new/root" || return 1 ;; esac
  done
  [ -x "$new/root/usr/sbin/mysqld" ] && mv "$new/root" "$root" && rm -rf "$new"
}

mysqld() {
  exec "$libraries/ld-linux-x86-64.so.2" --library-path "$libraries:$root/usr/lib/mysql/private" \
    "$root/usr/sbin/mysqld" --no-defaults --user=root --basedir="$root/usr" \
    --lc-messages-dir="$root/usr/share/mysql" --plugin-dir="$root/usr/lib/mysql/plugin" --secure-file-priv= \
    --datadir="$folder/data" --log-error="$folder/error.log" "$@"
}

reachable() { timeout 1 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port" 2>/dev/null; }

case $command in
start)
  if ! reachable; then
    mkdir -p "$home" "$folder"
    exec 9>"$home/lock" && flock 9
    [ -x "$root/usr/sbin/mysqld" ] || unpack >&2 || exit 3
    exec 9>&-
    [ -d "$folder/data/mysql" ] || (mysqld --initialize-insecure)
    # Nothing here has to outlive a crash of the machine.
    (mysqld --port="$port" --bind-address=127.0.0.1 --socket="$folder/socket" --mysqlx=OFF \
      --pid-file="$folder/pid" --innodb-buffer-pool-size=256M --innodb-flush-log-at-trx-commit=2 --disable-log-bin \
      "${@:4}") </dev/null >/dev/null 2>&1 &
    for _ in $(seq 120); do
      reachable && break
      kill -0 $! 2>/dev/null || break
      sleep 0.5
    done
    reachable || { tail -n 20 "$folder/error.log" >&2; exit 1; }
  fi
  echo "mysql://root@127.0.0.1:$port"
  ;;
stop)
  pid=$(<"$folder/pid")
  kill "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.2; done
  ;;
*)
  echo "usage: $0 start|stop [FOLDER [PORT [OPTION…]]]" >&2
  exit 2
  ;;
esac
