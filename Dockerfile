# A static binary on an empty image: no shell, no package manager, no root.
#
#   docker build -t habeas .
#   docker run -p 127.0.0.1:8088:8088 -e HABEAS_INSECURE_LISTEN=true \
#     -v habeas-data:/data -v habeas-keys:/keys -v habeas-ledger:/ledger habeas
#
# HABEAS_INSECURE_LISTEN says that the port is published to this machine only,
# or that something in front ends TLS; else mount a certificate and set
# HABEAS_TLS_CERT and HABEAS_TLS_KEY.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/habeas ./cmd/habeas
# New volumes take their owner and mode from these folders.
RUN mkdir -m 0700 /out/data /out/keys /out/ledger

FROM scratch
# Certificates of the usual authorities, for TLS to an outside NATS cluster.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/habeas /habeas
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build --chown=65532:65532 /out/keys /keys
COPY --from=build --chown=65532:65532 /out/ledger /ledger
USER 65532:65532
# Three volumes, because they are backed up apart: whoever has data and keys
# can read everything, and the ledger must outlive both.
VOLUME ["/data", "/keys", "/ledger"]
ENV HABEAS_DATA=/data/habeas HABEAS_KEYS=/keys/habeas HABEAS_LEDGER=/ledger/habeas HABEAS_LISTEN=0.0.0.0:8088
EXPOSE 8088
ENTRYPOINT ["/habeas"]
CMD ["serve"]
