# The machines of a cluster on one machine. Without --nodes there is one node, this machine, with an address on its loopback
# interface. With --nodes N each node is a network namespace on one bridge, with no route to anywhere else.

netns_of() { echo "cp-$CLUSTER-$1"; }

# enter NAME : the words that run a command in the node's network namespace. Only the network is entered, so that mounts that an
# agent makes outlive it and are seen by the next one.
enter() { [ "$NODES" = host ] || echo "nsenter --net=/run/netns/$(netns_of "$1") --"; }

network_up() {
  if [ "$NODES" = host ]; then
    ip address replace "$NODE_GATEWAY/32" dev lo
    return 0
  fi
  local bridge=cp-$CLUSTER name index=0 ns via=()
  ip link show "$bridge" >/dev/null 2>&1 || ip link add "$bridge" type bridge
  ip address replace "$NODE_GATEWAY/24" dev "$bridge"
  ip link set "$bridge" up
  for name in $NODE_NAMES; do
    index=$((index + 1))
    ns=$(netns_of "$name")
    if ! [ -e "/run/netns/$ns" ]; then
      ip netns add "$ns"
      ip link add "cp$CLUSTER-$index" mtu 1500 type veth peer name eth0 netns "$ns"
      ip link set "cp$CLUSTER-$index" master "$bridge" up
      ip -n "$ns" link set lo up
      ip -n "$ns" address add "$(node_ip "$index")/24" dev eth0
      ip -n "$ns" link set eth0 up
    fi
    via+=(nexthop via "$(node_ip "$index")")
  done
  # This machine reaches the VIPs through the nodes; pod addresses never leave by the default route.
  ip route replace "$VIP_CIDR" "${via[@]}"
  ip route replace unreachable "$CLUSTER_CIDR"
}

network_down() {
  local name
  if [ "$NODES" = host ]; then
    ip address del "$NODE_GATEWAY/32" dev lo 2>/dev/null || true
    return 0
  fi
  ip route del "$VIP_CIDR" 2>/dev/null || true
  ip route del unreachable "$CLUSTER_CIDR" 2>/dev/null || true
  for name in $NODE_NAMES; do
    [ ! -e "/run/netns/$(netns_of "$name")" ] || ip netns delete "$(netns_of "$name")"
  done
  ip link delete "cp-$CLUSTER" 2>/dev/null || true
}

# node_ip INDEX : the address of the INDEXth node, from 1.
node_ip() { [ "$NODES" = host ] && echo "$NODE_GATEWAY" || echo "${NODE_GATEWAY%.*}.$((10 + $1))"; }
