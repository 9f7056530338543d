import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

const text = z.string().min(1);
const duration = z.string().regex(/^\d+(ms|s|m|h)$/);
const environment = z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string());
const words = z.array(text).min(1);
/** `target` of the container, `source` a folder, file or named volume. */
const mount = z.string().regex(/^[^:]+:\/[^:]*(:(ro|rw|ro,rslave))?$/);
const publishedPort = z.string().regex(/^(\$\{[A-Z_]+:-[\d.]+\}|[\d.]+):\d+:\d+$/, "expected address:port:port");

const healthCheck = z.strictObject({
  test: z.tuple([z.enum(["CMD", "CMD-SHELL"]), text], text),
  interval: duration,
  timeout: duration,
  retries: z.number().int().positive(),
  start_period: duration.optional(),
  start_interval: duration.optional(),
});

const dependsOn = z.record(
  text,
  z.strictObject({ condition: z.enum(["service_started", "service_healthy", "service_completed_successfully"]) }),
);

const service = z.strictObject({
  image: text,
  build: z.strictObject({ context: text, dockerfile: text }).optional(),
  profiles: words.optional(),
  command: words.optional(),
  environment: environment.optional(),
  depends_on: dependsOn.optional(),
  ports: z.array(publishedPort).optional(),
  volumes: z.array(mount).optional(),
  secrets: words.optional(),
  networks: z.record(text, z.strictObject({ aliases: words.optional() })).optional(),
  healthcheck: healthCheck.optional(),
  restart: z.enum(["no", "always", "on-failure", "unless-stopped"]).optional(),
  read_only: z.boolean().optional(),
  tmpfs: words.optional(),
  cap_drop: words.optional(),
  security_opt: words.optional(),
  pid: z.literal("host").optional(),
  ulimits: z.record(text, z.strictObject({ soft: z.number(), hard: z.number() })).optional(),
  stop_grace_period: duration.optional(),
  logging: z.strictObject({ driver: text, options: z.record(text, z.string()) }).optional(),
  deploy: z
    .strictObject({
      resources: z.strictObject({
        limits: z.strictObject({ cpus: z.string().regex(/^[\d.]+$/), memory: z.string().regex(/^\d+[MG]$/) }),
      }),
    })
    .optional(),
});

/** What of the Compose Specification our files use; anything else is a mistake until it is added here. */
const composeFile = z
  .looseObject({
    name: text,
    services: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), service),
    volumes: z.record(text, z.strictObject({})).optional(),
    secrets: z.record(text, z.strictObject({ file: text })).optional(),
  })
  .superRefine((file, context) => {
    const unknown = Object.keys(file).filter(
      (key) => !key.startsWith("x-") && !["name", "services", "volumes", "secrets"].includes(key),
    );
    for (const key of unknown) context.addIssue({ code: "custom", message: `unknown key ${key}` });
  });

export type ComposeFile = z.infer<typeof composeFile>;
export type ComposeService = z.infer<typeof service>;

/** Reads and checks a compose file; throws with every fault. */
export function readComposeFile(path: string): ComposeFile {
  return parseComposeFile(readFileSync(path, "utf8"));
}

/** The same of a text. */
export function parseComposeFile(source: string): ComposeFile {
  return composeFile.parse(parse(source, { merge: true, uniqueKeys: true }));
}

/** `${NAME}`, `${NAME:-default}` and `${NAME:?message}` with values; `$$` is a dollar. */
export function interpolate(source: string, values: Readonly<Record<string, string>>): string {
  return source.replaceAll(
    /\$(?:\$|\{([A-Z_]+)(?::([-?])([^}]*))?\})/g,
    (whole, name?: string, how?: string, rest = "") => {
      if (name === undefined) return "$";
      const value = values[name];
      if (value !== undefined && value !== "") return value;
      if (how === "-") return rest;
      throw new Error(`${whole}: ${name} is not set`);
    },
  );
}

/** The names of variables that a file asks for. */
export function variablesOf(source: string): string[] {
  return [...new Set([...source.matchAll(/(?<!\$)\$\{([A-Z_]+)/g)].map(([, name = ""]) => name))].sort();
}
