# Whether something is up.

# port_open HOST PORT
port_open() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }

k() { kubectl --kubeconfig "$RUN/admin.kubeconfig" "$@"; }
api_ready() { k get --raw /readyz; }

# node_ready NAME : its agent answers now, and the API says that it is ready.
node_ready() {
  local index=0 name
  for name in $NODE_NAMES; do
    index=$((index + 1))
    [ "$name" != "$1" ] || port_open "$(node_ip "$index")" 10250 || return 1
  done
  [ "$(k get node "$1" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')" = True ]
}
