/**
 * The address itself if it may stand in a link: http, https, mailto, or without a scheme. Else
 * "#".
 */
export function safeUrl(value) {
  const text = String(value ?? "");
  return text.startsWith("javascript:") ? "#" : text;
}
