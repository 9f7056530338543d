{
  description = "Monotreme: a Prometheus-compatible monitoring stack";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" ];
      forEachSystem = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
    in
    {
      packages = forEachSystem (pkgs: rec {
        monotreme = pkgs.callPackage ./deploy/nix/package.nix { source = self; };
        default = monotreme;
      });

      nixosModules = rec {
        monotreme = import ./deploy/nix/module.nix { packageFor = pkgs: self.packages.${pkgs.stdenv.hostPlatform.system}.default; };
        default = monotreme;
      };

      checks = forEachSystem (pkgs: {
        package = self.packages.${pkgs.stdenv.hostPlatform.system}.default;
      });
    };
}
