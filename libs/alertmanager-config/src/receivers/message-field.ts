import { boolean, list } from "@monotreme/prometheus-config";
import { optionalShown, optionalText } from "../sections/field-kinds.ts";
import { structure } from "../sections/structure.ts";

/** Fields of a chat message, under the name that upstream's messages give the service. */
export function messageFields(service: string) {
  const field = structure({
    name: `${service} field`,
    fields: { title: optionalText, value: optionalText, short: optionalShown(boolean) },
    names: { short: "isShort" },
    check: ({ title, value }, at) => {
      if (title === "") at("title").fault(`missing title in ${service} field configuration`);
      if (value === "") at("value").fault(`missing value in ${service} field configuration`);
    },
  });
  return list(field, "fields");
}
