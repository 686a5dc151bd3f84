/** Fields whose value is a secret, in whatever method they stand. */
const secretField = /(password|passphrase|secret|credential|privatekey|recoverykey|otp)$/i
/** A token is secret; the short name or id of one is what the entry is about. */
const tokenField = /token$/i
const LEAST_TOKEN = 24
/** What is longer is cut: an entry is a record, not a copy. */
const MAX_TEXT = 500

/** The input of a command as the audit log keeps it; long texts are cut, and a secret is no business of whoever reads it. */
export function maskedInput(input: unknown): unknown {
  return JSON.parse(
    JSON.stringify(input ?? null, (key, value: unknown) => {
      if (secretField.test(key) && value !== null && typeof value !== 'boolean' && typeof value !== 'number') return '***'
      if (typeof value !== 'string') return value
      if (tokenField.test(key) && value.length >= LEAST_TOKEN) return '***'
      // Addresses of webhooks may carry what is as good as a password, and so may those of brokers.
      const text = /url$/i.test(key)
        ? value.replace(/^(\w+:\/\/)(?:[^/@]*@)?([^/]+\/?).*$/s, (whole, scheme: string, host: string) =>
            shortened(whole, `${scheme}${host}`),
          )
        : value
      return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
    }),
  ) as unknown
}

function shortened(whole: string, kept: string): string {
  return whole === kept ? whole : `${kept}…`
}
