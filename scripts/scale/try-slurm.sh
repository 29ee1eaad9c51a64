#!/bin/sh
# Runs deploy/slurm-array.sbatch and deploy/slurm-join.sbatch on a SLURM of one machine, this one, and holds what they write against a single run's rows.
# Takes root, Debian's slurm-wlm (apt-get install slurm-wlm) and `npm run build`. What it starts it ends.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
command -v slurmctld > /dev/null || { echo 'slurm-wlm is not installed: apt-get install slurm-wlm'; exit 2; }
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
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=4000 State=UNKNOWN
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

# Faces of a photograph that comes with a development dependency.
photo=$root/node_modules/@vladmandic/face-api/demo/sample1.jpg
for i in $(seq 10); do cp "$photo" "$work/$i.jpg"; echo "$i.jpg"; done > "$work/list.txt"
printf '#!/bin/sh\nexec node %s "$@"\n' "$root/dist/cli/main.js" > "$work/agewise"
chmod +x "$work/agewise"
export AGEWISE=$work/agewise
cd "$work"
job=$(sbatch --parsable --array=1-3 --cpus-per-task=1 --mem=1000 "$root/deploy/slurm-array.sbatch" "$work/list.txt" "$work/out")
sbatch --wait --mem=500 --dependency="afterok:$job" "$root/deploy/slurm-join.sbatch" "$work/out"
"$AGEWISE" estimate "@$work/list.txt" --out "$work/whole.parquet"
cd "$root"
npx tsx "$here/same-rows.ts" "$work/out/all.parquet" "$work/whole.parquet"
