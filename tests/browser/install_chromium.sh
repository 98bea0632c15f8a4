#!/bin/sh
# Install Debian's chromium where there is no such browser, and this user may.
set -eu

for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null; then exit 0; fi
done

give_up() {
  echo "The browser tests need Chromium, and $1. Install it by hand, as with" >&2
  echo "  sudo apt-get install chromium" >&2
  echo "or your system's own way, so that 'chromium' or 'google-chrome' is in PATH; then: make browser" >&2
  exit 1
}

command -v apt-get >/dev/null || give_up "there is no apt-get to fetch it with"
as_root=""
if [ "$(id -u)" -ne 0 ]; then
  sudo -n true 2>/dev/null || give_up "only root may install it"
  as_root="sudo -n"
fi
echo "Installing Debian's chromium with apt-get: about 100 MB, once."
$as_root apt-get update -qq || give_up "apt-get could not update its lists"
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
  chromium fonts-dejavu-core >/dev/null || give_up "apt-get could not install it"
