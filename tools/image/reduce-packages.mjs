// node tools/image/reduce-packages.mjs: in the image's build stage, rewrites the manifests of this very copy so that npm
// installs what the bundle is made of and esbuild, and neither the embedded ClickHouse (540 MB) nor tools and tests.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "../setup/paths.mjs";

rewrite("package.json", (manifest) => {
  const { esbuild } = manifest.devDependencies;
  return { ...manifest, devDependencies: { esbuild } };
});
rewrite("services/standalone/package.json", (manifest) => {
  const dependencies = Object.entries(manifest.dependencies).filter(([name]) => name !== "ffi-rs");
  return { ...manifest, dependencies: Object.fromEntries(dependencies), optionalDependencies: {} };
});

function rewrite(path, change) {
  const file = join(ROOT, path);
  writeFileSync(file, `${JSON.stringify(change(JSON.parse(readFileSync(file, "utf8"))), undefined, 2)}\n`);
}
