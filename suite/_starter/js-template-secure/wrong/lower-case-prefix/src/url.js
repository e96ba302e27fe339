const forbidden = ["javascript:", "data:", "vbscript:"];

/**
 * The address itself if it may stand in a link: http, https, mailto, or without a scheme. Else
 * "#".
 */
export function safeUrl(value) {
  const text = String(value ?? "");
  const seen = text.trim().toLowerCase();
  return forbidden.some((scheme) => seen.startsWith(scheme)) ? "#" : text;
}
