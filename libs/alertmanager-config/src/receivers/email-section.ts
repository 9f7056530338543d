import {
  boolean,
  optional,
  record,
  type Schema,
  shownDefault,
  text,
  tlsFromSection,
  withDefault,
} from "@monotreme/prometheus-config";
import { optionalFilled, optionalPath, optionalSecret, optionalShown, optionalText } from "../sections/field-kinds.ts";
import { checkAtMostOne } from "../sections/exclusive-fields.ts";
import { type GlobalSection, mailTlsSection } from "../sections/global-section.ts";
import { hostPort, NO_HOST } from "../sections/scalars.ts";
import { type Decoded, structure } from "../sections/structure.ts";
import type { EmailConfig } from "./email-config.ts";
import { type Fault, type IntegrationKind, integrationKind } from "./integration-kind.ts";

const threading = structure({
  name: "threading",
  fields: { enabled: withDefault(boolean, false), thread_by_date: optionalText },
  names: { enabled: "isEnabled" },
  check: ({ enabled, thread_by_date: byDate }, at) => {
    if (enabled && byDate !== "none" && byDate !== "daily") {
      at("thread_by_date").fault("threading.thread_by_date must be either 'none' or 'daily'");
    }
  },
});

const headerRecord = record(text, "header values", "");

/** Headers by name in canonical form, in which no name may come twice. */
const headers: Schema<Readonly<Record<string, string>>> = {
  decode: (node) => {
    const given = headerRecord.decode(node);
    if (given === undefined) return undefined;
    const canonical = new Map<string, string>();
    for (const [name, value] of Object.entries(given)) {
      const header = canonicalHeader(name);
      if (canonical.has(header)) node.fault(`duplicate header ${JSON.stringify(header)} in email config`);
      canonical.set(header, value);
    }
    return Object.fromEntries(canonical);
  },
  render: (value, mode) => headerRecord.render(value, mode),
};

/** `reply-to` → `Reply-To`; what is no header's name stays as it is. */
function canonicalHeader(name: string): string {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return name;
  return name
    .toLowerCase()
    .replaceAll(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());
}

const schema = structure({
  name: "email_config",
  fields: {
    send_resolved: shownDefault(boolean, false),
    to: optionalText,
    from: optionalText,
    hello: optionalText,
    smarthost: optionalFilled(hostPort),
    auth_username: optionalText,
    auth_password: optionalSecret,
    auth_password_file: optionalPath,
    auth_secret: optionalSecret,
    auth_secret_file: optionalPath,
    auth_identity: optionalText,
    headers: withDefault(headers, {}),
    html: shownDefault(text, '{{ template "email.default.html" . }}'),
    text: optionalText,
    require_tls: optionalShown(boolean),
    force_implicit_tls: optionalShown(boolean),
    tls_config: optional(mailTlsSection),
    threading: optional(threading),
  },
  check: (section, at) => {
    if (section.to === "") at("to").fault("missing to address in email config");
    checkAtMostOne(at, section, "auth_password", "auth_password_file");
    checkAtMostOne(at, section, "auth_secret", "auth_secret_file");
    if (section.threading?.isEnabled === true) {
      for (const header of ["References", "In-Reply-To"]) {
        if (header in section.headers) {
          at("headers").fault(`conflicting configuration: threading.enabled conflicts with custom ${header} header`);
        }
      }
    }
  },
});

type EmailSection = Decoded<typeof schema>;

/** How entries of `email_configs` are read. */
export const emailKind: IntegrationKind<EmailSection, EmailConfig> = integrationKind({
  schema,
  complete: completeEmail,
  configFrom: (section) => ({
    ...section,
    smarthost: section.smarthost ?? NO_HOST,
    requireTls: section.requireTls ?? true,
    tlsConfig: section.tlsConfig && tlsFromSection(section.tlsConfig),
    threading: section.threading ?? { isEnabled: false, threadByDate: "" },
  }),
});

function completeEmail(section: EmailSection, global: GlobalSection, fault: Fault): EmailSection {
  const smarthost = section.smarthost ?? global.smtpSmarthost;
  const from = section.from || global.smtpFrom;
  if (smarthost === undefined) fault("no global SMTP smarthost set");
  if (from === "") fault("no global SMTP from set");
  const hasPassword = section.authPassword !== undefined || section.authPasswordFile !== undefined;
  const hasSecret = section.authSecret !== undefined || section.authSecretFile !== undefined;
  return {
    ...section,
    smarthost,
    from,
    hello: section.hello || global.smtpHello,
    authUsername: section.authUsername || global.smtpAuthUsername,
    authPassword: hasPassword ? section.authPassword : global.smtpAuthPassword,
    authPasswordFile: hasPassword ? section.authPasswordFile : global.smtpAuthPasswordFile,
    authSecret: hasSecret ? section.authSecret : global.smtpAuthSecret,
    authSecretFile: hasSecret ? section.authSecretFile : global.smtpAuthSecretFile,
    authIdentity: section.authIdentity || global.smtpAuthIdentity,
    requireTls: section.requireTls ?? global.smtpRequireTls,
    forceImplicitTls: section.forceImplicitTls ?? global.smtpForceImplicitTls,
    tlsConfig: section.tlsConfig ?? global.smtpTlsConfig,
  };
}
