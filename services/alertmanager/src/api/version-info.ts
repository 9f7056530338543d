import { MONOTREME_VERSION } from "@monotreme/telemetry";

/** The release of upstream whose API this is: amtool compares it with its own and warns where they differ. */
export const API_LEVEL = "0.34.0";

/** What upstream tells of its build; ours is told by the revision. */
export const VERSION_INFO = {
  branch: "HEAD",
  buildDate: "",
  buildUser: "",
  goVersion: "",
  revision: `monotreme-${MONOTREME_VERSION}`,
} as const;
