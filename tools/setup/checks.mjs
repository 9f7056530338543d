/** The steps that need no server, in the order in which they tell the most for the least time. */
export const CHECKS = [
  { name: "format", binary: "biome", args: ["format", "."] },
  { name: "lint", binary: "oxlint", args: ["--type-aware", "--deny-warnings"] },
  { name: "types", binary: "tsc", args: ["-b", "tsconfig.json"] },
];
