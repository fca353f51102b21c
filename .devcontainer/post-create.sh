#!/usr/bin/env bash
# Prepares a new container and shows that everything works in it.
set -euo pipefail
sudo chown node:node node_modules
npm ci
# Servers and a client that the tests start themselves.
sudo apt-get update -qq || true
sudo apt-get install -y -qq --no-install-recommends pipx
for package in chromadb 'moto[server]' schemathesis; do pipx install "$package"; done
export PATH="$HOME/.local/bin:$PATH"
# Optional: without the encoder the tests that need it are skipped, and the number of them is printed.
MODELS_DIR="$SHARED_DIR/models" npm run models:install || true
npm run check
npm test
npm run test:server
