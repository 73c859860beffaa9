#!/bin/sh
# Records the simulated model's voice: one clip for each line of phrases.txt, which is "name|words" or "name|words|how to say them".
# Needs the Debian packages flite and sox. A sentence may be several clips, so each is cut to its sound plus a short breath.
set -eu
cd "$(dirname "$0")"
mkdir -p Clips
rm -f Clips/*.wav
raw=$(mktemp --suffix .wav)
trap 'rm -f "$raw"' EXIT
while IFS='|' read -r name words spoken; do
  flite -voice slt -t "${spoken:-$words}" -o "$raw"
  # 12 kHz is half of the protocol's 24 kHz, and mu-law a byte for each sample: small, and simple to read.
  sox -R -D "$raw" -e mu-law -b 8 -r 12000 -c 1 "Clips/$name.wav" \
    silence 1 0.01 0.2% reverse silence 1 0.01 0.2% reverse norm -3 pad 0.02 0.12
done < phrases.txt
