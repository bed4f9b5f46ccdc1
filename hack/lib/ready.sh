# Whether something is up.

# port_open HOST PORT
port_open() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }

k() { kubectl --kubeconfig "$RUN/admin.kubeconfig" "$@"; }
api_ready() { k get --raw /readyz; }
nodes_ready() {
  local name ready
  for name in $NODE_NAMES; do
    ready=$(k get node "$name" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null) || return 1
    [ "$ready" = True ] || return 1
  done
}
