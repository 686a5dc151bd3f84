import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** A secret as it is stored: sealed, or as it is where nothing keeps a key. */
export type StoredSecret = string | { sealed: string }

/** Seals small secrets, such as the password of an external broker, for a store that may be copied. */
export interface SecretBox {
  /** False: there is no key, secrets are stored as they are. */
  readonly seals: boolean
  seal(secret: string): StoredSecret
  /** The secret; `null` if it was sealed under a key that is not here. */
  open(stored: StoredSecret): string | null
}

const ALGORITHM = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16

/**
 * A box under a key that the desktop keeps with the system's help. Without a key (a console without a window has no such keeper) secrets are
 * stored as they are, in a file for the owner only, and what the desktop has sealed stays shut: the person types it again.
 * @param key 32 bytes in base64, or `null`
 */
export function openSecretBox(key: string | null): SecretBox {
  const bytes = key === null ? null : Buffer.from(key, 'base64')
  return {
    seals: bytes !== null,
    seal(secret) {
      if (bytes === null) return secret
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv(ALGORITHM, bytes, iv)
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
      return { sealed: Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64') }
    },
    open(stored) {
      if (typeof stored === 'string') return stored
      if (bytes === null) return null
      const sealed = Buffer.from(stored.sealed, 'base64')
      try {
        const decipher = createDecipheriv(ALGORITHM, bytes, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
        decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
        return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8')
      } catch {
        // Another key, or changed bytes: either way there is no secret to be had.
        return null
      }
    },
  }
}
