import { TENANT_HEADER, tenantFromHeader } from "@monotreme/contracts";
import { AppError, messageOf } from "@monotreme/errors";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "@monotreme/http";
import {
  parseRuleGroup,
  type ParseRulesOptions,
  printRuleGroup,
  printRuleNamespaces,
  type RuleGroupConfig,
} from "@monotreme/rules";
import type { GroupStore } from "../groups/group-store.ts";

export interface RulerConfigOptions {
  readonly store: GroupStore;
  readonly rules: ParseRulesOptions;
}

/** Mimir serves the same paths with and without its prefix for Prometheus. */
const PREFIXES = ["/prometheus/config/v1/rules", "/config/v1/rules"] as const;

const MAX_BODY_BYTES = 4 * 2 ** 20;
/** Names become parts of keys in NATS. */
const MAX_NAME_BYTES = 1024;
const MIN_INTERVAL_MS = 1000;

interface Names {
  readonly namespace: string;
  readonly group: string;
}

/**
 * Rule groups by API, as Mimir's ruler has it: list, read, create or change, delete. Bodies are YAML (JSON is YAML too).
 * Groups belong to the tenant of the request.
 */
export function rulerConfigRoutes(options: RulerConfigOptions): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.removeAllContentTypeParsers();
    const parsing = { parseAs: "string", bodyLimit: MAX_BODY_BYTES } as const;
    app.addContentTypeParser("*", parsing, async (_request: unknown, body: string) => body);
    for (const prefix of PREFIXES) addRoutes(app, prefix, options);
  };
}

function addRoutes(app: FastifyInstance, prefix: string, { store, rules }: RulerConfigOptions): void {
  app.get(prefix, async (request, reply) => {
    const tenant = tenantOf(request);
    return yaml(reply, namespacesText(store, tenant, store.namespacesOf(tenant)));
  });
  app.get(`${prefix}/:namespace`, async (request, reply) => {
    const tenant = tenantOf(request);
    return yaml(reply, namespacesText(store, tenant, [namesOf(request).namespace]));
  });
  app.get(`${prefix}/:namespace/:group`, async (request, reply) => {
    const { namespace, group } = namesOf(request);
    return answering(reply, async () => yaml(reply, printRuleGroup(store.group(tenantOf(request), namespace, group))));
  });
  app.post(`${prefix}/:namespace`, async (request, reply) => {
    const { namespace } = namesOf(request);
    const text = typeof request.body === "string" ? request.body : "";
    return answering(reply, async () => {
      checkName("namespace", namespace);
      const group = parseRuleGroup({ fileName: namespace, text }, rules);
      checkName("group", group.name);
      checkInterval(group);
      await store.put(tenantOf(request), namespace, group);
      return accepted(reply);
    });
  });
  app.delete(`${prefix}/:namespace`, async (request, reply) =>
    answering(reply, async () => {
      await store.removeNamespace(tenantOf(request), namesOf(request).namespace);
      return accepted(reply);
    }),
  );
  app.delete(`${prefix}/:namespace/:group`, async (request, reply) =>
    answering(reply, async () => {
      const { namespace, group } = namesOf(request);
      await store.remove(tenantOf(request), namespace, group);
      return accepted(reply);
    }),
  );
}

function namespacesText(store: GroupStore, tenant: string, namespaces: readonly string[]): string {
  const groups = namespaces.map((name) => [name, store.groupsOf(tenant, name)] as const);
  return printRuleNamespaces(new Map(groups.filter(([, own]) => own.length > 0)));
}

function tenantOf(request: FastifyRequest): string {
  return tenantFromHeader(request.headers[TENANT_HEADER]);
}

function namesOf(request: FastifyRequest): Names {
  const parameters: unknown = request.params;
  const text = (name: string): string => {
    const value: unknown = typeof parameters === "object" && parameters !== null ? Reflect.get(parameters, name) : "";
    return typeof value === "string" ? value : "";
  };
  return { namespace: text("namespace"), group: text("group") };
}

function checkName(what: string, name: string): void {
  if (name !== "" && Buffer.byteLength(name) <= MAX_NAME_BYTES) return;
  throw new AppError("RULE_GROUP_NAME", "invalid", `the ${what} needs a name of 1 to ${MAX_NAME_BYTES} bytes`);
}

/** Groups by API come from many hands; files may ask for anything. */
function checkInterval({ intervalMs }: RuleGroupConfig): void {
  if (intervalMs === undefined || intervalMs >= MIN_INTERVAL_MS) return;
  throw new AppError("RULE_GROUP_INTERVAL", "invalid", `the interval of a group must be ${MIN_INTERVAL_MS}ms or more`);
}

/** Clients of Mimir read faults as plain text. */
async function answering(reply: FastifyReply, act: () => Promise<unknown>): Promise<unknown> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof AppError) || (error.kind !== "invalid" && error.kind !== "not-found")) throw error;
    return reply
      .code(error.kind === "invalid" ? 400 : 404)
      .type("text/plain; charset=utf-8")
      .send(`${messageOf(error)}\n`);
  }
}

function yaml(reply: FastifyReply, text: string): FastifyReply {
  return reply.type("application/yaml").send(text);
}

function accepted(reply: FastifyReply): FastifyReply {
  return reply.code(202).send({ status: "success", data: null, errorType: "", error: "" });
}
