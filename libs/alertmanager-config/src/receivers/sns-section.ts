import { boolean, optional, record, shownDefault, text, withDefault } from "@monotreme/prometheus-config";
import { optionalSecret, optionalText } from "../sections/field-kinds.ts";
import { httpIntegrationFields, withGlobalHttp, withHttpClient } from "../sections/http-section.ts";
import { type Decoded, structure } from "../sections/structure.ts";
import { type IntegrationKind, integrationKind } from "./integration-kind.ts";
import type { SnsConfig } from "./sns-config.ts";

const NO_SIGV4 = { region: "", accessKey: "", secretKey: undefined, profile: "", roleArn: "", externalId: "" };

const sigv4 = structure({
  name: "sigv4",
  fields: {
    region: optionalText,
    access_key: optionalText,
    secret_key: optionalSecret,
    profile: optionalText,
    role_arn: optionalText,
    external_id: optionalText,
    use_fips_sts_endpoint: withDefault(boolean, false),
  },
  check: (config, at) => {
    if ((config.access_key === "") !== (config.secret_key === undefined)) {
      at().fault("must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the SigV4 config");
    }
  },
});

const schema = structure({
  name: "sns_config",
  fields: {
    ...httpIntegrationFields(true),
    api_url: optionalText,
    sigv4: optional(sigv4),
    topic_arn: optionalText,
    phone_number: optionalText,
    target_arn: optionalText,
    subject: shownDefault(text, '{{ template "sns.default.subject" . }}'),
    message: shownDefault(text, '{{ template "sns.default.message" . }}'),
    attributes: withDefault(record(text, "attributes", ""), {}),
    use_aws_http_client: withDefault(boolean, false),
  },
  check: (section, at) => {
    const targets = [section.topic_arn, section.phone_number, section.target_arn].filter((target) => target !== "");
    if (targets.length !== 1) {
      at().fault("must provide either a Target ARN, Topic ARN, or Phone Number for SNS config");
    }
  },
});

type SnsSection = Decoded<typeof schema>;

/** How entries of `sns_configs` are read. */
export const snsKind: IntegrationKind<SnsSection, SnsConfig> = integrationKind({
  schema,
  complete: withGlobalHttp,
  configFrom: (section) => ({ ...withHttpClient(section), sigv4: section.sigv4 ?? NO_SIGV4 }),
});
