# syntax=docker/dockerfile:1

FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build.ts scripts/
COPY schema schema
COPY src src
RUN npm run build

FROM node:24-bookworm-slim AS packages
WORKDIR /packages
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000
WORKDIR /app
COPY package.json LICENSE ./
COPY schema schema
COPY --from=packages /packages/node_modules node_modules
COPY --from=build /build/dist dist
# Numeric id of the image's user `node`: Kubernetes cannot verify runAsNonRoot for a user name.
USER 1000:1000
EXPOSE 4000
# The image has no curl, and the file system can be read-only, so Node runs the health check.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Node runs as process 1 and receives signals directly.
CMD ["node", "dist/main.js"]
