import { type JsonObject, objectOf, objectsOf, textOf, textsOf } from "./json-value.ts";
import { type ObjectMeta, readObjectMeta } from "./object-meta.ts";

export interface Ingress extends ObjectMeta {
  readonly className: string;
  readonly tlsHosts: readonly string[];
  readonly rules: readonly IngressRule[];
}

export interface IngressRule {
  readonly host: string;
  readonly paths: readonly string[];
}

export function readIngress(json: JsonObject): Ingress {
  const spec = objectOf(json["spec"]);
  return {
    ...readObjectMeta(json),
    className: textOf(spec["ingressClassName"]),
    tlsHosts: objectsOf(spec["tls"]).flatMap((tls) => textsOf(tls["hosts"])),
    rules: objectsOf(spec["rules"]).map((rule) => ({ host: textOf(rule["host"]), paths: readPaths(rule) })),
  };
}

/** A rule without paths is about all of them. */
function readPaths(rule: JsonObject): readonly string[] {
  if (objectOf(rule["http"])["paths"] === undefined) return ["/"];
  return objectsOf(objectOf(rule["http"])["paths"]).map((path) => textOf(path["path"]) || "/");
}
