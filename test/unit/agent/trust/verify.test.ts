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

describe('case 3: a key of small order', () => {
  it.each([
    ['the neutral point', `01${'00'.repeat(31)}`],
    ['the same with the other sign', `01${'00'.repeat(30)}80`],
    ['order two', `ec${'ff'.repeat(30)}7f`],
    ['order four', '00'.repeat(32)],
    ['order eight', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
    ['order eight, the other sign', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa'],
    ['the neutral point, written beyond the field', `ee${'ff'.repeat(30)}7f`],
  ])('is no key at all: %s', (_, hex) => {
    expect(trustedKeys([Buffer.from(hex, 'hex').toString('base64'), key.publicKey]).map(({ keyid }) => keyid)).toEqual([key.keyid])
  })
})
