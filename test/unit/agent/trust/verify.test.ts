import { describe, expect, it } from 'vitest'
import { isSigned, openEnvelope, trustedKeys } from '../../../../agent/trust/verify.ts'
import { envelope, payloadTypes, type Envelope } from '../../../../shared/protocol/envelope.ts'
import { signWith, testKey } from '../../../harness/small-console.ts'

const key = testKey()
const other = testKey()
const keys = trustedKeys([key.publicKey])
const payload = Buffer.from('{"counter":1}')
const sealed = (change: Partial<Envelope> = {}): Envelope => ({
  payloadType: payloadTypes.assignment,
  payload: payload.toString('base64'),
  signatures: [signWith(key, payloadTypes.assignment, payload)],
  ...change,
})

describe('envelopes', () => {
  it('opens to the exact bytes that were signed', () => {
    expect(openEnvelope(sealed(), payloadTypes.assignment, keys)).toEqual(payload)
    expect(keys[0]!.keyid).toBe(key.keyid)
  })

  it.each<{ name: string; of: () => Envelope }>([
    { name: 'a key that is not trusted', of: () => sealed({ signatures: [signWith(other, payloadTypes.assignment, payload)] }) },
    {
      name: 'the id of a trusted key over the signature of another',
      of: () => sealed({ signatures: [{ ...signWith(other, payloadTypes.assignment, payload), keyid: key.keyid }] }),
    },
    { name: 'a signature of another payload type', of: () => sealed({ signatures: [signWith(key, payloadTypes.bundle, payload)] }) },
    { name: 'another payload type', of: () => sealed({ payloadType: payloadTypes.bundle }) },
    {
      name: 'a truncated signature',
      of: () => sealed({ signatures: [{ keyid: key.keyid, sig: signWith(key, payloadTypes.assignment, payload).sig.slice(0, 80) }] }),
    },
    {
      name: 'a small-order signature',
      of: () => sealed({ signatures: [{ keyid: key.keyid, sig: Buffer.concat([Buffer.from([1]), Buffer.alloc(63)]).toString('base64') }] }),
    },
    {
      name: 'a non-canonical S (S + group order)',
      of: () => sealed({ signatures: [{ keyid: key.keyid, sig: withLargeS(signWith(key, payloadTypes.assignment, payload).sig) }] }),
    },
  ])('stays closed: $name', ({ of }) => {
    expect(openEnvelope(of(), payloadTypes.assignment, keys)).toBeNull()
  })

  it('takes one good signature among foreign ones', () => {
    const signatures = [signWith(other, payloadTypes.assignment, payload), signWith(key, payloadTypes.assignment, payload)]
    expect(openEnvelope(sealed({ signatures }), payloadTypes.assignment, keys)).toEqual(payload)
  })

  it('stays closed whichever byte of it is flipped', () => {
    const json = Buffer.from(JSON.stringify(sealed()))
    const opened: number[] = []
    for (let at = 0; at < json.length; at += 1) {
      for (const bit of [1, 4, 32]) {
        const flipped = Buffer.from(json)
        flipped[at]! ^= bit
        if (opens(flipped)) opened.push(at)
      }
    }
    expect(opened).toEqual([])
  })

  it('never signs for the bytes of a bundle with the key of an assignment', () => {
    const signature = signWith(key, payloadTypes.bundle, payload)
    expect([
      isSigned(payloadTypes.bundle, payload, [signature], keys),
      isSigned(payloadTypes.bundle, payload, [signature], trustedKeys([other.publicKey])),
    ]).toEqual([true, false])
  })
})

/** The whole way of a received envelope: JSON, form, signature. */
function opens(bytes: Buffer): boolean {
  try {
    const parsed = envelope.safeParse(JSON.parse(bytes.toString('utf8')))
    return parsed.success && openEnvelope(parsed.data, payloadTypes.assignment, keys) !== null
  } catch {
    return false
  }
}

function withLargeS(sig: string): string {
  const bytes = Buffer.from(sig, 'base64')
  const order = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n
  let s = order
  for (let i = 0; i < 32; i += 1) s += BigInt(bytes[32 + i]!) << BigInt(8 * i)
  for (let i = 0; i < 32; i += 1) bytes[32 + i] = Number((s >> BigInt(8 * i)) & 255n)
  return bytes.toString('base64')
}
