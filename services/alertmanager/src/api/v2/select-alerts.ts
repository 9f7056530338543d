import { compileAnchored } from "@monotreme/model";
import { messageOf } from "@monotreme/errors";
import type { FastifyRequest } from "@monotreme/http";
import { type Alert, isResolvedAt } from "../../alerts/alert.ts";
import type { AlertStatus } from "../../engine/alert-views.ts";
import type { ApiContext } from "../api-context.ts";
import { BadRequestError } from "../request/api-errors.ts";
import { readFilter, satisfies } from "../request/filters.ts";
import { flagOf, textOf } from "../request/query-parameters.ts";

/** Which alerts a request asks for, at one moment. */
export interface AlertSelection {
  /** Whether a receiver of this name is asked for. */
  acceptsReceiver(name: string): boolean;
  /** The status of an alert that is to be shown; undefined for one that is not, whatever its receivers are. */
  statusToShow(alert: Alert): AlertStatus | undefined;
}

/** From the parameters `filter`, `receiver`, `receiver_matchers`, `active`, `silenced` and `inhibited`. */
export function selectionFrom(request: FastifyRequest, context: ApiContext): AlertSelection {
  const filter = readFilter(request, context.parseMatcher);
  const isActiveShown = flagOf(request, "active", true);
  const isSilencedShown = flagOf(request, "silenced", true);
  const isInhibitedShown = flagOf(request, "inhibited", true);
  const nowMs = context.now();
  return {
    acceptsReceiver: receiverTest(request, context),
    statusToShow: (alert) => {
      if (isResolvedAt(alert, nowMs) || !satisfies(alert.labels, filter)) return undefined;
      const status = context.views.statusOf(alert);
      const isHidden =
        (!isActiveShown && status.state === "active") ||
        (!isSilencedShown && status.silencedBy.length > 0) ||
        (!isInhibitedShown && status.inhibitedBy.length > 0);
      return isHidden ? undefined : status;
    },
  };
}

function receiverTest(request: FastifyRequest, context: ApiContext): (name: string) => boolean {
  const pattern = textOf(request, "receiver") ?? "";
  const wanted = readFilter(request, context.parseMatcher, "receiver_matchers");
  if (pattern === "" && wanted.length === 0) return () => true;
  const regex = pattern === "" ? undefined : compileReceiver(pattern);
  const chosen = new Set(
    context.info
      .receivers()
      .filter(({ name, labels }) => (regex?.matches(name) ?? true) && satisfies(labels, wanted))
      .map(({ name }) => name),
  );
  return (name) => chosen.has(name);
}

function compileReceiver(pattern: string): ReturnType<typeof compileAnchored> {
  try {
    return compileAnchored(pattern, { isDotAll: false });
  } catch (error) {
    throw new BadRequestError(`failed to parse receiver param: ${messageOf(error)}`, error);
  }
}
