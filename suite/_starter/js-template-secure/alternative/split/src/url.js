/**
 * The address itself if it may stand in a link: http, https, mailto, or without a scheme. Else
 * "#".
 */
export function safeUrl(value) {
  const text = String(value ?? "");
  const seen = text.replace(/^[\u0000-\u0020]+|[\t\n\r]/g, "");
  const bare = seen.replace(/^[\u0000-\u0020]+/, "");
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(bare);
  return scheme === null || /^(https?|mailto)$/i.test(scheme[1]) ? text : "#";
}
