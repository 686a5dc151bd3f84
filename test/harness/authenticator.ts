import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'

/** What a test may have an authenticator do otherwise than it should. */
export interface Odd {
  origin?: string
  rpId?: string
  /** 1: present, 4: checked (finger, PIN). */
  flags?: number
  counter?: number
  /** Signs with a key that nobody knows. */
  otherKey?: boolean
}

const PRESENT = 1
const CHECKED = 4
const HAS_KEY = 64

/** A passkey in software: it makes and uses one, as the one in a phone does, by WebAuthn level 2. */
export function softAuthenticator(origin: string) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const id = randomBytes(16)
  let counter = 0
  let userHandle = ''
  const clientData = (type: string, challenge: string, odd: Odd): Buffer =>
    Buffer.from(JSON.stringify({ type, challenge, origin: odd.origin ?? origin, crossOrigin: false }))
  const head = (odd: Odd, more: number): Buffer => {
    const counted = Buffer.alloc(4)
    counted.writeUInt32BE(odd.counter ?? counter)
    const flags = Buffer.from([(odd.flags ?? PRESENT | CHECKED) | more])
    return Buffer.concat([
      createHash('sha256')
        .update(odd.rpId ?? 'localhost')
        .digest(),
      flags,
      counted,
    ])
  }
  return {
    /** Answers `navigator.credentials.create`. */
    create(options: Record<string, unknown>, odd: Odd = {}): Record<string, unknown> {
      userHandle = (options['user'] as { id: string }).id
      const data = clientData('webauthn.create', options['challenge'] as string, odd)
      const length = Buffer.alloc(2)
      length.writeUInt16BE(id.length)
      const authData = Buffer.concat([head(odd, HAS_KEY), Buffer.alloc(16), length, id, coseKey(publicKey)])
      const attestation = Buffer.concat([
        ...[Buffer.from([0xa3]), text('fmt'), text('none'), text('attStmt'), Buffer.from([0xa0]), text('authData')],
        bytes(authData),
      ])
      return {
        ...{ id: id.toString('base64url'), rawId: id.toString('base64url'), type: 'public-key', clientExtensionResults: {} },
        response: {
          clientDataJSON: data.toString('base64url'),
          attestationObject: attestation.toString('base64url'),
          transports: ['internal'],
        },
      }
    },
    /** Answers `navigator.credentials.get`. */
    get(options: Record<string, unknown>, odd: Odd = {}): Record<string, unknown> {
      counter += 1
      const data = clientData('webauthn.get', options['challenge'] as string, odd)
      const authData = head(odd, 0)
      const key = odd.otherKey === true ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey : privateKey
      const signature = sign('sha256', Buffer.concat([authData, createHash('sha256').update(data).digest()]), key)
      return {
        ...{ id: id.toString('base64url'), rawId: id.toString('base64url'), type: 'public-key', clientExtensionResults: {} },
        response: {
          ...{ clientDataJSON: data.toString('base64url'), authenticatorData: authData.toString('base64url') },
          ...{ signature: signature.toString('base64url'), userHandle },
        },
      }
    },
  }
}

/** A P-256 key in COSE: {1: 2, 3: -7, -1: 1, -2: x, -3: y}. */
function coseKey(key: KeyObject): Buffer {
  const { x, y } = key.export({ format: 'jwk' }) as { x: string; y: string }
  const part = (text: string): Buffer => bytes(Buffer.from(text, 'base64url'))
  return Buffer.concat([Buffer.from([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21]), part(x), Buffer.from([0x22]), part(y)])
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([0x60 + value.length]), Buffer.from(value)])
}

function bytes(value: Buffer): Buffer {
  const length = value.length < 256 ? [0x58, value.length] : [0x59, value.length >> 8, value.length & 255]
  return Buffer.concat([Buffer.from(length), value])
}
