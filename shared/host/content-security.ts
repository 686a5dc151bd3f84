/** Stands in the built index.html where the nonce of a response goes: `<meta property="csp-nonce" nonce="__CSP_NONCE__">`. */
export const noncePlaceholder = '__CSP_NONCE__'

/** A nonce is base64 of at least 16 random bytes; anything else could break out of the header or the attribute. */
const noncePattern = /^[A-Za-z0-9+/_-]{22,88}={0,2}$/

/**
 * The Content-Security-Policy of the page: everything comes from its own origin, styles that the component library injects carry the nonce.
 * @param connect further origins that the page may reach, such as `ws://127.0.0.1:8320` where `'self'` does not cover it
 * @throws Error if the nonce or an origin could change the policy
 */
export function contentSecurityPolicy(nonce: string, { connect = [] }: { connect?: readonly string[] } = {}): string {
  if (!noncePattern.test(nonce)) throw new Error('The nonce is no base64 of 16 bytes.')
  const odd = connect.find((origin) => !/^(?:https?|wss?):\/\/[A-Za-z0-9.:[\]-]+$/.test(origin))
  if (odd !== undefined) throw new Error(`'${odd}' is no origin.`)
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    ["connect-src 'self'", ...connect].join(' '),
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** The page with the nonce of this response. @throws Error if the nonce is none */
export function withNonce(html: string, nonce: string): string {
  if (!noncePattern.test(nonce)) throw new Error('The nonce is no base64 of 16 bytes.')
  return html.replaceAll(noncePlaceholder, nonce)
}
