#!/bin/bash
# Trains the recipes of the five systems on UTKFace and evaluates each on the 20% of pictures that training never saw.
#
#   scripts/systems/run.sh [--smoke] [--minutes N] [--threads N] FOLDER UTKFACE [NAME...]
#
# FOLDER is outside the repository and keeps stores, runs, models and figures; UTKFACE holds the pictures. Names choose
# systems, each of which can be made by itself; without any, all are made in the order below. A run that was stopped, however
# it was, goes on where it was; one that is done is left as it is. After each the table of all figures beside the documents' is
# printed (scripts/systems/figures.ts FOLDER). It needs `npm run build` and `npm run models`, and works at nice 10 with two threads.
#
# --minutes N  stops each of the systems named after N minutes of this call, evaluates what it has reached, and leaves the rest
#              for another call
# --smoke      trains each for a check that it learns, on 64 faces (FOLDER/NAME.smoke)
#
# Expected minutes on two free CPU cores, stores made (about 5 for utkface.store, 20 for faces.store, which is made from the same
# pictures with the detector; a copy of one that was made so before does as well):
#
#   name          minutes  what
#   lenet              15  LeNet as it is, 25 epochs
#   two-stage          75  system 3 over HSE-FaceRes: frozen 3 epochs, fine 4, micro 2
#   al-backbone-14     40  HSE-FaceRes trained whole on 14 groups, which AL-ResNet begins with: 1 epoch of the head, 3 of all
#   al-resnet-14       40  AL-ResNet on 14 groups over that network, frozen, with augmentation: 3 epochs of phase 1, 4 of phase 2
#   al-backbone-8      40  the same two on 8 groups, here 4 epochs of all
#   al-resnet-8        40  3 epochs and 4
#   dex               130  system 1 over HSE-FaceRes: three members of 1 epoch frozen and 3 whole
#   4c2f, 4c2f-mod  90 each, the limit: as they are, for as many epochs as fit
#   alexnet            90
#   softmax, dnn    30 each
#   cnn                60
#
# resnet50v2, inception-v3 and vgg19 have a smoke form alone: whole runs take more than half a day each.
set -euo pipefail

usage() {
  sed -n '2,/^set/s/^# \{0,1\}//p' "$0" | sed '$d'
  exit 2
}

smoke=
only=
threads=2
while [ $# -gt 0 ]; do
  case $1 in
    --smoke) smoke=1; shift ;;
    --minutes) only=${2:?}; shift 2 ;;
    --threads) threads=${2:?}; shift 2 ;;
    -*) usage ;;
    *) break ;;
  esac
done
[ $# -ge 2 ] || usage
folder=$(realpath -m "$1")
pictures=$(realpath "$2")
shift 2
wanted=("$@")
root=$(cd "$(dirname "$0")/../.." && pwd)
case $folder/ in "$root"/*) echo "$folder lies in the repository" >&2; exit 2 ;; esac

known=(lenet two-stage al-backbone-14 al-resnet-14 al-backbone-8 al-resnet-8 dex 4c2f 4c2f-mod alexnet softmax dnn cnn)
small=(resnet50v2 inception-v3 vgg19)
for name in "${wanted[@]}"; do
  case " ${known[*]} ${small[*]} " in
    *" $name "*) ;;
    *) echo "no system '$name'; there are ${known[*]} ${small[*]}" >&2; exit 2 ;;
  esac
done

# AL-ResNet needs its backbone.
for groups in 14 8; do
  case " ${wanted[*]} " in *" al-resnet-$groups "*) wanted+=("al-backbone-$groups") ;; esac
done

agewise() { nice -n 10 node "$root/dist/cli/main.js" "$@"; }
mkdir -p "$folder"
cd "$folder"

# The pictures as they are, as the networks of system 4 see them, and faces as the face backbone expects them.
whole=$folder/utkface.store
faces=$folder/faces.store
few=()
if [ -n "$smoke" ]; then
  whole=$folder/utkface.smoke.store
  faces=$folder/faces.smoke.store
  # With a tenth to validate on and a fifth to test on, more than 64 are left.
  few=(--limit 420)
fi
make_store() {
  if [ -e "$1/dataset.json" ]; then return; fi
  case $1 in
    "$whole") agewise data import utkface "$pictures" "$whole" --size 256 "${few[@]}" ;;
    "$faces")
      agewise data import utkface "$pictures" "$faces" --detect --align --margin 0.35 --quality 95 "${few[@]}"
      ;;
  esac
}
failed=()

# system NAME MINUTES STORE RECIPE [ARGUMENT...]: 0 minutes for as many epochs as the recipe has.
system() {
  local name=$1 minutes=$2 store=$3 recipe=$4
  shift 4
  if [ ${#wanted[@]} -gt 0 ] && [[ " ${wanted[*]} " != *" $name "* ]]; then return; fi
  make_store "$store"
  if [ -n "$smoke" ]; then
    if [ -e "$name.smoke.done" ]; then return; fi
    rm -rf "$name.smoke"
    if agewise train "$recipe" --data "$store" --out "$name.smoke" --smoke --threads "$threads" "$@" > "$name.smoke.log" 2>&1; then
      touch "$name.smoke.done"
      echo "$name: learns"
    else
      failed+=("$name")
      echo "$name: does not learn, see $folder/$name.smoke.log"
    fi
    tail -n 3 "$name.smoke.log"
    rm -rf "$name.smoke"
    return
  fi
  if [ ! -e "$name.done" ]; then
    train "$name" "$minutes" "$store" "$recipe" "$@"
    # Figures of before are of other weights.
    rm -f "$name".onnx "$name".json "$name".html "$name".compare.json "$name"-[0-9].onnx "$name"-[0-9].json
  fi
  evaluate "$name" "$name" "$store"
  if [ "$name" = dex ] && [ -e dex.done ]; then
    for member in 1 2 3; do evaluate "dex-$member" "dex/member-$member" "$store"; done
    [ -e dex.compare.json ] || {
      local models=(--model dex.onnx)
      for member in 1 2 3; do models+=(--model "dex-$member.onnx"); done
      agewise compare "${models[@]}" --data "$store" --split "$(split_of "$store")" --part test --cropped --json > dex.compare.part
      mv dex.compare.part dex.compare.json
    }
  fi
  (cd "$root" && npx tsx scripts/systems/figures.ts "$folder")
}

# NAME.seconds counts the time over all calls, NAME.done says that nothing is left to train.
train() {
  local name=$1 minutes=$2 store=$3 recipe=$4
  shift 4
  local spent=0 left=0 limit=() begin=$SECONDS status=0
  if [ -e "$name.seconds" ]; then spent=$(cat "$name.seconds"); fi
  if [ "$minutes" -gt 0 ]; then left=$((minutes - spent / 60)); fi
  if [ -n "$only" ] && { [ "$left" -eq 0 ] || [ "$only" -lt "$left" ]; }; then left=$only; fi
  if [ "$minutes" -gt 0 ] && [ "$spent" -ge $((60 * minutes)) ]; then touch "$name.done"; return; fi
  if [ "$left" -gt 0 ]; then limit=(--minutes "$left"); fi
  local command=("$recipe" --out "$name" "$@")
  if [ -e "$name/run.json" ]; then command=(--resume "$name"); fi
  agewise train "${command[@]}" --data "$store" --threads "$threads" "${limit[@]}" 2>&1 | tee "$name.log" || status=$?
  spent=$((spent + SECONDS - begin))
  echo "$spent" > "$name.seconds"
  if [ "$status" -ne 0 ]; then exit "$status"; fi
  if ! grep -q ': saved after step' "$name.log" || { [ "$minutes" -gt 0 ] && [ "$spent" -ge $((60 * minutes - 60)) ]; }; then
    touch "$name.done"
  fi
}

# Runs make the splits al-resnet-0.2 and al-resnet-0.1, whose test parts are the same.
split_of() {
  if [ -e "$1/al-resnet-0.1.split.json" ]; then echo al-resnet-0.1; else echo al-resnet-0.2; fi
}

evaluate() {
  local name=$1 run=$2 store=$3
  # An ensemble that was stopped has members of which nothing is known yet.
  if [ "$name" = dex ] && [ ! -e dex.done ]; then return; fi
  [ -e "$name.onnx" ] || agewise export "$run" "$name.onnx"
  [ -e "$name.json" ] || {
    agewise evaluate --model "$name.onnx" --data "$store" --split "$(split_of "$store")" --part test --cropped \
      --threads "$threads" --html "$name.html" --json > "$name.json.part"
    mv "$name.json.part" "$name.json"
  }
}

face='made:hse-faceres'
own='{ name: al-resnet, validation: 0.1 }'
# A backbone from a file has no name; faces were turned upright, of which it sees as much as its authors show it.
upright=(--set input.alignment=roll --set input.margin=0.1)
# AL-ResNet's branches see faces as its backbone was trained on them: of faces as they are, the frozen network says more than of new
# ones, and they would rely on it.
seen='{ flip: { probability: 0.5 }, shift: { probability: 0.5, share: 0.05 }, scale: { probability: 0.5, factor: [0.9, 1.11] },
  rotation: { probability: 0.3, degrees: 10 }, erasing: { probability: 0.25, area: [0.02, 0.2] }, lowResolution: { probability: 0 } }'
branches=(--set "augment=$seen" --set microBatches=1 --set average=0.995 --set monitor=loss --set stages.0.epochs=3
  --set stages.1.epochs=4 --set stages.1.rate=0.01 --set 'stages.1.schedule={ kind: cosine }')
on_face=(--set network.name=null --set "network.backbone=$face" "${upright[@]}" --set "data.split=$own")

system lenet 0 "$whole" deep-age-lenet
system two-stage 0 "$faces" resnet50-two-stage-utkface "${on_face[@]}" --set stages.0.epochs=3 \
  --set stages.1.train=all --set stages.1.rate=3e-5 --set stages.1.epochs=4 --set stages.2.epochs=2
for groups in 14 8; do
  backbone=al-backbone-$groups
  if [ "$groups" = 14 ]; then whole_epochs=3; else whole_epochs=4; fi
  system "$backbone" 0 "$faces" finetune-hse-faceres --set "heads={ age: { classes: groups-$groups } }" --set "data.split=$own" \
    --set monitor=accuracy --set "stages.1.epochs=$whole_epochs"
  # A check keeps no run.
  if [ -n "$smoke" ]; then from=$face; elif [ -e "$backbone.done" ]; then from=run:$backbone; else continue; fi
  system "al-resnet-$groups" 0 "$faces" "al-resnet-$groups" --set "network.backbone=$from" "${upright[@]}" "${branches[@]}"
done
system dex 0 "$faces" dex-vgg19-ensemble "${on_face[@]}" --set stages.0.epochs=1 --set stages.1.epochs=3
system 4c2f 90 "$whole" deep-age-4c2f
system 4c2f-mod 90 "$whole" deep-age-4c2f-mod
system alexnet 90 "$whole" deep-age-alexnet
system softmax 30 "$whole" deep-age-softmax
system dnn 30 "$whole" deep-age-dnn
system cnn 60 "$whole" deep-age-cnn
if [ -n "$smoke" ] || [ ${#wanted[@]} -gt 0 ]; then
  for name in "${small[@]}"; do
    if [ -z "$smoke" ] && [[ " ${wanted[*]} " == *" $name "* ]]; then
      echo "$name has a smoke form alone; --smoke makes it" >&2
      exit 2
    fi
    [ -z "$smoke" ] || system "$name" 0 "$whole" "deep-age-$name"
  done
fi
if [ ${#failed[@]} -gt 0 ]; then
  echo "not learnt: ${failed[*]}" >&2
  exit 1
fi
