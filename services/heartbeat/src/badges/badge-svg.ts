import type { BadgeStatus } from "./badge-summary.ts";

const COLOURS: Readonly<Record<BadgeStatus, string>> = { up: "#2e9e44", late: "#b8860b", down: "#c9302c" };
const HEIGHT = 20;
const PADDING = 7;
/** Of a character, about; the text is told to fill the place that it gets. */
const CHARACTER_WIDTH = 6.6;
const MAX_LABEL_LENGTH = 100;

/** A badge as a picture: a label, and a status on its colour. */
export function badgeSvg(label: string, status: BadgeStatus): string {
  const shown = Array.from(label).slice(0, MAX_LABEL_LENGTH).join("");
  const left = part(shown, 0);
  const right = part(status, left.width);
  const width = left.width + right.width;
  const title = `${escapeXml(shown)}: ${status}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" role="img" aria-label="${title}">`,
    `<title>${title}</title>`,
    `<clipPath id="r"><rect width="${width}" height="${HEIGHT}" rx="3" fill="#fff"/></clipPath>`,
    `<g clip-path="url(#r)"><rect width="${left.width}" height="${HEIGHT}" fill="#555"/>`,
    `<rect x="${left.width}" width="${right.width}" height="${HEIGHT}" fill="${COLOURS[status]}"/></g>`,
    `<g fill="#fff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">${left.text}${right.text}</g>`,
    "</svg>",
  ].join("");
}

function part(text: string, x: number): { readonly width: number; readonly text: string } {
  const textWidth = Math.ceil(Array.from(text).length * CHARACTER_WIDTH);
  return {
    width: textWidth + 2 * PADDING,
    text: `<text x="${x + PADDING}" y="14" textLength="${textWidth}">${escapeXml(text)}</text>`,
  };
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text for content and attributes; what XML has no way to write is left out. */
function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
