const allowed = new Set(["http:", "https:", "mailto:"]);

/**
 * The address itself if it may stand in a link: http, https, mailto, or without a scheme. Else
 * "#". The platform's own parser decides, because it reads an address as a browser does.
 */
export function safeUrl(value) {
  const text = String(value ?? "");
  try {
    return allowed.has(new URL(text, "https://no-scheme.invalid/").protocol) ? text : "#";
  } catch {
    return "#";
  }
}
