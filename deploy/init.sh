#!/bin/sh
# sh deploy/init.sh: makes deploy/.env and deploy/secrets with passwords and keys of their own, once; what is there stays.
set -eu
cd "$(dirname "$0")"
umask 077

# They begin with a letter: NATS reads what looks like a number as one.
random() { printf 'm%s' "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n' | cut -c2-)"; }

if [ ! -e .env ]; then
  while IFS= read -r line; do
    case $line in
      *_PASSWORD=) printf '%s%s\n' "$line" "$(random)" ;;
      *) printf '%s\n' "$line" ;;
    esac
  done <.env.example >.env
  echo "made deploy/.env"
fi

# The folder is closed to others on this machine; the files are open, because containers read them as another user.
mkdir -p secrets
for name in heartbeat-ping-key heartbeat-api-key heartbeat-readonly-key; do
  [ -e "secrets/$name" ] && continue
  random >"secrets/$name"
  chmod 444 "secrets/$name"
  echo "made deploy/secrets/$name"
done
