# syntax=docker/dockerfile:1

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY RealtimeGateway/RealtimeGateway.csproj RealtimeGateway/packages.lock.json RealtimeGateway/
COPY RealtimeGateway.Simulator/RealtimeGateway.Simulator.csproj RealtimeGateway.Simulator/packages.lock.json RealtimeGateway.Simulator/
RUN dotnet restore RealtimeGateway --locked-mode
COPY appsettings.json appsettings.schema.json ./
COPY wwwroot wwwroot
COPY RealtimeGateway RealtimeGateway
COPY RealtimeGateway.Simulator RealtimeGateway.Simulator
RUN dotnet publish RealtimeGateway -c Release --no-restore -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
WORKDIR /app
COPY --from=build /app .
# Nothing is written to disk: the root file system may be read-only.
ENV ASPNETCORE_HTTP_PORTS= \
    ASPNETCORE_URLS=http://+:8000 \
    Management__Port=9090 \
    DOTNET_EnableDiagnostics=0
USER $APP_UID
EXPOSE 8000 9090
ENTRYPOINT ["dotnet", "RealtimeGateway.dll"]
