#!/bin/sh
# Installs the Debian packages that some benchmarks, some tests and the scripts that make test fixtures use, or only those
# named: scripts/debian.sh protobuf-compiler. Tests that lack theirs say that they are skipped. Run as root; running it again
# changes nothing.
set -eu

packages='
python3-torch        # the oracle of gradients and of training speed
python3-torchvision  # reference architectures and transforms
python3-scipy        # MATLAB files, as the metadata of IMDB-WIKI
python3-h5py         # HDF5 files
python3-sklearn      # the oracle of figures
protobuf-compiler    # reads the config.pbtxt of a model repository
redis-server         # the queue of agewise jobs, in tests and benchmarks
ffmpeg               # short videos and a camera for browsers under test
slurm-wlm            # the arrays of tasks that scripts/scale/try-slurm.sh runs
'

names=${*:-$(printf '%s\n' "$packages" | sed 's/#.*//')}
missing=''
for name in $names; do
  if dpkg-query --show --showformat='${db:Status-Status}' "$name" 2>/dev/null | grep -qx installed; then
    echo "$name: already installed"
  else
    missing="$missing $name"
  fi
done

if [ -z "$missing" ]; then
  exit 0
fi
printf 'Installing:%s\n' "$missing"
apt-get update
# shellcheck disable=SC2086 # the list is meant to split into names
DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $missing
