import type { EmailConfig } from "@monotreme/alertmanager-config";
import { DeliveryError } from "../delivery-error.ts";
import { readSecret } from "../delivery/read-secret.ts";

/** How to log in at a mail server. */
export interface SmtpLogin {
  readonly method: "CRAM-MD5" | "PLAIN" | "LOGIN";
  readonly user: string;
  readonly password: string;
}

/** What the server offers and how it is reached. */
export interface SmtpOffer {
  /** In the server's order. */
  readonly methods: readonly string[];
  readonly isEncrypted: boolean;
  readonly isLocal: boolean;
}

/**
 * The first of the server's methods for which there is a secret; undefined where the server asks for none or no user is
 * configured. PLAIN goes over encrypted connections or to this machine only.
 */
export async function chooseLogin(config: EmailConfig, offer: SmtpOffer): Promise<SmtpLogin | undefined> {
  if (config.authUsername === "" || offer.methods.length === 0) return undefined;
  const user = config.authUsername;
  const secret = await readSecret(config.authSecret, config.authSecretFile);
  const password = await readSecret(config.authPassword, config.authPasswordFile);
  for (const method of offer.methods) {
    if (method === "CRAM-MD5" && secret !== "") return { method, user, password: secret };
    if (method === "LOGIN" && password !== "") return { method, user, password };
    if (method !== "PLAIN" || password === "") continue;
    if (offer.isEncrypted || offer.isLocal) return { method, user, password };
    throw loginError("PLAIN is not used over an unencrypted connection");
  }
  throw loginError(`no secret is configured for any of the server's methods: ${offer.methods.join(" ")}`);
}

function loginError(message: string): DeliveryError {
  return new DeliveryError(`cannot log in at the mail server: ${message}`, { isRetryable: true, reason: "authError" });
}
