import { messageOf } from "@monotreme/errors";
import { secretText } from "@monotreme/http-client";
import type { Secret } from "@monotreme/prometheus-config";
import { DeliveryError } from "../delivery-error.ts";

/** A secret of the configuration or of a file that is read now, trimmed. A file that is missing may come back. */
export async function readSecret(secret: Secret | undefined, file: string | undefined): Promise<string> {
  try {
    return await secretText(secret, file);
  } catch (error) {
    throw new DeliveryError(messageOf(error), { isRetryable: true, reason: "other", cause: error });
  }
}
