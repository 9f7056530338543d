import { stringify } from "yaml";
import { type FileSection, fileSection } from "./sections/file-section.ts";

/** The configuration as YAML, defaults applied, secrets masked. */
export function renderConfigFile(file: FileSection): string {
  return stringify(fileSection.render(file, "masked"), { lineWidth: 0, indentSeq: false });
}
