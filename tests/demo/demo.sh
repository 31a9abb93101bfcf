#!/bin/sh
# The whole main job against a real registry: source, small, declared, signed, pushed, listed, verified, pulled, run.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
registry_pid=
clean_up() {
  [ -z "$registry_pid" ] || kill "$registry_pid" 2>/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

title() { printf '\n== %s\n' "$*"; }
show() { printf '$ %s\n' "$*"; "$@"; }

cd "$work"
cp "$here/greet.c" .
mkdir data
printf 'en hello\nfr bonjour\nde hallo\n' > data/greetings.txt

title "a real registry on a free loopback port"
cat > registry.yml <<END
version: 0.1
log: {level: info}
storage: {filesystem: {rootdirectory: $work/registry}, delete: {enabled: true}}
http: {addr: "127.0.0.1:0"}
END
docker-registry serve registry.yml > registry.log 2>&1 &
registry_pid=$!
port=
tries=0
while [ -z "$port" ]; do
  port=$(sed -n 's/.*listening on 127\.0\.0\.1:\([0-9][0-9]*\).*/\1/p' registry.log | head -n 1)
  tries=$((tries + 1))
  [ "$tries" -lt 100 ] || { cat registry.log >&2; echo "demo: the registry did not start" >&2; exit 1; }
  [ -n "$port" ] || sleep 0.1
done
ref=127.0.0.1:$port/demo/greet:1.0
echo "it answers at 127.0.0.1:$port"

title "from C to WebAssembly"
show davit build greet.c -o greet.wasm

title "small"
show davit optimize greet.wasm -o small.wasm --strip all
ls -l greet.wasm small.wasm | awk '{print $5, $9}'

title "what it may touch"
show davit caps derive small.wasm -o caps.json
cat caps.json
show davit caps attach small.wasm --caps caps.json -o declared.wasm
show davit caps check declared.wasm

title "into the registry, signed"
export DAVIT_PASSWORD=correct-horse
show davit key generate -o release
show davit push declared.wasm "$ref" --title greet.wasm
show davit sign "$ref" --key release.key

title "what is there"
show davit tags "127.0.0.1:$port/demo/greet"
show davit tree "$ref"

title "who made it"
show davit verify "$ref" --key release.pub

title "back again, verified"
show davit pull "$ref" -o pulled.wasm --key release.pub
show cmp declared.wasm pulled.wasm

title "run, with nothing granted, and then with a folder and a variable"
show davit run "$ref" --key release.pub -- world
show davit run "$ref" --key release.pub --dir data::/data --env GREET_LANGUAGE=fr -- world

title "and what has no good signature does not run"
show davit push greet.wasm "127.0.0.1:$port/demo/greet:unsigned" --title greet.wasm
status=0
show davit run "127.0.0.1:$port/demo/greet:unsigned" --key release.pub -- world || status=$?
echo "exit status $status (15 is: unsigned)"
[ "$status" -eq 15 ]

title "the same chain in one step"
cat > davit.json <<END
{ "source": "greet.c", "strip": "all", "reference": "127.0.0.1:$port/demo/greet:2.0", "sign": "release.key" }
END
show davit ship
show davit ship

printf '\ndemo: all steps done\n'
