import { SECRET_MASK } from "../secret.ts";
import type { ConfigNode } from "../yaml/config-node.ts";
import type { RenderMode, Schema } from "../yaml/schema.ts";
import { maskUrlPassword } from "../yaml/scalars.ts";

/** Plain YAML data whose fields are not known here. */
export type OpaqueValue = null | string | readonly OpaqueValue[] | { readonly [name: string]: OpaqueValue };

/** Names under which the sections of upstream that we only carry along keep their secrets. */
const SECRET_NAME = /password|secret|credential|token|private_key|client_certificate_key|account_key|api_key|^key$/i;
/** Names that look like secrets and are not. */
const PLAIN_NAME = /_(file|ref|id|name|url)$|^token_url$|^authorization$|^credentials?_type$/i;

/** A section taken as it is; its dumps still show no secrets. */
export const opaque: Schema<OpaqueValue> = { decode: decodeOpaque, render: (value, mode) => renderOpaque(value, mode) };

function decodeOpaque(node: ConfigNode): OpaqueValue {
  const entries = node.entries();
  if (entries !== undefined) return Object.fromEntries(entries.map(({ name, value }) => [name, decodeOpaque(value)]));
  return node.items()?.map(decodeOpaque) ?? node.text ?? null;
}

function renderOpaque(value: OpaqueValue, mode: RenderMode, name = ""): unknown {
  if (value === null) return null;
  if (typeof value === "string") {
    if (mode === "revealed") return value;
    return SECRET_NAME.test(name) && !PLAIN_NAME.test(name) ? SECRET_MASK : maskUrlPassword(value);
  }
  if (isList(value)) return value.map((item) => renderOpaque(item, mode, name));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renderOpaque(item, mode, key)]));
}

function isList(value: OpaqueValue): value is readonly OpaqueValue[] {
  return Array.isArray(value);
}
