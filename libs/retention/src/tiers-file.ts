import { readFile } from "node:fs/promises";
import { dirname, isAbsolute } from "node:path";
import { messageOf } from "@monotreme/errors";
import {
  ConfigDocument,
  ConfigFileError,
  type ConfigText,
  duration,
  filePath,
  isMissing,
  mapping,
  optional,
  record,
  required,
  scalar,
  type Schema,
  Secret,
  secret,
  text,
} from "@monotreme/prometheus-config";
import { MOVED_KINDS, type MoveRule, type S3Volume, type Tiers, type Volume } from "./tiers.ts";

/** Reads a file that the configuration names; tests have none. */
export type ReadSecretFile = (path: string) => Promise<string>;

const DEFAULT_POLICY = "monotreme";
/** The volume of the server's own disk, as ClickHouse calls it. */
const OWN_VOLUME = "default";
const VOLUME_NAME = /^[a-z][a-z0-9_]{0,31}$/;

const policyName: Schema<string> = scalar({
  expected: "a name of letters, digits and _",
  parse: (value) => (/^\w{1,64}$/.test(value) ? value : undefined),
});

const endpoint: Schema<string> = scalar({
  expected: "the URL of a bucket, such as https://s3.example.com/bucket/monotreme/, without credentials",
  parse: (value) => {
    if (!URL.canParse(value)) return undefined;
    const { protocol, username, pathname } = new URL(value);
    const isStore = (protocol === "https:" || protocol === "http:") && username === "" && pathname.length > 1;
    // ClickHouse takes what follows the bucket as the beginning of a name, not as a folder.
    return isStore ? value.replace(/\/*$/, "/") : undefined;
  },
});

const s3Section = mapping({
  name: "s3",
  fields: {
    endpoint: required(endpoint),
    region: optional(text),
    access_key_id: optional(secret),
    access_key_id_file: optional(filePath),
    secret_access_key: optional(secret),
    secret_access_key_file: optional(filePath),
  },
  check: (value, at) => {
    const id = [value.access_key_id, value.access_key_id_file].filter((given) => given !== undefined).length;
    const key = [value.secret_access_key, value.secret_access_key_file].filter((given) => given !== undefined).length;
    if (id > 1 || key > 1) at().fault("expected each key once, as itself or as a file");
    if (id !== key) at().fault("expected both keys or none (then ClickHouse's environment has them)");
  },
});

const folder: Schema<string> = scalar({
  expected: "an absolute path",
  parse: (value) => (isAbsolute(value) ? value.replace(/\/*$/, "/") : undefined),
});

const volumeSection = mapping({
  name: "a volume",
  fields: { path: optional(folder), s3: optional(s3Section) },
  check: ({ path, s3 }, at) => {
    if ((path === undefined) === (s3 === undefined)) at().fault("expected either path or s3");
  },
});

const moveSection = mapping({
  name: "a move",
  fields: { after: required(duration), to: required(text) },
  check: ({ after }, at) => {
    if (after <= 0) at("after").fault("expected a duration above 0");
  },
});

const fileSection = mapping({
  name: "the tiers file",
  fields: {
    policy: optional(policyName),
    volumes: optional(record(volumeSection, "volumes")),
    move: required(
      mapping({ name: "move", fields: Object.fromEntries(MOVED_KINDS.map((kind) => [kind, optional(moveSection)])) }),
    ),
  },
  check: ({ volumes, move }, at) => {
    const names = Object.keys(volumes ?? {});
    for (const name of names) {
      if (!VOLUME_NAME.test(name) || name === OWN_VOLUME) {
        at("volumes").fault(`expected names of small letters, digits and _, other than ${OWN_VOLUME}, found ${name}`);
      }
    }
    for (const [kind, rule] of Object.entries(move)) {
      if (rule === undefined || volumes === undefined || names.includes(rule.to)) continue;
      at("move").fault(`${kind} moves to ${rule.to}, expected one of ${names.join(", ")}`);
    }
  },
});

type S3Section = Exclude<ReturnType<typeof s3Section.decode>, undefined>;

/** Reads a tiers file strictly, and the keys that it names as files; throws {@link ConfigFileError} with every fault. */
export async function parseTiers(
  { fileName, folder: base, text: content }: ConfigText,
  readSecretFile: ReadSecretFile,
): Promise<Tiers> {
  const document = new ConfigDocument(content, { fileName, folder: base });
  const file = document.faultCount === 0 ? fileSection.decode(document.root) : undefined;
  if (file === undefined || document.faultCount > 0) throw new ConfigFileError(document.faults);
  const volumes: Volume[] = [];
  for (const [name, { path, s3 }] of Object.entries(file.volumes ?? {})) {
    if (path !== undefined) volumes.push({ name, place: { path } });
    if (s3 !== undefined) volumes.push({ name, place: { s3: await s3From(s3, readSecretFile) } });
  }
  const moves = MOVED_KINDS.flatMap((kind): MoveRule[] => {
    const rule = file.move[kind];
    return rule === undefined ? [] : [{ kind, afterMs: rule.after, to: rule.to }];
  });
  return { policyName: file.policy ?? DEFAULT_POLICY, volumes, moves };
}

/** Reads the file of `--storage.tiers.file`; undefined without one. */
export async function loadTiers(path: string | undefined): Promise<Tiers | undefined> {
  if (path === undefined) return undefined;
  const read = async (file: string, what: string): Promise<string> => {
    try {
      return await readFile(file, "utf8");
    } catch (error) {
      const reason = isMissing(error) ? "no such file" : messageOf(error);
      throw new ConfigFileError([`${file}: cannot read ${what}: ${reason}; see --storage.tiers.file`], error);
    }
  };
  const content = await read(path, "the tiers");
  return parseTiers({ fileName: path, folder: dirname(path), text: content }, async (file) => read(file, "a key"));
}

async function s3From(section: S3Section, readSecretFile: ReadSecretFile): Promise<S3Volume> {
  const keyOf = async (given: Secret | undefined, path: string | undefined): Promise<Secret | undefined> =>
    path === undefined ? given : new Secret((await readSecretFile(path)).trim());
  return {
    endpoint: section.endpoint,
    region: section.region,
    accessKeyId: await keyOf(section.access_key_id, section.access_key_id_file),
    secretAccessKey: await keyOf(section.secret_access_key, section.secret_access_key_file),
  };
}
