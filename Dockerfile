# syntax=docker/dockerfile:1
# The build runs on the builder's own architecture and compiles ahead of time for the image's: amd64 or arm64 (TARGETARCH, set by --platform).

FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG TARGETARCH
ARG VERSION=0.1.0
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY RealtimeGateway/RealtimeGateway.csproj RealtimeGateway/packages.lock.json RealtimeGateway/
COPY RealtimeGateway.Simulator/RealtimeGateway.Simulator.csproj RealtimeGateway.Simulator/packages.lock.json RealtimeGateway.Simulator/
RUN runtime=linux-$(echo "$TARGETARCH" | sed s/amd64/x64/) \
    && dotnet restore RealtimeGateway --locked-mode -p:RuntimeIdentifier=$runtime
COPY appsettings.json appsettings.schema.json ./
COPY wwwroot wwwroot
COPY RealtimeGateway RealtimeGateway
COPY RealtimeGateway.Simulator RealtimeGateway.Simulator
RUN runtime=linux-$(echo "$TARGETARCH" | sed s/amd64/x64/) \
    && dotnet publish RealtimeGateway -c Release --no-restore -r $runtime --self-contained false -p:Version=$VERSION -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
ARG VERSION=0.1.0
ARG REVISION=
ARG CREATED=
LABEL org.opencontainers.image.title="RealtimeGateway" \
      org.opencontainers.image.description="An edge gateway in front of Azure OpenAI Realtime" \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION \
      org.opencontainers.image.created=$CREATED
WORKDIR /app
COPY --from=build /app .
# Nothing is written to disk: the root file system may be read-only. The youngest generation of the heap gets 4 MiB before it is collected, in place of a size by the
# processor's cache, which takes more memory and is no faster. On one core the runtime would wait ten times as long as elsewhere before it compiles again what is busy: without the
# variable, the last column of bench/run.sh is about a minute. What is not on that heap needs no memory set aside for each thread.
ENV ASPNETCORE_HTTP_PORTS= \
    ASPNETCORE_URLS=http://+:8000 \
    Management__Port=9090 \
    Shutdown__Grace=00:00:05 \
    DOTNET_GCgen0size=0x400000 \
    DOTNET_TC_DelaySingleProcMultiplier=1 \
    MALLOC_ARENA_MAX=1 \
    DOTNET_EnableDiagnostics=0
USER $APP_UID
EXPOSE 8000 9090
# There is no shell; the program asks itself.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --start-interval=1s --retries=2 CMD ["dotnet", "RealtimeGateway.dll", "health"]
ENTRYPOINT ["dotnet", "RealtimeGateway.dll"]
