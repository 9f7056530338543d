# services.monotreme: all roles in one process on a small machine, with NATS and Redis started beside it by itself and
# NixOS' ClickHouse.
#
#   services.monotreme = {
#     enable = true;
#     prometheusConfig.scrape_configs = [
#       { job_name = "node"; static_configs = [ { targets = [ "127.0.0.1:9100" ]; } ]; }
#     ];
#     alertmanagerConfigFile = ./alertmanager.yml;
#     credentials.ntfy-token = "/run/secrets/ntfy-token"; # a file for http_config.*_file: credentials/ntfy-token
#   };
{ packageFor }:
{ config, lib, pkgs, ... }:

let
  cfg = config.services.monotreme;
  yaml = pkgs.formats.yaml { };
  inherit (lib) mkEnableOption mkIf mkOption types;

  stateFolder = "/var/lib/monotreme";
  credentialsFolder = "/run/credentials/monotreme.service";

  fileOption = description: mkOption { type = types.nullOr types.path; default = null; inherit description; };

  prometheusFile =
    if cfg.prometheusConfigFile != null then cfg.prometheusConfigFile
    else yaml.generate "prometheus.yml" cfg.prometheusConfig;

  valueOf = value:
    if builtins.isBool value then lib.boolToString value
    else if builtins.isList value then lib.concatStringsSep "," (map toString value)
    else toString value;

  flags = {
    "roles" = cfg.roles;
    "storage.path" = stateFolder;
    "config.file" = prometheusFile;
    "web.listen-address" = "${cfg.listenAddress}:${toString cfg.port}";
    "alertmanager.web.listen-address" = "${cfg.listenAddress}:${toString cfg.alertmanagerPort}";
    "heartbeat.web.listen-address" = "${cfg.listenAddress}:${toString cfg.heartbeatPort}";
    "alertmanager.config.file" = cfg.alertmanagerConfigFile;
    "ntfy.config.file" = cfg.ntfyConfigFile;
    "heartbeat.config.file" = cfg.heartbeatConfigFile;
    "web.config.file" = cfg.webConfigFile;
    "log.level" = cfg.logLevel;
    "clickhouse.url" = if cfg.clickhouse.enable then "http://127.0.0.1:8123" else null;
  } // cfg.settings;

  arguments = lib.mapAttrsToList (name: value: "--${name}=${valueOf value}") (lib.filterAttrs (_: value: value != null) flags);

  runs = role: cfg.roles == null || builtins.elem role cfg.roles;

  ports = lib.optional (cfg.roles != [ "alertmanager" ]) cfg.port
    ++ lib.optional (runs "alertmanager") cfg.alertmanagerPort
    ++ lib.optional (runs "heartbeat") cfg.heartbeatPort;
in
{
  options.services.monotreme = {
    enable = mkEnableOption "Monotreme, a Prometheus-compatible monitoring stack";

    package = mkOption {
      type = types.package;
      default = packageFor pkgs;
      defaultText = "the package of this flake";
      description = "The package that has the command monotreme.";
    };

    roles = mkOption {
      type = types.nullOr (types.listOf types.str);
      default = null;
      example = [ "alertmanager" ];
      description = "What runs in the process; null: everything.";
    };

    listenAddress = mkOption {
      type = types.str;
      default = "127.0.0.1";
      description = "Address of all listeners. Before you open it, set webConfigFile.";
    };

    port = mkOption { type = types.port; default = 9090; description = "Port of the API, remote write and the start page."; };
    alertmanagerPort = mkOption { type = types.port; default = 9093; description = "Port of the alertmanager."; };
    heartbeatPort = mkOption { type = types.port; default = 8000; description = "Port of the heartbeats."; };

    openFirewall = mkOption {
      type = types.bool;
      default = false;
      description = "Whether the ports are opened in the firewall.";
    };

    prometheusConfig = mkOption {
      inherit (yaml) type;
      default = { };
      description = "The content of prometheus.yml.";
    };

    prometheusConfigFile = fileOption "A prometheus.yml; it goes before prometheusConfig.";
    alertmanagerConfigFile = fileOption "An alertmanager.yml; without it alerts are shown and nobody is notified.";
    ntfyConfigFile = fileOption "Options of ntfy by receiver (docs/ntfy.md).";
    heartbeatConfigFile = fileOption "Projects and checks (docs/heartbeat.md); without it one project with generated keys.";
    webConfigFile = fileOption "TLS and users of every address (docs/web-config.md).";

    settings = mkOption {
      type = types.attrsOf (types.nullOr (types.oneOf [ types.bool types.int types.str (types.listOf types.str) ]));
      default = { };
      example = { "query.timeout" = "1m"; "web.external-url" = "https://monitoring.example.org"; };
      description = "More flags (docs/config.md), by their names without dashes before them. No secrets: they can be read by all.";
    };

    credentials = mkOption {
      type = types.attrsOf types.str;
      default = { };
      example = { ntfy-token = "/run/secrets/ntfy-token"; };
      description = ''
        Files of secrets by name. Each is at ${credentialsFolder}/<name>, for the fields `*_file` of configuration files.
        A name that begins with MONOTREME_ sets that variable to the content of the file, such as MONOTREME_CLICKHOUSE_URL.
      '';
    };

    clickhouse.enable = mkOption {
      type = types.bool;
      default = true;
      description = "Whether NixOS' ClickHouse runs beside it; else name one by settings or credentials.";
    };

    logLevel = mkOption {
      type = types.enum [ "debug" "info" "warn" "error" ];
      default = "info";
      description = "Only messages of this severity or above are logged.";
    };
  };

  config = mkIf cfg.enable {
    services.clickhouse.enable = mkIf cfg.clickhouse.enable true;

    networking.firewall.allowedTCPPorts = mkIf cfg.openFirewall ports;

    systemd.services.monotreme = {
      description = "Monotreme: monitoring";
      wantedBy = [ "multi-user.target" ];
      wants = [ "network-online.target" ];
      after = [ "network-online.target" ] ++ lib.optional cfg.clickhouse.enable "clickhouse.service";
      requires = lib.optional cfg.clickhouse.enable "clickhouse.service";
      # The servers that it starts beside itself.
      path = [ pkgs.nats-server pkgs.redis ];

      script = ''
        for file in "''${CREDENTIALS_DIRECTORY:-/nonexistent}"/MONOTREME_*; do
          if [ -e "$file" ]; then export "$(basename "$file")=$(cat "$file")"; fi
        done
        exec ${lib.getExe cfg.package} standalone ${lib.escapeShellArgs arguments}
      '';

      serviceConfig = {
        Type = "exec";
        ExecReload = "${pkgs.coreutils}/bin/kill -HUP $MAINPID";
        LoadCredential = lib.mapAttrsToList (name: file: "${name}:${file}") cfg.credentials;
        Restart = "on-failure";
        RestartSec = 2;
        TimeoutStopSec = 30;
        KillMode = "mixed";

        DynamicUser = true;
        StateDirectory = "monotreme";
        StateDirectoryMode = "0700";
        WorkingDirectory = stateFolder;
        UMask = "0077";
        LimitNOFILE = 262144;

        # No MemoryDenyWriteExecute: JavaScript is compiled while it runs.
        NoNewPrivileges = true;
        CapabilityBoundingSet = "";
        ProtectSystem = "strict";
        ProtectHome = true;
        ProtectClock = true;
        ProtectControlGroups = true;
        ProtectHostname = true;
        ProtectKernelLogs = true;
        ProtectKernelModules = true;
        ProtectKernelTunables = true;
        ProtectProc = "invisible";
        PrivateDevices = true;
        PrivateTmp = true;
        PrivateUsers = true;
        RestrictAddressFamilies = [ "AF_INET" "AF_INET6" "AF_UNIX" "AF_NETLINK" ];
        RestrictNamespaces = true;
        RestrictRealtime = true;
        RestrictSUIDSGID = true;
        RemoveIPC = true;
        LockPersonality = true;
        SystemCallArchitectures = "native";
        SystemCallFilter = [ "@system-service" "~@privileged @resources" ];
        SystemCallErrorNumber = "EPERM";
      };
    };
  };
}
