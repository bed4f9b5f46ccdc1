# Certificates of one cluster, in $RUN/pki: one CA, and a key pair for each identity. ECDSA P-256; keys are 0600.

# issue NAME SUBJECT USAGE [SAN] : $RUN/pki/NAME.{key,crt}; kept when it exists and still has a month to live.
issue() {
  local name=$1 subject=$2 usage=$3 san=${4-} dir=$RUN/pki
  if [ -s "$dir/$name.crt" ] && openssl x509 -in "$dir/$name.crt" -checkend 2592000 -noout >/dev/null 2>&1; then return 0; fi
  (
    umask 077
    openssl ecparam -name prime256v1 -genkey -noout -out "$dir/$name.key"
    openssl req -new -key "$dir/$name.key" -subj "$subject" -out "$dir/$name.csr"
    {
      echo "basicConstraints=critical,CA:FALSE"
      echo "keyUsage=critical,digitalSignature"
      echo "extendedKeyUsage=$usage"
      [ -z "$san" ] || echo "subjectAltName=$san"
    } >"$dir/$name.ext"
    openssl x509 -req -in "$dir/$name.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" -set_serial "0x$(openssl rand -hex 16)" \
      -days 365 -sha256 -extfile "$dir/$name.ext" -out "$dir/$name.crt" 2>/dev/null
    rm -f "$dir/$name.csr" "$dir/$name.ext"
  )
}

# pki_cluster SERVER_SAN : what the control plane needs.
pki_cluster() {
  local dir=$RUN/pki
  mkdir -p -m 700 "$dir"
  if [ ! -s "$dir/ca.crt" ]; then
    (
      umask 077
      openssl ecparam -name prime256v1 -genkey -noout -out "$dir/ca.key"
      openssl req -x509 -new -key "$dir/ca.key" -subj "/CN=controlplane-ca" -days 3650 -sha256 -out "$dir/ca.crt" \
        -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign"
    )
  fi
  issue api-server "/CN=controlplane-api-server" serverAuth "$1"
  issue api-server-agent-client "/O=system:agent-clients/CN=controlplane-api-server" clientAuth
  issue admin "/O=system:masters/CN=admin" clientAuth
  issue controllers "/O=system:controllers/CN=system:controllers-host" clientAuth
  local name
  for name in apps groups vips scheduling nodes garbage-collection; do
    issue "controller-$name" "/O=system:controllers/CN=system:controller:$name" clientAuth
  done
  # Signs service account tokens, and encrypts Secrets at rest: losing it loses them.
  [ -s "$dir/service-account.key" ] || (umask 077; openssl ecparam -name prime256v1 -genkey -noout -out "$dir/service-account.key")
  [ -s "$dir/encryption.key" ] || (umask 077; openssl rand -base64 32 >"$dir/encryption.key")
}

# pki_node NAME IP : the identity of a node's agent, as client and as server.
pki_node() {
  issue "node-$1" "/O=system:nodes/CN=system:node:$1" clientAuth,serverAuth "DNS:$1,IP:$2"
}

# kubeconfig FILE SERVER NAME : a kubeconfig with the credentials embedded.
kubeconfig() {
  local file=$1 server=$2 name=$3 dir=$RUN/pki
  (
    umask 077
    cat >"$file" <<YAML
apiVersion: v1
kind: Config
clusters:
- name: controlplane
  cluster:
    server: $server
    certificate-authority-data: $(base64 -w0 <"$dir/ca.crt")
users:
- name: $name
  user:
    client-certificate-data: $(base64 -w0 <"$dir/$name.crt")
    client-key-data: $(base64 -w0 <"$dir/$name.key")
contexts:
- name: $name
  context: {cluster: controlplane, user: $name}
current-context: $name
YAML
  )
}
