#!/bin/sh
# Publishes the NativeAOT shim to .run/bin/shim/cp-shim, where the agent and the tests look for it. Needs gcc and ld.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
"${DOTNET:-dotnet}" publish "$root/agent/Shim" -c Release -o "$root/.run/bin/shim" -v quiet -nologo
# Debug symbols are not part of what runs.
rm -f "$root/.run/bin/shim/"*.dbg "$root/.run/bin/shim/"*.pdb
echo "$root/.run/bin/shim/cp-shim"
