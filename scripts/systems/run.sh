#!/bin/bash
# Trains the recipes of the five systems on UTKFace and evaluates each on the 20% of pictures that training never saw
# (docs/RECIPES.md has the figures). A run that was stopped goes on where it was; one that is done is left as it is.
#
#   scripts/systems/run.sh FOLDER UTKFACE [NAME...]
#
# FOLDER is outside the repository; UTKFACE holds the pictures. Without names all runs are made, the short ones first.
# `--smoke` as the first name trains each for a check that it learns. It needs `npm run build` and `npm run models`.
set -euo pipefail

folder=$(realpath -m "$1")
pictures=$(realpath "$2")
shift 2
root=$(cd "$(dirname "$0")/../.." && pwd)
case $folder/ in "$root"/*) echo "$folder lies in the repository" >&2; exit 2 ;; esac
agewise=(node "$root/dist/cli/main.js")
store=$folder/utkface.store
smoke=
if [ "${1:-}" = --smoke ]; then smoke=1; shift; fi
wanted=("$@")
mkdir -p "$folder"
cd "$folder"
[ -d "$store" ] || "${agewise[@]}" data import utkface "$pictures" "$store" --size 256

# run NAME MINUTES RECIPE [ARGUMENT...]: 0 minutes for as many epochs as the recipe has.
run() {
  local name=$1 minutes=$2 recipe=$3
  shift 3
  if [ ${#wanted[@]} -gt 0 ] && [[ " ${wanted[*]} " != *" $name "* ]]; then return; fi
  if [ -n "$smoke" ]; then
    rm -rf "$name.smoke"
    "${agewise[@]}" train "$recipe" --data "$store" --out "$name.smoke" --smoke "$@"
    return
  fi
  if [ ! -e "$name.done" ]; then
    local spent=0 left limit=() begin
    if [ -e "$name.seconds" ]; then spent=$(cat "$name.seconds"); fi
    left=$((60 * minutes - spent))
    if [ "$minutes" -gt 0 ]; then limit=(timeout --signal=INT --kill-after=120 "$((left > 1 ? left : 1))"); fi
    begin=$SECONDS
    local status=0
    if [ -d "$name" ]; then
      "${limit[@]}" "${agewise[@]}" train --resume "$name" --data "$store" || status=$?
    else
      "${limit[@]}" "${agewise[@]}" train "$recipe" --data "$store" --out "$name" "$@" || status=$?
    fi
    spent=$((spent + SECONDS - begin))
    echo "$spent" > "$name.seconds"
    # 124 is the time limit's.
    if [ "$status" -ne 0 ] && { [ "$minutes" -eq 0 ] || [ "$spent" -lt $((60 * minutes)) ]; }; then return "$status"; fi
    touch "$name.done"
  fi
  evaluate "$name" "$name"
}

# Runs make the splits al-resnet-0.2 and al-resnet-0.1, whose test parts are the same.
evaluate() {
  local name=$1 model=$2 split=al-resnet-0.1
  [ -e "$store/$split.split.json" ] || split=al-resnet-0.2
  [ -e "$name.onnx" ] || "${agewise[@]}" export "$model" "$name.onnx"
  [ -e "$name.json" ] || {
    "${agewise[@]}" evaluate --model "$name.onnx" --data "$store" --split "$split" --part test --cropped \
      --html "$name.html" --json > "$name.json.part"
    mv "$name.json.part" "$name.json"
  }
  echo "== $name: $folder/$name.json, $(($(cat "$name.seconds" 2> /dev/null || echo 0) / 60)) minutes"
}

face='made:hse-faceres'
own='{ name: al-resnet, validation: 0.1 }'
# A backbone from a file has no name, and its own kind of pictures.
on_face=(--set network.name=null --set "network.backbone=$face" --set "data.split=$own")

run lenet 0 deep-age-lenet
run softmax 30 deep-age-softmax
run dnn 30 deep-age-dnn
run cnn 60 deep-age-cnn
run 4c2f 90 deep-age-4c2f
run 4c2f-mod 90 deep-age-4c2f-mod
run alexnet 90 deep-age-alexnet
# Frozen, fine, micro: the error of each stage on the validation part stands in report.html of the run.
run two-stage 0 resnet50-two-stage-utkface "${on_face[@]}" --set stages.1.train=all
run al-resnet-14 0 al-resnet-14 --set "network.backbone=$face"
run al-resnet-8 0 al-resnet-8 --set "network.backbone=$face"
run dex 0 dex-vgg19-ensemble "${on_face[@]}"
for member in 1 2 3; do
  if [ -z "$smoke" ] && [ -d "dex/member-$member" ] && [ -e dex.done ]; then
    evaluate "dex-$member" "dex/member-$member"
  fi
done
if [ -n "$smoke" ]; then
  run resnet50v2 0 deep-age-resnet50v2
  run inception-v3 0 deep-age-inception-v3
  run vgg19 0 deep-age-vgg19
fi
