# syntax=docker/dockerfile:1

FROM golang:1.26 AS build
WORKDIR /src
ENV GOCACHE=/go/cache
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/go/cache \
    CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/bot ./cmd/bot \
 && mkdir /out/data

# Nothing but one static file and the certificates of the public authorities; time zones are in the binary. The user has no
# rights and no name. The root can be read-only (docker run --read-only): everything that is written is written to /data.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/bot /bot
COPY --from=build --chown=65532:65532 --chmod=0700 /out/data /data
# bot.yaml and the rules that it names are looked for here: -v ./bot.yaml:/etc/bot/bot.yaml:ro -v ./rules:/etc/bot/rules:ro
USER 65532:65532
WORKDIR /etc/bot
ENV BOT_DATA=/data BOT_LISTEN=0.0.0.0:8080
VOLUME /data
EXPOSE 8080
# The image has no curl; the binary asks itself.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 CMD ["/bot", "health"]
ENTRYPOINT ["/bot"]
CMD ["serve"]
