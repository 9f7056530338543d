import type { SnsConfig } from "@monotreme/alertmanager-config";

import { DeliveryError } from "../delivery-error.ts";
import { type ServiceAnswer, ServiceClient } from "../delivery/service-client.ts";
import type { DeliveryResult, Integration, IntegrationContext } from "../integration.ts";
import type { Notification } from "../notification.ts";
import { MessageExpander } from "../templates/message-expander.ts";
import { AssumedRole } from "./assumed-role.ts";
import { type AwsCredentials, awsCredentials } from "./aws-credentials.ts";
import { formBody, signedHeaders } from "./aws-request.ts";
import { publishFields } from "./sns-message.ts";

/** Publishes to a topic, a phone or an endpoint of Amazon's SNS, signed with signature version 4. */
export class SnsIntegration implements Integration {
  readonly name = "sns";
  readonly #config: SnsConfig;
  readonly #context: IntegrationContext;
  readonly #client: ServiceClient;
  readonly #role: AssumedRole;

  constructor(config: SnsConfig, context: IntegrationContext) {
    this.#config = config;
    this.#context = context;
    this.#client = new ServiceClient(config.httpConfig, context);
    this.#role = new AssumedRole(config.sigv4, {
      client: this.#client,
      environment: context.environment ?? {},
      now: () => context.now(),
    });
  }

  async send(notification: Notification, signal: AbortSignal): Promise<DeliveryResult> {
    const expander = new MessageExpander(this.name, notification, this.#context);
    const body = formBody(publishFields(this.#config, notification.groupKeyHash, expander));
    const region = this.#region();
    const url = expander.required("api_url", this.#config.apiUrl) || `https://sns.${region}.amazonaws.com/`;
    if (!URL.canParse(url)) throw refused("its api_url is no address");
    const credentials = await this.#credentials(region, signal);
    const headers = signedHeaders({ service: "sns", region, url, body }, credentials, this.#context.now());
    const secrets = [credentials.secretAccessKey, credentials.sessionToken ?? ""];
    await this.#client.deliver({ url, headers, body, signal, secrets, details: detailsOf });
    return {};
  }

  close(): void {
    this.#client.close();
  }

  async #credentials(region: string, signal: AbortSignal): Promise<AwsCredentials> {
    const { sigv4 } = this.#config;
    const own = await awsCredentials(sigv4, this.#context.environment ?? {});
    return sigv4.roleArn === "" ? own : this.#role.credentials(own, region, signal);
  }

  #region(): string {
    const environment = this.#context.environment ?? {};
    const region = this.#config.sigv4.region || environment.AWS_REGION || environment.AWS_DEFAULT_REGION;
    if (!region) throw refused("no region is configured");
    return region;
  }
}

/** AWS says in XML what is wrong. */
function detailsOf(answer: ServiceAnswer): string {
  const valueOf = (name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer.text)?.[1] ?? "";
  const text = [valueOf("Code"), valueOf("Message")].filter((part) => part !== "").join(": ");
  return text === "" ? answer.text : text;
}

function refused(why: string): DeliveryError {
  return new DeliveryError(`SNS: ${why}`, { isRetryable: false, reason: "clientError" });
}
