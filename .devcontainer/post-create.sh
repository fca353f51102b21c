#!/usr/bin/env bash
# Prepares a new container and shows that everything works in it.
set -euo pipefail
sudo chown node:node node_modules
npm ci
# Optional: without the encoder the tests that need it are skipped, and the number of them is printed.
MODELS_DIR="$SHARED_DIR/models" npm run models:install || true
npm run check
npm test
npm run test:server
