import type { FastifyInstance } from "@monotreme/http";
import type { ApiContext } from "../api-context.ts";
import { readFilter, satisfies } from "../request/filters.ts";

/** `GET /receivers`. */
export function addReceiverRoutes(app: FastifyInstance, { info, parseMatcher }: ApiContext): void {
  app.get("/receivers", async (request) => {
    const wanted = readFilter(request, parseMatcher, "receiver_matchers");
    return info
      .receivers()
      .filter(({ labels }) => satisfies(labels, wanted))
      .map(({ name, labels }) => ({ name, labels }));
  });
}
