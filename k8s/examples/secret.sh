#!/bin/sh
# sh k8s/examples/secret.sh: makes the Secret that the manifests name, with passwords and keys of its own, once.
set -eu
# They begin with a letter: NATS reads what looks like a number as one.
random() { printf 'm%s' "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n' | cut -c2-)"; }
kubectl create secret generic monotreme --namespace=monotreme \
  --from-literal=nats-password="$(random)" \
  --from-literal=redis-password="$(random)" \
  --from-literal=clickhouse-password="$(random)" \
  --from-literal=heartbeat-ping-key="$(random)" \
  --from-literal=heartbeat-api-key="$(random)" \
  --from-literal=heartbeat-readonly-key="$(random)"
