# The program and its production dependencies on Node 24, run by an ordinary user.
#   docker build -t ai-backend .
# The encoder is not part of the image: put it into ./models first ("npm run models:install" with
# MODELS_DIR=models), or have the build fetch it with --build-arg INSTALL_ENCODER=yes.

FROM node:24-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Native parts come ready-made in the packages; no install script is needed, and none runs.
RUN npm ci --ignore-scripts
COPY . .
RUN node scripts/build.mjs
ARG INSTALL_ENCODER=no
RUN mkdir -p models \
    && if [ "$INSTALL_ENCODER" = yes ]; then MODELS_DIR=/app/models node dist/cli/models.js install; fi

FROM node:24-trixie-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# onnxruntime-node carries its libraries for every system.
RUN npm ci --omit=dev --ignore-scripts \
    && rm -rf node_modules/onnxruntime-node/bin/napi-*/darwin node_modules/onnxruntime-node/bin/napi-*/win32

FROM node:24-trixie-slim
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="AI Backend" \
      org.opencontainers.image.description="Answers questions from your documents, with citations that check out" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
ENV NODE_ENV=production \
    NODE_OPTIONS="--max-semi-space-size=8 --expose-gc" \
    MALLOC_ARENA_MAX=2 \
    MALLOC_TRIM_THRESHOLD_=131072 \
    MALLOC_MMAP_THRESHOLD_=131072 \
    GLIBC_TUNABLES=glibc.malloc.hugetlb=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    DATA_DIR=/data \
    MODELS_DIR=/models
WORKDIR /app
RUN install -d -m 0700 -o node -g node /data
COPY package.json LICENSE ./
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build --chown=node:node /app/models /models
USER 1000:1000
VOLUME ["/data"]
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]
