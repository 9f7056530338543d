import type { OAuth2Config } from "@monotreme/prometheus-config";
import { basicCredentials } from "./credential-headers.ts";
import { HttpClientError } from "./http-client-error.ts";
import { secretText } from "./secret-file.ts";

/** A token counts as expired this long before it is, so that none expires on its way. */
const EXPIRY_MARGIN_MS = 10_000;

/** Makes one form request; what {@link TokenSource} needs of an HTTP client. */
export type PostForm = (
  url: string,
  form: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<{ readonly status: number; readonly body: Buffer }>;

interface Token {
  readonly authorization: string;
  readonly clientSecret: string;
  readonly expiresAtMs: number;
}

/** Tokens of the client credentials grant, kept until they expire or the secret's file changes. */
export class TokenSource {
  readonly #config: OAuth2Config;
  readonly #postForm: PostForm;
  #token: Token | undefined;
  /** OAuth 2 lets servers take the secret in a header or in the body; what worked is tried first. */
  #isSecretInBody = false;

  constructor(config: OAuth2Config, postForm: PostForm) {
    this.#config = config;
    this.#postForm = postForm;
  }

  /** The value of the `Authorization` header. Two calls at once may ask the server twice. */
  async authorization(signal: AbortSignal): Promise<string> {
    const clientSecret = await secretText(this.#config.clientSecret, this.#config.clientSecretFile);
    const known = this.#token;
    if (known !== undefined && known.clientSecret === clientSecret && known.expiresAtMs > performance.now()) {
      return known.authorization;
    }
    const answer = await this.#ask(clientSecret, signal);
    this.#token = { ...tokenFromAnswer(answer), clientSecret };
    return this.#token.authorization;
  }

  /** A server refused the token before its time. */
  forget(): void {
    this.#token = undefined;
  }

  async #ask(clientSecret: string, signal: AbortSignal): Promise<Buffer> {
    const first = await this.#askOnce(clientSecret, signal);
    if (first.status >= 200 && first.status < 300) return first.body;
    if (first.status === 400 || first.status === 401) {
      this.#isSecretInBody = !this.#isSecretInBody;
      const second = await this.#askOnce(clientSecret, signal);
      if (second.status >= 200 && second.status < 300) return second.body;
    }
    throw new HttpClientError("credentials", `the token address answered ${first.status}`);
  }

  #askOnce(clientSecret: string, signal: AbortSignal): ReturnType<PostForm> {
    const { clientId, scopes, endpointParams, tokenUrl } = this.#config;
    const form = new URLSearchParams({ grant_type: "client_credentials" });
    if (scopes.length > 0) form.set("scope", scopes.join(" "));
    for (const [name, value] of Object.entries(endpointParams)) form.set(name, value);
    if (this.#isSecretInBody) {
      form.set("client_id", clientId);
      if (clientSecret !== "") form.set("client_secret", clientSecret);
      return this.#postForm(tokenUrl, form.toString(), {}, signal);
    }
    // RFC 6749 2.3.1: both are form-encoded before they become Basic credentials.
    const authorization = basicCredentials(encodeForm(clientId), encodeForm(clientSecret));
    return this.#postForm(tokenUrl, form.toString(), { authorization }, signal);
  }
}

function encodeForm(text: string): string {
  return new URLSearchParams([["", text]]).toString().slice(1);
}

function tokenFromAnswer(body: Buffer): Omit<Token, "clientSecret"> {
  const answer = parseObject(body);
  const { access_token: token, token_type: type, expires_in: lifetime } = answer;
  if (typeof token !== "string" || token === "") {
    throw new HttpClientError("credentials", "the token address gave no access_token");
  }
  const seconds = Number(lifetime ?? Number.POSITIVE_INFINITY);
  return {
    authorization: `${typeof type === "string" && type.toLowerCase() !== "bearer" ? type : "Bearer"} ${token}`,
    expiresAtMs: performance.now() + (Number.isNaN(seconds) ? 0 : seconds * 1000) - EXPIRY_MARGIN_MS,
  };
}

function parseObject(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const answer: unknown = JSON.parse(body.toString("utf8"));
    if (typeof answer === "object" && answer !== null) return { ...answer };
  } catch {
    // Falls through to the one message; the text may hold secrets.
  }
  throw new HttpClientError("credentials", "the token address gave no JSON object");
}
