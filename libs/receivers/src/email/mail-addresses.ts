import addressparser from "nodemailer/lib/addressparser";
import { DeliveryError } from "../delivery-error.ts";

const ADDRESS = /^[^\s<>@]+@[^\s<>@]+$/;

/** The bare addresses of a list such as `Ops <ops@example.org>, me@example.org`; throws a final error for others. */
export function mailAddresses(field: string, list: string): string[] {
  const addresses = addressparser(list, { flatten: true }).map(({ address }) => address);
  const isWhole = addresses.length > 0 && addresses.every((address) => ADDRESS.test(address));
  if (isWhole) return addresses;
  throw new DeliveryError(`the field ${field} is no list of mail addresses: ${JSON.stringify(list)}`, {
    isRetryable: false,
    reason: "clientError",
  });
}

/** The one address of a sender. */
export function senderAddress(list: string): string {
  const [sender, ...others] = mailAddresses("from", list);
  if (sender !== undefined && others.length === 0) return sender;
  throw new DeliveryError(`the field from must have exactly one address, not ${others.length + 1}`, {
    isRetryable: false,
    reason: "clientError",
  });
}
