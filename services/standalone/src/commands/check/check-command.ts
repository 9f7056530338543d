import { type CommandLine, describeFlags, optionalFlag, flag, parseFlags, textSchema } from "@monotreme/config";
import { messageOf } from "@monotreme/errors";
import { type CommandOutput, EXIT_CODES } from "../command-output.ts";
import { checkAlertmanager, checkRules, checkWeb } from "./check-files.ts";
import { checkPrometheus } from "./check-prometheus.ts";
import type { FileReport } from "./file-report.ts";

/** Flags of `monotreme check`. */
export const CHECK_FLAGS = {
  features: flag("enable-feature", textSchema, "", "Switches that rules are read with, as the ruler's own flag."),
  ntfyConfigFile: optionalFlag("ntfy.config.file", textSchema, "The ntfy side file of alertmanager.yml."),
} as const;

const KINDS = ["config", "rules", "alertmanager", "web"] as const;
type Kind = (typeof KINDS)[number];

const USAGE = `Usage: npm run monotreme -- check <config|rules|alertmanager|web> FILE... [flags]

  config         prometheus.yml with the rule files, scrape config files and files of targets that it names
  rules          rule files
  alertmanager   alertmanager.yml with its templates
  web            what --web.config.file names, with its certificates

Exit code: 0 where all files are fine, 1 where one is not, 2 for a wrong command line.

Flags:`;

/** Runs `monotreme check …` and tells the exit code. No server is asked, nothing is changed. */
export async function runCheckCommand({ argv, environment }: CommandLine, output: CommandOutput): Promise<number> {
  const [name, ...rest] = argv;
  const kind = KINDS.find((one) => one === name);
  const usage = `${USAGE}\n${describeFlags(CHECK_FLAGS)}`;
  if (argv.includes("--help") || argv.includes("-h")) {
    output.line(usage);
    return EXIT_CODES.well;
  }
  const { files, flags } = splitArguments(rest);
  if (kind === undefined || files.length === 0) {
    const known =
      kind === undefined ? `check ${name ?? ""}: expected ${KINDS.join(", ")}` : `check ${kind}: which file?`;
    output.fault(`${known}\n\n${usage}`);
    return EXIT_CODES.misuse;
  }
  let values: ReturnType<typeof parseFlags<typeof CHECK_FLAGS>>["values"];
  try {
    values = parseFlags(CHECK_FLAGS, { argv: flags, environment }).values;
  } catch (error) {
    output.fault(messageOf(error));
    return EXIT_CODES.misuse;
  }
  const reports: FileReport[] = [];
  for (const file of files) {
    for (const report of await checkFile(kind, file, { ...values, environment })) {
      writeReport(report, output);
      reports.push(report);
    }
  }
  return reports.some(({ faults }) => faults.length > 0) ? EXIT_CODES.faults : EXIT_CODES.well;
}

interface CheckContext {
  readonly environment: CommandLine["environment"];
  readonly features: string;
  readonly ntfyConfigFile: string | undefined;
}

async function checkFile(kind: Kind, path: string, context: CheckContext): Promise<readonly FileReport[]> {
  switch (kind) {
    case "config":
      return checkPrometheus(path, context);
    case "rules":
      return [await checkRules(path, context.features)];
    case "alertmanager":
      return [await checkAlertmanager(path, context.ntfyConfigFile)];
    case "web":
      return [await checkWeb(path)];
  }
}

/** A flag may stand anywhere, its value behind `=` or as the next argument. */
function splitArguments(argv: readonly string[]): { readonly files: string[]; readonly flags: string[] } {
  const [files, flags]: [string[], string[]] = [[], []];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] ?? "";
    if (!argument.startsWith("-") || argument === "-") files.push(argument);
    else {
      flags.push(argument);
      const value = argv[i + 1];
      if (!argument.includes("=") && value !== undefined) {
        flags.push(value);
        i++;
      }
    }
  }
  return { files, flags };
}

function writeReport({ path, found, warnings, faults }: FileReport, output: CommandOutput): void {
  output.line(`Checking ${path}`);
  for (const warning of warnings) output.line(`  WARNING: ${warning}`);
  if (faults.length === 0) output.line(`  SUCCESS: ${found.join(", ")}`);
  else {
    output.fault(`  FAILED: ${path}: ${faults.length === 1 ? "1 fault" : `${faults.length} faults`}`);
    for (const fault of faults) output.fault(`    ${fault.replaceAll("\n", "\n      ")}`);
  }
  output.line("");
}
