#!/bin/sh
# Chromium and Chinese fonts for the browser tests and the pictures. Without them, and without the means to get
# them, the tests leave out what is marked `browser` and say so in one line.
set -eu

have_chromium() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; }
have_fonts() { ! command -v fc-list >/dev/null || [ -n "$(fc-list :lang=zh-cn family)" ]; }

if have_chromium && have_fonts; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium and Chinese fonts (once)"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null \
        || echo "Chromium could not be installed."
fi
