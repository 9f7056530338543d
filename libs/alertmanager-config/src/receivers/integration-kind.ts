import type { Schema } from "@monotreme/prometheus-config";
import type { GlobalSection } from "../sections/global-section.ts";

/** Reports a fault of the entry at hand. */
export type Fault = (text: string) => void;

/** How one kind of integration is read: its own fields, what it takes from `global`, and what code gets. */
export interface IntegrationKind<Section, Config> {
  readonly schema: Schema<Section>;
  /** The section with what it inherits; says so where something is given in neither place. */
  complete(section: Section, global: GlobalSection, fault: Fault): Section;
  /** Of a complete section. */
  configFrom(section: Section): Config;
}

/** Type inference for {@link IntegrationKind}. */
export function integrationKind<Section, Config>(
  kind: IntegrationKind<Section, Config>,
): IntegrationKind<Section, Config> {
  return kind;
}
