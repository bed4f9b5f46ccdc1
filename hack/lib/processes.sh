# Starting and stopping the processes of a cluster. Each has $RUN/pids/NAME (pid and kernel start time, so that a recycled
# pid is never taken for ours) and $RUN/logs/NAME.log.

# When a process started, in kernel ticks; nothing for one that has ended and only waits to be reaped.
started_at() { awk '{ sub(/^.*\) /, ""); if ($1 !~ /[ZX]/) print $20 }' "/proc/$1/stat" 2>/dev/null; }

running() {
  local pid start
  [ -r "$RUN/pids/$1" ] || return 1
  read -r pid start <"$RUN/pids/$1"
  [ -n "$start" ] && [ "$(started_at "$pid")" = "$start" ]
}

pid_of() { cut -d' ' -f1 "$RUN/pids/$1"; }

# start NAME COMMAND... : in a session of its own, output appended to the log.
start() {
  local name=$1
  shift
  running "$name" && return 0
  mkdir -p "$RUN/pids" "$RUN/logs"
  setsid "$@" </dev/null >>"$RUN/logs/$name.log" 2>&1 &
  local pid=$!
  disown
  echo "$pid $(started_at "$pid")" >"$RUN/pids/$name"
}

# stop NAME [SECONDS]: SIGTERM, then SIGKILL after that long.
stop() {
  local name=$1 patience=${2:-15} pid tick
  if running "$name"; then
    pid=$(pid_of "$name")
    kill -TERM "$pid" 2>/dev/null || true
    for ((tick = 0; tick < patience * 10; tick++)); do
      running "$name" || break
      sleep 0.1
    done
    running "$name" && { say "$name did not stop in $patience s: killing it"; kill -KILL "$pid" 2>/dev/null || true; }
  fi
  rm -f "$RUN/pids/$name"
}

# wait_until SECONDS WHAT COMMAND... : polls a command that tells whether something is up.
wait_until() {
  local seconds=$1 what=$2 deadline
  shift 2
  deadline=$((SECONDS + seconds))
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || return 1
    sleep 0.1
  done
}

# must_be_up SECONDS NAME COMMAND... : like wait_until; on failure shows the process's log.
must_be_up() {
  local seconds=$1 name=$2
  shift 2
  local deadline=$((SECONDS + seconds))
  until "$@" >/dev/null 2>&1; do
    if ! running "$name" || [ $SECONDS -ge $deadline ]; then
      tail -n 25 "$RUN/logs/$name.log" >&2 || true
      die "$name did not come up; the whole log is $RUN/logs/$name.log"
    fi
    sleep 0.1
  done
}
