# Every role as one command, `monotreme <role> [flags]`: the same bundle as in the container image, by the versions and
# hashes of package-lock.json. The embedded ClickHouse stays out: the module has NixOS' own beside it.
{ lib
, stdenvNoCC
, fetchurl
, runCommand
, makeWrapper
, nodejs_24
, source
}:

let
  manifest = lib.importJSON (source + "/package.json");
  lock = lib.importJSON (source + "/package-lock.json");
  node = nodejs_24;

  # Where npm puts a package: "node_modules/a", "node_modules/a/node_modules/@b/c", "libs/d/node_modules/e".
  nameOf = path: package: package.name or (lib.last (lib.splitString "node_modules/" path));

  isForThisMachine = package:
    let
      platform = stdenvNoCC.hostPlatform.node or { platform = "linux"; arch = if stdenvNoCC.hostPlatform.isAarch64 then "arm64" else "x64"; };
    in
    (!(package ? os) || builtins.elem platform.platform package.os)
    && (!(package ? cpu) || builtins.elem platform.arch package.cpu);

  isNeeded = path: package:
    lib.hasInfix "node_modules/" path
    && !(package.link or false)
    && package ? integrity
    && isForThisMachine package
    && !(lib.hasInfix "@chdb/" path || lib.hasInfix "ffi-rs" path)
    # Of the tools only the one that makes the bundle.
    && (!(package.dev or false) || lib.hasInfix "esbuild" path);

  fetch = path: package:
    let name = nameOf path package;
    in fetchurl {
      url = "https://registry.npmjs.org/${name}/-/${baseNameOf name}-${package.version}.tgz";
      hash = package.integrity;
    };

  wanted = lib.filterAttrs isNeeded lock.packages;

  modules = runCommand "monotreme-node-modules" { } (lib.concatStrings (lib.mapAttrsToList
    (path: package: ''
      mkdir -p "$out/${path}"
      tar --extract --gzip --file=${fetch path package} --directory="$out/${path}" --strip-components=1 --no-same-owner
    '')
    wanted));
in
stdenvNoCC.mkDerivation {
  pname = "monotreme";
  version = manifest.version;
  src = source;

  nativeBuildInputs = [ node makeWrapper ];

  buildPhase = ''
    runHook preBuild
    cp --recursive --no-preserve=ownership,mode ${modules}/. .
    chmod +x node_modules/@esbuild/*/bin/esbuild
    mkdir -p node_modules/@monotreme
    for package in libs/* services/*; do
      ln --symbolic "$PWD/$package" "node_modules/@monotreme/$(basename "$package")"
    done
    node tools/image/bundle.mjs bundle
    runHook postBuild
  '';

  installPhase = ''
    runHook preInstall
    mkdir -p $out/lib $out/bin $out/share/monotreme
    cp --recursive bundle $out/lib/monotreme
    cp --recursive deploy/grafana/dashboards $out/share/monotreme/dashboards
    makeWrapper ${lib.getExe node} $out/bin/monotreme --add-flags $out/lib/monotreme/monotreme.mjs
    runHook postInstall
  '';

  doInstallCheck = true;
  installCheckPhase = ''
    $out/bin/monotreme standalone --version
  '';

  meta = {
    description = manifest.description;
    license = lib.licenses.asl20;
    mainProgram = "monotreme";
    platforms = lib.platforms.linux;
  };
}
