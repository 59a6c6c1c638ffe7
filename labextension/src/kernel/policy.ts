/** The directives of Content-Security-Policies that have kept this page from loading something, by its URL. */
const directives = new Map<string, string>();

// Workers have no document; what they may load is told by the errors that they get.
globalThis.document?.addEventListener(
  'securitypolicyviolation',
  ({ blockedURI, effectiveDirective }) => {
    directives.set(blockedURI, effectiveDirective);
  }
);

/** The directive of the page's Content-Security-Policy that forbids a URL, as far as the browser has told. */
export function forbiddenBy(url: string): string | undefined {
  return directives.get(url);
}

/** Whether an error says that a Content-Security-Policy is the reason; each browser has words of its own. */
export function namesPolicy(message: string): boolean {
  return /content[ -]security[ -]policy|\bCSP\b/i.test(message);
}
