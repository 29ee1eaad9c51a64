#!/bin/sh
# Runs the commands of docs/SCALE.md, as they stand there, on a SLURM of one machine, this one, and compares what they write
# with the rows of a single run. Takes root, Debian's slurm-wlm (scripts/debian.sh slurm-wlm) and `npm run build`. What it starts it ends.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
command -v slurmctld > /dev/null || { echo 'slurm-wlm is not installed: scripts/debian.sh slurm-wlm'; exit 2; }
work=$(mktemp -d)
chmod 755 "$work"
host=$(hostname -s)
export SLURM_CONF=$work/slurm.conf
mkdir "$work/state" "$work/spool"
cat > "$SLURM_CONF" <<CONF
ClusterName=here
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CryptoType=crypto/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
SlurmctldPort=16817
SlurmdPort=16818
ProctrackType=proctrack/pgid
TaskPlugin=task/none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
# More than this machine may have, since the tasks ask for as much as they would on a cluster.
SlurmdParameters=config_overrides
NodeName=$host NodeAddr=127.0.0.1 CPUs=8 RealMemory=8000 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
munge=''
finish() {
  for name in slurmd slurmctld; do
    [ -f "$work/$name.pid" ] && kill "$(cat "$work/$name.pid")" 2> /dev/null || true
  done
  [ -n "$munge" ] && kill "$munge" 2> /dev/null || true
  sleep 1
  rm -rf "$work"
}
trap finish EXIT
if ! munge -n > /dev/null 2>&1; then
  [ -f /etc/munge/munge.key ] || { dd if=/dev/urandom of=/etc/munge/munge.key bs=1024 count=1 2> /dev/null; chmod 400 /etc/munge/munge.key; chown munge: /etc/munge/munge.key; }
  mkdir -p /run/munge && chown munge: /run/munge
  runuser -u munge -- munged --foreground > /dev/null 2>&1 &
  munge=$!
  sleep 1
fi
slurmctld
slurmd -N "$host"
for _ in $(seq 30); do sinfo -h -o %T 2> /dev/null | grep -q idle && break; sleep 1; done

# A photograph that comes with a development dependency, twice for each task.
photo=$root/node_modules/@vladmandic/face-api/demo/sample1.jpg
cp "$photo" "$work/photo.jpg"
for _ in $(seq 128); do echo photo.jpg; done > "$work/list.txt"
printf '#!/bin/sh\nexec node %s "$@"\n' "$root/dist/cli/main.js" > "$work/agewise"
chmod +x "$work/agewise"
export AGEWISE=$work/agewise
cd "$work"
ln -s "$root/deploy" deploy
sed -n '/^\*\*SLURM\*\*/,/^```$/p' "$root/docs/SCALE.md" | sed '1,/^```sh$/d; /^```$/d; s#/shared/#'"$work"'/#g' > printed.sh
cat printed.sh
sh -e printed.sh
while squeue --noheader | grep -q .; do sleep 1; done
[ -f "$work/ages/all.parquet" ] || { cat "$work"/slurm-*.out; exit 1; }
"$AGEWISE" estimate "@$work/list.txt" --out "$work/whole.parquet"
cd "$root"
npx tsx "$here/same-rows.ts" "$work/ages/all.parquet" "$work/whole.parquet"
